"""A tap on the line between a client and a server without TLS: who said what, and how often the client had to wait.

A round trip is counted when the client speaks after the server has: the number of times that the line's length costs time. This
is what PIPELINING (RFC 2920) and CHUNKING (RFC 3030) are there to save.
"""

from __future__ import annotations

import itertools
import socket
import threading
from contextlib import suppress
from enum import StrEnum

from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.process import HOST

SILENCE_SECONDS = 30.0
LARGEST_READ = 1 << 20


class Speaker(StrEnum):
    """Who said something."""

    CLIENT = "C"
    SERVER = "S"


class Tap:
    """Listens in front of a server until stopped. ``heard`` is everything in order, octets said in one breath joined."""

    def __init__(self, server: Endpoint) -> None:
        self.heard: list[tuple[Speaker, bytearray]] = []
        self._server = server
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, 0))
        self._sockets: list[socket.socket] = []
        self.endpoint = Endpoint(port=self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, name="tap", daemon=True)]
        self._threads[0].start()

    @property
    def round_trips(self) -> int:
        """How often the client spoke after the server."""
        speakers = [speaker for speaker, _ in self.heard]
        return sum(
            before is Speaker.SERVER and after is Speaker.CLIENT
            for before, after in itertools.pairwise(speakers)
        )

    def said(self, speaker: Speaker) -> bytes:
        """Everything that one side said."""
        return b"".join(octets for who, octets in self.heard if who is speaker)

    def breaths(self, speaker: Speaker) -> list[bytes]:
        """The same, cut where the other side spoke in between."""
        return [bytes(octets) for who, octets in self.heard if who is speaker]

    def stop(self) -> None:
        """Close everything and wait until the threads have ended."""
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SILENCE_SECONDS)
        for each in (self._listener, *self._sockets):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection((self._server.host, self._server.port))
            for each in (client, server):
                each.settimeout(SILENCE_SECONDS)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets.append(each)
            for ends in ((Speaker.CLIENT, client, server), (Speaker.SERVER, server, client)):
                thread = threading.Thread(target=self._pass_on, args=ends, name="tap-line", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, speaker: Speaker, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while octets := source.recv(LARGEST_READ):
                with self._lock:
                    if self.heard and self.heard[-1][0] is speaker:
                        self.heard[-1][1].extend(octets)
                    else:
                        self.heard.append((speaker, bytearray(octets)))
                target.sendall(octets)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
