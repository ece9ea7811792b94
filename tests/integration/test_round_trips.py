"""How often the client waits for the server, counted on the line; and that it never says what it may not say yet."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.tap import Speaker, Tap
from tests.integration.sending import ONE_SESSION, composed, connection_to, draft_to, send, send_all

from eilbote import Attachment, BodyKind, Draft, Mailer, RecipientsRefusedError

pytestmark = pytest.mark.asyncio

PIPELINING = ["postfix.plain", "exim.plain"]
NO_PIPELINING = [
    "postfix.without_pipelining",
    "postfix.without_extensions",
    "opensmtpd.plain",
    "aiosmtpd_server.plain",
]
DATA, STRICT, EIGHT_AHEAD = 0, 1, 8


@pytest.fixture
def line(request: pytest.FixtureRequest, port: str, tap: Callable[[Endpoint], Tap]) -> Tap:
    """A tap in front of the port that a test names, such as ``postfix.plain``."""
    server, _, name = port.partition(".")
    return tap(getattr(request.getfixturevalue(server), name))


def breaths_of_mail(line: Tap) -> list[bytes]:
    """What the client said of mail, cut where it waited for the server: all between EHLO and QUIT."""
    breaths = line.breaths(Speaker.CLIENT)
    assert breaths[0].startswith(b"EHLO ")
    assert breaths[-1] == b"QUIT\r\n"
    assert not any(breath.startswith(b"EHLO ") for breath in breaths[1:])
    return breaths[1:-1]


@pytest.mark.parametrize("window, most", [(DATA, 2), (STRICT, 2), (EIGHT_AHEAD, 1)])
@pytest.mark.parametrize("port", PIPELINING)
async def test_a_lone_message_takes_two_round_trips(
    line: Tap, recipient: str, window: int, most: int
) -> None:
    receipt = await send(connection_to(line.endpoint, chunking_window=window), draft_to(recipient))
    assert receipt.ok
    assert len(breaths_of_mail(line)) <= most


@pytest.mark.parametrize("window, most", [(DATA, 2), (STRICT, 2), (EIGHT_AHEAD, 1)])
@pytest.mark.parametrize("port", PIPELINING)
async def test_a_hundred_recipients_take_no_more(line: Tap, recipient: str, window: int, most: int) -> None:
    recipients = [f"{number}-{recipient}" for number in range(100)]
    receipt = await send(connection_to(line.endpoint, chunking_window=window), draft_to(*recipients))
    assert len(receipt.accepted) == 100
    assert len(breaths_of_mail(line)) <= most


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
@pytest.mark.parametrize("port", PIPELINING)
async def test_a_large_message_takes_no_more(line: Tap, recipient: str, window: int) -> None:
    draft = draft_to(recipient, attachments=[Attachment.from_bytes(bytes(2_000_000), filename="large")])
    receipt = await send(connection_to(line.endpoint, chunking_window=window), draft)
    assert receipt.ok
    assert len(breaths_of_mail(line)) <= 2


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
@pytest.mark.parametrize("port", PIPELINING)
async def test_a_message_in_a_stream_takes_one_round_trip(line: Tap, recipient: str, window: int) -> None:
    count = 40
    connection = connection_to(line.endpoint, limits=ONE_SESSION, chunking_window=window)
    receipts = await send_all(connection, [draft_to(recipient, number=number) for number in range(count)])
    assert all(receipt.ok for receipt in receipts)
    # One for each, and one before the first.
    assert len(breaths_of_mail(line)) <= count + 1


@pytest.mark.parametrize("port", PIPELINING)
async def test_a_session_is_kept_for_the_next_message(line: Tap, recipient: str) -> None:
    async with Mailer(connection_to(line.endpoint)) as mailer:
        for number in range(10):
            assert (await mailer.send(draft_to(recipient, number=number))).ok
    assert len(breaths_of_mail(line)) <= 20


# ── a server without PIPELINING ─────────────────────────────────────────────────────────────────────────────────

COMMAND = re.compile(rb"(MAIL|RCPT|RSET|NOOP|DATA|BDAT)\b[^\r\n]*\r\n")


def check_patience(breaths: list[bytes], drafts: list[Draft], body: BodyKind) -> None:
    """See that every breath is one command or one content."""
    contents = {stuffed(composed(draft, body)) for draft in drafts}
    for breath in breaths:
        if breath.startswith(b"BDAT "):
            octets = breath.partition(b"\r\n")[2]
            assert stuffed(octets) in contents
        elif breath not in contents:
            assert COMMAND.fullmatch(breath), breath
    assert sum(breath in contents or breath.startswith(b"BDAT ") for breath in breaths) == len(drafts)


def stuffed(octets: bytes) -> bytes:
    return re.sub(rb"(?m)^\.", b"..", octets) + b".\r\n"


@pytest.mark.parametrize("port", NO_PIPELINING)
async def test_nothing_runs_ahead_where_pipelining_is_not_announced(line: Tap, recipient: str) -> None:
    drafts = [
        draft_to(recipient, f"other-{recipient}", number=number, text=f".{number}\n..\n")
        for number in range(5)
    ]
    receipts = await send_all(
        connection_to(line.endpoint, limits=ONE_SESSION, chunking_window=EIGHT_AHEAD), drafts
    )
    assert all(receipt.ok for receipt in receipts)
    check_patience(breaths_of_mail(line), drafts, BodyKind.EIGHT_BIT)


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
@pytest.mark.parametrize("port", PIPELINING)
async def test_nothing_runs_ahead_where_a_connection_forbids_it(
    line: Tap, recipient: str, window: int
) -> None:
    drafts = [draft_to(recipient, number=number) for number in range(5)]
    connection = connection_to(line.endpoint, limits=ONE_SESSION, pipelining=False, chunking_window=window)
    assert all(receipt.ok for receipt in await send_all(connection, drafts))
    check_patience(breaths_of_mail(line), drafts, BodyKind.EIGHT_BIT)


# ── content that nobody wants ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("window", [DATA, STRICT])
@pytest.mark.parametrize("port", PIPELINING)
async def test_no_content_is_sent_for_nobody(line: Tap, window: int) -> None:
    draft = draft_to("refused@lab.example", "greylisted@lab.example", text="not for the wire")
    with pytest.raises(RecipientsRefusedError):
        await send(connection_to(line.endpoint, chunking_window=window), draft)
    said = line.said(Speaker.CLIENT)
    assert b"not for the wire" not in said
    assert b"BDAT" not in said


@pytest.mark.parametrize("port", ["postfix.without_chunking", "opensmtpd.plain", "aiosmtpd_server.plain"])
async def test_no_bdat_where_chunking_is_not_announced(line: Tap, recipient: str) -> None:
    assert (await send(connection_to(line.endpoint, chunking_window=EIGHT_AHEAD), draft_to(recipient))).ok
    assert b"BDAT" not in line.said(Speaker.CLIENT)


@pytest.mark.parametrize("port", PIPELINING)
async def test_bdat_where_chunking_is_announced_and_not_where_it_is_switched_off(
    line: Tap, recipient: str
) -> None:
    assert (await send(connection_to(line.endpoint, chunking_window=DATA), draft_to(recipient))).ok
    assert b"BDAT" not in line.said(Speaker.CLIENT)
    draft = draft_to(recipient)
    assert (await send(connection_to(line.endpoint), draft)).ok
    assert f"BDAT {len(composed(draft))} LAST\r\n".encode() in line.said(Speaker.CLIENT)
