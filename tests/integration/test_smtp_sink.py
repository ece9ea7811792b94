"""A server that fails exactly where it is told to: nothing is lost, nothing is sent twice, and what is unknown is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from tests.integration.lab.smtp_sink import SmtpSink
from tests.integration.sending import (
    ONE_SESSION,
    PATIENT,
    SENDER,
    composed,
    connection_to,
    draft_to,
    send,
    send_all,
)

from eilbote import (
    Attachment,
    BodyKind,
    ConnectError,
    DeliveryError,
    DeliveryTimeoutError,
    DisconnectedError,
    DsnRequest,
    Durability,
    InDoubtError,
    Limits,
    Notify,
    RecipientsRefusedError,
    RecipientStatus,
    Return,
    Timeouts,
)

pytestmark = pytest.mark.asyncio

StartSink = Callable[..., SmtpSink]

ANNA, MAX = "anna@lab.example", "max@lab.example"
HARD = ("-B", "550 5.7.1 not today")
SOFT = ("-b", "451 4.7.1 not now")
DEFERRED, FAILED, IN_DOUBT = RecipientStatus.DEFERRED, RecipientStatus.FAILED, RecipientStatus.IN_DOUBT


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["mail", "rcpt", "data", "."])
@pytest.mark.parametrize(
    "switches, status, code",
    [(("-f", HARD), FAILED, 550), (("-r", SOFT), DEFERRED, 451)],
    ids=["for good", "for now"],
)
async def test_a_refusal_is_a_result_for_each_recipient(
    smtp_sink: StartSink,
    command: str,
    switches: tuple[str, tuple[str, str]],
    status: RecipientStatus,
    code: int,
) -> None:
    switch, reply = switches
    sink = smtp_sink(switch, command, *reply)
    with pytest.raises(RecipientsRefusedError) as caught:
        await send(connection_to(sink.plain), draft_to(ANNA, MAX))
    receipt = caught.value.receipt
    assert [(result.address, result.status, result.reply_code) for result in receipt.results] == [
        (ANNA, status, code),
        (MAX, status, code),
    ]
    assert all(result.text == reply[1].partition(" ")[2] for result in receipt.results)
    assert receipt.attempts == 1


@pytest.mark.parametrize("command", ["mail", "rcpt", "data", "."])
@pytest.mark.parametrize("switches", [("-f", HARD), ("-r", SOFT)], ids=["for good", "for now"])
async def test_a_series_goes_on_behind_each_refusal(
    smtp_sink: StartSink, command: str, switches: tuple[str, tuple[str, str]]
) -> None:
    switch, reply = switches
    sink = smtp_sink(switch, command, *reply)
    receipts = await send_all(
        connection_to(sink.plain, limits=ONE_SESSION), [draft_to(ANNA, number=number) for number in range(20)]
    )
    assert [receipt.index for receipt in receipts] == list(range(20))
    expected = FAILED if switch == "-f" else DEFERRED
    assert all(result.status is expected for receipt in receipts for result in receipt.results)
    assert all(receipt.error is None and len(receipt.results) == 1 for receipt in receipts)


@pytest.mark.parametrize(
    "switches, stage, durability",
    [
        (("-f", "connect", *HARD), "greeting", Durability.PERMANENT),
        (("-r", "connect", *SOFT), "greeting", Durability.TRANSIENT),
        (("-Q", "connect"), "greeting", Durability.TRANSIENT),
        (("-f", "ehlo,helo"), "ehlo", Durability.PERMANENT),
        (("-r", "ehlo", *SOFT), "ehlo", Durability.TRANSIENT),
        (("-Q", "ehlo"), "ehlo", Durability.TRANSIENT),
    ],
)
async def test_a_refused_session_says_nothing_about_the_recipients(
    smtp_sink: StartSink, switches: tuple[str, ...], stage: str, durability: Durability
) -> None:
    connection = connection_to(smtp_sink(*switches).plain)
    with pytest.raises(ConnectError) as caught:
        await send(connection, draft_to(ANNA))
    assert (caught.value.stage, caught.value.durability) == (stage, durability)
    assert caught.value.reply_code
    (receipt,) = await send_all(connection, [draft_to(ANNA)])
    assert [result.status for result in receipt.results] == [DEFERRED]


@pytest.mark.parametrize("switches", [("-f", "quit"), ("-q", "quit"), ("-Q", "quit"), ("-r", "quit")])
async def test_what_a_server_makes_of_the_goodbye_does_not_matter(
    smtp_sink: StartSink, switches: tuple[str, str]
) -> None:
    sink = smtp_sink(*switches)
    assert (await send(connection_to(sink.plain), draft_to(ANNA))).ok
    assert len(sink.captured()) == 1


# ── breaks ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("command", ["connect", "ehlo", "mail", "rcpt", "data"])
async def test_a_session_that_breaks_before_the_content_leaves_no_doubt(
    smtp_sink: StartSink, command: str, pipelining: bool
) -> None:
    sink = smtp_sink("-q", command)
    connection = connection_to(sink.plain, pipelining=pipelining)
    with pytest.raises(DisconnectedError) as caught:
        await send(connection, draft_to(ANNA))
    assert caught.value.durability is Durability.TRANSIENT
    assert caught.value.remedy
    receipts = await send_all(connection, [draft_to(ANNA, number=number) for number in range(10)])
    assert [receipt.index for receipt in receipts] == list(range(10))
    assert all(result.status is DEFERRED for receipt in receipts for result in receipt.results)
    assert all(isinstance(receipt.error, DisconnectedError) for receipt in receipts)


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_session_that_breaks_behind_the_content_leaves_doubt(
    smtp_sink: StartSink, pipelining: bool
) -> None:
    sink = smtp_sink("-q", ".")
    connection = connection_to(sink.plain, limits=ONE_SESSION, pipelining=pipelining)
    with pytest.raises(InDoubtError) as caught:
        await send(connection, draft_to(ANNA))
    assert caught.value.durability is Durability.IN_DOUBT
    assert "twice" in (caught.value.remedy or "")
    # Of a series, those that were begun are in doubt, and those that were not are not.
    receipts = await send_all(connection, [draft_to(ANNA, number=number) for number in range(10)])
    assert [receipt.index for receipt in receipts] == list(range(10))
    counted = Counter(result.status for receipt in receipts for result in receipt.results)
    assert counted[IN_DOUBT] >= 1
    assert counted[IN_DOUBT] + counted[DEFERRED] == 10
    for receipt in receipts:
        assert isinstance(receipt.error, InDoubtError if receipt.in_doubt else DisconnectedError)


@pytest.mark.parametrize("command", ["mail", "rcpt", "data", "."])
async def test_421_is_an_answer_and_ends_the_session(smtp_sink: StartSink, command: str) -> None:
    """The server says that it did not take the message, so there is no doubt."""
    sink = smtp_sink("-Q", command)
    connection = connection_to(sink.plain)
    with pytest.raises((RecipientsRefusedError, DisconnectedError)) as caught:
        await send(connection, draft_to(ANNA, MAX))
    if isinstance(caught.value, RecipientsRefusedError):
        assert [(each.status, each.reply_code) for each in caught.value.receipt.results] == [
            (DEFERRED, 421)
        ] * 2
    receipts = await send_all(connection, [draft_to(ANNA, number=number) for number in range(10)])
    assert [receipt.index for receipt in receipts] == list(range(10))
    assert all(result.status is DEFERRED for receipt in receipts for result in receipt.results)


async def test_a_server_that_answers_before_the_content_is_there(smtp_sink: StartSink) -> None:
    sink = smtp_sink("-A", "0")
    text = "a line that takes its time\n" * 40_000
    with pytest.raises((RecipientsRefusedError, DisconnectedError)):
        await send(connection_to(sink.plain), draft_to(ANNA, text=text))
    (receipt,) = await send_all(connection_to(sink.plain), [draft_to(ANNA, text=text)])
    assert not receipt.accepted
    assert not receipt.in_doubt


# ── silence ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "command, stage", [("ehlo", "ehlo"), ("mail", "mail"), ("rcpt", "rcpt"), ("data", "data")]
)
async def test_silence_before_the_content_is_a_timeout(
    smtp_sink: StartSink, command: str, stage: str
) -> None:
    # Without PIPELINING: smtp-sink answers what stands behind a delayed command before that command.
    sink = smtp_sink("-p", "-W", f"{command}:30")
    hasty = replace(PATIENT, command=0.2)
    with pytest.raises(DeliveryTimeoutError) as caught:
        await send(connection_to(sink.plain, timeouts=hasty), draft_to(ANNA))
    assert caught.value.stage == stage
    assert "0.2 seconds" in caught.value.what


async def test_silence_behind_the_content_is_doubt(smtp_sink: StartSink) -> None:
    sink = smtp_sink("-W", ".:30")
    with pytest.raises(InDoubtError) as caught:
        await send(connection_to(sink.plain, timeouts=replace(PATIENT, final_dot=0.2)), draft_to(ANNA))
    assert "0.2 seconds" in (caught.value.cause or "")


async def test_a_deadline_for_the_whole_message(smtp_sink: StartSink) -> None:
    """Each step alone is quick enough."""
    sink = smtp_sink("-p", "-W", "mail:1", "-W", "rcpt:1")
    hasty = Timeouts(connect=20, greeting=20, command=20, data_block=20, final_dot=20, total=0.3)
    with pytest.raises(DeliveryTimeoutError):
        await send(connection_to(sink.plain, timeouts=hasty), draft_to(ANNA))


# ── what is announced, and what is not ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Without:
    """A server that lacks something, and how a series is composed for it."""

    switches: tuple[str, ...]
    body: BodyKind
    mail: str


@pytest.mark.parametrize(
    "without",
    [
        Without((), BodyKind.EIGHT_BIT, f"<{SENDER}> BODY=8BITMIME"),
        Without(("-8",), BodyKind.SEVEN_BIT, f"<{SENDER}>"),
        Without(("-e",), BodyKind.SEVEN_BIT, f"<{SENDER}>"),
        Without(("-f", "ehlo"), BodyKind.SEVEN_BIT, f"<{SENDER}>"),
        Without(("-p",), BodyKind.EIGHT_BIT, f"<{SENDER}> BODY=8BITMIME"),
        Without(("-E",), BodyKind.EIGHT_BIT, f"<{SENDER}> BODY=8BITMIME"),
        Without(("-P",), BodyKind.SEVEN_BIT, f"<{SENDER}>"),
    ],
    ids=[
        "nothing",
        "8BITMIME",
        "ESMTP",
        "EHLO",
        "PIPELINING",
        "ENHANCEDSTATUSCODES",
        "anything (a firewall)",
    ],
)
async def test_a_series_is_composed_for_what_the_server_takes(smtp_sink: StartSink, without: Without) -> None:
    sink = smtp_sink(*without.switches)
    drafts = [draft_to(ANNA, number=number) for number in range(3)]
    receipts = await send_all(connection_to(sink.plain, limits=ONE_SESSION), drafts)
    assert all(receipt.ok for receipt in receipts)
    captures = sink.captured()
    assert {capture.mail for capture in captures} == {without.mail}
    expected = sorted(composed(draft, without.body) for draft in drafts)
    assert sorted(capture.content for capture in captures) == expected


DSN = DsnRequest(
    notify=frozenset({Notify.SUCCESS, Notify.FAILURE, Notify.DELAY}),
    ret=Return.HEADERS,
    envelope_id="QQ+3=4 x",
)


async def test_a_request_for_notifications_reaches_the_server(smtp_sink: StartSink) -> None:
    sink = smtp_sink()
    assert (await send(connection_to(sink.plain), draft_to(ANNA, "o=d+d@lab.example", dsn=DSN))).ok
    (capture,) = sink.captured()
    assert capture.mail == f"<{SENDER}> RET=HDRS ENVID=QQ+2B3+3D4+20x"
    assert capture.rcpt == (
        f"<{ANNA}> NOTIFY=DELAY,FAILURE,SUCCESS ORCPT=rfc822;{ANNA}",
        "<o=d+d@lab.example> NOTIFY=DELAY,FAILURE,SUCCESS ORCPT=rfc822;o+3Dd+2Bd@lab.example",
    )


async def test_a_request_that_a_server_does_not_know_is_left_out(smtp_sink: StartSink) -> None:
    sink = smtp_sink("-N")
    receipt = await send(connection_to(sink.plain), draft_to(ANNA, dsn=DSN))
    assert receipt.ok
    assert "DSN" not in receipt.extensions
    (capture,) = sink.captured()
    assert (capture.mail, capture.rcpt) == (f"<{SENDER}>", (f"<{ANNA}>",))


async def test_the_null_path(smtp_sink: StartSink) -> None:
    sink = smtp_sink()
    assert (await send(connection_to(sink.plain), draft_to(ANNA, reverse_path=""))).ok
    assert [capture.mail for capture in sink.captured()] == ["<>"]


async def test_the_name_in_ehlo(smtp_sink: StartSink) -> None:
    sink = smtp_sink()
    await send(connection_to(sink.plain, ehlo_name="client.lab.example"), draft_to(ANNA))
    assert [capture.ehlo for capture in sink.captured()] == ["client.lab.example"]


# ── quantity ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sessions", [1, 4])
async def test_every_message_of_a_series_arrives_once(smtp_sink: StartSink, sessions: int) -> None:
    sink = smtp_sink()
    limits = Limits(max_sessions=sessions, max_messages_per_session=70)
    drafts = [draft_to(ANNA, number=number) for number in range(400)]
    receipts = await send_all(connection_to(sink.plain, limits=limits), drafts)
    assert [receipt.index for receipt in receipts] == list(range(400))
    assert all(receipt.ok for receipt in receipts)
    found = Counter(re.findall(rb"Message-ID: <(\d+)\.", b"".join(each.content for each in sink.captured())))
    assert found == Counter(str(number).encode() for number in range(400))


async def test_a_server_that_reads_slowly(smtp_sink: StartSink) -> None:
    """A receive window of 2,000 octets: writing has to wait again and again, and nothing overtakes anything."""
    sink = smtp_sink("-T", "2000")
    draft = draft_to(ANNA, attachments=[Attachment.from_bytes(bytes(range(256)) * 4_000, filename="large")])
    follow = draft_to(ANNA, number=2)
    receipts = await send_all(connection_to(sink.plain, limits=ONE_SESSION), [draft, follow])
    assert all(receipt.ok for receipt in receipts)
    assert sorted(len(capture.content) for capture in sink.captured()) == sorted(
        (len(composed(draft, BodyKind.EIGHT_BIT)), len(composed(follow, BodyKind.EIGHT_BIT)))
    )


async def test_a_delivery_error_shows_the_dialogue(smtp_sink: StartSink) -> None:
    sink = smtp_sink("-f", "ehlo,helo")
    with pytest.raises(DeliveryError) as caught:
        await send(connection_to(sink.plain), draft_to(ANNA))
    assert [line[:7] for line in caught.value.transcript][:5] == [
        "S: 220 ",
        "C: EHLO",
        "S: 500 ",
        "C: HELO",
        "S: 500 ",
    ]
