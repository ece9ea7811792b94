"""The last step: header section and body become one message, signed if somebody signs (RFC 5322 §2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from eilbote.errors import DraftError
from eilbote.model.finished import finished_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.compose.dkim import DkimSigner
    from eilbote.compose.limits import ComposeLimits
    from eilbote.model.clock import Clock
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import BodyKind, Message, Segment


class Composed(NamedTuple):
    """What travels, and where to."""

    envelope: Envelope
    message: Message


# What a named tuple's own constructor does, without its Python function.
composed = cast("Callable[[type[Composed], tuple[Envelope, Message]], Composed]", tuple.__new__)  # pyright: ignore[reportUnknownMemberType] - typeshed leaves it open


class Finisher:
    """Joins, signs and measures; the same for single messages and for series.

    Args:
        limits: How much one message may hold.
        signer: Signs every message, if given.
        clock: Tells the time for signatures.
    """

    __slots__ = ("_clock", "_limits", "signer", "surely_allowed")

    def __init__(self, limits: ComposeLimits, signer: DkimSigner | None, clock: Clock) -> None:
        self._limits = limits
        # So many octets are not too many, wherever the header ends.
        self.surely_allowed = min(limits.header_octets, limits.message_octets) if signer is None else -1
        self.signer = signer
        self._clock = clock

    def finish(
        self,
        message_id: str,
        header: Sequence[bytes],
        body: Sequence[Segment],
        kind: BodyKind,
        *,
        smtputf8: bool,
    ) -> Message:
        """Give the message.

        Args:
            message_id: Its Message-ID.
            header: The header section in pieces.
            body: The body in pieces.
            kind: What the octets demand of the next hop.
            smtputf8: The header holds UTF-8.

        Raises:
            DraftError: The message, or its header section, is too large.
        """
        pieces = (*header, b"\r\n", *body)
        try:
            octets = b"".join(pieces)  # type: ignore[arg-type]  # that is what is tried
        except TypeError:  # some piece is made while it is sent
            segments = joined(pieces)
        else:
            segments = (octets,)
            if len(octets) <= self.surely_allowed:
                return finished_message(message_id, segments, len(octets), kind, smtputf8=smtputf8)
        header_size = sum(map(len, header))
        if self.signer is not None:
            signature = self.signer.sign(segments, header_size, self._clock.now())
            segments = joined((signature, *segments))
        size = sum([len(each) if isinstance(each, bytes) else each.size for each in segments])
        limits = self._limits
        if header_size > limits.header_octets:
            raise DraftError(
                f"the header takes {header_size:,} octets",
                cause=f"at most {limits.header_octets:,} are sent",
                remedy="Send to fewer people in one message, as Bcc or in a series, or shorten the headers",
            )
        if size > limits.message_octets:
            raise DraftError(
                f"the message takes {size:,} octets",
                field="attachments",
                cause=f"at most {limits.message_octets:,} are sent",
                remedy="Send a link instead of the file, or several messages",
            )
        return finished_message(message_id, segments, size, kind, smtputf8=smtputf8)


def joined(pieces: Sequence[Segment]) -> tuple[Segment, ...]:
    """Join neighbouring octets, so that a message without large attachments is one segment."""
    segments: list[Segment] = []
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            run.append(piece)
        else:
            segments += (b"".join(run), piece)
            run = []
    segments.append(b"".join(run))
    return tuple(segments)
