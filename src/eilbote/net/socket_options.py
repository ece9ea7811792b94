"""How every socket of eilbote is set: small writes leave at once, and a peer that vanished is noticed."""

from __future__ import annotations

import socket

# A peer that vanished without a word is noticed by the kernel after some two minutes of silence.
_KEEPALIVE_IDLE_SECONDS = 60
_KEEPALIVE_INTERVAL_SECONDS = 15
_KEEPALIVE_PROBES = 4


def tune(connected: socket.socket) -> None:
    """Send small writes at once, and let the kernel notice a vanished peer."""
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _KEEPALIVE_IDLE_SECONDS),
        ("TCP_KEEPINTVL", _KEEPALIVE_INTERVAL_SECONDS),
        ("TCP_KEEPCNT", _KEEPALIVE_PROBES),
    ):
        option = getattr(socket, name, None)  # not every system names all three
        if option is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
