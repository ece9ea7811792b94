"""Makes the two frozen nouns that every delivered message needs, without the price of frozen construction.

A frozen dataclass sets each field by ``object.__setattr__``; for the fourteen fields of a receipt that takes
4.7 µs, a seventh of the whole time a small message may cost. So an object is filled while it is of a class with
the same slots that is not frozen, and becomes the frozen class when it is complete: 0.6 µs, and nobody sees it
before. A test holds both classes against each other, field by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.deliver.delivery import Delivery
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.redactor import MAX_TEXT
from eilbote.model.status import RecipientKind, RecipientStatus
from eilbote.smtp.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.errors import EilboteError
    from eilbote.model.envelope import Envelope
    from eilbote.model.redactor import Redactor
    from eilbote.model.status import EnhancedStatusCode
    from eilbote.smtp.events import Event
    from eilbote.smtp.replies import Reply

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


def _accepted(
    path: str, kind: RecipientKind, enhanced: EnhancedStatusCode | None, text: str
) -> RecipientResult:
    result = _OpenResult()
    result.address = path
    result.status = _ACCEPTED
    result.reply_code = _OK
    result.enhanced_status_code = enhanced
    result.text = text
    result.kind = kind
    result.__class__ = RecipientResult  # type: ignore[assignment]
    return result  # type: ignore[return-value]  # it is one now


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
    receipt = _OpenReceipt()
    receipt.message_id = message.message_id
    receipt.envelope = envelope
    if len(paths) == 1:
        receipt.results = (_accepted(paths[0], kinds[0] if kinds else _UNNAMED, enhanced, text),)
    else:
        receipt.results = tuple(
            _accepted(path, kinds[at] if kinds else _UNNAMED, enhanced, text) for at, path in enumerate(paths)
        )
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


def settle_accepted(  # noqa: PLR0917 - as above
    events: Sequence[Event],
    now: float,
    redactor: Redactor,
    server: str,
    tls_version: str,
    extensions: tuple[str, ...],
) -> list[Delivery]:
    """Write the receipts of the first deliveries of a wake-up, as far as one reply with the code 250 accepted everybody.

    Their words are looked at together: nearly all of them may be stored as they are.

    Args:
        events: What was heard.
        now: When.
        redactor: Knows the secrets that no text may show.
        server: As in the receipt.
        tls_version: As in the receipt.
        extensions: As in the receipt.
    """
    deliveries: list[Delivery] = []
    verdicts: list[Reply] = []
    texts: list[str] = []
    for event in events:
        if type(event) is not Transaction or not event.is_accepted_by_all:
            break
        delivery, verdict = event.tag, event.verdict
        if type(delivery) is not Delivery or verdict is None or verdict.code != _OK:
            break
        lines = verdict.lines
        texts.append(lines[0] if len(lines) == 1 else verdict.text)
        deliveries.append(delivery)
        verdicts.append(verdict)
    if not _are_presentable(texts, redactor):
        texts = [redactor.presentable(text) for text in texts]
    for at, delivery in enumerate(deliveries):
        transaction: Transaction = events[at]  # type: ignore[assignment]  # as was seen above
        released_at = transaction.released_at
        delivery.error = None
        delivery.receipt = accepted_receipt(
            delivery,
            verdicts[at].enhanced,
            texts[at],
            released_at - transaction.begun_at,
            now - released_at,
            server,
            tls_version,
            extensions,
        )
    return deliveries


def _are_presentable(texts: list[str], redactor: Redactor) -> bool:
    """Say whether all of them may be stored as they are; it is asked of all at once, so no may mean yes."""
    # The blank between them is part of no word: what a text begins or ends with is found as it would be alone.
    joined = " ".join(texts)
    return (
        joined.isprintable()
        and max(map(len, texts), default=0) <= MAX_TEXT
        and redactor.clean(joined) == joined
    )
