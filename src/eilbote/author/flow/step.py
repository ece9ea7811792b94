"""What a node does when a run comes to it: nouns between the interpreter, the nodes, and whoever performs what they ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.author.flow.effect import Effect
    from eilbote.author.flow.shelf import Put
    from eilbote.errors import EilboteError
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

_NOTHING: Mapping[str, Data] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a node sees of its run.

    Attributes:
        run: The run's id.
        node: Its own id.
        turn: How many times the run has come to this node before; with the two above it names this visit for ever.
        values: ``input``, ``context`` and, inside a loop, the loop's own names.
        now: The time.
        locale: The language of texts.
        time_zone: The zone in which times are told.
        branding: How notifications look.
    """

    run: str
    node: str
    turn: int
    values: Mapping[str, object]
    now: Moment
    locale: str = "en"
    time_zone: str = "UTC"
    branding: Branding = field(default_factory=Branding)

    @property
    def key(self) -> str:
        """Name this visit: what is done in it is done once, however often the run is resumed."""
        return f"{self.run}/{self.node}/{self.turn}"


# -- what a node decides --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Go on.

    Attributes:
        by: Through which exit.
        puts: What to leave behind.
        error: What went wrong although the run goes on; empty when nothing did.
    """

    by: str = "next"
    puts: tuple[Put, ...] = ()
    error: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Go through an exit once for each item, then on.

    Attributes:
        items: One for each turn.
        name: What the item is called in the loop; its number, from 0, is called ``<name>_index``.
        by: Through which exit each turn goes.
    """

    items: tuple[Data, ...]
    name: str
    by: str = "do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Have something done in the world, and go on with what came of it.

    What a node asks for follows from the scene alone: after a crash it is entered again in the same scene, and asks for the
    same again. So it leaves nothing behind before it is answered.

    Attributes:
        effect: What.
    """

    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """End the run here.

    Attributes:
        error: Why; empty when it ends as its author meant it to.
        puts: What to leave behind.
    """

    error: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    puts: tuple[Put, ...] = ()


Move: TypeAlias = Leave | Repeat | Ask | Halt
"""What a node decides."""


# -- what came of it -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an effect.

    Attributes:
        result: What it gave.
        error: Why it failed, with ``code``, ``field``, ``cause`` and ``remedy``; ``None`` when it did not.
    """

    result: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    error: Mapping[str, Data] | None = None


def told_at(node: str, fault: EilboteError) -> dict[str, Data]:
    """Give an error of a node as runs keep it."""
    return {
        "code": fault.code,
        "message": fault.what,
        "node": node,
        "field": fault.field,
        "cause": fault.cause,
        "remedy": fault.remedy,
    }
