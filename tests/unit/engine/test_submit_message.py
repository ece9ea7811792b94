"""A ready-made message becomes an entry: its octets go as they are, and nothing that is doubtful gets in."""

import email.policy
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import pytest_asyncio
from tests.unit.engine.outbox_scene import NONE, Scene

from eilbote import AlreadySubmittedError, Connection, DraftError, Envelope, OutboxUnavailableError
from eilbote.engine.submission_settings import options_of
from eilbote.engine.submit_message import MessageSubmitter
from eilbote.model.message import BodyKind
from eilbote.model.status import RecipientKind

HEADER = (
    b"From: Anna <anna@example.org>\r\nTo: max@example.org\r\nSubject: Order\r\n"
    b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
)
OCTETS = HEADER + b"\r\nHello\r\n.\r\nbye\r\n"
ENVELOPE = Envelope(
    reverse_path="anna@example.org", forward_paths=("max@example.org", "eve@example.org", "max@example.org")
)


class Pieces:
    """Octets that are read piece by piece, as from a file."""

    def __init__(self, octets: bytes, size: int = 1000) -> None:
        self._octets = octets
        self._piece = size
        self.size = len(octets)
        self.dot_free = False

    def chunks(self) -> Iterator[bytes]:
        for at in range(0, self.size, self._piece):
            yield self._octets[at : at + self._piece]


@pytest_asyncio.fixture
async def scene() -> Scene:
    scene = Scene()
    await scene.store.open()
    return scene


def messages(scene: Scene) -> MessageSubmitter:
    return MessageSubmitter(scene.submitter())


@pytest.mark.asyncio
async def test_octets_go_as_they_are_to_whom_the_envelope_names(scene: Scene) -> None:
    submission = await messages(scene).submit(OCTETS, ENVELOPE, NONE)
    assert await scene.octets(submission.id) == OCTETS
    entry = (await scene.store.history(submission.id)).entry
    assert [(one.address, one.kind) for one in entry.recipients] == [
        ("max@example.org", RecipientKind.TO),
        ("eve@example.org", RecipientKind.ENVELOPE),
    ]
    assert (entry.subject, entry.message_id) == ("Order", "<1@example.org>")
    assert (await scene.thawed(submission.id)).reverse_path == "anna@example.org"
    assert scene.nudges == 1


@pytest.mark.asyncio
async def test_a_trace_stands_before_everything(scene: Scene) -> None:
    submission = await messages(scene).submit(OCTETS, ENVELOPE, NONE, trace="Received: by us\r\n")
    assert await scene.octets(submission.id) == b"Received: by us\r\n" + OCTETS


@pytest.mark.asyncio
@pytest.mark.parametrize("cut", [1, 7, 1000])
async def test_a_source_is_read_piece_by_piece_and_its_body_is_stored_apart(scene: Scene, cut: int) -> None:
    body = b"".join(b"%06d line\r\n" % number for number in range(5000)) + b"no end"
    submission = await messages(scene).submit(Pieces(HEADER + b"\r\n" + body, cut), ENVELOPE, NONE)
    assert await scene.octets(submission.id) == HEADER + b"\r\n" + body + b"\r\n"
    assert list(scene.blobs.parts.values()) == [body + b"\r\n"]


@pytest.mark.asyncio
async def test_what_the_standard_library_writes_is_taken(scene: Scene) -> None:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Bcc"] = "anna@example.org", "max@example.org", "eve@example.org"
    message["Subject"] = "Grüße"
    message.set_content("Übermorgen\n", cte="8bit")
    submission = await messages(scene).submit(message.as_bytes(), ENVELOPE, NONE)
    octets = await scene.octets(submission.id)
    assert b"eve@" not in octets
    assert (await scene.thawed(submission.id)).body is BodyKind.EIGHT_BIT
    assert (await scene.store.history(submission.id)).entry.subject == "Grüße"


@pytest.mark.asyncio
async def test_line_feeds_alone_are_refused_with_what_to_do(scene: Scene) -> None:
    with pytest.raises(DraftError, match=r"line 1 holds a CR or LF .* CR LF"):
        await messages(scene).submit(OCTETS.replace(b"\r\n", b"\n"), ENVELOPE, NONE)
    assert scene.store.batches == []


@pytest.mark.asyncio
async def test_nobody_writes_in_a_name_that_is_not_theirs(scene: Scene) -> None:
    theirs = messages(scene)
    await theirs.submit(OCTETS, ENVELOPE, NONE, senders=("@example.org",))
    with pytest.raises(DraftError, match=r"anna@example.org may not send"):
        await theirs.submit(OCTETS, ENVELOPE, NONE, senders=("max@example.org",))
    other_path = Envelope(reverse_path="chief@example.com", forward_paths=("max@example.org",))
    with pytest.raises(DraftError, match=r"reverse_path: chief@example.com may not send"):
        await theirs.submit(OCTETS, other_path, NONE, senders=("anna@example.org",))
    sender = HEADER.replace(b"To:", b"Sender: chief@example.com\r\nTo:") + b"\r\nHello\r\n"
    with pytest.raises(DraftError, match=r"chief@example.com may not send"):
        await theirs.submit(sender, ENVELOPE, NONE, senders=("anna@example.org",))


@pytest.mark.asyncio
async def test_a_connection_s_own_senders_count_too(scene: Scene) -> None:
    office = Connection.from_uri("smtps://mail.example.org", allowed_senders=("@example.com",))
    with pytest.raises(DraftError, match=r"anna@example.org may not send"):
        await MessageSubmitter(scene.submitter(office=office)).submit(OCTETS, ENVELOPE, NONE)


@pytest.mark.asyncio
async def test_under_one_key_one_message_is_accepted(scene: Scene) -> None:
    theirs, keyed = messages(scene), options_of(None, {"idempotency_key": "1"})
    first = await theirs.submit(OCTETS, ENVELOPE, keyed)
    again = await theirs.submit(Pieces(OCTETS), ENVELOPE, keyed, trace="Received: later\r\n")
    assert (again.id, again.is_new) == (first.id, False)
    with pytest.raises(AlreadySubmittedError):
        await theirs.submit(OCTETS + b"more\r\n", ENVELOPE, keyed)


@pytest.mark.asyncio
async def test_a_full_disk_is_told_and_nothing_was_accepted(scene: Scene) -> None:
    scene.store.is_full = True
    with pytest.raises(OutboxUnavailableError):
        await messages(scene).submit(OCTETS, ENVELOPE, NONE)
    assert scene.nudges == 0


@pytest.mark.asyncio
async def test_a_message_has_a_largest_size(scene: Scene) -> None:
    small = MessageSubmitter(scene.submitter(largest_message=200))
    with pytest.raises(DraftError, match=r"at most 200"):
        await small.submit(OCTETS + b"x\r\n" * 100, ENVELOPE, NONE)


@pytest.mark.asyncio
@pytest.mark.parametrize("senders", [("example.org",), ("@example.org",), ("Anna@Example.org",)])
async def test_senders_are_known_in_each_form_in_which_they_are_kept(
    scene: Scene, senders: tuple[str, ...]
) -> None:
    await messages(scene).submit(OCTETS, ENVELOPE, NONE, senders=senders)
    other = OCTETS.replace(b"anna@example.org", b"anna@sub.example.org")
    with pytest.raises(DraftError, match=r"anna@sub.example.org may not send"):
        await messages(scene).submit(other, ENVELOPE, NONE, senders=senders)
