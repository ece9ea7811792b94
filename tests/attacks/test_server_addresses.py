"""Names and addresses that lead nowhere: the next one is tried, within the deadline, and nothing stays open."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.attacks.hostile_server import HOST, Peer, hostile
from tests.attacks.scene import HASTY, envelope, message

from eilbote.connections.connection import Connection
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import ConnectError, DeliveryError, DeliveryTimeoutError, Durability, Scope
from eilbote.model.timeouts import Timeouts
from eilbote.net.egress import EgressPolicy
from eilbote.net.happy_eyeballs import connect_first
from eilbote.net.resolve import Endpoint

pytestmark = pytest.mark.asyncio


def endpoint(port: int, address: str = HOST) -> Endpoint:
    return Endpoint(socket.AF_INET, (address, port))


def refused_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        return int(unused.getsockname()[1])


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that swallows connection requests: its queue is full and nobody accepts."""
    with socket.create_server((HOST, 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((HOST, port))
            fillers.append(filler)
        yield port
        for filler in fillers:
            filler.close()


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


async def test_the_next_address_is_tried_when_the_first_refuses() -> None:
    with listening() as port:
        connected = await connect_first([endpoint(refused_port()), endpoint(port)])
        assert connected.getpeername()[1] == port
        connected.close()


async def test_the_next_address_is_tried_when_the_first_says_nothing() -> None:
    """An IPv6 route that swallows packets costs a quarter of a second, and not a minute."""
    with black_hole() as dead, listening() as port:
        began = time.monotonic()
        connected = await connect_first([endpoint(dead), endpoint(port)], delay=0.05)
        assert connected.getpeername()[1] == port
        assert time.monotonic() - began < 2
        connected.close()


async def test_the_first_that_answers_wins_and_the_others_are_closed() -> None:
    with black_hole() as dead, listening() as port:
        connected = await connect_first(
            [endpoint(dead), endpoint(dead), endpoint(port), endpoint(dead)], delay=0.01
        )
        connected.close()

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_when_all_refuse_the_fault_of_the_preferred_one_is_told() -> None:
    with pytest.raises(ConnectionRefusedError):
        await connect_first([endpoint(refused_port()), endpoint(refused_port())])


async def test_a_cancelled_attempt_closes_its_sockets() -> None:
    with black_hole() as dead:
        attempt = asyncio.create_task(connect_first([endpoint(dead), endpoint(dead)], delay=0.01))
        await asyncio.sleep(0.05)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def fault_at(**settings: object) -> DeliveryError:
    connection = Connection(security="none", **settings)  # type: ignore[arg-type]
    transport = SmtpTransport(connection, clock=SystemClock())
    with pytest.raises(DeliveryError) as caught:
        await transport.deliver(envelope(), message())
    await transport.close()
    return caught.value


async def test_a_host_that_does_not_exist() -> None:
    error = await fault_at(host="no-such-host.invalid", port=25)

    assert isinstance(error, ConnectError)
    assert (error.field, error.stage, error.scope) == ("host", "dns", Scope.SITE)
    # Without name servers nobody knows whether it exists, and that passes.
    unknown = "no address" not in str(error.cause)
    assert error.durability is (Durability.TRANSIENT if unknown else Durability.PERMANENT)


async def test_a_port_where_nothing_listens() -> None:
    error = await fault_at(host=HOST, port=refused_port())

    assert isinstance(error, ConnectError)
    assert (error.field, error.stage) == ("port", "connect")


async def test_a_black_hole_ends_with_the_deadline() -> None:
    with black_hole() as dead:
        error = await fault_at(host=HOST, port=dead, timeouts=HASTY)

    assert isinstance(error, DeliveryTimeoutError)
    assert (error.stage, error.scope) == ("connect", Scope.SITE)


async def test_a_resolver_that_never_answers_ends_with_the_deadline() -> None:
    """The deadline covers the look-up too, although a look-up cannot be interrupted."""
    from eilbote.net.stream import Stream

    class SlowLoop(asyncio.SelectorEventLoop):
        async def getaddrinfo(self, *_: object, **__: object) -> list[object]:  # type: ignore[override]
            await asyncio.Event().wait()
            return []

    async def connect() -> None:
        await Stream.connect("slow.example", 25, receiver=None, timeout=0.05)  # type: ignore[arg-type]

    def run() -> None:
        with asyncio.Runner(loop_factory=SlowLoop) as runner:
            runner.run(connect())

    with pytest.raises(DeliveryTimeoutError) as caught:
        await asyncio.to_thread(run)

    assert caught.value.stage == "dns"


async def test_the_connect_deadline_covers_the_tls_handshake() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.silence()

    quick = Timeouts(connect=0.2)
    async with hostile(conversation) as server:
        connection = Connection(host=HOST, port=server.port, security="tls", timeouts=quick)
        transport = SmtpTransport(connection, clock=SystemClock())
        with pytest.raises(DeliveryTimeoutError) as caught:
            await transport.deliver(envelope(), message())
        await transport.close()

    assert caught.value.stage == "tls"
    assert "465" in (caught.value.remedy or "")


async def test_a_connection_of_somebody_else_does_not_reach_inside() -> None:
    """Whoever may set up connections must not use the server to knock at doors of its own network."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.take_mail()

    async with hostile(conversation) as server:
        for host in (HOST, "localhost", "[::ffff:127.0.0.1]"):
            connection = Connection(host=host, port=server.port, security="none")
            transport = SmtpTransport(connection, clock=SystemClock(), egress=EgressPolicy())
            with pytest.raises(ConnectError) as caught:
                await transport.deliver(envelope(), message())
            await transport.close()
            assert (caught.value.field, caught.value.durability) == ("host", Durability.PERMANENT)

    assert server.connections == 0
