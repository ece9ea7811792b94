"""What a server received is what was composed, octet by octet, whichever way the content travelled."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
from tests.integration.difficult_bodies import TEXTS, as_read
from tests.integration.lab.accounts import USERS
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.smtp_sink import SmtpSink
from tests.integration.sending import (
    ONE_SESSION,
    SENDER,
    composed,
    connection_to,
    draft_to,
    send,
    send_all,
)

from eilbote import Attachment, BodyKind, Connection, Envelope, Message, Receipt
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.system_clock import SystemClock

pytestmark = pytest.mark.asyncio


class Receiving(Protocol):
    """A server whose mail a test can read."""

    def received(self, recipient: str, *, at_least: int = 1) -> list[bytes]: ...


@dataclass(frozen=True, slots=True)
class Route:
    """One way for a content: which server keeps it, by which port and settings it goes there."""

    server: str
    port: str = "plain"
    settings: dict[str, Any] = field(default_factory=dict)
    keeper: str = ""
    takes_8bit: bool = True
    login: bool = False


ROUTES = {
    "Postfix by DATA": Route("postfix", settings={"chunking_window": 0}),
    "Postfix by BDAT": Route("postfix", settings={"chunking_window": 1}),
    "Postfix by BDAT, eight ahead": Route("postfix", settings={"chunking_window": 8}),
    "Postfix command by command": Route("postfix", settings={"chunking_window": 0, "pipelining": False}),
    "Postfix by BDAT, command by command": Route("postfix", settings={"pipelining": False}),
    "Postfix without CHUNKING": Route("postfix", "without_chunking"),
    "Postfix without PIPELINING": Route("postfix", "without_pipelining"),
    "Postfix without extensions": Route("postfix", "without_extensions", takes_8bit=False),
    "Postfix by STARTTLS": Route("postfix", "starttls", login=True),
    "Postfix by TLS": Route("postfix", "tls_anonymous", settings={"chunking_window": 8}),
    "Exim by DATA": Route("exim", settings={"chunking_window": 0}),
    "Exim by BDAT": Route("exim", settings={"chunking_window": 1}),
    "Exim by BDAT, eight ahead": Route("exim", settings={"chunking_window": 8}),
    "Exim by TLS": Route("exim", "tls", login=True),
    "OpenSMTPD": Route("opensmtpd"),
    "aiosmtpd": Route("aiosmtpd_server"),
    "aiosmtpd by TLS": Route("aiosmtpd_server", "tls", login=True),
    "Dovecot by DATA": Route(
        "dovecot", "starttls", settings={"chunking_window": 0}, keeper="postfix", login=True
    ),
    "Dovecot by BDAT": Route("dovecot", "tls", keeper="postfix", login=True),
}


@pytest.fixture(params=ROUTES.values(), ids=ROUTES)
def route(request: pytest.FixtureRequest) -> Route:
    return request.param


@pytest.fixture
def connection(request: pytest.FixtureRequest, route: Route) -> Connection:
    endpoint: Endpoint = getattr(request.getfixturevalue(route.server), route.port)
    account = USERS["ordinary"] if route.login else None
    return connection_to(endpoint, account, **{"limits": ONE_SESSION, **route.settings})


@pytest.fixture
def keeper(request: pytest.FixtureRequest, route: Route) -> Receiving:
    return request.getfixturevalue(route.keeper or route.server)


def by_subject(messages: list[bytes]) -> dict[str, bytes]:
    return {
        email.message_from_bytes(octets, policy=email.policy.default)["Subject"]: octets
        for octets in messages
    }


async def test_every_difficult_text_arrives_as_it_was_composed(
    route: Route, connection: Connection, keeper: Receiving, recipient: str
) -> None:
    """A series is composed for the best body the server takes: 8bit, where it can."""
    drafts = {
        name: draft_to(recipient, subject=name, text=text, number=number)
        for number, (name, text) in enumerate(TEXTS.items())
    }
    receipts = await send_all(connection, drafts.values())
    assert [receipt.ok for receipt in receipts] == [True] * len(drafts)
    arrived = by_subject(keeper.received(recipient, at_least=len(drafts)))
    assert arrived.keys() == drafts.keys()
    body = BodyKind.EIGHT_BIT if route.takes_8bit else BodyKind.SEVEN_BIT
    assert [name for name, draft in drafts.items() if arrived[name] != composed(draft, body)] == []
    assert [name for name, text in TEXTS.items() if text_of(arrived[name]) != as_read(text)] == []


def text_of(octets: bytes) -> str:
    """The text as somebody else's parser reads it."""
    parsed = email.message_from_bytes(octets, policy=email.policy.default)
    payload = parsed.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return as_read(payload.decode(str(parsed.get_content_charset("us-ascii"))))


async def test_a_message_of_many_parts_arrives_as_it_was_composed(
    connection: Connection, keeper: Receiving, recipient: str
) -> None:
    """A lone message is composed for any server: 7bit."""
    draft = draft_to(
        recipient,
        text=TEXTS["dots at the beginning"],
        html="<p>Grüße <img src='cid:logo'></p>",
        attachments=[
            Attachment.from_bytes(bytes(range(256)) * 40, filename="all octets.bin"),
            Attachment.from_bytes(b"\x89PNG" + b"\r\n.\r\n" * 99, filename="logo.png").as_inline("logo"),
            Attachment.from_text(TEXTS["dots behind empty lines"], filename="größe.txt"),
        ],
    )
    receipt = await send(connection, draft)
    assert receipt.ok
    assert keeper.received(recipient) == [composed(draft)]
    assert receipt.size == len(composed(draft))


class Pieces:
    """A content that is made while it is sent, cut where it hurts."""

    dot_free = False

    def __init__(self, octets: bytes, at_a_time: int) -> None:
        self._octets = octets
        self._at_a_time = at_a_time
        self.size = len(octets)

    def chunks(self) -> Iterator[bytes]:
        for first in range(0, self.size, self._at_a_time):
            yield self._octets[first : first + self._at_a_time]


@pytest.mark.parametrize("at_a_time", [1, 3, 64])
async def test_a_content_cut_anywhere_arrives_whole(
    connection: Connection, keeper: Receiving, recipient: str, at_a_time: int
) -> None:
    header = f"From: <{SENDER}>\r\nTo: <{recipient}>\r\nDate: Fri, 1 Jan 2027 12:00:00 +0000\r\nMessage-ID: <1@lab.example>\r\n\r\n"
    body = b".\r\n..\r\n\r\n.a\r\nb.\r\n.\r\n\r\n.\r\n"
    message = Message(
        message_id="<1@lab.example>",
        segments=(header.encode(), Pieces(body, at_a_time)),
        size=len(header) + len(body),
    )
    receipt = await deliver(connection, recipient, message)
    assert receipt.ok
    assert keeper.received(recipient) == [header.encode() + body]


async def deliver(connection: Connection, recipient: str, message: Message) -> Receipt:
    transport = SmtpTransport(connection, clock=SystemClock())
    try:
        return await transport.deliver(Envelope(reverse_path=SENDER, forward_paths=(recipient,)), message)
    finally:
        await transport.close()


async def test_smtp_sink_sees_the_same_octets(smtp_sink: Callable[..., SmtpSink], recipient: str) -> None:
    sink = smtp_sink()
    drafts = [
        draft_to(recipient, text=text, number=number)
        for number, (name, text) in enumerate(TEXTS.items())
        if name != "empty"  # smtp-sink's dump drops the last empty line
    ]
    await send_all(connection_to(sink.plain), drafts)
    expected = sorted(composed(draft, BodyKind.EIGHT_BIT) for draft in drafts)
    assert sorted(capture.content for capture in sink.captured()) == expected
