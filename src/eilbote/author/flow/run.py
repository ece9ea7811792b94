"""Runs a flow, a step at a time, without doing anything: what is to be done comes out, and what came of it goes in.

A run is a value. Whoever performs what it asks keeps it before and after, and after a crash begins again where it was kept:
each visit of a node has a name of its own (:attr:`~eilbote.author.flow.step.Scene.key`), by which a thing is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never, cast

from eilbote.author.flow.effect import AskPeople, SendEmail
from eilbote.author.flow.manner import locale_of, time_zone_of
from eilbote.author.flow.shelf import Shelf, with_puts
from eilbote.author.flow.step import Ask, Halt, Leave, Outcome, Repeat, Scene, told_at
from eilbote.errors import EilboteError, FlowError
from eilbote.template.values import PlainTable, plain_values

if TYPE_CHECKING:
    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.effect import Effect
    from eilbote.author.flow.shelf import Put
    from eilbote.author.flow.step import Move
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

MOST_STEPS: Final = 100_000
"""Nodes that one run may visit: what goes round in circles ends with an error, and not never."""
STEPS_AT_ONCE: Final = 500
"""Nodes that are visited in one go; each takes about a tenth of a millisecond."""
MOST_MAILS: Final = 10_000
"""Messages that one run may ask for."""
_MOST_VISITS: Final = 1000

Shelves: TypeAlias = "Mapping[Shelf, Mapping[str, Data]]"
_NO_VALUES: Mapping[str, Data] = MappingProxyType({})


class RunStatus(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    """There is more to do, or something that it asked for is not done yet."""
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """A loop that a run is inside of.

    Attributes:
        node: Which.
        items: All there are.
        number: Which one's turn it is, from 0.
        name: What the item is called.
    """

    node: str
    items: tuple[Data, ...]
    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A node that a run has been to.

    Attributes:
        node: Which.
        at: When it was left.
        by: Through which exit; empty when the run ended or failed there.
        error: Why it failed there, or what went wrong and did not keep it from going on.
    """

    node: str
    at: Moment
    by: str = ""
    error: Mapping[str, Data] = field(default_factory=lambda: _NO_VALUES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where a run is, and what it knows.

    Attributes:
        id: Its own.
        at: The node that it is at; ``None`` when it has ended.
        status: How it stands.
        shelves: What is kept, for this run and for the conversation.
        loops: The loops it is inside of, or was when it failed, the outermost first.
        been: How many times it has come to each node.
        waits_for: What it has asked for.
        since: When it asked; the time that its node was told, and is told again after a crash.
        seen: What was on the shelves when it asked; others may put something there meanwhile.
        steps: Nodes visited.
        mails: Messages asked for.
        error: Why it failed.
        trail: The latest visits, the oldest first.
        failed_nodes: How many visits something went wrong in, whether or not the run went on.
        begun_with: A mark of the input as it was at the beginning; empty when there was none.
    """

    id: str
    at: str | None
    status: RunStatus = RunStatus.RUNNING
    shelves: Shelves
    loops: tuple[Turns, ...] = ()
    been: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    waits_for: Effect | None = None
    since: Moment | None = None
    seen: Shelves | None = None
    steps: int = 0
    mails: int = 0
    error: Mapping[str, Data] = field(default_factory=lambda: _NO_VALUES)
    trail: tuple[Visit, ...] = ()
    failed_nodes: int = 0
    begun_with: str = ""

    @property
    def can_go_on(self) -> bool:
        """Whether there is something to do that waits for nothing."""
        return self.at is not None and self.waits_for is None

    @property
    def key(self) -> str:
        """Name the visit that it is waiting in; what was asked for is done once under this name."""
        return f"{self.id}/{self.at}/{self.been.get(self.at or '', 1) - 1}"


def begin(
    flow: Flow, *, run_id: str, given: Mapping[str, Data], context: Mapping[str, Data], now: Moment
) -> Run:
    """Begin a run, and go as far as it goes by itself.

    Args:
        flow: What is to be run.
        run_id: A name that no other run has.
        given: The input.
        context: What the conversation has kept so far.
        now: The time.
    """
    run = Run(id=run_id, at=flow.start, shelves={Shelf.INPUT: dict(given), Shelf.CONTEXT: dict(context)})
    return go_on(flow, run, now=now)


def resume(
    flow: Flow, run: Run, outcome: Outcome, *, now: Moment, is_enough: Callable[[], bool] = lambda: False
) -> Run:
    """Go on after something that was asked for is done, as far as it goes by itself (:func:`go_on`).

    Raises:
        ValueError: The run waits for nothing.
    """
    if run.waits_for is None or run.at is None:
        msg = f"run {run.id} waits for nothing"
        raise ValueError(msg)
    run, scene = replace(run, waits_for=None, since=None, seen=None), _scene(flow, run, now, -1)
    try:
        move = flow.nodes[scene.node].node.resume(scene, outcome)
        run = _moved(flow, run, move, now, outcome.error or _NO_VALUES)
    except EilboteError as fault:
        return failed(run, told_at(scene.node, fault), now)
    return go_on(flow, run, now=now, is_enough=is_enough)


def go_on(flow: Flow, run: Run, *, now: Moment, is_enough: Callable[[], bool] = lambda: False) -> Run:
    """Go as far as a run goes by itself, :data:`STEPS_AT_ONCE` nodes at most, so that others get their turn.

    Args:
        flow: What is run.
        run: As it stands.
        now: The time.
        is_enough: Is asked after each node whether others are to get their turn at once: some nodes take seconds.
    """
    until = run.steps + STEPS_AT_ONCE
    while run.can_go_on and run.steps < until:
        if run.steps >= MOST_STEPS:
            return failed(
                run,
                _limit(f"it has visited {MOST_STEPS:,} nodes", "Look for a way that leads in a circle"),
                now,
            )
        scene = _scene(flow, run, now, 0)
        run = replace(run, steps=run.steps + 1, been={**run.been, scene.node: scene.turn + 1})
        try:
            run = _moved(flow, run, flow.nodes[scene.node].node.enter(scene), now)
        except EilboteError as fault:
            return failed(run, told_at(scene.node, fault), now)
        if is_enough():
            break
    return run


def ask_again(flow: Flow, run: Run) -> Run:
    """Give a run back what it had asked for: its node is entered again in the same scene.

    Args:
        flow: What is run.
        run: As it was kept: with the scene in which it asked, and without what for.

    Raises:
        ValueError: The run has asked for nothing.
        EilboteError: The node does not ask for anything in that scene any more.
    """
    if run.since is None or run.seen is None or run.at is None:
        msg = f"run {run.id} has asked for nothing"
        raise ValueError(msg)
    scene = _scene(flow, replace(run, shelves=run.seen), run.since, -1)
    match flow.nodes[scene.node].node.enter(scene):
        case Ask(effect=effect):
            return replace(run, waits_for=effect)
        case _:
            raise FlowError(f"the node {scene.node!r} asks for nothing any more")


def _scene(flow: Flow, run: Run, now: Moment, earlier: int) -> Scene:
    node = run.at or ""
    # Plain: an input is checked where it comes in, what is read was written as JSON, and what nodes put is copied.
    values = PlainTable({shelf.value: kept for shelf, kept in run.shelves.items()})
    for turns in run.loops:
        values[turns.name] = turns.items[turns.number]
        values[f"{turns.name}_index"] = turns.number
    return Scene(
        run=run.id,
        node=node,
        turn=run.been.get(node, 0) + earlier,
        values=values,
        now=now,
        locale=locale_of(flow.locale, values),
        time_zone=time_zone_of(flow.time_zone, values),
        branding=flow.branding,
    )


def _moved(flow: Flow, run: Run, move: Move, now: Moment, met: Mapping[str, Data] = _NO_VALUES) -> Run:
    match move:
        case Leave(by=by, puts=puts, error=error):
            return _left(flow, _kept(run, by, now, puts, error or met), by)
        case Repeat(items=items, name=name, by=by):
            if not items:
                return _left(flow, _kept(run, "next", now), "next")
            turns = Turns(node=run.at or "", items=items, number=0, name=name)
            return _left(flow, replace(_kept(run, by, now), loops=(*run.loops, turns)), by)
        case Ask(effect=effect):
            mails = run.mails + _mails_of(effect)
            if mails > MOST_MAILS:
                remedy = "Take the recipients in several runs, or send one message to many"
                return failed(run, _limit(f"it has asked for {MOST_MAILS:,} messages", remedy), now)
            return replace(run, waits_for=effect, since=now, seen=run.shelves, mails=mails)
        case Halt(error=error, puts=puts):
            ended = _kept(run, "", now, puts, error)
            if error:
                return replace(ended, at=None, status=RunStatus.FAILED, error=error)
            return replace(ended, at=None, loops=(), status=RunStatus.DONE)
        case _:
            assert_never(move)


def _mails_of(effect: Effect) -> int:
    match effect:
        case SendEmail():
            return 1
        case AskPeople(recipients=recipients):
            return len(recipients)
        case _:
            return 0


def _left(flow: Flow, run: Run, by: str) -> Run:
    """Follow an exit; where it leads nowhere, the turn of the loop around it is over, or the run is."""
    target = flow.nodes[run.at or ""].exits.get(by)
    while target is None and run.loops:
        *outer, turns = run.loops
        if turns.number + 1 < len(turns.items):
            loops = (*outer, replace(turns, number=turns.number + 1))
            return replace(run, loops=loops, at=flow.nodes[turns.node].exits["do"])
        run = replace(run, loops=tuple(outer))
        target = flow.nodes[turns.node].exits["next"]
    return replace(run, at=target, status=RunStatus.RUNNING if target else RunStatus.DONE)


def _kept(
    run: Run, by: str, now: Moment, puts: tuple[Put, ...] = (), error: Mapping[str, Data] = _NO_VALUES
) -> Run:
    visit = Visit(node=run.at or "", at=now, by=by, error=error)
    shelves = with_puts(run.shelves, tuple(map(_plain, puts))) if puts else run.shelves
    trail = (*run.trail[-_MOST_VISITS + 1 :], visit)
    return replace(run, shelves=shelves, trail=trail, failed_nodes=run.failed_nodes + bool(error))


def _plain(put: Put) -> Put:
    """Copy what a node puts: no object of its own is kept, and nothing that it may still change."""
    copied = plain_values({put.key: put.value}, field=put.shelf.value)
    return replace(put, value=cast("Data", copied[put.key]))


def failed(run: Run, error: Mapping[str, Data], now: Moment) -> Run:
    """End a run at the node that it is at; it stays inside of its loops, so that it can be tried again there.

    Args:
        run: As it stands.
        error: Why it fails.
        now: The time.
    """
    ended = _kept(run, "", now, (), error)
    return replace(
        ended, at=None, waits_for=None, since=None, seen=None, status=RunStatus.FAILED, error=error
    )


def _limit(what: str, remedy: str) -> dict[str, Data]:
    return {"code": "flow", "message": f"the run was ended: {what}", "remedy": remedy}
