"""Where the ways of a flow lead: round in circles for ever, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.author.flow.nodes.branch import Branch
from eilbote.author.flow.nodes.for_each import ForEach
from eilbote.template.finding import Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.definition import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class WayFound:
    """Something about a node's ways out.

    Attributes:
        severity: How much it weighs.
        node: Which node.
        what: What it is.
        cause: Why.
        remedy: What to do.
    """

    severity: Weight
    node: str
    what: str
    cause: str | None = None
    remedy: str | None = None


def ways_found(flow: Flow) -> Iterator[WayFound]:
    """Check the ways between the nodes of a flow."""
    yield from _idle(flow)
    ending = _ending(flow)
    if endless := [name for name in flow.nodes if name not in ending]:
        round_about = ", ".join(endless[:10])
        yield WayFound(
            severity=Weight.ERROR,
            node=endless[0],
            what=f"a run that comes to {endless[0]!r} never ends",
            cause=f"Every way from here leads back, by {round_about}",
            remedy="Let one of them go to 'end', or put a branch between them",
        )


def _idle(flow: Flow) -> Iterator[WayFound]:
    for node in flow.nodes.values():
        match node.node:
            case Branch() if node.exits["then"] == node.exits["else"]:
                target = node.exits["then"]
                yield WayFound(
                    severity=Weight.WARNING,
                    node=node.id,
                    what="both ways of this branch lead to the same"
                    if target
                    else "neither way of this branch leads anywhere",
                    cause=None if target else "Without 'then' and 'else' the run ends here",
                    remedy="Name another node in 'then' or 'else'",
                )
            case ForEach() if node.exits["do"] is None:
                yield WayFound(
                    severity=Weight.WARNING,
                    node=node.id,
                    what="this loop does nothing",
                    cause="Its 'do' names no node",
                    remedy="Name the first node of each turn in 'do'",
                )
            case _:
                pass


def _ending(flow: Flow) -> set[str]:
    """Give the nodes from which a run can come to its end, or at least to the end of a loop's turn.

    A loop takes a bounded number of turns, and then goes on by its ``next``; so only that way decides whether it ends.
    """
    before: dict[str, list[str]] = {name: [] for name in flow.nodes}
    ends: list[str] = []
    for name, node in flow.nodes.items():
        ways = {way: target for way, target in node.exits.items() if not _is_turn(node.node, way)}
        if not ways or None in ways.values():
            ends.append(name)
        for target in ways.values():
            if target is not None:
                before[target].append(name)
    found: set[str] = set()
    while ends:
        name = ends.pop()
        if name not in found:
            found.add(name)
            ends += before[name]
    return found


def _is_turn(node: object, way: str) -> bool:
    return isinstance(node, ForEach) and way == "do"
