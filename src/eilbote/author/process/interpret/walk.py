"""An instance while it is worked on: its tokens, and what happens when they come, wait, go on, and are taken away.

What an element does is in :mod:`eilbote.author.process.interpret.perform`, where tokens wait for one another in
:mod:`eilbote.author.process.interpret.joins`. A walk lives for one call of :mod:`eilbote.author.process.interpret.interpret`:
it is made from an instance, and gives the next one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from eilbote.author.process.details import MessageDetails
from eilbote.author.process.instance import (
    Incident,
    Instance,
    InstanceStatus,
    OpenTask,
    Passage,
    PassageKind,
    Wanted,
)
from eilbote.author.process.interpret.joins import Scope, joined, released
from eilbote.author.process.interpret.limits import MOST_NESTED, too_deep, too_many_steps
from eilbote.author.process.interpret.stay import Phase, Stay
from eilbote.author.process.interpret.ways import ways
from eilbote.errors import EilboteError, ProcessError
from eilbote.template.values import PlainTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eilbote.author.process.diagram import SequenceFlow
    from eilbote.author.process.interpret.plan import Plan
    from eilbote.author.process.interpret.standing import Standing
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

ROOT: Final = 0
"""The number of the scope that the instance itself is."""


class Walk:
    """An instance that is worked on.

    Args:
        plan: Its process.
        instance: How it stood.
        standing: Where its tokens were.
        now: The time.
    """

    def __init__(self, plan: Plan, instance: Instance, standing: Standing, *, now: Moment) -> None:
        self.plan = plan
        self.now = now
        self.id = instance.id
        self.correlation = instance.correlation
        self.status = instance.status
        self.data: dict[str, Data] = dict(instance.data)
        self.stage = instance.state
        self.error: Mapping[str, Data] | None = instance.error
        self.steps = instance.steps
        self.mails = instance.mails
        self.taken: dict[str, int] = dict(instance.taken)
        self.passages: list[Passage] = list(instance.passages)
        self.wanted: dict[str, Wanted] = {each.key: each for each in instance.wanted}
        self.tasks: dict[str, OpenTask] = {each.key: each for each in instance.waits.tasks}
        self.incidents: dict[str, Incident] = {each.key: each for each in instance.incidents}
        self.scopes = {number: scope.copied() for number, scope in standing.scopes.items()}
        self.stays = {key: stay.copied() for key, stay in standing.stays.items()}
        """In the order in which their turn came, or comes."""
        self.ready = deque(stay.key for stay in self.stays.values() if stay.phase is Phase.READY)
        """Keys of those whose turn comes next."""
        self.counts = dict(standing.counts)
        """How many times a token was at an element; under other names how many keys of other kinds were given."""
        self.last_scope = standing.last_scope
        self.allowed_steps = standing.allowed_steps
        self.allowed_mails = standing.allowed_mails
        self.version = standing.version

    # -- values ---------------------------------------------------------------------------------------------------

    def values(self, stay: Stay) -> PlainTable:
        """Give what the templates of an element may name: the data, the process, and the turns that the token is inside of."""
        values = PlainTable(self.data)
        turns: list[Stay] = []
        at: Stay | None = stay
        while at is not None:
            if at.turn >= 0:
                turns.append(at)
            at = self.stays.get(self.scopes[at.scope].owner)
        for each in reversed(turns):
            values.update(self.of_turn(each))
        values["process"] = {
            "id": self.id,
            "name": self.plan.definition.name,
            "version": self.version,
            "correlation": self.correlation,
        }
        return values

    def of_turn(self, stay: Stay) -> Mapping[str, Data]:
        """Give what a turn of a multi-instance activity has of its own: the item under its name, and ``loop.index``."""
        loop = self.plan.elements[stay.element].loop
        turns = self.stays[stay.body].turns
        own: dict[str, Data] = {"loop": {"index": stay.turn}}
        if turns is not None and turns.items is not None:
            own[(loop.item if loop else "") or "item"] = turns.items[stay.turn]
        return own

    def take_in(self, stay: Stay, said: Mapping[str, Data], result: str) -> None:
        """Put what came of an element into the data: under a name, or each value under its own; a turn keeps it for its activity."""
        if not result:
            self.data.update(said)
            return
        turns = self.stays[stay.body].turns if stay.turn >= 0 else None
        if turns is None:
            self.data[result] = dict(said)
        else:
            turns.outcomes[stay.turn] = dict(said)

    # -- coming ---------------------------------------------------------------------------------------------------

    def open_scope(self, process: str, *, owner: str, at: Iterable[str]) -> None:
        """Begin a process or sub-process, with a token at each of the elements."""
        depth, above = 0, self.stays.get(owner)
        while above is not None:
            depth, above = depth + 1, self.stays.get(self.scopes[above.scope].owner)
        if depth > MOST_NESTED:
            raise too_deep(process)
        self.last_scope += 1
        scope = Scope(number=self.last_scope, process=process, owner=owner)
        self.scopes[scope.number] = scope
        for element in at:
            self.appear(scope, element)

    def appear(self, scope: Scope, element: str) -> Stay:
        """Let a token appear at an element; that of a multi-instance activity stands for all its turns."""
        if self.plan.elements[element].loop is None:
            return self.new_stay(element, scope=scope.number)
        stay = Stay(
            key=f"{self.id}/{element}/all.{self.count(f'all {element}')}",
            element=element,
            iteration=-1,
            scope=scope.number,
            since=self.now,
        )
        self.add(stay)
        return stay

    def arrive(self, scope: Scope, flows: Sequence[SequenceFlow]) -> list[Stay]:
        """Let tokens come along sequence flows; gives who has come, gateways among them where all have come."""
        found: list[Stay] = []
        for flow in flows:
            if self.plan.joins(flow.target):
                scope.hold(flow)
            else:
                found.append(self.appear(scope, flow.target))
        return found + self.join(scope)

    def join(self, scope: Scope) -> list[Stay]:
        """Let tokens go on that wait for nothing more."""
        if not scope.held or scope.number not in self.scopes:
            return []
        return [self.appear(scope, gateway) for gateway in joined(self.plan, scope, self.stays.values())]

    def new_stay(self, element: str, *, scope: int, body: str = "", turn: int = -1) -> Stay:
        """Come to an element: a step, and a passage; beyond the limit an incident."""
        iteration = self.count(element)
        stay = Stay(
            key=f"{self.id}/{element}/{iteration}",
            element=element,
            iteration=iteration,
            scope=scope,
            since=self.now,
            body=body,
            turn=turn,
        )
        self.add(stay)
        self.steps += 1
        self.pass_by(stay, PassageKind.ENTERED)
        if self.steps > self.allowed_steps:
            self.stop(stay, too_many_steps(element, self.allowed_steps))
        return stay

    def add(self, stay: Stay) -> None:
        """Put an element at the end of those whose turn comes."""
        self.stays[stay.key] = stay
        if stay.turn < 0:
            self.scopes[stay.scope].stays += 1
        self.ready.append(stay.key)

    def again(self, stay: Stay) -> None:
        """Let the turn of an element come once more."""
        self.forget(stay)
        if stay.attempt:
            stay.key = f"{self.id}/{stay.element}/{stay.iteration}.{stay.attempt}"
        stay.phase = Phase.READY
        self.add(stay)

    def count(self, name: str) -> int:
        """Give how many times this was asked for before."""
        number = self.counts.get(name, 0)
        self.counts[name] = number + 1
        return number

    def pass_by(self, stay: Stay, kind: PassageKind) -> None:
        """Note that a token came or went; a multi-instance activity as a whole is no place, its turns are."""
        if stay.iteration < 0:
            return
        self.passages.append(
            Passage(element=stay.element, iteration=stay.iteration, kind=kind, at=self.now, entry=stay.entry)
        )

    # -- going ----------------------------------------------------------------------------------------------------

    def depart(self, stay: Stay) -> None:
        """Let the token of an element that is done go on; without a way on it waits for a decision."""
        stay.is_done = True
        try:
            flows = ways(self.plan, stay, self.values)
        except EilboteError as fault:
            self.stop(stay, fault)
            return
        self.leave_by(stay, flows)

    def leave_by(self, stay: Stay, flows: Sequence[SequenceFlow]) -> list[Stay]:
        """Let a token leave by sequence flows; gives where it has come to."""
        details = self.plan.definition.details.get(stay.element)
        if isinstance(details, MessageDetails) and details.state:
            self.stage = details.state
        self.pass_by(stay, PassageKind.LEFT)
        for flow in flows:
            self.taken[flow.id] = self.taken.get(flow.id, 0) + 1
        scope = self.scopes[stay.scope]
        self.forget(stay)
        came = self.arrive(scope, flows)
        self.look_at(scope)
        return came

    def forget(self, stay: Stay) -> None:
        """Take an element off the list, with what it waits for."""
        del self.stays[stay.key]
        self.wanted.pop(stay.key, None)
        self.tasks.pop(stay.key, None)
        self.incidents.pop(stay.key, None)
        if stay.turn < 0:
            self.scopes[stay.scope].stays -= 1

    def look_at(self, scope: Scope) -> None:
        """End a scope in which no token is left; tell where tokens wait for others that can never come."""
        if scope.stays or scope.number not in self.scopes:
            return
        if scope.held:
            stay = self.appear(scope, released(scope))
            self.stop(
                stay,
                ProcessError(
                    "tokens wait here for others that can never come",
                    field=stay.element,
                    cause="Another way was taken before, or the others have ended",
                    remedy="Retry or skip: the tokens that are here go on; mend the diagram for new instances",
                ),
            )
            return
        self.end_scope(scope)

    def end_scope(self, scope: Scope) -> None:
        """Let the activity go on that a scope is inside of; the instance is completed with its own."""
        del self.scopes[scope.number]
        if scope.owner:
            owner = self.stays[scope.owner]
            owner.is_done = True
            self.again(owner)
        else:
            self.status = InstanceStatus.COMPLETED

    # -- being taken away --------------------------------------------------------------------------------------

    def cancel(self, stay: Stay) -> None:
        """Take a token away from an element, and everything that is inside of it."""
        self.cancel_inside(stay)
        self.pass_by(stay, PassageKind.CANCELLED)
        self.forget(stay)

    def cancel_inside(self, stay: Stay) -> None:
        """Take everything away that is inside of an activity."""
        for turn in [each for each in self.stays.values() if each.body and each.body == stay.key]:
            self.cancel(turn)
        for scope in [each for each in self.scopes.values() if each.owner and each.owner == stay.key]:
            self.close_scope(scope)

    def close_scope(self, scope: Scope) -> None:
        """Take all tokens of a scope away."""
        for stay in [each for each in self.stays.values() if each.scope == scope.number and each.turn < 0]:
            self.cancel_inside(stay)
            self.pass_by(stay, PassageKind.CANCELLED)
            self.forget(stay)
        del self.scopes[scope.number]

    def end(self, status: InstanceStatus, error: Mapping[str, Data] | None = None) -> None:
        """End the instance before its tokens have come to an end."""
        if ROOT in self.scopes:
            self.close_scope(self.scopes[ROOT])
        self.status = status
        self.error = error

    # -- incidents ------------------------------------------------------------------------------------------------

    def stop(self, stay: Stay, fault: EilboteError) -> None:
        """Let a person decide."""
        self.stop_with(stay, error_of(fault, stay.element))

    def stop_with(self, stay: Stay, error: Mapping[str, Data], *, in_doubt: bool = False) -> None:
        """Let a person decide about an error."""
        stay.phase = Phase.INCIDENT
        self.wanted.pop(stay.key, None)
        self.incidents[stay.key] = Incident(
            key=stay.key, element=stay.element, error=error, at=self.now, in_doubt=in_doubt
        )


def error_of(fault: EilboteError, element: str) -> dict[str, Data]:
    """Give an error as the nouns of an instance tell it."""
    field = fault.field or ""
    if not field.startswith(element):
        field = f"{element}.{field}" if field else element
    return {
        "code": fault.code,
        "message": fault.what,
        "cause": fault.cause or "",
        "remedy": fault.remedy or "",
        "field": field,
    }
