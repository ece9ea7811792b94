"""What flows ask for, handed to whoever performs it: one performer for each kind of effect.

A performer is asked again and again about the same visit until it is done: after a wait, after a crash, by another worker.
So what it does, it does once under the visit's name (:attr:`~eilbote.author.flow.run.Run.key`), and where that cannot be had, it
says what is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, assert_never

from eilbote.author.flow.effect import AskPeople, HttpRequest, RaiseNotification, SendEmail, WaitUntil
from eilbote.author.flow.step import Outcome
from eilbote.author.flow.store import Awaits
from eilbote.engine.flow_fault import told, told_as
from eilbote.errors import AlreadySubmittedError, EilboteError, OutboxError, UnreadableEntryError
from eilbote.model.moment import later

if TYPE_CHECKING:
    from eilbote.author.flow.effect import Effect
    from eilbote.author.flow.run import Run
    from eilbote.author.flow.store import KeptRun, LateResult
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

_RECHECK_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A run that has asked for something.

    Attributes:
        kept: The run as it is kept: whose it is, and the message that it waits for.
        run: The same as the interpreter has it.
        again: Whether somebody may have begun with this before.
        now: The time as it is shown.
        certain: The time that is certain, by which waits are over; it lags behind a clock that has just been set forward.
    """

    kept: KeptRun
    run: Run
    again: bool
    now: Moment
    certain: Moment

    @property
    def since(self) -> Moment:
        """When the run has asked."""
        return self.now if self.run.since is None else self.run.since

    @property
    def author(self) -> str:
        """Who asks, for those who look at an outbox entry later."""
        return f"flow:{self.kept.flow}#{self.kept.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It is done, or it is certain that it cannot be.

    Attributes:
        outcome: What came of it.
        late: Messages whose results are wanted later.
    """

    outcome: Outcome
    late: tuple[LateResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """The run waits; it is asked for again when it is woken, or due.

    Attributes:
        awaits: For what.
        due: When it is to be looked at again at the latest; ``None`` when only an answer can wake it.
        entry: The message it waits for.
    """

    awaits: Awaits
    due: Moment | None
    entry: EntryId | None = None


Performed: TypeAlias = Done | Parked

E_contra = TypeVar("E_contra", contravariant=True)


class Performer(Protocol[E_contra]):
    """Performs one kind of effect."""

    async def perform(self, asked: Asked, effect: E_contra, /) -> Performed:
        """Do it, or look how far it is.

        Raises:
            EilboteError: It cannot be done; that becomes its outcome.
            OutboxError: What is kept cannot be reached; it is tried again later.
        """
        ...


class Effects:
    """Everything that flows can ask for.

    Args:
        mail: Sends messages.
        web: Asks web servers.
        people: Asks people.
        notifications: Tells subscribers.
    """

    def __init__(
        self,
        *,
        mail: Performer[SendEmail],
        web: Performer[HttpRequest] | None = None,
        people: Performer[AskPeople] | None = None,
        notifications: Performer[RaiseNotification] | None = None,
    ) -> None:
        self._mail = mail
        self._web: Performer[HttpRequest] = web or Unable("a web request")
        self._people: Performer[AskPeople] = people or Unable("a question to people")
        self._notifications: Performer[RaiseNotification] = notifications or Unable("a notification")

    async def perform(self, asked: Asked, effect: Effect) -> Performed:
        """Do what a run has asked for, or look how far it is.

        Raises:
            OutboxError: What is kept cannot be reached.
        """
        try:
            return await self._perform(asked, effect)
        except (UnreadableEntryError, AlreadySubmittedError) as fault:  # waiting makes neither of them better
            return Done(outcome=Outcome(error=told(fault, node=asked.run.at or "")))
        except OutboxError:
            raise
        except EilboteError as fault:
            return Done(outcome=Outcome(error=told(fault, node=asked.run.at or "")))

    async def _perform(self, asked: Asked, effect: Effect) -> Performed:
        match effect:
            case SendEmail():
                return await self._mail.perform(asked, effect)
            case WaitUntil():
                return _waited(asked, effect)
            case HttpRequest():
                return await self._web.perform(asked, effect)
            case AskPeople():
                return await self._people.perform(asked, effect)
            case RaiseNotification():
                return await self._notifications.perform(asked, effect)
            case _:
                assert_never(effect)


class Unable:
    """Performs nothing, and says so: this program was put together without somebody who can.

    Args:
        what: What it is asked for.
    """

    def __init__(self, what: str) -> None:
        self._what = what

    async def perform(self, asked: Asked, _effect: object, /) -> Performed:
        """Fail."""
        error = told_as(
            "flow",
            f"{self._what} cannot be had here",
            node=asked.run.at or "",
            remedy="Run the flow with `eilbote courier` or in a program that was given what the node needs",
        )
        return Done(outcome=Outcome(error=error))


def with_node(outcome: Outcome, node: str) -> Outcome:
    """Give an outcome whose error names the node at which it happened."""
    if outcome.error is None or outcome.error.get("node"):
        return outcome
    return replace(outcome, error={**outcome.error, "node": node})


def _waited(asked: Asked, effect: WaitUntil) -> Performed:
    """Look whether a wait is over, by the time that is certain: a clock that is wrong for a moment ends no wait of days."""
    left = effect.due - asked.certain
    if left <= 0:
        return Done(outcome=Outcome())
    ahead = asked.now - asked.certain
    due = later(asked.now, min(left / 1000, _RECHECK_SECONDS)) if ahead else effect.due
    return Parked(awaits=Awaits.TIME, due=due)
