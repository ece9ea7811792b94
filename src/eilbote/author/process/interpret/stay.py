"""Where tokens stand, as the interpreter keeps it between two steps: plain nouns, written and read as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from eilbote.author.plain.data_text import as_json, of_json
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from eilbote.author.plain.data_text import Json
    from eilbote.model.data import Data


class Phase(StrEnum):
    """How far an element is with its token."""

    READY = "ready"
    """Its turn comes next."""
    WAITING = "waiting"
    """For a person, a message or a time."""
    WANTED = "wanted"
    """For a deed."""
    INSIDE = "inside"
    """For what is inside: a sub-process, a called process, or the turns of a multi-instance activity."""
    INCIDENT = "incident"
    """For a decision."""


@dataclass(slots=True, kw_only=True)
class Arm:
    """Something that may happen at an element, or at its border.

    Attributes:
        key: Under which a message is awaited; unique in the instance.
        event: The id of the event; the element itself, a boundary event, or an event behind a gateway.
        message: The name of the message; empty for timers.
        correlation: What the message must carry.
        due: When the timer fires.
        left: How many times it fires; ``None`` for ever.
        every: The duration between two times; empty for once.
    """

    key: str
    event: str
    message: str = ""
    correlation: str = ""
    due: Moment | None = None
    left: int | None = 1
    every: str = ""

    def copied(self) -> Arm:
        """Give a copy."""
        return replace(self)


@dataclass(slots=True, kw_only=True)
class Turns:
    """What a multi-instance activity goes through.

    Attributes:
        items: The items of a collection; ``None`` when only a number was said.
        count: How many turns.
        begun: How many have begun.
        ended: How many have ended.
        outcomes: What came of each turn, by its number, where the activity keeps a result.
    """

    items: list[Data] | None
    count: int
    begun: int = 0
    ended: int = 0
    outcomes: dict[int, Data] = field(default_factory=dict[int, "Data"])

    def copied(self) -> Turns:
        """Give a copy; the items are shared, nobody changes them."""
        return replace(self, outcomes=dict(self.outcomes))


@dataclass(slots=True, kw_only=True)
class Stay:
    """A token at an element, or one turn of a multi-instance activity, whose token stays with the activity as a whole.

    Attributes:
        key: ``<instance>/<element>/<iteration>``.
        element: Where.
        iteration: How many times a token was there before; -1 for a multi-instance activity as a whole.
        scope: The number of the scope.
        since: Since when.
        phase: How far it is.
        attempt: How many times a deed that failed was wanted anew.
        is_armed: Whether its boundary events wait already.
        is_done: Whether its work is done, and only the way on is to be found.
        is_asked: Whether a deed was wanted under the key.
        is_skipped: Whether somebody decided that it goes on whatever holds.
        body: The key of the multi-instance activity, for a turn.
        turn: The number of the turn, from 0; -1 for none.
        turns: What it goes through, for a multi-instance activity as a whole.
        arms: What may happen.
        entry: The outbox entry of the message that was sent.
    """

    key: str
    element: str
    iteration: int
    scope: int
    since: Moment
    phase: Phase = Phase.READY
    attempt: int = 0
    is_armed: bool = False
    is_done: bool = False
    is_asked: bool = False
    is_skipped: bool = False
    body: str = ""
    turn: int = -1
    turns: Turns | None = None
    arms: list[Arm] = field(default_factory=list[Arm])
    entry: str = ""

    def copied(self) -> Stay:
        """Give a copy."""
        return Stay(
            key=self.key,
            element=self.element,
            iteration=self.iteration,
            scope=self.scope,
            since=self.since,
            phase=self.phase,
            attempt=self.attempt,
            is_armed=self.is_armed,
            is_done=self.is_done,
            is_asked=self.is_asked,
            is_skipped=self.is_skipped,
            body=self.body,
            turn=self.turn,
            turns=self.turns.copied() if self.turns is not None else None,
            arms=[arm.copied() for arm in self.arms],
            entry=self.entry,
        )


def stay_data(stay: Stay) -> dict[str, Json]:
    """Write a stay; what is as usual is left out."""
    data: dict[str, Json] = {
        "key": stay.key,
        "element": stay.element,
        "iteration": stay.iteration,
        "scope": stay.scope,
        "since": stay.since,
        "phase": stay.phase.value,
    }
    if stay.attempt:
        data["attempt"] = stay.attempt
    for name in _FLAGS:
        if getattr(stay, name):
            data[name] = True
    if stay.turn >= 0:
        data["body"], data["turn"] = stay.body, stay.turn
    if stay.turns is not None:
        data["turns"] = _turns_data(stay.turns)
    if stay.arms:
        data["arms"] = [_arm_data(arm) for arm in stay.arms]
    if stay.entry:
        data["entry"] = stay.entry
    return data


def read_stay(data: dict[str, object]) -> Stay:
    """Read what :func:`stay_data` wrote.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another kind.
        ValueError: Something means nothing.
    """
    turns = data.get("turns")
    return Stay(
        key=text_of(data["key"]),
        element=text_of(data["element"]),
        iteration=number_of(data["iteration"]),
        scope=number_of(data["scope"]),
        since=Moment(number_of(data["since"])),
        phase=Phase(text_of(data["phase"])),
        attempt=number_of(data.get("attempt", 0)),
        is_armed=bool(data.get("is_armed")),
        is_done=bool(data.get("is_done")),
        is_asked=bool(data.get("is_asked")),
        is_skipped=bool(data.get("is_skipped")),
        body=text_of(data.get("body", "")),
        turn=number_of(data.get("turn", -1)),
        turns=None if turns is None else _read_turns(table(turns)),
        arms=[_read_arm(table(each)) for each in listed(data.get("arms", []))],
        entry=text_of(data.get("entry", "")),
    )


def table(found: object) -> dict[str, object]:
    """Give what must be a table.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(found, dict):
        raise TypeError("something else in place of a table")
    return cast("dict[str, object]", found)


def listed(found: object) -> list[object]:
    """Give what must be a list.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(found, list):
        raise TypeError("something else in place of a list")
    return cast("list[object]", found)


def text_of(found: object) -> str:
    """Give what must be a text.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(found, str):
        raise TypeError("something else in place of a text")
    return found


def number_of(found: object) -> int:
    """Give what must be a whole number.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(found, int) or isinstance(found, bool):
        raise TypeError("something else in place of a number")
    return found


# -- within ---------------------------------------------------------------------------------------------------

_FLAGS = ("is_armed", "is_done", "is_asked", "is_skipped")


def _arm_data(arm: Arm) -> Json:
    data: dict[str, Json] = {"key": arm.key, "event": arm.event}
    if arm.due is None:
        data["message"], data["correlation"] = arm.message, arm.correlation
    else:
        data["due"] = arm.due
    if arm.left != 1:
        data["left"] = arm.left
    if arm.every:
        data["every"] = arm.every
    return data


def _read_arm(data: dict[str, object]) -> Arm:
    due, left = data.get("due"), data.get("left", 1)
    return Arm(
        key=text_of(data["key"]),
        event=text_of(data["event"]),
        message=text_of(data.get("message", "")),
        correlation=text_of(data.get("correlation", "")),
        due=None if due is None else Moment(number_of(due)),
        left=None if left is None else number_of(left),
        every=text_of(data.get("every", "")),
    )


def _turns_data(turns: Turns) -> Json:
    return {
        "items": None if turns.items is None else as_json(turns.items, field="items"),
        "count": turns.count,
        "begun": turns.begun,
        "ended": turns.ended,
        "outcomes": [[number, as_json(value, field="outcome")] for number, value in turns.outcomes.items()],
    }


def _read_turns(data: dict[str, object]) -> Turns:
    items = data["items"]
    outcomes = [listed(pair) for pair in listed(data["outcomes"])]
    return Turns(
        items=None if items is None else [of_json(item) for item in listed(items)],
        count=number_of(data["count"]),
        begun=number_of(data["begun"]),
        ended=number_of(data["ended"]),
        outcomes={number_of(number): of_json(value) for number, value in outcomes},
    )
