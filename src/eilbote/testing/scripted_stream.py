"""A server that follows a script: stands where a stream would, with the same methods.

It checks that the client says exactly what the script has, neither less nor anything early, and answers in
pieces of any size. Nothing here touches a socket.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from eilbote.errors import DisconnectedError
from eilbote.testing.dialogue_file import Turn, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.net.stream import Receiver
    from eilbote.testing.dialogue_file import Chunking


class ScriptedStream:
    """Plays the server's side of a dialogue.

    Args:
        turns: Who says what, in order.
        chunking: How the server's octets are cut.
        secure: Whether the stream is in TLS from the beginning.

    Attributes:
        departures: Where the client left the script, as texts; empty when it kept to it.
        unsaid: What the script still holds; empty when it was played to its end.
    """

    def __init__(self, turns: Sequence[Turn], *, chunking: Chunking = "whole", secure: bool = False) -> None:
        self._turns = list(turns)
        self._chunking: Chunking = chunking
        self._receiver: Receiver | None = None
        self._heard = b""
        self._playing = False
        self._end: asyncio.Future[None] | None = None
        self.departures: list[str] = []
        self.tls_version = "TLSv1.3" if secure else ""
        self.host = "mail.example.net"
        self.port = 587
        self.peer = "mail.example.net:587"
        self.address = "192.0.2.25"
        self.local_address = "192.0.2.1"
        self.paused = False
        self.lost = False

    async def connect(self, host: str, port: int, *, receiver: Receiver, **options: object) -> ScriptedStream:
        """Stand in for :meth:`eilbote.net.stream.Stream.connect`."""
        del host, port, options
        self._receiver = receiver
        self._play_soon()
        return self

    async def played(self) -> None:
        """Wait until the script has been played to its end."""
        if self._turns:
            self._end = asyncio.get_running_loop().create_future()
            await self._end

    @property
    def unsaid(self) -> list[Turn]:
        """What the script still holds."""
        return self._turns

    def write(self, data: bytes) -> None:
        """Hear the client."""
        if self.lost:
            return
        self._heard += data
        self._play_soon()

    def write_many(self, pieces: Sequence[bytes]) -> None:
        """Hear the client."""
        self.write(b"".join(pieces))

    async def drain(self) -> None:
        """Wait for nothing: a script has room.

        Raises:
            DisconnectedError: The stream is over.
        """
        if self.lost:
            raise DisconnectedError("the connection is closed", server=self.peer)
        await asyncio.sleep(0)

    async def start_tls(
        self,
        ssl_context: object,
        server_name: str | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the stream's own signature
    ) -> None:
        """Play the handshake, if the script has one here."""
        del ssl_context, server_name, timeout
        if self._turns and self._turns[0].side == "TLS":
            self._turns.pop(0)
        else:
            self.departures.append("the client began a TLS handshake")
        self.tls_version = "TLSv1.3"
        self._play_soon()
        await asyncio.sleep(0)

    def close(self) -> None:
        """Close after what was written."""
        self._play()
        self.abort()

    def abort(self) -> None:
        """Close now."""
        if not self.lost:
            self.lost = True
            if self._heard:
                self.departures.append(f"the client said {self._heard!r} and left")
            if self._receiver is not None:
                self._receiver.stream_lost(None)

    async def wait_closed(self) -> None:
        """Wait for nothing."""

    def channel_binding(self) -> tuple[str, bytes] | None:
        """Give nothing: a script has no TLS to bind to."""
        return None

    def _play_soon(self) -> None:
        if not self._playing:
            self._playing = True
            asyncio.get_running_loop().call_soon(self._play)

    def _play(self) -> None:
        self._playing = False
        while self._turns and not self.lost:
            turn = self._turns[0]
            if turn.side == "TLS":
                return
            if turn.side == "C":
                if not self._hear(turn):
                    return
            elif self._heard:
                self.departures.append(f"the client said {self._heard!r} too early")
                self.abort()
                return
            self._turns.pop(0)
            if turn.side == "S":
                self.say(turn.octets)
            elif turn.side == "LOST":
                self.hang_up()

        if not self._turns and self._end is not None and not self._end.done():
            self._end.set_result(None)

    def _hear(self, turn: Turn) -> bool:
        """Take what the client is to say; say whether it has said all of it."""
        if len(self._heard) < len(turn.octets) and turn.octets.startswith(self._heard):
            return False
        if not self._heard.startswith(turn.octets):
            self.departures.append(f"expected {turn.octets!r}, heard {self._heard!r}")
            self.abort()
            return False
        self._heard = self._heard[len(turn.octets) :]
        return True

    def say(self, octets: bytes) -> None:
        """Let the server say something, also outside of the script."""
        for piece in cut(octets, self._chunking):
            if not self.lost and self._receiver is not None:
                self._receiver.octets_received(piece)

    def hang_up(self) -> None:
        """Let the server close the connection."""
        self.lost = True
        if self._receiver is not None:
            self._receiver.stream_lost(None)
