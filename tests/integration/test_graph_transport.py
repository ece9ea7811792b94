"""Mail over Microsoft Graph, to a server that speaks real HTTP and answers as a test says."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.integration.lab.web_server import Request, Script, WebServer, answer, says, web_server

from eilbote.connections.connection import Connection
from eilbote.connections.limits import Limits
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.graph_transport import GraphTransport
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import (
    AuthenticationError,
    ConnectError,
    DeliveryError,
    DeliveryTimeoutError,
    Durability,
    InDoubtError,
    Scope,
    TokenError,
)
from eilbote.model.credentials import AccessToken
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.secret import Secret
from eilbote.model.status import RecipientStatus
from eilbote.model.timeouts import Timeouts
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio

USER = "anna@example.org"
FIRST, SECOND = "eyJ0-first-token-of-anna", "eyJ0-second-token-of-anna"
OCTETS = b"From: anna@example.org\r\nTo: a@x.example\r\nSubject: hi\r\n\r\nhello\r\n"
CLOSE = ("Connection: close",)
TAKEN = answer(b"", status="202 Accepted", headers=CLOSE)


def message() -> Message:
    return Message(message_id="<1@example.org>", segments=(OCTETS,), size=len(OCTETS))


def envelope(*recipients: str) -> Envelope:
    return Envelope(reverse_path=USER, forward_paths=recipients or ("a@x.example",))


def refused(status: str, code: str, words: str = "no", *headers: str) -> bytes:
    document = json.dumps({"error": {"code": code, "message": words}}).encode()
    return answer(document, status=status, headers=(*CLOSE, *headers))


class Tokens:
    """Two tokens, the second in place of the first."""

    def __init__(self, *, replaces: bool = True) -> None:
        self.replaces = replaces
        self.discarded: list[AccessToken] = []
        self.error: TokenError | None = None
        self.lost: TokenError | None = None

    async def token(self) -> AccessToken:
        if self.error is not None:
            raise self.error
        return AccessToken(user=USER, token=Secret(FIRST))

    async def replacement(self, refused: AccessToken) -> AccessToken | None:
        if self.lost is not None:
            raise self.lost
        return AccessToken(user=USER, token=Secret(SECOND)) if self.replaces else None

    async def discard(self, refused: AccessToken) -> None:
        self.discarded.append(refused)

    async def close(self) -> None:
        pass


def in_turn(*answers: bytes) -> Script:
    """Answer each request with the next of these, and the last one ever after."""
    left = list(answers)

    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return script


@asynccontextmanager
async def graph(
    script: Script, *, tokens: Tokens | None = None, clock: ManualClock | None = None, **settings: object
) -> AsyncIterator[tuple[GraphTransport, WebServer]]:
    async with web_server(script) as server:
        connection = Connection(
            host="127.0.0.1",
            port=server.port,
            security="none",
            protocol="graph",
            credentials=AccessToken(user=USER, token=Secret(FIRST)),
            **settings,  # type: ignore[arg-type]
        )
        transport = GraphTransport(connection, clock=clock or SystemClock(), tokens=tokens or Tokens())
        try:
            yield transport, server
        finally:
            await transport.abort()


async def test_a_message_is_handed_over_whole() -> None:
    async with graph(says(TAKEN)) as (transport, server):
        receipt = await transport.deliver(envelope("a@x.example", "hidden@x.example"), message())

    (request,) = server.requests
    assert request.line == "POST /v1.0/users/anna%40example.org/sendMail HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {FIRST}"
    assert request.headers["content-type"] == "text/plain"
    assert base64.b64decode(request.body, validate=True) == b"Bcc: hidden@x.example\r\n" + OCTETS
    assert receipt.ok
    assert [result.address for result in receipt.accepted] == ["a@x.example", "hidden@x.example"]
    assert receipt.reply == "HTTP 202"
    assert receipt.server == f"127.0.0.1:{server.port}"
    assert FIRST not in repr(receipt)


async def test_a_refused_token_is_replaced_once() -> None:
    no = refused("401 Unauthorized", "InvalidAuthenticationToken")
    async with graph(in_turn(no, TAKEN)) as (transport, server):
        assert (await transport.deliver(envelope(), message())).ok
    assert [request.headers["authorization"] for request in server.requests] == [
        f"Bearer {FIRST}",
        f"Bearer {SECOND}",
    ]

    tokens = Tokens()
    async with graph(says(no), tokens=tokens) as (transport, server):
        with pytest.raises(AuthenticationError) as caught:
            await transport.deliver(envelope(), message())
    assert (len(server.requests), caught.value.field) == (2, "access_token")
    assert [token.token.reveal() for token in tokens.discarded] == [SECOND]

    async with graph(says(no), tokens=Tokens(replaces=False)) as (transport, server):
        with pytest.raises(AuthenticationError):
            await transport.deliver(envelope(), message())
    assert len(server.requests) == 1


async def test_a_refused_token_without_a_successor_leaves_nothing_open() -> None:
    """Graph has answered, so nobody needs to wonder whether it took the message."""
    tokens = Tokens()
    tokens.lost = TokenError("consent again", durability=Durability.PERMANENT)
    no = refused("401 Unauthorized", "InvalidAuthenticationToken")
    async with graph(says(no), tokens=tokens) as (transport, _server):
        with pytest.raises(TokenError):
            await transport.deliver(envelope(), message())


@pytest.mark.parametrize(
    "status,code", [("403 Forbidden", "ErrorAccessDenied"), ("404 Not Found", "ErrorInvalidUser")]
)
async def test_what_is_wrong_with_the_mailbox_fails_nobody(status: str, code: str) -> None:
    async with graph(says(refused(status, code))) as (transport, _server):
        with pytest.raises(AuthenticationError) as caught:
            await transport.deliver(envelope(), message())
    assert (caught.value.scope, caught.value.durability) == (Scope.SITE, Durability.PERMANENT)


@pytest.mark.parametrize(
    "status,code",
    [
        ("403 Forbidden", "ErrorSendAsDenied"),
        ("413 Request Entity Too Large", ""),
        ("400 Bad Request", "ErrorInvalidRecipients"),
    ],
)
async def test_a_message_that_is_refused_is_refused_for_everybody(status: str, code: str) -> None:
    async with graph(says(refused(status, code, f"because {FIRST}"))) as (transport, _server):
        receipt = await transport.deliver(envelope("a@x.example", "b@x.example"), message())
    assert {result.status for result in receipt.results} == {RecipientStatus.FAILED}
    assert code in receipt.results[0].text
    assert receipt.error is not None
    assert FIRST not in repr(receipt) + str(receipt.error) + receipt.reply


async def test_graph_is_left_alone_for_as_long_as_it_asks() -> None:
    clock = ManualClock()
    slow = refused("429 Too Many Requests", "ApplicationThrottled", "wait", "Retry-After: 120")
    async with graph(in_turn(slow, TAKEN), clock=clock) as (transport, server):
        for _ in range(3):
            with pytest.raises(DeliveryError) as caught:
                await transport.deliver(envelope(), message())
            assert (caught.value.scope, caught.value.durability) == (Scope.SITE, Durability.TRANSIENT)
        with pytest.raises(DeliveryError):
            await transport.ready()
        assert len(server.requests) == 1
        clock.advance(121)
        assert (await transport.deliver(envelope(), message())).ok
        assert len(server.requests) == 2


@pytest.mark.parametrize("status", ["502 Bad Gateway", "504 Gateway Timeout"])
async def test_a_gateway_without_an_answer_leaves_it_open(status: str) -> None:
    async with graph(says(answer(b"", status=status, headers=CLOSE))) as (transport, server):
        receipt = await transport.deliver(envelope(), message())
    assert isinstance(receipt.error, InDoubtError)
    assert len(receipt.in_doubt) == 1
    assert len(server.requests) == 1


async def test_a_connection_that_breaks_after_the_request_leaves_it_open() -> None:
    async def vanishing(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with graph(vanishing) as (transport, server):
        receipt = await transport.deliver(envelope(), message())
    assert isinstance(receipt.error, InDoubtError)
    assert [result.status for result in receipt.results] == [RecipientStatus.IN_DOUBT]
    assert len(server.requests) == 1, "never asked twice"


async def test_a_server_that_says_nothing_leaves_it_open() -> None:
    async def silent(_request: Request, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with graph(silent, timeouts=Timeouts(final_dot=0.3)) as (transport, _server):
        receipt = await transport.deliver(envelope(), message())
    assert isinstance(receipt.error, InDoubtError)


async def test_an_acceptance_whose_body_is_lost_is_one() -> None:
    async with graph(says(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nshort")) as (
        transport,
        _server,
    ):
        assert (await transport.deliver(envelope(), message())).ok


async def test_before_the_request_has_left_nothing_is_open() -> None:
    async with graph(says(TAKEN)) as (transport, server):
        port = server.port
    nobody = Connection(
        host="127.0.0.1", port=port, security="none", protocol="graph",
        credentials=AccessToken(user=USER, token=Secret(FIRST)),
    )  # fmt: skip
    closed = GraphTransport(nobody, clock=SystemClock(), tokens=Tokens())
    with pytest.raises(ConnectError):
        await closed.deliver(envelope(), message())
    await closed.close()

    tokens = Tokens()
    tokens.error = TokenError("consent again", durability=Durability.PERMANENT)
    async with graph(says(TAKEN), tokens=tokens) as (transport, server):
        with pytest.raises(TokenError):
            await transport.deliver(envelope(), message())
        with pytest.raises(TokenError):
            await transport.ready()
    assert server.requests == []


async def test_a_message_for_some_of_those_it_names_is_not_sent() -> None:
    async with graph(says(TAKEN)) as (transport, server):
        receipt = await transport.deliver(envelope("b@x.example"), message())
    assert [result.status for result in receipt.results] == [RecipientStatus.FAILED]
    assert "a@x.example" in receipt.results[0].text
    assert server.requests == []


async def test_many_go_side_by_side_and_no_more_than_graph_allows() -> None:
    at_once = most = 0

    async def counting(_request: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        for _ in range(20):
            await asyncio.sleep(0)
        at_once -= 1
        writer.write(TAKEN)

    async with graph(counting, limits=Limits(max_sessions=20)) as (transport, server):
        series = [Delivery(envelope(), message(), index=index) for index in range(20)]
        done = [delivery async for delivery in transport.deliver_all(iter(series))]
        assert sorted(delivery.index for delivery in done) == list(range(20))
        assert all(delivery.receipt is not None and delivery.receipt.ok for delivery in done)
        assert [delivery.receipt.index for delivery in done if delivery.receipt] == [d.index for d in done]
        passed = [delivery async for delivery in transport.deliver_all(iter(done))]
    assert len(server.requests) == 20
    assert passed == done
    assert 1 < most <= 4


async def test_an_asynchronous_source_that_fails_is_heard_of_after_all_results() -> None:
    async def source() -> AsyncIterator[Delivery]:
        yield Delivery(envelope(), message())
        raise LookupError("the source is broken")

    async with graph(says(TAKEN)) as (transport, _server):
        results = transport.deliver_all(source())
        first = await anext(results)
        with pytest.raises(LookupError):
            await anext(results)
    assert first.receipt is not None
    assert first.receipt.ok


async def test_a_message_whose_moment_has_passed_is_not_sent() -> None:
    clock = ManualClock()
    async with graph(says(TAKEN), clock=clock) as (transport, server):
        late = Delivery(envelope(), message(), not_after=clock.monotonic() - 1)
        (done,) = [delivery async for delivery in transport.deliver_all(iter((late,)))]
    assert isinstance(done.error, DeliveryTimeoutError)
    assert done.receipt is None
    assert server.requests == []


async def test_what_is_under_way_when_everything_is_given_up_is_in_doubt() -> None:
    asked = asyncio.Event()

    async def silent(_request: Request, _writer: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with graph(silent) as (transport, _server):
        delivery = asyncio.create_task(transport.deliver(envelope(), message()))
        await asked.wait()
        await transport.abort()
        assert isinstance((await delivery).error, InDoubtError)


async def test_a_call_that_is_cancelled_before_it_was_begun_leaves_nothing_behind() -> None:
    async with graph(says(TAKEN)) as (transport, server):
        call = asyncio.create_task(transport.deliver(envelope(), message()))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await transport.close()
    assert server.requests == []


@pytest.mark.parametrize(
    "said,field",
    [
        (refused("400 Bad Request", "ErrorMimeContentInvalidBase64String"), None),
        (refused("401 Unauthorized", "InvalidAuthenticationToken"), "access_token"),
        (refused("403 Forbidden", "ErrorAccessDenied"), "client_id"),
        (refused("404 Not Found", "ErrorInvalidUser"), "user"),
        (refused("400 Bad Request", "MailboxNotEnabledForRESTAPI"), "user"),
        (TAKEN, "host"),
    ],
)
async def test_a_mailbox_is_asked_for_without_a_message(said: bytes, field: str | None) -> None:
    async with graph(says(said)) as (transport, server):
        if field is None:
            assert "HTTP 400" in await transport.knows_mailbox()
        else:
            with pytest.raises(DeliveryError) as caught:
                await transport.knows_mailbox()
            assert caught.value.field == field
    assert {request.body for request in server.requests} == {b""}
