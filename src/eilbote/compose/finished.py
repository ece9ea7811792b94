"""Makes the frozen nouns that leave this stage, for every message, at a third of what their ``__init__`` costs.

A frozen class pays for every field with a detour. Where the parts are known to be right, because they come from
parsed addresses and from this package, the slots are filled directly. Nothing else differs, and a test compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.model.envelope import Envelope
from eilbote.model.message import Message

if TYPE_CHECKING:
    from eilbote.model.envelope import DsnRequest
    from eilbote.model.message import BodyKind, Segment
    from eilbote.model.status import RecipientKind

_new = object.__new__
_put_reverse_path, _put_forward_paths, _put_kinds, _put_dsn, _put_require_tls = (
    Envelope.__dict__[name].__set__
    for name in ("reverse_path", "forward_paths", "kinds", "dsn", "require_tls")
)
_put_message_id, _put_segments, _put_size, _put_body, _put_smtputf8 = (
    Message.__dict__[name].__set__ for name in ("message_id", "segments", "size", "body", "smtputf8")
)


def finished_envelope(
    reverse_path: str,
    forward_paths: tuple[str, ...],
    kinds: tuple[RecipientKind, ...],
    dsn: DsnRequest | None,
    *,
    require_tls: bool,
) -> Envelope:
    """Give an envelope whose paths come from parsed addresses; there is at least one recipient."""
    envelope = _new(Envelope)
    _put_reverse_path(envelope, reverse_path)
    _put_forward_paths(envelope, forward_paths)
    _put_kinds(envelope, kinds)
    _put_dsn(envelope, dsn)
    _put_require_tls(envelope, require_tls)
    return envelope


def finished_message(
    message_id: str, segments: tuple[Segment, ...], size: int, body: BodyKind, *, smtputf8: bool
) -> Message:
    """Give a message."""
    message = _new(Message)
    _put_message_id(message, message_id)
    _put_segments(message, segments)
    _put_size(message, size)
    _put_body(message, body)
    _put_smtputf8(message, smtputf8)
    return message
