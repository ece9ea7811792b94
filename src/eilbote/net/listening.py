"""A socket that listens, for servers that are handed one."""

from __future__ import annotations

import os
import socket
from typing import TypeAlias

from eilbote.errors import SettingsError

Listening: TypeAlias = socket.socket
"""A socket that listens, for those who only pass it on."""

_WAITING = 1024
"""Connections that may wait to be taken; the system may allow fewer."""


def listen(host: str, port: int, *, field: str = "listen") -> Listening:
    """Listen on a TCP port.

    Args:
        host: An address of this machine, IPv4 or IPv6.
        port: The port; 0 takes any that is free.
        field: The setting that says both, for errors.

    Raises:
        SettingsError: The address is not one of this machine, or the port is taken or not allowed.
    """
    made: socket.socket | None = None
    try:
        kind, _, protocol, _, address = socket.getaddrinfo(
            host,
            port,
            type=socket.SOCK_STREAM,
            proto=socket.IPPROTO_TCP,
            flags=socket.AI_NUMERICHOST | socket.AI_PASSIVE,
        )[0]
        # The protocol is named, or asyncio does not know that it is TCP, and leaves on what makes small answers wait 40 ms.
        made = socket.socket(kind, socket.SOCK_STREAM, protocol)
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was there before us may linger
        if kind == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # :: does not mean 0.0.0.0 as well
        made.bind(address)
        made.listen(_WAITING)
        made.setblocking(False)  # noqa: FBT003 - it has no name
    except OSError as fault:
        if made is not None:
            made.close()
        raise SettingsError(
            f"nothing can listen on port {port} of {host}",
            field=field,
            cause=fault.strerror or str(fault),
            remedy="Give an address of this machine, such as 127.0.0.1, and a port that is free; 0 takes any",
        ) from fault
    return made


def listening_port(listening: Listening) -> int:
    """Tell on which port a socket listens."""
    return int(listening.getsockname()[1])
