"""Where tokens wait for one another: parallel and inclusive gateways to which several sequence flows lead (BPMN 2.0, 13.4).

A parallel gateway goes on with one token of each flow; a second token on a flow waits for the next round. An inclusive gateway goes
on as soon as no token can come by a flow on which none waits, save those that could as well come by a flow on which one does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from eilbote.author.process.diagram import ElementKind
from eilbote.author.process.interpret.stay import listed, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from eilbote.author.plain.data_text import Json
    from eilbote.author.process.diagram import SequenceFlow
    from eilbote.author.process.interpret.plan import Plan
    from eilbote.author.process.interpret.stay import Stay


@dataclass(slots=True, kw_only=True)
class Scope:
    """A process, sub-process or called process that runs.

    Attributes:
        number: Its own.
        process: The id of the process or sub-process.
        owner: The key of the activity that it is inside of; empty for the instance itself.
        stays: How many elements have a token of it.
        held: How many tokens wait at gateways for others, by gateway and sequence flow.
    """

    number: int
    process: str
    owner: str
    stays: int = 0
    held: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])

    def copied(self) -> Scope:
        """Give a copy."""
        return replace(self, held={gateway: dict(flows) for gateway, flows in self.held.items()})

    def hold(self, flow: SequenceFlow) -> None:
        """Let a token wait at the end of its flow."""
        waiting = self.held.setdefault(flow.target, {})
        waiting[flow.id] = waiting.get(flow.id, 0) + 1

    def consume(self, gateway: str) -> None:
        """Take one token of each flow on which some wait."""
        left = {flow: count - 1 for flow, count in self.held.pop(gateway).items() if count > 1}
        if left:
            self.held[gateway] = left


def joined(plan: Plan, scope: Scope, stays: Collection[Stay]) -> Iterable[str]:
    """Give the gateways that go on now; their tokens are consumed as they are given."""
    looks_again = True
    while looks_again:
        looks_again = False
        for gateway in list(scope.held):
            if _is_complete(plan, scope, gateway, stays):
                scope.consume(gateway)
                looks_again = True
                yield gateway


def released(scope: Scope) -> str:
    """Give the first gateway at which tokens wait, and let these go on without the others."""
    gateway = next(iter(scope.held))
    scope.consume(gateway)
    return gateway


def scope_data(scope: Scope) -> Json:
    """Write a scope."""
    held: Json = {gateway: dict(waiting) for gateway, waiting in scope.held.items()}
    return [scope.number, scope.process, scope.owner, held]


def read_scope(data: object) -> Scope:
    """Read what :func:`scope_data` wrote.

    Raises:
        TypeError: Something is of another kind.
        ValueError: Something means nothing.
    """
    number, process, owner, held = listed(data)
    if not isinstance(number, int) or not isinstance(process, str) or not isinstance(owner, str):
        raise TypeError("something else in place of a scope")
    return Scope(
        number=number,
        process=process,
        owner=owner,
        held={gateway: _counts(waiting) for gateway, waiting in table(held).items()},
    )


# -- within ---------------------------------------------------------------------------------------------------


def _is_complete(plan: Plan, scope: Scope, gateway: str, stays: Collection[Stay]) -> bool:
    waiting = scope.held[gateway]
    missing = [flow.id for flow in plan.flows_to(gateway) if flow.id not in waiting]
    if not missing or plan.elements[gateway].kind is ElementKind.PARALLEL_GATEWAY:
        return not missing
    reaching = plan.reaching(gateway)
    places = {stay.element for stay in stays if stay.scope == scope.number and stay.turn < 0}
    places.update(other for other in scope.held if other != gateway)
    return not any(
        any(place in reaching[flow] for flow in missing)
        and not any(place in reaching[flow] for flow in waiting)
        for place in places
    )


def _counts(found: object) -> dict[str, int]:
    counts: dict[str, int] = {}
    for flow, count in table(found).items():
        if not isinstance(count, int) or count < 1:
            raise ValueError("a number of tokens that is none")
        counts[flow] = count
    return counts
