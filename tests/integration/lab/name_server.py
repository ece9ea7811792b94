"""A name server on loopback that answers from a table, or misbehaves as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from dns.flags import QR
from dns.message import Message, from_wire, make_response
from dns.rcode import NXDOMAIN, SERVFAIL
from dns.rdataclass import IN
from dns.rdatatype import TXT
from dns.rrset import from_text_list

Said: TypeAlias = "list[str] | str"
"""The records; or ``nxdomain``, ``servfail``, ``silence``, ``garbage``."""


class NameServer(asyncio.DatagramProtocol):
    """Answers questions for TXT records.

    Attributes:
        port: Where it listens, on UDP.
        asked: The names it was asked for, in order.
    """

    def __init__(self, zone: dict[str, Said]) -> None:
        self.port = 0
        self.asked: list[str] = []
        self._zone = zone

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = from_wire(data)
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        said = self._zone.get(name, "nxdomain")
        if said == "garbage":
            self._transport.sendto(data[:2] + b"\x81\x80garbage", addr)
        elif said != "silence":
            self._transport.sendto(_answer(question, name, said).to_wire(), addr)

    def close(self) -> None:
        self._transport.close()


def _answer(question: Message, name: str, said: Said) -> Message:
    answer = make_response(question)
    answer.flags |= QR
    if said == "nxdomain":
        answer.set_rcode(NXDOMAIN)
    elif said == "servfail":
        answer.set_rcode(SERVFAIL)
    elif said:
        quoted = [" ".join(f'"{piece}"' for piece in text.split("|")) for text in said]
        answer.answer.append(from_text_list(f"{name}.", 60, IN, TXT, quoted))
    return answer


@asynccontextmanager
async def serving_names(zone: dict[str, Said]) -> AsyncIterator[NameServer]:
    """Serve a zone on loopback."""
    server = NameServer(zone)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        server.close()
