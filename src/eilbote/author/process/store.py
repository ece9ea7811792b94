"""Where processes, their instances and communication routes are kept: the port that the engine works against.

Three rules make an instance survive anything. It keeps the text that it began with. Whoever works on it holds a lease, and keeps it
with the revision that was read. And what happens to it, a message or a person's word, is kept beside it until it has been taken in, in
the same transaction that keeps what came of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.process.kept import (
        FoundWait,
        InstanceFilter,
        KeptInstance,
        KeptTrigger,
        ProcessStart,
        ProcessVersion,
        StoredProcess,
        WaitKind,
        WaitPlace,
    )
    from eilbote.author.process.route.route import StoredRoute
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment


class ProcessStore(Protocol):
    """Keeps processes, routes and instances; whatever it has said is durable when it returns.

    Every method raises :class:`~eilbote.errors.OutboxUnavailableError` when the database does not answer.
    """

    # -- processes -----------------------------------------------------------------------------------------------

    async def processes(self, organization: str | None = None) -> Sequence[StoredProcess]:
        """Give all processes of one organization, or of all, in the order of their names."""
        ...

    async def process(self, organization: str, name: str) -> StoredProcess | None:
        """Give one."""
        ...

    async def keep_draft(self, process: StoredProcess, text: str, *, now: Moment) -> StoredProcess:
        """Keep a draft; a process of revision 0 is new.

        Raises:
            ConflictError: Somebody has changed it meanwhile, or there is one of that name already.
        """
        ...

    async def publish(
        self, organization: str, name: str, *, revision: int, starts: Sequence[ProcessStart], now: Moment
    ) -> ProcessVersion:
        """Make the draft of that revision the next version; its starts replace those of the version before.

        Args:
            organization: Whose.
            name: Of which process.
            revision: Of the draft that was checked.
            starts: What begins an instance by itself.
            now: The time.

        Raises:
            ProcessNotFoundError: There is no such process.
            ConflictError: Somebody has changed it meanwhile.
            ProcessError: There is no draft, or a start cannot be kept.
        """
        ...

    async def version(
        self, organization: str, name: str, version: int | None = None
    ) -> ProcessVersion | None:
        """Give a published version, the latest when it is not said which."""
        ...

    async def versions(self, organization: str, name: str) -> Sequence[ProcessVersion]:
        """Give all published versions, the latest first."""
        ...

    async def drop(self, organization: str, name: str) -> bool:
        """Forget a process, its versions and starts; instances go on. Says whether there was one."""
        ...

    async def starts(self, organization: str, message: str) -> Sequence[ProcessStart]:
        """Give the start events that a message begins."""
        ...

    async def due_starts(self, *, now: Moment, limit: int) -> Sequence[ProcessStart]:
        """Give the timer start events that are due."""
        ...

    async def move_start(self, start: ProcessStart, *, due: Moment | None) -> bool:
        """Note that a timer start has fired, and when it does next; says whether nobody else has noted it before."""
        ...

    # -- routes --------------------------------------------------------------------------------------------------

    async def routes(self, organization: str | None = None) -> Sequence[StoredRoute]:
        """Give all routes of one organization, or of all, in the order of their message names."""
        ...

    async def route(self, organization: str, message_name: str) -> StoredRoute | None:
        """Give one."""
        ...

    async def keep_route(self, route: StoredRoute, *, now: Moment) -> StoredRoute:
        """Keep a route; one of revision 0 is new.

        Raises:
            ConflictError: Somebody has changed it meanwhile, or there is one of that name already.
        """
        ...

    async def drop_route(self, organization: str, message_name: str) -> bool:
        """Forget a route; says whether there was one."""
        ...

    # -- instances -----------------------------------------------------------------------------------------------

    async def begin(self, instance: KeptInstance) -> KeptInstance:
        """Keep a new instance; when its id is taken the one that has it is given, and nothing is changed.

        Raises:
            ProcessError: It is too large, or one of its names cannot be kept.
        """
        ...

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None = None
    ) -> Sequence[KeptInstance]:
        """Take instances that are due and that nobody holds: organizations in turn, in each those that have waited longest first.

        Args:
            worker: Who takes them.
            limit: At most so many.
            now: The time.
            until: When the lease ends.
            only: Their ids, when it must be these, due or not; this releases those that were restored from a copy.
        """
        ...

    async def prolong(self, worker: str, instances: Sequence[str], *, until: Moment) -> Sequence[str]:
        """Hold instances longer; gives those that are still held."""
        ...

    async def keep(
        self, instance: KeptInstance, *, taken_in: Sequence[str] = (), holds: bool, now: Moment
    ) -> KeptInstance:
        """Keep how an instance stands and what it waits for, and forget what it has taken in, in one transaction.

        It is due at once, whatever it says itself, when somebody has called it back, when something has happened to it that it has
        not taken in, when it was woken while it was held and is now let go of, and as long as it is held: whoever holds it has not
        done with it, and if they vanish the next one goes on as soon as the lease is over. One that has ended is due no more; it
        waits for nothing, and what had happened to it is forgotten.

        Args:
            instance: With the revision that was read.
            taken_in: Ids of triggers.
            holds: Whether the lease goes on, or ends with this.
            now: The time.

        Raises:
            LeaseLostError: Somebody else has it by now; nothing was kept.
            ProcessError: It is too large, or cannot be kept; nothing was.
        """
        ...

    async def instance(self, instance_id: str) -> KeptInstance | None:
        """Give an instance, with what has happened to it."""
        ...

    async def instances(
        self, which: InstanceFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[KeptInstance]:
        """Give instances, the latest first; texts, states and waits are left empty.

        Args:
            which: Which ones; all when ``None``.
            limit: At most so many.
            after: The id of the last one of the page before.
        """
        ...

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when an instance or a timer start is due next; ``None`` when none will be."""
        ...

    async def post(self, instance_id: str, trigger: KeptTrigger) -> bool:
        """Keep something that happens to an instance, and make it due; says whether it runs and did not have it before.

        Raises:
            ProcessError: It is too large, or cannot be kept.
        """
        ...

    async def waiting(
        self,
        *,
        organization: str | None = None,
        kind: WaitKind,
        name: str | None = None,
        correlation: str | None = None,
        limit: int = 100,
        after: WaitPlace | None = None,
    ) -> Sequence[FoundWait]:
        """Give who waits for something, those that have waited longest first.

        Args:
            organization: Whose; anybody's when ``None``.
            kind: What kind of thing it is.
            name: What it is called.
            correlation: With which key.
            limit: At most so many.
            after: Only those behind this one, which may have been done with meanwhile.
        """
        ...

    async def awaited(self, *, limit: int, after: EntryId | None = None) -> Sequence[EntryId]:
        """Give messages that instances wait for, in their order; without those of instances that are held back."""
        ...

    async def wake(self, entries: Sequence[EntryId], *, now: Moment) -> int:
        """Make those instances due that wait for one of these messages; says how many were not due already.

        One that somebody holds is due again when it is let go of. One that is held back is left alone.
        """
        ...

    async def wake_instances(self, instances: Sequence[str], *, now: Moment) -> int:
        """Make these instances due, as :meth:`wake` does; says how many run and were not due already."""
        ...

    async def cancel(self, instance_id: str, *, now: Moment) -> bool:
        """Call an instance back; it ends before its next step. Says whether it had not ended yet."""
        ...

    async def prune(self, *, ended_before: Moment, limit: int) -> int:
        """Forget instances that ended long ago, and texts that nothing refers to."""
        ...
