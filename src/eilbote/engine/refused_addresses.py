"""Enters addresses that a server has refused as unknown, for good, while it was talked to (RFC 3463 section 3.2).

Only codes that say something about the recipient's address count. What concerns the sender, the content or the server's own rules says
nothing about whether somebody is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.errors import EilboteError
from eilbote.model.status import RecipientStatus, reply_words
from eilbote.record.suppression import SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.engine.suppression_desk import SuppressionDesk
    from eilbote.outbox.settlement import Settlement
    from eilbote.outbox.store import OutboxStore

BAD_ADDRESS: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10"})
"""No such mailbox, no such system, no address, ambiguous, moved away, and a domain that takes no mail (RFC 7505)."""


async def enter_refused(
    settlements: Sequence[Settlement], written: Sequence[bool], desk: SuppressionDesk, store: OutboxStore
) -> int:
    """Enter those whom a server does not know; gives their number. What cannot be entered is left out: the mail has failed all the same."""
    entered = 0
    for settlement, is_written in zip(settlements, written, strict=True):
        if not is_written or settlement.attempt is None:
            continue
        refused = [
            outcome
            for outcome in settlement.attempt.outcomes
            if outcome.status is RecipientStatus.FAILED and outcome.enhanced_status_code in BAD_ADDRESS
        ]
        if not refused:
            continue
        try:
            entry = (await store.history(settlement.id)).entry
            for outcome in refused:
                await desk.add(
                    entry.organization,
                    entry.recipients[outcome.number].address,
                    SuppressionReason.REFUSED,
                    detail=reply_words(outcome.reply_code, outcome.enhanced_status_code, outcome.text),
                    entry=settlement.id,
                )
                entered += 1
        except EilboteError:
            continue
    return entered
