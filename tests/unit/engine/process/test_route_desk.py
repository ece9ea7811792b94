"""Routes at their desk: kept when they are sound, changed when no published process is broken by it, sent over when enabled."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from eilbote.author.process.definition import Definition
from eilbote.author.process.details import Destination, Details, MessageDetails
from eilbote.author.process.diagram import Diagram
from eilbote.author.process.kept import StoredProcess
from eilbote.author.process.route.route import StoredRoute
from eilbote.author.process.route.text import read_route
from eilbote.connections.known import KnownConnections
from eilbote.connections.stored_book import StoredBook
from eilbote.engine.process.route_desk import RouteDesk
from eilbote.errors import DraftError, ProcessError, RouteError, RouteNotFoundError
from eilbote.model.data import Data
from eilbote.model.draft import Draft
from eilbote.model.ids import EntryId, MessageId
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState
from eilbote.model.submission import Submission, SubmissionOptions
from eilbote.store.memory_processes import MemoryProcesses
from eilbote.testing import ManualClock, MemoryRecords

TEXT = """\
message_name: order-ready
attributes:
  - {system_name: Customer, type: account, required: true}
  - {system_name: Total, type: number}
  - {system_name: Invoice, type: document}
properties:
  to: "{Customer}"
  cc: boss@example.org
  subject: "Order over {Total}"
  message: "Dear {Customer}"
  attachments: [Invoice]
"""
NOW = Moment(1_800_000_000_000)


@dataclass
class Outbox:
    """Remembers what was handed in."""

    sent: list[tuple[Draft, SubmissionOptions, str]] = field(default_factory=list)

    async def __call__(self, draft: Draft, options: SubmissionOptions, *, author: str) -> Submission:
        self.sent.append((draft, options, author))
        return Submission(id=EntryId(1), message_id=MessageId("<a@b>"), state=EntryState.QUEUED, is_new=True)


@dataclass
class Scene:
    """A desk, and what is behind it."""

    store: MemoryProcesses = field(default_factory=MemoryProcesses)
    outbox: Outbox = field(default_factory=Outbox)
    book: StoredBook = field(init=False)
    details: dict[str, Details] = field(default_factory=dict)
    records: MemoryRecords = field(default_factory=MemoryRecords)

    def __post_init__(self) -> None:
        clock = ManualClock()
        connections = KnownConnections(
            given={
                "default": "smtp://127.0.0.1/?from=Host+%3Chost%40example.org%3E",
                "office": "smtp://127.0.0.1/?from=office@example.org",
            },
            stored=StoredBook(self.records.connections, clock=clock),
        )
        self.book = connections.stored
        self.desk = RouteDesk(
            lambda: self.store,
            submit=self.outbox,
            connections=connections,
            read_definition=self.read,
            clock=clock,
        )

    def read(self, text: str) -> Definition:
        if "damaged" in text:
            raise ProcessError("it is damaged")
        diagram = Diagram(processes=(), elements={}, flows={}, shapes={}, edges={}, errors={})
        return Definition(
            name="p",
            title="p",
            process="P",
            diagram=diagram,
            details=MappingProxyType(self.details),
            conditions={},
            text=text,
        )

    async def publish(
        self,
        *mapped: str,
        route: str = "order-ready",
        name: str = "orders",
        organization: str = "",
        destination: Destination = Destination.EXTERNAL,
        text: str = "order-ready",
    ) -> None:
        mapping: dict[str, Data] = dict.fromkeys(mapped, "{{ x }}")
        self.details["Event_1"] = MessageDetails(
            system_name="s", state="t", destination=destination, route=route, mapping=mapping
        )
        draft = StoredProcess(
            organization=organization, name=name, draft=None, published=0, changed=NOW, revision=0
        )
        kept = await self.store.keep_draft(draft, text, now=NOW)
        await self.store.publish(organization, name, revision=kept.revision, starts=(), now=NOW)


@pytest.fixture
def scene() -> Scene:
    return Scene()


# -- keeping ----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_route_is_kept_as_it_is_written_and_changed_under_its_name(scene: Scene) -> None:
    first = await scene.desk.save(f"# mine\n{TEXT}")
    assert first.text == f"# mine\n{TEXT}"
    second = await scene.desk.save(TEXT)
    assert second.revision > first.revision
    assert [each.text for each in await scene.desk.list()] == [TEXT]
    assert (await scene.desk.route("order-ready")).message_name == "order-ready"


@pytest.mark.asyncio
async def test_a_route_may_be_handed_over_as_one(scene: Scene) -> None:
    await scene.desk.save(read_route(TEXT))
    assert await scene.desk.route("order-ready") == read_route(TEXT)


@pytest.mark.asyncio
@pytest.mark.parametrize("as_text", [True, False])
async def test_an_undeclared_place_is_refused_and_nothing_kept(scene: Scene, as_text: bool) -> None:
    text = TEXT.replace("{Total}", "{Totl}")
    with pytest.raises(RouteError, match="'Totl'") as caught:
        await scene.desk.save(text if as_text else read_route(text))
    assert caught.value.field == "subject"
    assert caught.value.remedy == "Did you mean {Total}?"
    assert not await scene.desk.list()


@pytest.mark.asyncio
async def test_organizations_have_routes_of_their_own(scene: Scene) -> None:
    await scene.desk.save(TEXT)
    await scene.desk.save(TEXT, organization="acme")
    await scene.desk.drop("order-ready")
    assert [each.organization for each in await scene.desk.list()] == ["acme"]
    with pytest.raises(RouteNotFoundError):
        await scene.desk.get("order-ready")


@pytest.mark.asyncio
async def test_a_route_that_is_not_there_is_told_with_the_nearest(scene: Scene) -> None:
    with pytest.raises(RouteNotFoundError) as caught:
        await scene.desk.get("order-ready")
    assert "route save" in (caught.value.remedy or "")
    await scene.desk.save(TEXT)
    for action in (scene.desk.get("order-redy"), scene.desk.drop("order-redy")):
        with pytest.raises(RouteNotFoundError) as caught:
            await action
        assert caught.value.remedy == "Did you mean 'order-ready'?"


# -- published processes ----------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "old, new, told",
    [
        ("system_name: Total", "system_name: Amount", "maps 'Total', which would be gone"),
        ("Total, type: number", "Total, type: date_time", "maps 'Total' as number, which would be date_time"),
        ("Invoice, type: document", "Invoice, type: document, required: true", "does not map 'Invoice'"),
        ("attributes:\n", "attributes:\n  - {system_name: New, required: true}\n", "does not map 'New'"),
    ],
)
async def test_a_change_that_breaks_a_published_process_is_refused(
    scene: Scene, old: str, new: str, told: str
) -> None:
    await scene.desk.save(TEXT)
    await scene.publish("customer", "Total")
    changed = TEXT.replace(old, new).replace("{Total}", "{Amount}" if "Amount" in new else "{Total}")
    with pytest.raises(RouteError, match=told) as caught:
        await scene.desk.save(changed)
    assert "orders version 1 (Event_1)" in (caught.value.cause or "")
    assert (await scene.desk.get("order-ready")).text == TEXT
    await scene.desk.save(changed, force=True)
    assert (await scene.desk.get("order-ready")).text == changed


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "old, new",
    [
        ("Order over", "Your order over"),
        ("Total, type: number", "Total, type: text"),
        ("Total, type: number", "Total, type: number, required: true"),
        ("system_name: Invoice, type: document", "system_name: Note"),
        ("attributes:\n", "attributes:\n  - {system_name: New}\n"),
    ],
)
async def test_a_change_that_breaks_nothing_is_kept(scene: Scene, old: str, new: str) -> None:
    await scene.desk.save(TEXT)
    await scene.publish("customer", "Total")
    changed = TEXT.replace(old, new)
    await scene.desk.save(changed.replace("  attachments: [Invoice]\n", "") if "Note" in new else changed)
    assert new in (await scene.desk.get("order-ready")).text


@pytest.mark.asyncio
async def test_a_route_that_is_used_is_not_dropped_unless_that_is_meant(scene: Scene) -> None:
    await scene.desk.save(TEXT)
    await scene.publish("Customer")
    with pytest.raises(RouteError, match=r"orders version 1 \(Event_1\) sends over it"):
        await scene.desk.drop("order-ready")
    await scene.desk.drop("order-ready", force=True)
    assert not await scene.desk.list()


@pytest.mark.asyncio
async def test_what_does_not_send_over_a_route_does_not_hold_it(scene: Scene) -> None:
    await scene.desk.save(TEXT)
    await scene.publish("Customer", route="order-ready-too")
    assert not await scene.desk.uses("order-ready")
    await scene.publish("Customer", name="b", destination=Destination.START)
    assert not await scene.desk.uses("order-ready")
    await scene.publish("Customer", name="c", text="order-ready damaged")
    scene.details.clear()
    assert not await scene.desk.uses("order-ready")


@pytest.mark.asyncio
async def test_processes_of_other_organizations_use_routes_of_their_own(scene: Scene) -> None:
    await scene.desk.save(TEXT)
    await scene.publish("Customer", organization="acme")
    assert not await scene.desk.uses("order-ready")
    assert [str(each) for each in await scene.desk.uses("order-ready", organization="acme")] == [
        "orders version 1 (Event_1)"
    ]


# -- sending ----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_mail_knows_its_connection(scene: Scene) -> None:
    await scene.desk.save(TEXT)
    mail = await scene.desk.mail("order-ready", {"Customer": "Anna <anna@example.org>", "Total": 12})
    assert (mail.draft.subject, mail.connection, mail.connections) == ("Order over 12", "", ())
    await scene.desk.save(f"connection: office\n{TEXT}")
    mail = await scene.desk.mail("order-ready", {"Customer": "anna@example.org"})
    assert (mail.draft.from_, mail.connections) == (None, ("office",))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "connection, sender",
    [("", "Shop <host@example.org>"), ("connection: office\n", "Shop <office@example.org>")],
)
async def test_a_name_stands_beside_the_address_of_the_connection(
    scene: Scene, connection: str, sender: str
) -> None:
    await scene.desk.save(connection + TEXT.replace("properties:\n", "properties:\n  from_name: Shop\n"))
    mail = await scene.desk.mail("order-ready", {"Customer": "anna@example.org"})
    assert str(mail.draft.from_) == sender


@pytest.mark.asyncio
async def test_nothing_goes_over_a_route_that_is_disabled(scene: Scene) -> None:
    await scene.desk.save(f"# mine\n{TEXT}")
    await scene.desk.switch("order-ready", is_disabled=True)
    with pytest.raises(RouteError, match="disabled") as caught:
        await scene.desk.mail("order-ready", {"Customer": "anna@example.org"})
    assert caught.value.field == "disabled"
    kept = await scene.desk.switch("order-ready", is_disabled=False)
    assert kept.text.startswith("# mine\n")
    assert (await scene.desk.mail("order-ready", {"Customer": "anna@example.org"})).draft.to


@pytest.mark.asyncio
async def test_a_route_that_is_damaged_is_told(scene: Scene) -> None:
    damaged = StoredRoute(organization="", message_name="x", text="[", changed=NOW)
    await scene.store.keep_route(damaged, now=NOW)
    with pytest.raises(RouteError):
        await scene.desk.mail("x", {})
    assert len(await scene.desk.list()) == 1


@pytest.mark.asyncio
async def test_trying_a_route_writes_to_nobody_but_whom_it_was_told(scene: Scene) -> None:
    await scene.desk.save(f"connection: office\n{TEXT}")
    await scene.desk.switch("order-ready", is_disabled=True)
    await scene.desk.test("order-ready", {"total": 7}, recipients="me@example.org")
    ((draft, options, author),) = scene.outbox.sent
    assert [str(each) for each in (*draft.to, *draft.cc, *draft.bcc)] == ["me@example.org"]
    assert (draft.subject, draft.text) == ("Order over 7", "Dear Customer")
    assert [each.filename for each in draft.attachments] == ["Invoice.txt"]
    assert (options.connections, author) == (("office",), "route:order-ready")


@pytest.mark.asyncio
async def test_trying_a_route_without_recipients_goes_where_the_route_goes(scene: Scene) -> None:
    route = read_route(TEXT)
    with pytest.raises(DraftError, match="'Customer' has no value"):
        await scene.desk.test(route, {})
    await scene.desk.test(route, {"Customer": "anna@example.org"})
    ((draft, _, _),) = scene.outbox.sent
    assert [str(each) for each in (*draft.to, *draft.cc)] == ["anna@example.org", "boss@example.org"]
    assert not draft.attachments


@pytest.mark.asyncio
async def test_trying_a_route_with_a_value_for_nothing_is_refused(scene: Scene) -> None:
    with pytest.raises(RouteError, match="'Totl'") as caught:
        await scene.desk.test(read_route(TEXT), {"Totl": 1}, recipients="me@example.org")
    assert caught.value.remedy == "Did you mean 'Total'?"
    assert not scene.outbox.sent


@pytest.mark.asyncio
async def test_checking_knows_the_connections_there_are(scene: Scene) -> None:
    await scene.records.open()
    route, findings = await scene.desk.check(f"connection: ofice\n{TEXT}")
    assert route is not None
    assert [(each.field, each.remedy) for each in findings] == [("connection", "Did you mean 'office'?")]
    assert not await scene.desk.list()


@pytest.mark.asyncio
async def test_checking_knows_and_tells_no_connections_of_other_organizations(scene: Scene) -> None:
    await scene.records.open()
    await scene.book.put("acme/mailroom", "smtp://127.0.0.1/")
    for name in ("mailroom", "acme/mailroom"):
        _, findings = await scene.desk.check(f"connection: {name}\n{TEXT}", organization="acme")
        assert not findings
    for name in ("mailroom", "acme/mailroom", "acme/mailrom"):
        _, (finding,) = await scene.desk.check(f"connection: {name}\n{TEXT}", organization="other")
        assert finding.field == "connection"
        assert name == "acme/mailroom" or "acme/mailroom" not in f"{finding.cause} {finding.remedy}"
