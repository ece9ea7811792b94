"""Who stands on the suppression list is left out of a claim before anything is sent.

A message for several people is accepted although some of them get nothing. Those are settled as failed, with the reason, and the entry
goes back to its place for the others; the next claim holds only them. So an address that is entered while its mail waits counts as well.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from eilbote.engine.patience import Patience
from eilbote.engine.suppression_desk import why
from eilbote.errors import OutboxError
from eilbote.model.attempt import EventKind
from eilbote.outbox.untried import leave_out
from eilbote.record.notice import NoticeKind
from eilbote.record.suppression import SuppressionReason

if TYPE_CHECKING:
    from eilbote.engine.shift import Shift
    from eilbote.engine.suppression_desk import SuppressionDesk
    from eilbote.outbox.entry import Claim
    from eilbote.outbox.settlement import Settlement

_ALONE: Final = 1


async def without_suppressed(claims: list[Claim], shift: Shift) -> list[Claim]:
    """Give the claims of which nobody has to be left out; the others are settled.

    Nothing is sent while nobody can tell who is on the list.
    """
    desk = shift.rules.suppressions
    if desk is None:
        return claims
    patience = Patience()
    left: deque[Claim] = deque(claims)
    kept: list[Claim] = []
    while left:
        try:
            if not await desk.any():
                break
            while left:
                settlement = await _left_out(left[0], desk, shift)
                if settlement is None:
                    kept.append(left[0])
                elif (await shift.store.settle([settlement]))[0]:
                    shift.report.happened(list(settlement.events))
                left.popleft()
        except OutboxError as error:
            if shift.lease.is_over():
                break  # nobody begins them any more
            if not patience.is_tried:
                shift.notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error))
            await shift.sleep(patience.pause())
    return [*kept, *left]


async def _left_out(claim: Claim, desk: SuppressionDesk, shift: Shift) -> Settlement | None:
    found = await desk.check(claim.lane.organization, [pending.address for pending in claim.pending])
    # who stands there because of this very message, and is claimed again, is tried again because somebody wants it
    found = {address: each for address, each in found.items() if each.entry != claim.id}
    if found and len(claim.pending) == _ALONE:
        # whoever wants no more mail was asked when it was accepted; what went through then is about their account
        found = {
            address: each
            for address, each in found.items()
            if each.reason is not SuppressionReason.UNSUBSCRIBED
        }
    if not found:
        return None
    numbers = tuple(pending.number for pending in claim.pending if pending.address in found)
    text = "; ".join(f"{address} is left out: {why(each)}" for address, each in found.items())
    return leave_out(claim, numbers, now=shift.now(), kind=EventKind.FAILED, reason=text)
