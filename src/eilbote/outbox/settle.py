"""What an attempt makes of an entry: from a receipt to the next state, each recipient for itself.

Rules it keeps:

* What is accepted or has failed is final: a later attempt never names that recipient again.
* What concerns the connection and not the message is no attempt: a wrong password or a server that is down uses up
  nobody's retries. The entry goes back, to its next connection if it has one.
* Another connection is used only while it is certain that nobody got the message: with a doubt the entry stays with
  the server that may have it, and can recognise it by its Message-ID.
* In doubt is decided by ``on_in_doubt``, deferred by ``on_partial`` once somebody was accepted, and both by time. A
  recipient that was in doubt again and again waits for a person, whatever ``on_in_doubt`` says.

Whether a reply or an exception means deferred, failed or in doubt is not decided here, but where the receipt was
written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.errors import (
    AttachmentError,
    ConfigurationError,
    DeliveryError,
    OutboxError,
    OutboxUnavailableError,
    Scope,
)
from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
from eilbote.model.status import RecipientStatus, reply_words
from eilbote.model.submission import PartialPolicy
from eilbote.outbox.accepted import accepted_by_all
from eilbote.outbox.entry import Lane
from eilbote.outbox.lifecycle import Action, Phase, after, state_of
from eilbote.outbox.rescue import reason_to_park
from eilbote.outbox.retry import hint_of, next_attempt
from eilbote.outbox.settlement import Settlement
from eilbote.outbox.untried import (
    REASON_CHARACTERS,
    after_a_breath,
    event_of,
    fail_over,
    put_back,
    set_apart,
    time_is_over,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.connections.retry_policy import RetryPolicy
    from eilbote.errors import EilboteError
    from eilbote.model.ids import CourierId
    from eilbote.model.moment import Moment
    from eilbote.model.receipt import Receipt, RecipientResult
    from eilbote.outbox.entry import Claim
    from eilbote.outbox.retry import Chance

_NOT_EVERYBODY: Final = "not everybody was accepted, and by the entry's policy that is a failure of the whole"
_TRANSCRIPT_CHARACTERS: Final = 8_000
_ACCEPTED, _DEFERRED = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED
_FAILED, _IN_DOUBT = RecipientStatus.FAILED, RecipientStatus.IN_DOUBT
_EVENTS: Final = {
    _ACCEPTED: EventKind.ACCEPTED,
    _DEFERRED: EventKind.DEFERRED,
    _FAILED: EventKind.FAILED,
    _IN_DOUBT: EventKind.IN_DOUBT,
}


def settle(
    claim: Claim,
    receipt: Receipt,
    *,
    policy: RetryPolicy,
    now: Moment,
    started: Moment,
    courier: CourierId,
    random: Chance,
    closed: frozenset[str] = frozenset(),
) -> Settlement:
    """Decide what becomes of a claimed entry after its delivery.

    Args:
        claim: What was claimed.
        receipt: What became of it, one result for each pending recipient in the claim's order.
        policy: When its connection tries again.
        now: When the result came.
        started: When the attempt began.
        courier: Who made it.
        random: Spreads the retries.
        closed: Names of connections that take no mail for now.
    """
    if receipt.error is not None:
        untried = _untried(claim, receipt, receipt.error, now=now, random=random, closed=closed)
        if untried is not None:
            return untried
    elif receipt.ok and len(receipt.results) == len(claim.pending):
        return accepted_by_all(claim, receipt, now=now, started=started, courier=courier)
    outcomes = tuple(
        _outcome(pending.number, result, receipt)
        for pending, result in zip(claim.pending, receipt.results, strict=True)
    )
    attempt = _attempt(claim, receipt, outcomes, now=now, started=started, courier=courier)
    return _Decision(claim, attempt, now=now).made(policy, random=random, closed=closed)


# -- nothing was tried -----------------------------------------------------------------------------------


def _untried(
    claim: Claim,
    receipt: Receipt,
    error: EilboteError,
    *,
    now: Moment,
    random: Chance,
    closed: frozenset[str],
) -> Settlement | None:
    """Give the entry back when the server was not asked about it; ``None`` when it was."""
    if any(result.status in {_ACCEPTED, _IN_DOUBT} for result in receipt.results):
        return None
    if isinstance(error, OutboxUnavailableError):
        return put_back(claim, now=now, reason=str(error), due=after_a_breath(claim, now, random))
    if isinstance(error, (OutboxError, AttachmentError)):  # our own store could not give the content
        return set_apart(claim, now=now, reason=str(error))
    if any(result.status is _FAILED for result in receipt.results):
        return None
    if isinstance(error, DeliveryError) and error.field == "not_after":
        return put_back(claim, now=now)
    of_the_site = isinstance(error, ConfigurationError) or (
        isinstance(error, DeliveryError) and error.scope is Scope.SITE
    )
    if of_the_site or receipt.attempts == 0:
        return fail_over(claim, now=now, reason=str(error), random=random, closed=closed)
    return None


# -- an attempt was made -----------------------------------------------------------------------------------


def _outcome(number: int, result: RecipientResult, receipt: Receipt) -> Outcome:
    enhanced = result.enhanced_status_code
    text = result.text
    if not text and receipt.error is not None:
        text = receipt.error.what
    return Outcome(
        number=number,
        status=result.status,
        reply_code=result.reply_code,
        enhanced_status_code="" if enhanced is None else str(enhanced),
        text=text,
    )


def _attempt(
    claim: Claim,
    receipt: Receipt,
    outcomes: tuple[Outcome, ...],
    *,
    now: Moment,
    started: Moment,
    courier: CourierId,
) -> Attempt:
    error = receipt.error
    stage, transcript = "", receipt.transcript
    if isinstance(error, DeliveryError):
        stage = error.stage or ""
        transcript = transcript or "\n".join(error.transcript)[-_TRANSCRIPT_CHARACTERS:]
    if not stage:
        stage = "content" if receipt.reply else "rcpt"
    return Attempt(
        number=claim.attempts + 1,
        started=started,
        seconds=max(0, now - started) / 1000,
        courier=courier,
        connection=claim.lane.connection,
        server=receipt.server,
        tls_version=receipt.tls_version,
        stage=stage,
        reply=receipt.reply or ("" if error is None else str(error)),
        outcomes=outcomes,
        transcript=transcript,
    )


class _Decision:
    """Sorts the outcomes of an attempt and applies the entry's policies to those that are open."""

    __slots__ = ("_attempt", "_by_status", "_claim", "_events", "_now")

    def __init__(self, claim: Claim, attempt: Attempt, *, now: Moment) -> None:
        self._claim = claim
        self._attempt = attempt
        self._now = now
        self._events: list[Event] = []
        self._by_status: dict[RecipientStatus, list[Outcome]] = {}
        for outcome in attempt.outcomes:
            self._by_status.setdefault(outcome.status, []).append(outcome)

    def made(self, policy: RetryPolicy, *, random: Chance, closed: frozenset[str]) -> Settlement:
        """Give the decision."""
        by_status = self._by_status
        for status in (_ACCEPTED, _FAILED, _IN_DOUBT):
            self._tell(status)
        if _DEFERRED not in by_status and _IN_DOUBT not in by_status:
            return self._finished()
        given_up = self._given_up_by_policy()
        doubtful = by_status.get(_IN_DOUBT, [])
        parked = self._reason_to_park(doubtful)
        if parked is not None:
            if not given_up:
                self._tell(_DEFERRED)
            self._add(EventKind.HELD, parked)
            return self._settlement(Action.PARK, given_up=given_up, reason=parked)
        waiting = [*doubtful, *([] if given_up else by_status.get(_DEFERRED, []))]
        if not waiting:
            return self._finished(given_up)
        due = next_attempt(
            policy,
            attempts=self._attempt.number - self._claim.attempts_before,
            now=self._now,
            expires=self._claim.expires,
            hint_seconds=max(filter(None, map(hint_of, waiting)), default=None),
            random=random,
        )
        if due is None:
            numbers = tuple(sorted(outcome.number for outcome in waiting))
            self._add(EventKind.GAVE_UP, time_is_over(self._claim.expires), numbers)
            return self._finished(tuple(sorted({*given_up, *numbers})))
        if not given_up:
            self._tell(_DEFERRED)
        return self._settlement(
            Action.DEFER,
            given_up=given_up,
            due=due,
            reason=_shown(waiting[0]),
            lane=self._lane(closed, certain=not doubtful),
        )

    def _reason_to_park(self, doubtful: list[Outcome]) -> str | None:
        if not doubtful:
            return None
        earlier = {pending.number: pending.doubts for pending in self._claim.pending}
        doubts = max(earlier[outcome.number] for outcome in doubtful) + 1
        return reason_to_park(self._claim.on_in_doubt, doubts=doubts)

    @property
    def _somebody_accepted(self) -> bool:
        return self._claim.others_accepted or _ACCEPTED in self._by_status

    def _given_up_by_policy(self) -> tuple[int, ...]:
        """Apply ``on_partial``: the numbers of the deferred recipients that are not tried again."""
        deferred = self._by_status.get(_DEFERRED)
        policy = self._claim.on_partial
        if not deferred or policy is PartialPolicy.RETRY_REST:
            return ()
        if not self._somebody_accepted:
            return ()
        numbers = tuple(outcome.number for outcome in deferred)
        self._add(
            EventKind.GAVE_UP,
            "others were accepted, and by the entry's policy the rest is not tried again",
            numbers,
        )
        return numbers

    def _finished(self, given_up: tuple[int, ...] = ()) -> Settlement:
        """Finish the entry; say so when its policy makes a failure of a part a failure of the whole."""
        reason = ""
        fell_short = bool(given_up) or _FAILED in self._by_status
        if fell_short and self._somebody_accepted and self._claim.on_partial is PartialPolicy.ERROR:
            reason = _NOT_EVERYBODY
            self._add(EventKind.GAVE_UP, reason)
        return self._settlement(Action.FINISH, given_up=given_up, reason=reason)

    def _lane(self, closed: frozenset[str], *, certain: bool) -> Lane:
        claim = self._claim
        if not certain or any(pending.in_doubt for pending in claim.pending):
            return claim.lane
        name = next((name for name in claim.connections if name not in closed), claim.lane.connection)
        return Lane(claim.lane.organization, name)

    def _settlement(
        self,
        action: Action,
        *,
        given_up: tuple[int, ...] = (),
        due: Moment | None = None,
        reason: str = "",
        lane: Lane | None = None,
    ) -> Settlement:
        claim = self._claim
        return Settlement(
            id=claim.id,
            epoch=claim.epoch,
            state=state_of(after(Phase.TRANSMITTING, action), tried=True),
            due=self._now if due is None else due,
            lane=lane or claim.lane,
            reason=reason,
            attempt=self._attempt,
            given_up=given_up,
            events=tuple(self._events),
        )

    def _tell(self, status: RecipientStatus) -> None:
        outcomes = self._by_status.get(status)
        if outcomes:
            self._add(_EVENTS[status], _shown(outcomes[0]), tuple(outcome.number for outcome in outcomes))

    def _add(self, kind: EventKind, text: str, recipients: Iterable[int] = ()) -> None:
        self._events.append(event_of(self._claim, kind, self._now, text, tuple(recipients)))


# -- words -------------------------------------------------------------------------------------------------


def _shown(outcome: Outcome) -> str:
    """Give what the server said, or why it said nothing, in one line."""
    words = reply_words(outcome.reply_code, outcome.enhanced_status_code, outcome.text)
    return words[:REASON_CHARACTERS]
