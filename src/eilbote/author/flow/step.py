"""What a node does when a run comes to it: nouns between the interpreter, the nodes, and whoever performs what they ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from eilbote.author.flow.source import Data
    from eilbote.model.draft import Draft
    from eilbote.model.moment import Moment

_NOTHING: Mapping[str, Data] = MappingProxyType({})


class Shelf(StrEnum):
    """Where a value is kept."""

    INPUT = "input"
    """For the rest of this run."""
    CONTEXT = "context"
    """For all runs of the same conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A value that a node leaves behind.

    Attributes:
        shelf: Where.
        key: Under which name; dots lead into tables: ``order.mail``.
        value: What.
    """

    shelf: Shelf
    key: str
    value: Data


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
    """

    run: str
    node: str
    turn: int
    values: Mapping[str, object]
    now: Moment
    locale: str = "en"
    time_zone: str = "UTC"

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
    """

    by: str = "next"
    puts: tuple[Put, ...] = ()


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

    Attributes:
        effect: What.
        puts: What to leave behind before.
    """

    effect: Effect
    puts: tuple[Put, ...] = ()


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


# -- what is done in the world --------------------------------------------------------------------------------


class Unfetched(StrEnum):
    """What becomes of a message when one of its files cannot be fetched."""

    FAIL = "fail"
    """It is not sent."""
    SKIP = "skip"
    """It is sent without the file, and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A file to be fetched once, when the message is accepted.

    Attributes:
        url: Where it lies: http, https, or a ``data:`` URL.
        filename: What it is to be called; the name it has there when ``None``.
        otherwise: What becomes of the message when it cannot be had.
    """

    url: str
    filename: str | None = None
    otherwise: Unfetched = Unfetched.FAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEmail:
    """Hand a message to the outbox.

    Attributes:
        draft: What is to be said.
        fetch: Files to be fetched for it.
        connection: Through which connection; empty takes the endpoint of the settings.
        waits: Whether the run goes on when the message is settled, or as soon as it is accepted.
        shows_bcc: Whether the result may name recipients of blind copies.
    """

    draft: Draft
    fetch: tuple[Fetch, ...] = ()
    connection: str = ""
    waits: bool = True
    shows_bcc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntil:
    """Let time pass.

    Attributes:
        due: Until when.
    """

    due: Moment


Effect: TypeAlias = SendEmail | WaitUntil
"""What a node may want done; an engine performs it, and a test may play it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an effect.

    Attributes:
        result: What it gave.
        error: Why it failed, with ``code``, ``field``, ``cause`` and ``remedy``; ``None`` when it did not.
    """

    result: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    error: Mapping[str, Data] | None = None
