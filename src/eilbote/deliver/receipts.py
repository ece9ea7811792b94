"""Makes the two frozen nouns that every delivered message needs, without the price of frozen construction.

A frozen dataclass sets each field by ``object.__setattr__``; for the fourteen fields of a receipt that takes
4.7 µs, a seventh of the whole time a small message may cost. So an object is filled while it is of a class with
the same slots that is not frozen, and becomes the frozen class when it is complete: 0.6 µs, and nobody sees it
before. A test holds both classes against each other, field by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientKind, RecipientStatus

if TYPE_CHECKING:
    from eilbote.deliver.delivery import Delivery
    from eilbote.errors import EilboteError
    from eilbote.model.envelope import Envelope
    from eilbote.model.status import EnhancedStatusCode

_OK: Final = 250
_ACCEPTED: Final = RecipientStatus.ACCEPTED
_UNNAMED: Final = RecipientKind.ENVELOPE


class _OpenResult:
    __slots__ = tuple(RecipientResult.__slots__)

    address: str
    status: RecipientStatus
    reply_code: int
    enhanced_status_code: EnhancedStatusCode | None
    text: str
    kind: RecipientKind


class _OpenReceipt:
    __slots__ = tuple(Receipt.__slots__)

    message_id: str
    envelope: Envelope
    results: tuple[RecipientResult, ...]
    reply: str
    size: int
    envelope_seconds: float
    content_seconds: float
    server: str
    tls_version: str
    extensions: tuple[str, ...]
    attempts: int
    error: EilboteError | None
    index: int
    transcript: str


def accepted_receipt(  # noqa: PLR0917 - keywords cost a quarter more
    delivery: Delivery,
    enhanced: EnhancedStatusCode | None,
    text: str,
    envelope_seconds: float,
    content_seconds: float,
    server: str,
    tls_version: str,
    extensions: tuple[str, ...],
) -> Receipt:
    """Make the receipt of a delivery whose recipients were all accepted by one reply with the code 250.

    Args:
        delivery: Which one.
        enhanced: The reply's enhanced status code.
        text: The reply's text, as it may be stored.
        envelope_seconds: As in the receipt.
        content_seconds: As in the receipt.
        server: As in the receipt.
        tls_version: As in the receipt.
        extensions: As in the receipt.
    """
    envelope, message = delivery.envelope, delivery.message
    paths, kinds = envelope.forward_paths, envelope.kinds
    results: list[RecipientResult] = []
    for at, path in enumerate(paths):
        result = _OpenResult()
        result.address = path
        result.status = _ACCEPTED
        result.reply_code = _OK
        result.enhanced_status_code = enhanced
        result.text = text
        result.kind = kinds[at] if kinds else _UNNAMED
        result.__class__ = RecipientResult  # type: ignore[assignment]
        results.append(result)  # type: ignore[arg-type]  # it is one now
    receipt = _OpenReceipt()
    receipt.message_id = message.message_id
    receipt.envelope = envelope
    receipt.results = tuple(results)
    receipt.reply = f"250 {text}"
    receipt.size = message.size
    receipt.envelope_seconds = envelope_seconds
    receipt.content_seconds = content_seconds
    receipt.server = server
    receipt.tls_version = tls_version
    receipt.extensions = extensions
    receipt.attempts = delivery.attempts + 1
    receipt.error = None
    receipt.index = delivery.index
    receipt.transcript = ""
    receipt.__class__ = Receipt  # type: ignore[assignment]
    return receipt  # type: ignore[return-value]  # it is one now
