"""What opening a session needs of whoever drives it: say a command, wait for its reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.errors import DeliveryError
    from eilbote.model.redactor import Redactor
    from eilbote.net.stream import Stream
    from eilbote.smtp.commands import SetupCommand
    from eilbote.smtp.replies import Reply
    from eilbote.smtp.session import Session


class Dialogue(Protocol):
    """A session that is being opened.

    Attributes:
        redactor: What strikes the session's secrets out of texts.
        session: The core.
        lost: What ended the session, if it is over.
    """

    redactor: Redactor
    session: Session
    lost: DeliveryError | None

    def connected(self, stream: Stream) -> None:
        """Take the stream."""
        ...

    def octets_received(self, data: bytes) -> None:
        """Hear the server."""
        ...

    def stream_lost(self, error: DeliveryError | None) -> None:
        """Learn that the stream is over."""
        ...

    async def ask(self, command: SetupCommand | None, *, stage: str, seconds: float) -> Reply:
        """Say one command and wait for its reply."""
        ...
