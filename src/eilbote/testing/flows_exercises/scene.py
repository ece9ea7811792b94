"""What the exercises are played with: a store of flows that is empty at first, runs to keep, and moments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.author.flow.run import Run, RunStatus
from eilbote.author.flow.run_state import run_data
from eilbote.author.flow.shelf import Shelf, Target
from eilbote.author.flow.store import KeptRun, LateResult, StoredFlow
from eilbote.model.ids import EntryId
from eilbote.testing.work_exercises.scene import NOW, at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.store import FlowStore
    from eilbote.model.data import Data

Kept: TypeAlias = "Callable[[], FlowStore]"
"""Gives handles on the same store, which is empty at first; several may be in use at once, and who gives them closes them."""

Exercise: TypeAlias = Callable[[Kept], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when the store does not keep it."""

TEXT: Final = "name: greet\nnodes:\n  - {id: done, kind: end}\n"
ENTRY: Final = EntryId(NOW << 20)


def state(run_id: str, given: Mapping[str, Data] | None = None) -> dict[str, Data]:
    """Write the state of a run that has just begun."""
    return run_data(Run(id=run_id, at="done", shelves={Shelf.INPUT: given or {}, Shelf.CONTEXT: {}}))


def new_run(
    run_id: str,
    *,
    organization: str = "",
    session: str | None = None,
    given: Mapping[str, Data] | None = None,
    due: float | None = 0.0,
    began: float = 0.0,
    text: str = TEXT,
) -> KeptRun:
    """Give a run to be begun."""
    return KeptRun(
        id=run_id,
        organization=organization,
        flow="greet",
        version=1,
        text=text,
        session=run_id if session is None else session,
        author="exercise",
        status=RunStatus.RUNNING,
        state=state(run_id, given),
        context={},
        due=None if due is None else at(due),
        began=at(began),
        changed=at(began),
    )


def new_flow(name: str, *, organization: str = "") -> StoredFlow:
    """Give a flow that is not kept yet."""
    return StoredFlow(organization=organization, name=name, draft=None, published=0, changed=NOW, revision=0)


def late(run_id: str, key: str = "mail", *, shelf: Shelf = Shelf.INPUT, entry: EntryId = ENTRY) -> LateResult:
    """Give a late result that a run wants."""
    return LateResult(entry=entry, run=run_id, node="send", target=Target(shelf=shelf, key=key))


def input_in(run: KeptRun | None) -> Data:
    """Give the input of a run, as its state holds it."""
    return None if run is None else run.state.get("input")
