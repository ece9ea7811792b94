"""Messages between processes, and from programs to them: to an instance that waits for one, or to a start event that begins one.

Who gets a message is decided once, and kept before it is given: whoever takes the sender up again after a crash gives it to the same
instance, which takes it in once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.process.instance import DeedDone, InstanceStatus, MessageArrived
from eilbote.author.process.interpret.trigger_text import trigger_data
from eilbote.author.process.kept import KeptTrigger, WaitKind
from eilbote.engine.process.process_deeds import Parked, digest_of, failed, short_name
from eilbote.model.moment import later

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.author.process.instance import SendMessage
    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.process.process_deeds import Asked, Performed
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

PATIENCE_SECONDS: Final = 60.0
"""For so long a message is kept for somebody who does not wait for it yet; then it is an incident."""
_AGAIN_SECONDS: Final = 2.0
_APART: Final = "\n"


class Beginner(Protocol):
    """Begins instances (:class:`~eilbote.engine.process.process_starts.ProcessStarts`)."""

    async def begin_at_message(
        self,
        name: str,
        data: Mapping[str, Data],
        *,
        organization: str,
        instance_id: str,
        correlation: str = "",
        author: str,
    ) -> str | None:
        """Begin an instance at the start event for a message; gives its id, and ``None`` when no process begins with it."""
        ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets a message.

    Attributes:
        instance: The instance.
        wait: The key of what waits in it.
    """

    instance: str
    wait: str


class ProcessMessages:
    """Gives messages to instances.

    Args:
        store: Where instances are.
        starts: Begins instances.
        nudge: Is called when an instance has got one.
    """

    def __init__(
        self, store: ProcessStore, starts: Beginner, *, nudge: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._starts = starts
        self._nudge = nudge

    # -- for instances -----------------------------------------------------------------------------------------

    async def prepare(self, asked: Asked, deed: SendMessage, /) -> str | Performed:
        """Find who waits for it, for as long as there is patience; empty when it begins an instance."""
        if deed.begins:
            return ""
        found = await self.receiver(
            deed.name,
            organization=asked.kept.organization,
            instance=deed.instance,
            correlation=deed.correlation,
        )
        if found is not None:
            return f"{found.instance}{_APART}{found.wait}"
        if asked.now >= later(asked.wanted.since, PATIENCE_SECONDS):
            return _nobody_waits(deed)
        return Parked(due=later(asked.now, _AGAIN_SECONDS))

    async def perform(self, asked: Asked, deed: SendMessage, /) -> Performed:
        """Give it, or begin an instance with it."""
        if deed.begins:
            begun = await self._starts.begin_at_message(
                deed.name,
                deed.data,
                organization=asked.kept.organization,
                instance_id=digest_of("process", asked.name),
                correlation=deed.correlation,
                author=asked.author,
            )
            return _nobody_begins(deed.name) if begun is None else DeedDone(result={"instance": begun})
        instance, _, wait = asked.note.partition(_APART)
        await self.give(
            Receiver(instance, wait),
            deed.name,
            deed.data,
            id=asked.name,
            correlation=deed.correlation,
            now=asked.now,
        )
        return DeedDone(result={"instance": instance})

    # -- for everybody -----------------------------------------------------------------------------------------

    async def receiver(
        self, name: str, *, organization: str, instance: str = "", correlation: str = ""
    ) -> Receiver | None:
        """Give who has waited longest for a message; ``None`` when nobody does.

        Args:
            name: Of the message.
            organization: Whose instances.
            instance: Which of them; any with the correlation key when empty.
            correlation: The key that the message carries.
        """
        if instance:
            kept = await self._store.instance(instance)
            if kept is None or kept.organization != organization or kept.status is not InstanceStatus.RUNNING:
                return None
            waiting = [wait.key for wait in kept.waits if wait.kind is WaitKind.MESSAGE and wait.name == name]
            return Receiver(kept.id, waiting[0]) if waiting else None
        found = await self._store.waiting(
            organization=organization, kind=WaitKind.MESSAGE, name=name, correlation=correlation, limit=1
        )
        return Receiver(found[0].instance, found[0].wait.key) if found else None

    async def give(
        self,
        receiver: Receiver,
        name: str,
        data: Mapping[str, Data],
        *,
        id: str,  # noqa: A002 - the message's own word
        correlation: str,
        now: Moment,
    ) -> bool:
        """Give a message; says whether it is new to whoever gets it, and they still run.

        Raises:
            ProcessError: It is too large to be kept.
        """
        arrived = MessageArrived(name=name, correlation=correlation, data=data, key=receiver.wait)
        trigger = KeptTrigger(id=short_name(f"message/{id}"), data=trigger_data(arrived), at=now)
        is_new = await self._store.post(receiver.instance, trigger)
        self._nudge()
        return is_new


def _nobody_begins(name: str) -> DeedDone:
    return failed(
        "message",
        f"no process begins with the message {name!r}",
        field="message",
        cause="None is published that has a start event for it, in this organization",
        remedy="Publish the process, then try again",
    )


def _nobody_waits(deed: SendMessage) -> DeedDone:
    whom = f"the instance {deed.instance!r}" if deed.instance else f"an instance with {deed.correlation!r}"
    return failed(
        "message",
        f"nobody waits for the message {deed.name!r}",
        field="message",
        cause=f"It was for {whom}, and was kept for {PATIENCE_SECONDS:.0f} seconds",
        remedy="See what instances wait for with `eilbote process show`, then try again or skip it",
    )
