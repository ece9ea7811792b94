"""From a draft to an entry of the outbox: what is kept, what is refused, and what a key promises."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from pathlib import Path

import pytest
import pytest_asyncio
from tests.unit.engine.outbox_scene import NONE, CountingOutbox, Scene

from eilbote import (
    AlreadySubmittedError,
    Attachment,
    AttachmentError,
    Connection,
    ConnectionNotFoundError,
    Draft,
    DraftError,
    DsnRequest,
    EilboteError,
    EntryFilter,
    EntryState,
    InDoubtPolicy,
    Notify,
    OutboxUnavailableError,
    PartialPolicy,
    Priority,
    RecipientKind,
    RetryPolicy,
    SettingsError,
    SubmissionOptions,
    UriError,
)
from eilbote.engine.submission_settings import options_of
from eilbote.model.moment import moment_of
from eilbote.outbox.entry import Acceptance, NewEntry

DRAFT = Draft(to="anna@example.org", subject="Order 4711", text="It is ready.")
OTHER = DRAFT.replace(text="It is late.")
LARGE = bytes(range(256)) * 400


@pytest_asyncio.fixture
async def scene() -> Scene:
    scene = Scene()
    await scene.store.open()
    return scene


# -- what is kept ----------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_an_entry_holds_what_is_to_be_sent_and_to_whom(scene: Scene) -> None:
    draft = Draft(
        from_="Orders <orders@example.org>",
        to="Anna <anna@example.org>",
        cc="max@example.org",
        bcc="boss@example.org",
        subject="Order 4711 is ready",
        text="Hi!",
        dsn=DsnRequest(notify=frozenset({Notify.DELAY}), envelope_id="x-17"),
        require_tls=True,
    )

    submission = await scene.submitter().submit(draft, NONE)

    entry = (await scene.store.history(submission.id)).entry
    thawed = await scene.thawed(submission.id)
    octets = await scene.octets(submission.id)
    parsed = message_from_bytes(octets)
    assert (submission.state, submission.is_new) == (EntryState.QUEUED, True)
    assert [(each.address, each.kind) for each in entry.recipients] == [
        ("anna@example.org", RecipientKind.TO),
        ("max@example.org", RecipientKind.CC),
        ("boss@example.org", RecipientKind.BCC),
    ]
    assert (entry.subject, entry.author, entry.connections) == ("Order 4711 is ready", "test", ("office",))
    assert entry.message_id == submission.message_id == parsed["Message-ID"]
    assert entry.size == len(octets) == thawed.size
    assert (thawed.reverse_path, thawed.require_tls, thawed.dsn) == ("orders@example.org", True, draft.dsn)
    assert b"boss" not in octets


@pytest.mark.asyncio
async def test_large_parts_are_kept_apart_and_make_the_same_octets(scene: Scene) -> None:
    draft = DRAFT.replace(attachments=[Attachment.from_bytes(LARGE, filename="a.bin")])
    submitter = scene.submitter()

    submission = await submitter.submit(draft, NONE)

    (part,) = message_from_bytes(await scene.octets(submission.id)).get_payload()[1:]
    assert part.get_payload(decode=True) == LARGE
    assert len(await scene.store.frozen(submission.id)) < 5_000
    assert await scene.store.blobs_in_use() == set(scene.blobs.parts)


@pytest.mark.asyncio
async def test_small_files_are_kept_in_the_entry(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "order.csv"
    path.write_bytes(b"4711;ready\r\n")
    draft = DRAFT.replace(attachments=[Attachment.from_file(path)])

    submission = await scene.submitter().submit(draft, NONE)
    path.unlink()

    (part,) = message_from_bytes(await scene.octets(submission.id)).get_payload()[1:]
    assert part.get_payload(decode=True) == b"4711;ready\r\n"
    assert scene.blobs.parts == {}


@pytest.mark.asyncio
async def test_a_text_that_is_large_is_kept_apart_with_its_dots(scene: Scene) -> None:
    draft = DRAFT.replace(text="." + "a line\n.another\n" * 30_000)

    submission = await scene.submitter().submit(draft, NONE)

    (blob,) = (await scene.thawed(submission.id)).blobs
    assert not blob.dot_free
    assert blob.size == (await scene.thawed(submission.id)).size


@pytest.mark.parametrize("priority,urgency", [(Priority.HIGH, 0), (Priority.NORMAL, 1), (Priority.LOW, 2)])
@pytest.mark.asyncio
async def test_the_drafts_priority_counts_unless_the_options_name_one(
    priority: Priority, urgency: int, scene: Scene
) -> None:
    submitter = scene.submitter()
    high = DRAFT.replace(priority=Priority.HIGH)

    of_draft = await submitter.submit(DRAFT.replace(priority=priority), NONE)
    of_options = await submitter.submit(high, SubmissionOptions(priority=priority))

    assert (await scene.store.history(of_draft.id)).entry.urgency == urgency
    assert (await scene.store.history(of_options.id)).entry.urgency == urgency
    assert b"X-Priority: 1" in await scene.octets(of_options.id), "what it says stays what the draft says"


@pytest.mark.asyncio
async def test_who_looks_for_it_finds_the_author_and_whether_there_are_files(scene: Scene) -> None:
    """Not the reverse-path: reports of failure may go to an address that nobody would look for."""
    picture = Attachment.from_bytes(b"GIF", filename="logo.gif").as_inline("logo")
    draft = DRAFT.replace(
        from_="Shop <shop@example.net>",
        reverse_path="bounces+17@example.net",
        html='<img src="cid:logo">',
        attachments=[picture, Attachment.from_text("a;b", filename="a.csv")],
    )

    submitter = scene.submitter()
    own, usual = await submitter.submit(draft, NONE), await submitter.submit(DRAFT, NONE)

    entry = (await scene.store.history(own.id)).entry
    assert (entry.sender, entry.attachments) == ("shop@example.net", 1)
    assert (await scene.store.history(usual.id)).entry.sender.endswith("@example.org")
    assert (await scene.store.history(usual.id)).entry.attachments == 0


@pytest.mark.asyncio
async def test_policies_and_organization_are_kept(scene: Scene) -> None:
    options = SubmissionOptions(
        on_in_doubt=InDoubtPolicy.PARK, on_partial=PartialPolicy.OK, organization="Müller"
    )

    submission = await scene.submitter().submit(DRAFT, options)

    entry = (await scene.store.history(submission.id)).entry
    assert (entry.on_in_doubt, entry.on_partial) == (InDoubtPolicy.PARK, PartialPolicy.OK)
    assert entry.organization == "Müller"


@pytest.mark.asyncio
async def test_it_returns_only_when_the_outbox_has_the_entry(scene: Scene) -> None:
    may_return = asyncio.Event()

    class SlowOutbox(CountingOutbox):
        async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
            acceptances = await super().accept(entries)
            await may_return.wait()
            return acceptances

    scene.store = SlowOutbox()
    await scene.store.open()
    submitting = asyncio.create_task(scene.submitter().submit(DRAFT, NONE))
    for _ in range(20):
        await asyncio.sleep(0)

    assert scene.store.batches == [1]
    assert not submitting.done()
    assert scene.nudges == 0
    may_return.set()
    await submitting
    assert scene.nudges == 1


# -- when ------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_without_times_it_is_due_now_and_expires_with_the_connections_patience(scene: Scene) -> None:
    connection = Connection(
        host="mail.example.org", default_from="a@example.org", retry=RetryPolicy(lifetime_seconds=7200)
    )

    submission = await scene.submitter(office=connection).submit(DRAFT, NONE)

    entry = (await scene.store.history(submission.id)).entry
    now = moment_of(scene.clock.now())
    assert (entry.accepted, entry.due, entry.expires) == (now, now, now + 7_200_000)


@pytest.mark.asyncio
async def test_times_of_any_zone_are_kept_and_patience_begins_when_it_is_due(scene: Scene) -> None:
    send_at = datetime(2026, 2, 1, 8, 0, tzinfo=timezone(timedelta(hours=1)))
    submitter = scene.submitter()

    later = await submitter.submit(DRAFT, SubmissionOptions(send_at=send_at))
    until = await submitter.submit(
        DRAFT, SubmissionOptions(send_at=send_at, expires_at=send_at + timedelta(hours=1))
    )

    entry = (await scene.store.history(later.id)).entry
    assert entry.due == moment_of(datetime(2026, 2, 1, 7, 0, tzinfo=UTC))
    assert entry.expires == entry.due + 4 * 86_400_000
    assert (await scene.store.history(until.id)).entry.expires == entry.due + 3_600_000


@pytest.mark.asyncio
async def test_a_time_that_has_just_passed_means_now_for_clocks_differ(scene: Scene) -> None:
    send_at = scene.clock.now() - timedelta(minutes=2)

    submission = await scene.submitter().submit(DRAFT, SubmissionOptions(send_at=send_at))

    assert (await scene.store.history(submission.id)).entry.due == moment_of(scene.clock.now())


@pytest.mark.asyncio
async def test_who_asks_late_what_became_of_a_key_gets_the_answer(scene: Scene) -> None:
    """A program that crashed after its submission comes back when the time to send has passed."""
    at = scene.clock.now() + timedelta(minutes=10)
    options = SubmissionOptions(idempotency_key="k", send_at=at, expires_at=at + timedelta(minutes=10))
    first = await scene.submitter().submit(DRAFT, options)
    scene.clock.advance(3600)

    again = await scene.submitter().submit(DRAFT, options)

    assert (again.id, again.is_new) == (first.id, False)
    with pytest.raises(DraftError, match="expired"):
        await scene.submitter().submit(DRAFT, options_of(options, {"idempotency_key": "other"}))


# -- keys ------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_one_key_accepts_one_message_once(scene: Scene) -> None:
    options = SubmissionOptions(idempotency_key="invoice-17")
    first = await scene.submitter().submit(DRAFT, options)
    scene.clock.advance(60)

    again = await scene.submitter().submit(DRAFT, options)

    assert (again.id, again.message_id) == (first.id, first.message_id)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.idempotency_key == "invoice-17"
    assert len(await scene.store.entries(EntryFilter(), limit=10)) == 1


@pytest.mark.asyncio
async def test_the_same_key_for_another_message_is_refused_with_the_entry(scene: Scene) -> None:
    options = SubmissionOptions(idempotency_key="invoice-17")
    await scene.submitter().submit(DRAFT, options)

    with pytest.raises(AlreadySubmittedError) as told:
        await scene.submitter().submit(OTHER, options)

    assert told.value.field == "idempotency_key"
    assert "'invoice-17'" in told.value.what
    assert "eilbote outbox show" in (told.value.remedy or "")


@pytest.mark.asyncio
async def test_a_key_belongs_to_its_organization(scene: Scene) -> None:
    one = await scene.submitter().submit(DRAFT, SubmissionOptions(idempotency_key="k", organization="a"))
    other = await scene.submitter().submit(OTHER, SubmissionOptions(idempotency_key="k", organization="b"))

    assert one.id != other.id


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Order 4712"},
        {"to": "max@example.org"},
        {"to": (), "bcc": "anna@example.org"},
        {"cc": "max@example.org"},
        {"html": "<p>It is ready.</p>"},
        {"headers": {"X-Order": "4711"}},
        {"from_": "other@example.org"},
        {"priority": Priority.HIGH},
        {"attachments": [Attachment.from_bytes(b"x", filename="a.bin")]},
        {"require_tls": True},
        {"date": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.asyncio
async def test_whatever_the_author_says_otherwise_makes_it_another_message(
    change: dict[str, object], scene: Scene
) -> None:
    options = SubmissionOptions(idempotency_key="k")
    await scene.submitter().submit(DRAFT, options)

    with pytest.raises(AlreadySubmittedError):
        await scene.submitter().submit(DRAFT.replace(**change), options)


@pytest.mark.asyncio
async def test_other_connections_make_it_another_message(scene: Scene) -> None:
    submitter = scene.submitter(a="smtps://a.example.org?from=a@b.example", b="smtps://b.example.org")
    await submitter.submit(DRAFT, SubmissionOptions(idempotency_key="k", connections=("a",)))

    with pytest.raises(AlreadySubmittedError):
        await submitter.submit(DRAFT, SubmissionOptions(idempotency_key="k", connections=("a", "b")))


@pytest.mark.asyncio
async def test_what_only_says_when_and_how_hard_to_try_does_not(scene: Scene) -> None:
    """A program that is started again counts its times from now."""
    first = await scene.submitter().submit(DRAFT, SubmissionOptions(idempotency_key="k"))

    again = await scene.submitter().submit(
        DRAFT,
        SubmissionOptions(
            idempotency_key="k",
            send_at=scene.clock.now() + timedelta(hours=1),
            on_in_doubt=InDoubtPolicy.PARK,
        ),
    )

    assert again.id == first.id


@pytest.mark.asyncio
async def test_a_file_counts_by_its_content(scene: Scene, tmp_path: Path) -> None:
    options = SubmissionOptions(idempotency_key="k")
    path = tmp_path / "a.bin"
    path.write_bytes(LARGE)
    draft = DRAFT.replace(attachments=[Attachment.from_file(path)])
    first = await scene.submitter().submit(draft, options)

    assert (await scene.submitter().submit(draft, options)).id == first.id
    path.write_bytes(LARGE[::-1])
    with pytest.raises(AlreadySubmittedError):
        await scene.submitter().submit(draft, options)


# -- what is refused -------------------------------------------------------------------------------------------


async def nothing_is_stored(scene: Scene) -> bool:
    return not await scene.store.entries(EntryFilter(), limit=1)


@pytest.mark.asyncio
async def test_an_unknown_connection_is_refused_with_names_that_look_alike(scene: Scene) -> None:
    with pytest.raises(ConnectionNotFoundError) as told:
        await scene.submitter().submit(DRAFT, SubmissionOptions(connections=("ofice",)))

    assert told.value.field == "connections"
    assert "Did you mean office?" in (told.value.remedy or "")
    assert await nothing_is_stored(scene)


@pytest.mark.asyncio
async def test_the_unknown_one_of_several_connections_is_found_now_and_not_when_it_is_needed(
    scene: Scene,
) -> None:
    with pytest.raises(ConnectionNotFoundError, match="'backup'"):
        await scene.submitter().submit(DRAFT, SubmissionOptions(connections=("office", "backup")))


@pytest.mark.asyncio
async def test_a_connection_named_twice_is_refused(scene: Scene) -> None:
    with pytest.raises(DraftError, match="named twice"):
        await scene.submitter().submit(DRAFT, SubmissionOptions(connections=("office", "Office")))


def at(scene: Scene, hours: float) -> datetime:
    return scene.clock.now() + timedelta(hours=hours)


@pytest.mark.parametrize(
    "field,times",
    [
        ("send_at", {"send_at": -1.0}),
        ("expires_at", {"expires_at": -0.001}),
        ("expires_at", {"expires_at": 0.0}),
        ("expires_at", {"send_at": 2.0, "expires_at": 1.0}),
        ("expires_at", {"send_at": 2.0, "expires_at": 2.0}),
    ],
)
@pytest.mark.asyncio
async def test_a_time_that_makes_no_sense_is_refused_with_its_field(
    field: str, times: dict[str, float], scene: Scene
) -> None:
    options = SubmissionOptions(**{name: at(scene, hours) for name, hours in times.items()})

    with pytest.raises(DraftError) as told:
        await scene.submitter().submit(DRAFT, options)

    assert told.value.field == field
    assert told.value.remedy
    assert await nothing_is_stored(scene)


@pytest.mark.asyncio
async def test_an_oversized_message_is_refused_with_both_sizes(scene: Scene) -> None:
    draft = DRAFT.replace(attachments=[Attachment.from_bytes(LARGE)])

    with pytest.raises(DraftError, match=r"the message takes 140,\d\d\d octets.*at most 100,000"):
        await scene.submitter(largest_message=100_000).submit(draft, NONE)

    assert scene.blobs.parts == {}
    assert await nothing_is_stored(scene)


@pytest.mark.asyncio
async def test_a_services_own_limit_counts_if_it_is_narrower(scene: Scene) -> None:
    connection = Connection.from_service(
        "Gmail", user="a@gmail.com", password="b", default_from="a@gmail.com"
    )
    draft = DRAFT.replace(attachments=[Attachment.from_bytes(bytes(26_000_000))])

    with pytest.raises(DraftError, match="are sent"):
        await scene.submitter(office=connection).submit(draft, NONE)


@pytest.mark.parametrize("key", ["", " k", "k ", "k" * 256, "ü", "a\nb", 17])
def test_a_malformed_key_is_refused(key: object) -> None:
    with pytest.raises(DraftError) as told:
        options_of(None, {"idempotency_key": key})  # type: ignore[typeddict-item]

    assert told.value.field == "idempotency_key"


@pytest.mark.parametrize(
    "field,value",
    [
        ("priority", "urgent"),
        ("on_in_doubt", "maybe"),
        ("on_partial", None),
        ("send_at", "2030-01-01"),
        ("send_at", datetime(2030, 1, 1)),  # noqa: DTZ001 - that is the fault
        ("connections", 17),
        ("connections", [""]),
        ("organization", "a\nb"),
        ("idempotencykey", "k"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_with_its_name(field: str, value: object) -> None:
    with pytest.raises(DraftError) as told:
        options_of(None, {field: value})  # type: ignore[misc]

    assert told.value.field == field
    assert told.value.remedy


def test_keywords_go_before_options_and_words_become_policies() -> None:
    options = options_of(
        SubmissionOptions(idempotency_key="k", priority=Priority.LOW),
        {"connections": "office", "priority": "high", "on_in_doubt": "park", "on_partial": "ok"},
    )

    assert options == SubmissionOptions(
        idempotency_key="k",
        connections=("office",),
        priority=Priority.HIGH,
        on_in_doubt=InDoubtPolicy.PARK,
        on_partial=PartialPolicy.OK,
    )
    assert options_of(None, {"connections": ["a", "b"]}).connections == ("a", "b")


@pytest.mark.asyncio
async def test_a_file_that_has_vanished_is_refused_and_nothing_is_stored(
    scene: Scene, tmp_path: Path
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(LARGE)
    draft = DRAFT.replace(attachments=[Attachment.from_file(path)])
    path.unlink()

    with pytest.raises(AttachmentError, match=r"a\.bin"):
        await scene.submitter().submit(draft, NONE)
    assert await nothing_is_stored(scene)


@pytest.mark.parametrize("draft", [None, "Hello", {"to": "a@example.org"}])
@pytest.mark.asyncio
async def test_what_is_no_draft_is_refused(draft: object, scene: Scene) -> None:
    with pytest.raises(DraftError) as told:
        await scene.submitter().submit(draft, NONE)  # type: ignore[arg-type]

    assert told.value.field == "draft"


@pytest.mark.asyncio
async def test_a_message_without_an_author_is_refused(scene: Scene) -> None:
    with pytest.raises(SettingsError, match="From"):
        await scene.submitter(office="smtps://mail.example.org").submit(DRAFT, NONE)


@pytest.mark.asyncio
async def test_an_outbox_that_takes_nothing_says_so(scene: Scene) -> None:
    scene.store.is_full = True

    with pytest.raises(OutboxUnavailableError):
        await scene.submitter().submit(DRAFT, NONE)
    assert scene.nudges == 0


# -- connections -----------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_uri_in_place_of_a_name_is_kept_apart_from_the_outbox(scene: Scene) -> None:
    uri = "smtps://orders:secret-word@mail.example.org?from=orders@example.org"

    submission = await scene.submitter().submit(DRAFT, SubmissionOptions(connections=(uri,)))

    entry = (await scene.store.history(submission.id)).entry
    kept = await scene.records.connections.find("", entry.connection)
    assert kept is not None
    assert kept.connection() == Connection.from_uri(uri, name=entry.connection)
    assert "secret-word" not in repr(kept)
    assert "secret-word" not in repr(entry)
    assert b"secret-word" not in await scene.store.frozen(submission.id)


@pytest.mark.asyncio
async def test_a_uri_is_forgotten_again_when_its_message_is_refused(scene: Scene) -> None:
    options = SubmissionOptions(connections=("smtps://mail.example.org",))
    submitter = scene.submitter()

    with pytest.raises(EilboteError, match="no From"):
        await submitter.submit(DRAFT.replace(from_=None), options)

    assert await scene.records.connections.connections() == ()


@pytest.mark.asyncio
async def test_a_uri_is_forgotten_again_when_the_key_of_its_message_was_used_for_another(
    scene: Scene,
) -> None:
    submitter = scene.submitter()
    await submitter.submit(DRAFT, SubmissionOptions(idempotency_key="k"))
    uri = "smtps://mail.example.org?from=orders@example.org"

    with pytest.raises(AlreadySubmittedError):
        await submitter.submit(DRAFT, SubmissionOptions(idempotency_key="k", connections=(uri,)))

    assert await scene.records.connections.connections() == ()


@pytest.mark.asyncio
async def test_a_uri_stays_when_another_message_was_handed_in_for_it(scene: Scene) -> None:
    options = SubmissionOptions(connections=("smtps://mail.example.org",))
    submitter = scene.submitter()
    await submitter.submit(DRAFT.replace(from_="orders@example.org"), options)

    with pytest.raises(EilboteError, match="no From"):
        await submitter.submit(DRAFT.replace(from_=None), options)

    assert len(await scene.records.connections.connections()) == 1


@pytest.mark.asyncio
async def test_a_faulty_uri_is_refused(scene: Scene) -> None:
    with pytest.raises(UriError):
        await scene.submitter().submit(DRAFT, SubmissionOptions(connections=("http://mail.example.org",)))


@pytest.mark.asyncio
async def test_a_connection_that_was_changed_composes_for_what_it_is_now(scene: Scene) -> None:
    submitter = scene.submitter(other="smtps://a.example.org")
    options = SubmissionOptions(connections=("kept",))
    scene.book.kept["kept"] = Connection(host="a.example.org", default_from="one@example.org")
    first = await submitter.submit(DRAFT, options)

    scene.book.kept["kept"] = Connection(host="a.example.org", default_from="two@example.org")
    second = await submitter.submit(DRAFT, options)

    assert (await scene.thawed(first.id)).reverse_path == "one@example.org"
    assert (await scene.thawed(second.id)).reverse_path == "two@example.org"


@pytest.mark.asyncio
async def test_without_a_name_several_connections_are_told(scene: Scene) -> None:
    submitter = scene.submitter(a="smtps://a.example.org", b="smtps://b.example.org")

    with pytest.raises(EilboteError, match="There are 2: a, b") as told:
        await submitter.submit(DRAFT, NONE)

    assert told.value.field == "connections"
