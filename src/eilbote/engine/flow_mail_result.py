"""What became of a message of a flow, told as its run keeps it: made from the outbox's own history of the entry.

The keys are those of :mod:`eilbote.model.receipt_dict`, so that a flow reads the same whether a message was sent at once or through
the outbox. Beside them stand ``id``, the entry, and for a message that is only accepted ``queued``. The outbox keeps how long an
attempt took as a whole: it stands in ``messageTime``, and ``envelopeTime`` is 0.

Recipients of blind copies are left out unless they are asked for, as they are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.flow.step import Outcome
from eilbote.engine.flow_fault import told_as
from eilbote.model.ids import entry_id_text
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus, reply_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Attempt
    from eilbote.model.data import Data
    from eilbote.outbox.entry import Entry, EntryRecipient, History

_SETTLED: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})
_REFUSED: Final = frozenset({RecipientStatus.DEFERRED, RecipientStatus.FAILED})
_CANCELLED: Final = "cancelled"
_DEFERRED: Final = "deferred"


def is_settled(entry: Entry) -> bool:
    """Tell whether nothing more will happen to an entry by itself."""
    return entry.state in _SETTLED


def settled(history: History, *, reverse_path: str = "", shows_bcc: bool = False) -> Outcome:
    """Give the outcome of a message of which every recipient is decided.

    It is an error when nobody was accepted; the result then says the same, recipient by recipient.

    Args:
        history: Of its entry.
        reverse_path: Where failures return, from its envelope.
        shows_bcc: Whether the result may name recipients of blind copies.
    """
    entry = history.entry
    status = _summary(entry)
    result = _result(history, status, reverse_path, shows_bcc=shows_bcc)
    if status == RecipientStatus.FAILED:
        return Outcome(result=result, error=_refused(history, shows_bcc=shows_bcc))
    if status == _CANCELLED:
        return Outcome(
            result=result,
            error=told_as(
                _CANCELLED,
                "the message was called back before it was sent",
                cause=entry.reason or None,
                remedy=f"Somebody has cancelled the entry {entry_id_text(entry.id)}; begin the run anew to send it",
            ),
        )
    return Outcome(result=result)


def deferred(
    history: History, *, seconds: float, fails: bool, reverse_path: str = "", shows_bcc: bool = False
) -> Outcome:
    """Give the outcome of a message that is not settled though the run has waited long enough.

    Args:
        history: Of its entry.
        seconds: How long the run has waited.
        fails: Whether that counts as an error.
        reverse_path: Where failures return, from its envelope.
        shows_bcc: Whether the result may name recipients of blind copies.
    """
    entry = history.entry
    result = _result(history, _DEFERRED, reverse_path, shows_bcc=shows_bcc)
    result["queued"] = True
    if not fails:
        return Outcome(result=result)
    return Outcome(
        result=result,
        error=told_as(
            _DEFERRED,
            f"the message was not settled within {seconds:g} seconds",
            cause=_why_it_waits(history),
            remedy="It stays in the outbox and is tried on: see "
            f"`eilbote outbox show {entry_id_text(entry.id)}`. Wait longer, or send it asynchronously",
        ),
    )


def accepted_only(entry: Entry, *, reverse_path: str = "", shows_bcc: bool = False) -> Outcome:
    """Give the outcome of a message that the outbox has taken, for a run that does not wait for more."""
    result = _told(entry, (), "queued", reverse_path, shows_bcc=shows_bcc)
    result["queued"] = True
    return Outcome(result=result)


def forgotten(entry: str) -> Outcome:
    """Give the outcome of a message whose entry is gone: pruned, or taken away by a restored backup."""
    return Outcome(
        error=told_as(
            "entry_not_found",
            f"the entry {entry} of this message is not in the outbox any more",
            cause="Its time of retention was over before the run looked at it, or the outbox was restored",
            remedy="Keep finished entries longer (retention), and look after runs that stand still",
        )
    )


# -- its parts ---------------------------------------------------------------------------------------------------


def _summary(entry: Entry) -> str:
    found = {recipient.status for recipient in entry.recipients}
    if found == {RecipientStatus.ACCEPTED}:
        return RecipientStatus.ACCEPTED
    if RecipientStatus.ACCEPTED in found:
        return "partial"
    if entry.state is EntryState.CANCELLED:
        return _CANCELLED
    return RecipientStatus.IN_DOUBT if RecipientStatus.IN_DOUBT in found else RecipientStatus.FAILED


def _result(history: History, status: str, reverse_path: str, *, shows_bcc: bool) -> dict[str, Data]:
    return _told(history.entry, history.attempts, status, reverse_path, shows_bcc=shows_bcc)


def _told(
    entry: Entry, attempts: Sequence[Attempt], status: str, reverse_path: str, *, shows_bcc: bool
) -> dict[str, Data]:
    shown = _shown(entry, shows_bcc=shows_bcc)
    refused = [each for each in shown if each.status in _REFUSED]
    pending: list[Data] = [each.address for each in shown if each.status is RecipientStatus.IN_DOUBT]
    last = attempts[-1] if attempts else None
    result: dict[str, Data] = {
        "id": entry_id_text(entry.id),
        "status": str(status),
        "accepted": [each.address for each in shown if each.status is RecipientStatus.ACCEPTED],
        "rejected": [each.address for each in refused],
        "envelopeTime": 0,
        "messageTime": round(last.seconds * 1000) if last else 0,
        "messageSize": entry.size,
        "response": last.reply if last else "",
        "envelope": {"from": reverse_path, "to": [each.address for each in shown]},
        "messageId": entry.message_id,
        "recipients": [_recipient(each) for each in shown],
        "attempts": entry.attempts,
        "server": last.server if last else "",
        "index": 0,
    }
    if refused:
        result["rejectedErrors"] = [_rejection(each) for each in refused]
    if pending:
        result["pending"] = pending
    if len(shown) < len(entry.recipients):
        result["undisclosed"] = len(entry.recipients) - len(shown)
    return result


def _shown(entry: Entry, *, shows_bcc: bool) -> list[EntryRecipient]:
    return [each for each in entry.recipients if shows_bcc or each.kind is not RecipientKind.BCC]


def _recipient(recipient: EntryRecipient) -> dict[str, Data]:
    return {
        "address": recipient.address,
        "kind": recipient.kind.value,
        "status": "queued" if recipient.status is None else recipient.status.value,
        "code": recipient.reply_code,
        "enhanced": recipient.enhanced_status_code,
        "text": recipient.text,
    }


def _rejection(recipient: EntryRecipient) -> dict[str, Data]:
    return {
        "code": "EENVELOPE",
        "command": "RCPT TO",
        "response": f"{recipient.reply_code} {recipient.text}".strip()
        if recipient.reply_code
        else recipient.text,
        "responseCode": recipient.reply_code,
        "recipient": recipient.address,
    }


def _refused(history: History, *, shows_bcc: bool) -> dict[str, Data]:
    entry = history.entry
    shown = _shown(entry, shows_bcc=shows_bcc)
    said = (
        reply_words(shown[0].reply_code, shown[0].enhanced_status_code or None, shown[0].text)
        if shown
        else ""
    )
    many = len(entry.recipients)
    return told_as(
        "recipients_refused",
        "the recipient was refused" if many == 1 else f"all {many} recipients were refused",
        field="to",
        cause=said or entry.reason or None,
        remedy=f"Check the addresses; `eilbote outbox show {entry_id_text(entry.id)}` tells the whole dialogue",
    )


def _why_it_waits(history: History) -> str | None:
    if history.entry.reason:
        return history.entry.reason
    if history.attempts:
        return history.attempts[-1].reply or None
    return "Nobody has tried yet: is a courier running?"
