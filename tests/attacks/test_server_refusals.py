"""Every refusal at every stage: who is deferred, who has failed, who is sent to, and that it is exactly once."""

import pytest
from tests.attacks.hostile_server import Conversation, Peer, hostile
from tests.attacks.scene import (
    deliveries,
    envelope,
    fault_of,
    message,
    outcome_of,
    send,
    transport_to,
)

from eilbote.connections.limits import Limits
from eilbote.deliver.delivery import Delivery
from eilbote.errors import ConnectError, DisconnectedError, ExtensionError, Scope
from eilbote.model.message import BodyKind
from eilbote.model.status import RecipientStatus

pytestmark = pytest.mark.asyncio

ACCEPTED, DEFERRED, FAILED, IN_DOUBT = RecipientStatus
STEPS = ("MAIL", "RCPT", "DATA", "content")


def refusing(stage: str, reply: str, *extensions: str) -> Conversation:
    """Say yes to everything before a stage, and the reply there; then be an ordinary server."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome(*extensions)
        for step in STEPS:
            if step == "content":
                await peer.hear_content()
            else:
                await peer.hear()
            if step == stage:
                peer.say(reply)
                break
            peer.say("354 go ahead" if step == "DATA" else "250 ok")
        else:
            return
        while True:
            line = await peer.hear()
            peer.say(
                "221 bye"
                if line == "QUIT"
                else "250 ok"
                if line in {"RSET", "NOOP"}
                else "503 no transaction"
            )

    return conversation


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["step by step", "pipelined"])
@pytest.mark.parametrize("stage", STEPS)
@pytest.mark.parametrize(
    "reply,status",
    [
        ("450 4.2.0 later", DEFERRED),
        ("451 4.7.1 greylisted", DEFERRED),
        ("550 5.1.1 never", FAILED),
        ("554 5.7.1 never", FAILED),
    ],
)
async def test_a_refusal_is_a_result(
    reply: str, status: RecipientStatus, stage: str, extensions: tuple[str, ...]
) -> None:
    async with hostile(refusing(stage, reply, *extensions)) as server:
        receipt = await outcome_of(server)

    result = receipt.results[0]
    assert (result.status, result.reply_code) == (status, int(reply[:3]))
    assert result.text.endswith(reply[10:])
    assert server.connections == 1


@pytest.mark.parametrize("stage", STEPS)
async def test_421_ends_the_session_and_defers(stage: str) -> None:
    """Said at once to the first message of the first session, it is the server's answer; nobody has failed."""

    async def conversation(peer: Peer) -> None:
        await refusing(stage, "421 4.3.2 shutting down")(peer)
        await peer.hang_up()

    async with hostile(conversation) as server, transport_to(server) as transport:
        found = [delivery async for delivery in transport.deliver_all(deliveries(1))]

    error, receipt = found[0].error, found[0].receipt
    assert (receipt is not None and receipt.deferred) or (
        isinstance(error, DisconnectedError) and error.reply_code == 421
    )
    assert server.connections <= 2


async def test_421_after_some_messages_costs_nobody_an_attempt() -> None:
    """Many servers end a session after ten or a hundred messages; the next one begins where it ended."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        for _ in range(3):
            await peer.take_message()
        await peer.hear()
        peer.say("421 4.7.0 too many messages in this session")
        await peer.hang_up()

    async with hostile(conversation) as server, transport_to(server) as transport:
        found = [delivery async for delivery in transport.deliver_all(deliveries(10))]

    assert all(delivery.receipt is not None and delivery.receipt.ok for delivery in found)
    assert sorted(delivery.index for delivery in found) == list(range(10))
    assert server.count("Subject:") == 10
    assert server.connections == 4


@pytest.mark.parametrize("code", ["421", "450", "554"])
async def test_a_refused_greeting_fails_no_recipient(code: str) -> None:
    async def conversation(peer: Peer) -> None:
        peer.say(f"{code} no service")
        await peer.silence()

    async with hostile(conversation) as server:
        error = await fault_of(server)

    assert isinstance(error, ConnectError)
    assert (error.scope, error.reply_code) == (Scope.SITE, int(code))


async def test_some_recipients_are_refused_and_the_others_get_the_message() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.answer(
            "250 ok", "250 ok", "550 5.1.1 nobody of that name", "450 4.2.1 try later", "354 go"
        )
        await peer.hear_content()
        peer.say("250 2.0.0 queued as 1")
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server, "one@example.org", "two@example.org", "three@example.org")

    assert [result.status for result in receipt.results] == [ACCEPTED, FAILED, DEFERRED]
    assert [result.reply_code for result in receipt.results] == [250, 550, 450]
    assert server.count("Subject:") == 1


async def test_all_recipients_are_refused_and_data_is_accepted_all_the_same() -> None:
    """With PIPELINING, DATA is under way when the last RCPT is refused; a lone dot sends nothing to nobody."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.answer("250 ok", "550 no", "550 no", "354 go ahead")
        assert await peer.hear() == "."
        peer.say("554 no valid recipients")
        await peer.take_mail()

    async with hostile(conversation) as server, transport_to(server) as transport:
        receipt = await transport.deliver(envelope("one@example.org", "two@example.org"), message())

    assert [result.status for result in receipt.results] == [FAILED, FAILED]
    assert server.count("Subject:") == 0


@pytest.mark.parametrize(
    "reply", ["452 4.5.3 too many recipients", "552 5.5.3 too many recipients", "452 too many"]
)
async def test_a_full_transaction_is_followed_by_another(reply: str) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        while True:
            taken = 0
            while not (line := await peer.hear()).startswith("DATA"):
                if line.startswith("RCPT"):
                    taken += 1
                    peer.say("250 ok" if taken <= 2 else reply)
                else:
                    peer.say("250 ok")
            peer.say("354 go ahead")
            await peer.hear_content()
            peer.say("250 2.0.0 taken")

    people = [f"p{number}@example.org" for number in range(5)]
    async with hostile(conversation) as server:
        receipt = await send(server, *people)

    assert receipt.ok
    assert [result.address for result in receipt.results] == people
    assert server.count("Subject:") == 3


async def test_a_long_list_is_split_as_the_limit_says() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.take_mail()

    people = [f"p{number}@example.org" for number in range(250)]
    async with hostile(conversation) as server:
        receipt = await send(server, *people, limits=Limits(max_sessions=1, max_recipients=100))

    assert receipt.ok
    assert len(receipt.results) == 250
    assert server.count("DATA") == 3
    assert all(server.count(f"RCPT TO:<{address}>") == 1 for address in people)


async def test_a_message_larger_than_the_server_takes() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("SIZE 1000")
        await peer.take_mail()

    async with hostile(conversation) as server, transport_to(server) as transport:
        source = iter(
            (Delivery(envelope(), message(50_000), index=0), Delivery(envelope(), message(), index=1))
        )
        found = {delivery.index: delivery async for delivery in transport.deliver_all(source)}

    refused = found[0].receipt
    assert refused is not None
    assert isinstance(refused.error, ExtensionError)
    assert "1,000" in str(refused.error)
    assert f"{refused.size:,}" in str(refused.error)
    assert refused.results[0].status is FAILED
    assert found[1].receipt is not None
    assert found[1].receipt.ok, "the next message is not to blame"
    assert server.count("MAIL") == 1


async def test_octets_above_127_are_not_sent_to_a_server_without_8bitmime() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.take_mail()

    async with hostile(conversation) as server, transport_to(server) as transport:
        source = iter((Delivery(envelope(), message(body=BodyKind.EIGHT_BIT)),))
        found = [delivery async for delivery in transport.deliver_all(source)]

    assert isinstance(found[0].error, ExtensionError)
    assert found[0].error.extension == "8BITMIME"
    assert server.count("MAIL") == 0


async def test_an_international_address_is_not_sent_to_a_server_without_smtputf8() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("8BITMIME")
        await peer.take_mail()

    async with hostile(conversation) as server, transport_to(server) as transport:
        source = iter((Delivery(envelope("jörg@example.org"), message()),))
        found = [delivery async for delivery in transport.deliver_all(source)]

    assert isinstance(found[0].error, ExtensionError)
    assert "jörg@example.org" in str(found[0].error)
    assert server.count("MAIL") == 0


async def test_a_server_older_than_ehlo() -> None:
    async def conversation(peer: Peer) -> None:
        peer.say("220 old.example SMTP")
        await peer.answer("500 command unrecognized", "250 old.example")
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server)

    assert receipt.ok
    assert server.count("HELO") == 1


async def test_a_server_that_answers_commands_it_does_not_announce() -> None:
    """Nothing that was not announced is used: no pipelining, no BDAT, no parameters."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        assert await peer.hear() == "MAIL FROM:<sender@example.org>"
        peer.say("250 ok")
        assert await peer.hear() == "RCPT TO:<anna@example.org>"
        peer.say("250 ok")
        assert await peer.hear() == "DATA"
        peer.say("354 go ahead")
        await peer.hear_content()
        peer.say("250 ok")
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server)

    assert receipt.ok
