"""Makes the two nouns that every message becomes, composed or thawed, at a fifth of what their ``__init__`` costs.

A frozen class pays for every field with a detour. Where the parts are known to be right, because they come from
parsed addresses or were looked at, an object is filled while it is of a class with the same slots that is not
frozen, and becomes the frozen class when it is complete; nobody sees it before. A test compares the classes field
by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.model.envelope import Envelope
from eilbote.model.message import Message

if TYPE_CHECKING:
    from eilbote.model.envelope import DsnRequest
    from eilbote.model.message import BodyKind, Segment
    from eilbote.model.status import RecipientKind


class _OpenEnvelope:
    __slots__ = tuple(Envelope.__slots__)

    reverse_path: str
    forward_paths: tuple[str, ...]
    kinds: tuple[RecipientKind, ...]
    dsn: DsnRequest | None
    require_tls: bool


class _OpenMessage:
    __slots__ = tuple(Message.__slots__)

    message_id: str
    segments: tuple[Segment, ...]
    size: int
    body: BodyKind
    smtputf8: bool


def finished_envelope(
    reverse_path: str,
    forward_paths: tuple[str, ...],
    kinds: tuple[RecipientKind, ...],
    dsn: DsnRequest | None,
    *,
    require_tls: bool,
) -> Envelope:
    """Give an envelope whose paths are known to be usable; there is at least one recipient, and one kind for each."""
    envelope = _OpenEnvelope()
    envelope.reverse_path = reverse_path
    envelope.forward_paths = forward_paths
    envelope.kinds = kinds
    envelope.dsn = dsn
    envelope.require_tls = require_tls
    envelope.__class__ = Envelope  # type: ignore[assignment]
    return envelope  # type: ignore[return-value]


def finished_message(
    message_id: str, segments: tuple[Segment, ...], size: int, body: BodyKind, *, smtputf8: bool
) -> Message:
    """Give a message."""
    message = _OpenMessage()
    message.message_id = message_id
    message.segments = segments
    message.size = size
    message.body = body
    message.smtputf8 = smtputf8
    message.__class__ = Message  # type: ignore[assignment]
    return message  # type: ignore[return-value]
