"""A run of a flow as people and programs see it: where it is, each step it took, and what it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import read_run, why_failed
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.store import Awaits
from eilbote.engine.flow_fault import told
from eilbote.engine.run_flow import CANCELLED, flow_of
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.run import Run
    from eilbote.author.flow.store import KeptRun
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

_NOTHING: Final[Mapping[str, Data]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """A node that a run has been to.

    Attributes:
        node: Its id.
        label: What people call it.
        kind: What kind of node it is.
        at: When the run left it.
        seconds: How long the run was there, its waiting included.
        by: Through which exit it left; empty where the run ended or failed.
        error: Why it failed there; empty when it did not.
    """

    node: str
    label: str
    kind: str
    at: Moment
    seconds: float
    by: str = ""
    error: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRun:
    """A run.

    Attributes:
        id: Its own.
        organization: On whose behalf.
        flow: The name of the flow.
        version: Its version; 0 for one that was not published.
        session: Its conversation; runs of one conversation share their context.
        author: Who began it.
        status: ``running``, ``waiting``, ``done``, ``failed`` or ``cancelled``.
        awaits: What it waits for.
        due: When it is looked at next; ``None`` when it has ended, or only an answer can wake it.
        entry: The message it waits for.
        node: Where it is; empty when it has ended.
        input: What it was given, and what it has put beside it.
        context: What its conversation keeps.
        steps: The nodes it has been to, the latest thousand, the oldest first.
        error: Why it failed: ``code``, ``message``, ``node``, ``field``, ``cause``, ``remedy``; empty when it did not.
        mails: How many messages it has asked for.
        failed_nodes: In how many nodes something went wrong, whether or not it went on.
        began: When it was begun.
        changed: When it was last kept.
    """

    id: str
    organization: str
    flow: str
    version: int
    session: str
    author: str
    status: str
    awaits: Awaits = Awaits.NOTHING
    due: Moment | None = None
    entry: EntryId | None = None
    node: str = ""
    input: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    context: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    steps: tuple[FlowStep, ...] = ()
    error: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    mails: int = 0
    failed_nodes: int = 0
    began: Moment
    changed: Moment

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.status in {"done", "failed", CANCELLED}

    @property
    def seconds(self) -> float | None:
        """How long it took, its waiting included; ``None`` when it has not ended."""
        return max(0, self.changed - self.began) / 1000 if self.has_ended else None

    @property
    def failed_at(self) -> str:
        """The node at which it failed; empty when it did not, or failed at none."""
        node = self.error.get("node")
        return node if isinstance(node, str) else ""


def in_short(kept: KeptRun) -> FlowRun:
    """Show a run of a list, without what it knows, but with why it failed."""
    return FlowRun(
        id=kept.id,
        organization=kept.organization,
        flow=kept.flow,
        version=kept.version,
        session=kept.session,
        author=kept.author,
        status=_status(kept),
        awaits=kept.awaits,
        due=kept.due,
        entry=kept.entry,
        error=why_failed(kept.state),
        failed_nodes=kept.failed_nodes,
        began=kept.began,
        changed=kept.changed,
    )


def in_full(kept: KeptRun) -> FlowRun:
    """Show a run with everything; one whose state is damaged is shown as far as it can be."""
    try:
        flow = flow_of(kept.text)
        run = read_run(flow, kept.state, context=kept.context)
    except EilboteError as fault:
        return _shown(kept, _NOTHING, why_failed(kept.state) or told(fault))
    return _shown(
        kept,
        run.shelves[Shelf.INPUT],
        why_failed(kept.state),
        node=run.at or "",
        mails=run.mails,
        steps=_steps(flow, run, kept.began),
    )


def _shown(
    kept: KeptRun,
    given: Mapping[str, Data],
    error: Mapping[str, Data],
    *,
    node: str = "",
    mails: int = 0,
    steps: tuple[FlowStep, ...] = (),
) -> FlowRun:
    return replace(
        in_short(kept),
        node=node,
        input=given,
        context=kept.context,
        steps=steps,
        error=error,
        mails=mails,
    )


def _status(kept: KeptRun) -> str:
    if kept.status is RunStatus.RUNNING:
        return "running" if kept.awaits is Awaits.NOTHING else "waiting"
    if kept.cancelled and kept.status is RunStatus.FAILED:
        return CANCELLED
    return kept.status.value


def _steps(flow: Flow, run: Run, began: Moment) -> tuple[FlowStep, ...]:
    steps: list[FlowStep] = []
    before = began
    for visit in run.trail:
        node = flow.nodes.get(visit.node)
        steps.append(
            FlowStep(
                node=visit.node,
                label=node.label if node else visit.node,
                kind=node.kind if node else "",
                at=visit.at,
                seconds=max(0, visit.at - before) / 1000,
                by=visit.by,
                error=visit.error,
            )
        )
        before = visit.at
    return tuple(steps)
