"""What the tests against hostile web servers share: a network of names and addresses that is scripted, and real sockets behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network

import pytest

from eilbote.author.flow.effect import Fetch
from eilbote.engine.fetch import UnfetchedError, fetched, file_door
from eilbote.errors import AttachmentError
from eilbote.model.attachment import Attachment
from eilbote.net.egress import EgressPolicy
from eilbote.net.http import HttpDoor

# Loading the library and the system's certificates takes as long as some of these tests give a whole request.
HttpDoor().transport()
PUBLIC = "93.184.215.14"
"""An address on the public Internet; the network below leads it to a server of the test."""
FIELD = "attachments[1]"
SECRET = "signature-nobody-may-see"


@dataclass(slots=True)
class Network:
    """What names mean, and where addresses lead.

    Attributes:
        names: For each name its answers, one for each look-up; the last one stays.
        ports: For each port the port of a server on this machine that public addresses lead to.
        asked: The names that were looked up.
        connected: The addresses that were connected to.
    """

    names: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)

    async def getaddrinfo(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host == "127.0.0.1":  # uvloop looks up what it connects to, whatever that is
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
        self.asked.append(host)
        answers = self.names.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                "",
                (address, port) if ip_address(address).version == 4 else (address, port, 0, 0),
            )
            for address in addresses
        ]


@contextmanager
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Put a scripted network in the place of the real one."""
    loop = asyncio.get_running_loop()
    made = Network()
    connect = loop.sock_connect

    async def sock_connect(sock: socket.socket, address: tuple[str, int]) -> None:
        made.connected.append((address[0], address[1]))
        if address[1] not in made.ports:
            raise ConnectionRefusedError(111, "Connection refused")
        await connect(sock, ("127.0.0.1", made.ports[address[1]]))

    with monkeypatch.context() as patch:
        patch.setattr(loop, "getaddrinfo", made.getaddrinfo)
        patch.setattr(loop, "sock_connect", sock_connect)
        yield made


def strict_door() -> HttpDoor:
    """The door as flows get it when the operator has set nothing."""
    return file_door(EgressPolicy(), frozenset({80, 443}))


def loopback_door(**settings: object) -> HttpDoor:
    """A door that an operator has opened for this very machine."""
    policy = EgressPolicy(allow=(ip_network("127.0.0.0/8"),))
    return replace(file_door(policy, None), **settings)  # type: ignore[arg-type]


async def fetch(url: str, door: HttpDoor, *, filename: str | None = None) -> Attachment:
    return await fetched(Fetch(url=url, filename=filename, field=FIELD), door=door, pauses=())


async def refusal(url: str, door: HttpDoor, *, filename: str | None = None) -> UnfetchedError:
    """Give the error of a fetch that must fail; it names the field, the cause and the remedy, and no secret."""
    with pytest.raises(AttachmentError) as caught:
        await fetch(url, door, filename=filename)
    error = caught.value
    assert isinstance(error, UnfetchedError), repr(error)
    assert error.field == FIELD
    assert error.cause
    assert error.remedy
    assert SECRET not in str(error)
    return error
