"""How a run is written down, and taken up again: the interpreter's state as JSON, without the context and without effects.

What a run has asked for is not written: its node is entered again in the same scene, and asks for the same again. Others may put
something into context and input meanwhile, so what that scene has seen is written as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar, cast

from eilbote.author.flow.data_text import as_json
from eilbote.author.flow.run import Run, RunStatus, Turns, Visit, ask_again
from eilbote.author.flow.shelf import Put, Shelf, with_puts
from eilbote.author.plain.data_text import of_json
from eilbote.errors import EilboteError, FlowError
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.run import Shelves
    from eilbote.author.plain.data_text import Json
    from eilbote.model.data import Data

T = TypeVar("T")

FORM: Final = 1
"""The form of what is written; one that reads another way gets another number."""
_LEFT_BY: Final = 2
"""Where a written visit says through which exit it was left."""
_ERROR_AT: Final = 3
"""Where it says what went wrong there."""
UNREADABLE: Final = "unreadable"
"""The field of a state in which a store says why it could not read it."""


def run_data(run: Run) -> dict[str, Data]:
    """Write a run.

    Raises:
        FlowError: It holds a value that cannot be kept; ``field`` leads to it.
    """
    data: dict[str, Json] = {
        "form": FORM,
        "id": run.id,
        "at": run.at,
        "status": run.status.value,
        "input": as_json(run.shelves[Shelf.INPUT], field="input"),
        "been": dict(run.been),
        "steps": run.steps,
        "mails": run.mails,
        "loops": [
            [turns.node, as_json(turns.items, field=turns.node), turns.number, turns.name]
            for turns in run.loops
        ],
        "trail": [_visit_data(visit) for visit in run.trail],
    }
    if run.failed_nodes or any(visit.error for visit in run.trail):
        data["failed_nodes"] = run.failed_nodes
    if run.begun_with:
        data["begun_with"] = run.begun_with
    if run.error:
        data["error"] = as_json(run.error, field="error")
    if run.since is not None:
        seen = run.seen or run.shelves
        data["since"] = run.since
        data["seen"] = as_json(seen[Shelf.CONTEXT], field="context")
        if seen[Shelf.INPUT] != run.shelves[Shelf.INPUT]:
            data["seen_input"] = as_json(seen[Shelf.INPUT], field="input")
    return cast("dict[str, Data]", data)


def read_run(flow: Flow, data: Mapping[str, Data], *, context: Mapping[str, Data]) -> Run:
    """Take a run up again.

    Args:
        flow: The flow that it runs.
        data: What :func:`run_data` wrote.
        context: What the conversation keeps by now.

    Raises:
        FlowError: The state is damaged or of a form that this eilbote does not know, or the node does not ask any more for what
            the run waits for.
    """
    try:
        run = _read(data, context)
        _check_place(flow, run)
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise _unreadable(data, fault) from fault
    if run.since is None:
        return run
    try:
        return ask_again(flow, run)
    except EilboteError as fault:
        raise FlowError(
            f"the run cannot be taken up again: {fault.what}",
            field=f"{run.at}.{fault.field}" if fault.field else run.at,
            cause=fault.cause or "The node was entered again in the same scene, and did not ask for the same",
            remedy=fault.remedy or "Begin a new run",
        ) from fault


def failed_data(
    run_id: str, error: Mapping[str, Data], *, former: Mapping[str, Data] | None = None
) -> dict[str, Data]:
    """Write a run that has failed, without asking its flow.

    Args:
        run_id: Its name.
        error: Why it has failed.
        former: What was written of it before; what can be read of that is kept, such as its input and where it has been. A flow
            cannot be read where the package is missing that brought one of its nodes, and that is no reason to forget the run.
    """
    run = Run(id=run_id, at=None, shelves={Shelf.INPUT: {}, Shelf.CONTEXT: {}})
    if former is not None:
        with suppress(KeyError, TypeError, ValueError, RecursionError, FlowError):
            run = _read(former, {})
    return run_data(
        replace(run, at=None, since=None, seen=None, loops=(), status=RunStatus.FAILED, error=error)
    )


def why_failed(data: Mapping[str, Data]) -> dict[str, Data]:
    """Give why a written run has failed, with the node at which it did; nothing when it has not, or cannot be read.

    Its flow is not needed. A run that its author ended with an error names no node in it: then it is the last one, which it never left.
    """
    error, trail = data.get("error"), data.get("trail")
    if not isinstance(error, dict) or not error:
        return {}
    last = trail[-1] if isinstance(trail, list) and trail else None
    node = last[0] if isinstance(last, list) and len(last) > _LEFT_BY and not last[_LEFT_BY] else None
    return dict(error) if error.get("node") or not isinstance(node, str) else {**error, "node": node}


def failed_nodes(data: Mapping[str, object]) -> int:
    """Count the nodes of a written run in which something went wrong; 0 for one that cannot be read."""
    known, trail = data.get("failed_nodes"), data.get("trail")
    if isinstance(known, int) and not isinstance(known, bool):
        return max(0, known)
    # Written before they were counted, or none
    visits = cast("list[object]", trail) if isinstance(trail, list) else []
    return sum(isinstance(each, list) and len(cast("list[object]", each)) > _ERROR_AT for each in visits)


def with_late(data: Mapping[str, Data], results: Iterable[tuple[str, Data]]) -> dict[str, Data]:
    """Put late results into the input of a written run, each under its key; a state that cannot be read stays as it is.

    A run that waits goes on seeing its scene without them.
    """
    puts = tuple(Put(shelf=Shelf.INPUT, key=key, value=value) for key, value in results)
    try:
        shelves = with_puts({Shelf.INPUT: _table(data.get("input"))}, puts)
        kept = as_json(shelves[Shelf.INPUT], field="input")
    except (TypeError, ValueError, RecursionError, FlowError):
        return dict(data)
    seen = {"seen_input": data["input"]} if "since" in data and "seen_input" not in data else {}
    return {**data, **seen, "input": cast("Data", kept)}


def complaint(data: object) -> str | None:
    """Tell why a written run cannot be read, as far as that can be seen without its flow; ``None`` when it can."""
    try:
        _read(_fields(data), {})
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        return _why(fault)
    return None


# -- within ---------------------------------------------------------------------------------------------------


def _visit_data(visit: Visit) -> Json:
    told: list[Json] = [visit.node, visit.at, visit.by]
    return [*told, as_json(visit.error, field=visit.node)] if visit.error else told


def _read(data: Mapping[str, object], context: Mapping[str, Data]) -> Run:
    if UNREADABLE in data:
        raise ValueError(str(data[UNREADABLE]))
    if (form := data.get("form")) != FORM:
        raise ValueError(f"it is of form {form!r:.40}, and this eilbote knows form {FORM}")
    at, since, given = data["at"], data.get("since"), _table(data["input"])
    seen: Shelves | None = None
    if since is not None:
        seen = {
            Shelf.INPUT: _table(data["seen_input"]) if "seen_input" in data else given,
            Shelf.CONTEXT: _table(data["seen"]),
        }
    return Run(
        id=_of(str, data["id"]),
        at=None if at is None else _of(str, at),
        status=RunStatus(_of(str, data["status"])),
        shelves={Shelf.INPUT: given, Shelf.CONTEXT: dict(context)},
        loops=tuple(_turns(each) for each in _list(data["loops"])),
        been={name: _number(times) for name, times in _fields(data["been"]).items()},
        since=None if since is None else Moment(_of(int, since)),
        seen=seen,
        steps=_number(data["steps"]),
        mails=_number(data["mails"]),
        error=_table(data.get("error", {})),
        trail=tuple(_visit(each) for each in _list(data["trail"])),
        failed_nodes=failed_nodes(data),
        begun_with=_of(str, data.get("begun_with", "")),
    )


def _turns(said: object) -> Turns:
    node, items, number, name = _list(said)
    return Turns(
        node=_of(str, node),
        items=tuple(of_json(item) for item in _list(items)),
        number=_number(number),
        name=_of(str, name),
    )


def _visit(said: object) -> Visit:
    node, at, by, *error = _list(said)
    return Visit(
        node=_of(str, node), at=Moment(_of(int, at)), by=_of(str, by), error=_table(error[0]) if error else {}
    )


def _check_place(flow: Flow, run: Run) -> None:
    """Look whether a run is anywhere in its flow."""
    for name in ([] if run.at is None else [run.at], [turns.node for turns in run.loops]):
        for node in name:
            if node not in flow.nodes:
                raise ValueError(f"the flow has no node {node[:64]!r}")
    for turns in run.loops:
        if turns.number >= len(turns.items):
            raise ValueError(f"the loop {turns.node} has no item {turns.number}")
    if run.since is not None and (run.at is None or not run.been.get(run.at)):
        raise ValueError("it waits in a node to which it has never been")
    if (run.at is None) is (run.status is RunStatus.RUNNING):
        raise ValueError(f"it is {run.status.value} and at {run.at or 'no node'}")


def _table(said: object) -> dict[str, Data]:
    found = of_json(said)
    if not isinstance(found, dict):
        raise TypeError("something else in place of a table")
    return found


def _fields(said: object) -> dict[str, object]:
    return cast("dict[str, object]", _of(dict, said))  # JSON names its fields by texts


def _list(said: object) -> list[object]:
    return cast("list[object]", _of(list, said))


def _number(said: object) -> int:
    number = _of(int, said)
    if number < 0:
        raise ValueError("a number below nothing")
    return number


def _of(kind: type[T], said: object) -> T:
    if not isinstance(said, kind) or isinstance(said, bool):
        raise TypeError(f"a value of type {type(said).__name__} in place of one of {kind.__name__}")
    return said


def _unreadable(data: Mapping[str, object], fault: Exception) -> FlowError:
    return FlowError(
        "the kept state of the run cannot be read",
        field="state",
        cause=_why(fault),
        remedy="Look the database over with `eilbote db check`, and begin the run anew"
        if data
        else "Begin the run anew",
    )


def _why(fault: Exception) -> str:
    return (f"its field {fault.args[0]!r} is missing" if isinstance(fault, KeyError) else str(fault))[:300]
