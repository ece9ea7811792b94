"""The table of an entry's life: what it promises, and that the page about states shows it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from eilbote.errors import IllegalTransitionError
from eilbote.model.status import EntryState
from eilbote.outbox import lifecycle
from eilbote.outbox.lifecycle import LIFECYCLE, STATES, Action, Phase, after, phase_of, state_of

PAGE = (Path(__file__).parents[3] / "docs" / "states.md").read_text("utf-8")
SECTION = PAGE.split("## An outbox entry\n")[1].split("\n## ")[0]


def rows() -> Iterator[list[str]]:
    for line in SECTION.splitlines():
        if line.startswith("| ") and not line.startswith(("| state", "| event")):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def meanings(name: str) -> dict[str, str]:
    """Read what each member of an enumeration means from the text below it."""
    tree = ast.parse(Path(lifecycle.__file__).read_text("utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    found: dict[str, str] = {}
    member = ""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            member = node.targets[0].id
        elif member and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[member] = " ".join(str(node.value.value).split())
    return found


def test_the_page_shows_every_transition_and_no_other() -> None:
    shown: set[tuple[str, str, str]] = set()
    phase = ""
    for cells in rows():
        if len(cells) == 4:
            phase = cells[0] or phase
            shown.add((phase, cells[2], cells[3]))
    assert shown == {
        (phase.name, action.name, following.name)
        for phase, row in LIFECYCLE.items()
        for action, following in row.items()
    }


def test_the_page_says_what_the_code_says() -> None:
    assert {cells[0]: cells[1] for cells in rows() if len(cells) == 4 and cells[0]} == meanings("Phase")
    assert {cells[0]: cells[1] for cells in rows() if len(cells) == 2} == meanings("Action")


def test_every_phase_has_a_row_and_every_action_a_use() -> None:
    assert set(LIFECYCLE) == set(Phase)
    assert {action for row in LIFECYCLE.values() for action in row} == set(Action)


def test_every_phase_can_be_reached_and_left() -> None:
    assert {following for row in LIFECYCLE.values() for following in row.values()} == set(Phase)
    assert all(LIFECYCLE.values())


def test_what_is_transmitting_is_never_called_back_by_somebody() -> None:
    """The server may have it already: a cancelled entry that arrives all the same would be a lie."""
    people = {Action.CANCEL, Action.HOLD, Action.RELEASE, Action.RETRY}
    assert not people & LIFECYCLE[Phase.TRANSMITTING].keys()


def test_nothing_transmits_that_is_not_claimed() -> None:
    came_from = {phase for phase, row in LIFECYCLE.items() if Phase.TRANSMITTING in row.values()}
    assert came_from == {Phase.CLAIMED, Phase.TRANSMITTING}
    assert [phase for phase, row in LIFECYCLE.items() if Phase.CLAIMED in row.values()] == [Phase.WAITING]


def test_what_was_only_claimed_is_never_in_doubt() -> None:
    assert Action.PARK not in LIFECYCLE[Phase.CLAIMED]
    assert Action.RESCUE_PARKED not in LIFECYCLE[Phase.CLAIMED]
    assert Action.DEFER not in LIFECYCLE[Phase.CLAIMED]


def test_what_was_called_back_is_never_sent() -> None:
    assert LIFECYCLE[Phase.CANCELLED] == {Action.PRUNE: Phase.ABSENT}


def test_only_what_is_finished_is_forgotten() -> None:
    assert {phase for phase, row in LIFECYCLE.items() if Action.PRUNE in row} == {Phase.DONE, Phase.CANCELLED}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("action", Action)
def test_the_table_decides(phase: Phase, action: Action) -> None:
    following = LIFECYCLE[phase].get(action)
    if following is not None:
        assert after(phase, action) is following
        return
    with pytest.raises(IllegalTransitionError) as caught:
        after(phase, action)
    assert action in str(caught.value)
    assert phase in str(caught.value)


@pytest.mark.parametrize("state", EntryState)
@pytest.mark.parametrize("tried", [False, True])
def test_phases_and_states_translate_both_ways(state: EntryState, tried: bool) -> None:
    phase = phase_of(state, transmitting=False)
    assert state in STATES[phase]
    again = state_of(phase, tried=tried)
    assert phase_of(again, transmitting=False) is phase
    if phase is Phase.WAITING:
        assert again is (EntryState.DEFERRED if tried else EntryState.QUEUED)
    else:
        assert again is state


def test_the_flag_tells_claimed_from_transmitting() -> None:
    assert phase_of(EntryState.ACTIVE, transmitting=False) is Phase.CLAIMED
    assert phase_of(EntryState.ACTIVE, transmitting=True) is Phase.TRANSMITTING
    assert state_of(Phase.TRANSMITTING, tried=False) is EntryState.ACTIVE


def test_the_flag_of_an_entry_that_is_not_active_means_nothing() -> None:
    assert phase_of(EntryState.DONE, transmitting=True) is Phase.DONE


def test_what_is_absent_has_no_state() -> None:
    with pytest.raises(IllegalTransitionError):
        state_of(Phase.ABSENT, tried=False)
