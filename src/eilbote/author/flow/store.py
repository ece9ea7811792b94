"""Where flows, their runs and their conversations are kept: the port that the engine works against.

Three rules make a run survive anything. It keeps the text that it began with: a later version of the flow changes nothing
under its feet. Whoever works on it holds a lease, and keeps it with the revision that was read: of two who believe that they
hold it, one is refused. And what it asked for is done under the name of the visit, so that it is done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.author.flow.run import RunStatus
    from eilbote.author.flow.shelf import Target
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

DRAFT = 0
"""The number of the version that is still worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFlow:
    """A flow by its name.

    Attributes:
        organization: Whose; empty for the host's own.
        name: What it is called.
        draft: The text that is worked on; ``None`` when there is none beside the published one.
        published: The number of the latest published version; 0 when there is none.
        changed: When draft or version were last changed.
        revision: Grows with each change; 0 for one that is not kept yet.
    """

    organization: str
    name: str
    draft: str | None
    published: int
    changed: Moment
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowVersion:
    """A published version of a flow; it never changes.

    Attributes:
        organization: Whose.
        name: Of which flow.
        version: Its number, from 1.
        text: What it says.
        published: When.
    """

    organization: str
    name: str
    version: int
    text: str
    published: Moment


class Awaits(StrEnum):
    """What a run is waiting for."""

    NOTHING = ""
    """It can be worked on, or it has ended."""
    TIME = "time"
    MAIL = "mail"
    """A message that is not settled yet."""
    ANSWER = "answer"
    """A person's decision."""
    RELEASE = "release"
    """Somebody's word that it may go on: it was restored from a copy, and may have gone on since that was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A run as it is kept.

    Attributes:
        id: Its own, at most 100 printable ASCII characters.
        organization: On whose behalf.
        flow: The name of the flow.
        version: Its version; :data:`DRAFT` for one that was not published.
        text: The flow that it runs, to its end.
        session: Its conversation; runs of one conversation share their context.
        author: Who began it, such as ``cli``.
        status: How it stands.
        cancelled: Whether it was called back.
        state: The interpreter's own, as :mod:`eilbote.author.flow.run_state` writes it, without the context.
        context: What the conversation keeps, as it was when this was read.
        awaits: What it waits for.
        entry: The message that it waits for.
        due: When it is to be looked at next; ``None`` when it has ended, or only an answer can wake it.
        began: When it was begun.
        changed: When it was last kept.
        revision: Grows each time it is kept; 0 for one that is not kept yet.
        failed_nodes: In how many nodes something went wrong, whether or not it went on; the store reads it off the state.
    """

    id: str
    organization: str
    flow: str
    version: int
    text: str
    session: str
    author: str
    status: RunStatus
    cancelled: bool = False
    state: Mapping[str, Data]
    context: Mapping[str, Data]
    awaits: Awaits = Awaits.NOTHING
    entry: EntryId | None = None
    due: Moment | None
    began: Moment
    changed: Moment
    revision: int = 0
    failed_nodes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LateResult:
    """A message that a run did not wait for, and whose result it wants all the same.

    Attributes:
        entry: The message.
        run: Whose result it is.
        node: The node that asked for it.
        target: Where the result goes.
        shows_bcc: Whether it may name recipients of blind copies.
    """

    entry: EntryId
    run: str
    node: str
    target: Target
    shows_bcc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs; each field that is given narrows the choice.

    Attributes:
        organization: On whose behalf.
        flow: Of which flow.
        session: Of which conversation.
        status: Standing so.
        awaits: Waiting for this.
        since: Begun then or later.
        before: Begun before it.
        has_failures: Whether something went wrong in a node; ``None`` for either.
        holding: With this in id, flow, conversation or author, in any case of letters; of others than ASCII a database may mind it.
    """

    organization: str | None = None
    flow: str | None = None
    session: str | None = None
    status: RunStatus | None = None
    awaits: Awaits | None = None
    since: Moment | None = None
    before: Moment | None = None
    has_failures: bool | None = None
    holding: str = ""


class FlowStore(Protocol):
    """Keeps flows and runs; whatever it has said is durable when it returns.

    Every method raises :class:`~eilbote.errors.OutboxUnavailableError` when the database does not answer.
    """

    # -- flows -------------------------------------------------------------------------------------------------

    async def flows(self, organization: str | None = None) -> Sequence[StoredFlow]:
        """Give all flows of one organization, or of all, in the order of their names."""
        ...

    async def flow(self, organization: str, name: str) -> StoredFlow | None:
        """Give one."""
        ...

    async def keep_draft(self, flow: StoredFlow, text: str, *, now: Moment) -> StoredFlow:
        """Keep a draft; a flow of revision 0 is new.

        Raises:
            ConflictError: Somebody has changed the flow meanwhile, or there is one of that name already.
        """
        ...

    async def publish(self, organization: str, name: str, *, now: Moment) -> FlowVersion:
        """Make the draft the next version.

        Raises:
            FlowError: There is no draft.
        """
        ...

    async def version(self, organization: str, name: str, version: int | None = None) -> FlowVersion | None:
        """Give a published version, the latest when it is not said which."""
        ...

    async def versions(self, organization: str, name: str) -> Sequence[FlowVersion]:
        """Give all published versions, the latest first."""
        ...

    async def drop(self, organization: str, name: str) -> bool:
        """Forget a flow and its versions; runs go on with the text they have. Says whether there was one."""
        ...

    # -- runs --------------------------------------------------------------------------------------------------

    async def begin(self, run: KeptRun) -> KeptRun:
        """Keep a new run; when its id is taken the run that has it is given, and nothing is changed.

        Raises:
            FlowError: The run is too large, or one of its names cannot be kept.
        """
        ...

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None = None
    ) -> Sequence[KeptRun]:
        """Take runs that are due and that nobody holds: organizations in turn, in each those that have waited longest first.

        Args:
            worker: Who takes them.
            limit: At most so many.
            now: The time.
            until: When the lease ends.
            only: Their ids, when it must be these; this releases those that were restored from a copy.
        """
        ...

    async def prolong(self, worker: str, runs: Sequence[str], *, until: Moment) -> Sequence[str]:
        """Hold runs longer; gives those that are still held."""
        ...

    async def keep(
        self,
        run: KeptRun,
        *,
        context: Mapping[str, Data],
        late: Sequence[LateResult] = (),
        holds: bool,
        now: Moment,
    ) -> KeptRun:
        """Keep how a run stands, and what it leaves in its conversation, in one transaction.

        Args:
            run: With the revision that was read.
            context: The values on the uppermost level of the context that were changed; ``None`` as a value stays a value.
            late: Messages whose results are wanted later.
            holds: Whether the lease goes on, or ends with this.
            now: The time.

        Raises:
            LeaseLostError: Somebody else has it by now; nothing was kept.
            FlowError: The run or a value of its context is too large, or cannot be kept; nothing was.
        """
        ...

    async def run(self, run_id: str) -> KeptRun | None:
        """Give a run."""
        ...

    async def runs(
        self, which: RunFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[KeptRun]:
        """Give runs, the latest first; texts, states and contexts are left empty, but for the ``error`` of those that failed.

        That stands in their state, as :func:`~eilbote.author.flow.run_state.why_failed` gives it; it is left out where a state is damaged.

        Args:
            which: Which ones; all when ``None``.
            limit: At most so many.
            after: The id of the last one of the page before.
        """
        ...

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when a run is due next that nobody holds then, its lease being over; ``None`` when none will be."""
        ...

    async def awaited(self, *, limit: int, after: EntryId | None = None) -> Sequence[EntryId]:
        """Give messages that runs wait for, or want late results of, in their order."""
        ...

    async def wake(self, entries: Sequence[EntryId], *, now: Moment) -> int:
        """Make those runs due that wait for one of these messages; says how many."""
        ...

    async def wake_runs(self, runs: Sequence[str], *, now: Moment) -> int:
        """Make those of these runs due that wait for an answer; says how many."""
        ...

    async def late_results(self, entries: Sequence[EntryId]) -> Sequence[LateResult]:
        """Give the late results that wait for these messages."""
        ...

    async def keep_late(self, late: LateResult, result: Mapping[str, Data], *, now: Moment) -> None:
        """Put a late result where it belongs, once, whoever holds the run meanwhile, and forget that it was awaited."""
        ...

    async def cancel(self, run_id: str, *, now: Moment) -> bool:
        """Call a run back; it ends before its next step. Says whether it had not ended yet."""
        ...

    async def prune(self, *, ended_before: Moment, limit: int) -> int:
        """Forget runs that ended long ago, contexts nobody has used since, and texts that nothing refers to."""
        ...

    # -- conversations -----------------------------------------------------------------------------------------

    async def context(self, organization: str, session: str) -> Mapping[str, Data]:
        """Give what a conversation keeps."""
        ...

    async def forget_context(self, organization: str, session: str) -> bool:
        """Forget what a conversation keeps; says whether there was anything."""
        ...
