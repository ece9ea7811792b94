"""Processes that are well structured by how they are made: whatever opens closes again, so that every one of them ends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import TypeAlias

from hypothesis import strategies as st


@dataclass(frozen=True)
class Send:
    """One message."""


@dataclass(frozen=True)
class Wait:
    """Something that is waited for: a person, a message or a time."""

    what: str


@dataclass(frozen=True)
class Row:
    """One after the other."""

    parts: tuple[Block, ...]


@dataclass(frozen=True)
class Choice:
    """One of several ways."""

    ways: tuple[Block, ...]
    taken: int


@dataclass(frozen=True)
class AllOf:
    """All ways at the same time."""

    ways: tuple[Block, ...]


@dataclass(frozen=True)
class SomeOf:
    """Some of several ways at the same time; the last one when none is taken."""

    ways: tuple[Block, ...]
    taken: tuple[bool, ...]


@dataclass(frozen=True)
class Again:
    """A loop that is gone through several times."""

    body: Block
    turns: int


@dataclass(frozen=True)
class Inside:
    """A sub-process, done several times one after the other when it says so."""

    body: Block
    turns: int | None


@dataclass(frozen=True)
class Many:
    """One message to each of several."""

    turns: int
    is_sequential: bool


@dataclass(frozen=True)
class Late:
    """A task with two timers at its edge: somebody does it, or is reminded, and then it is too late."""

    body: Block
    is_late: bool


@dataclass(frozen=True)
class Failing:
    """A message that is delivered, or is not and takes another way."""

    body: Block
    fails: bool


@dataclass(frozen=True)
class Race:
    """Whatever comes first: a message, or a time because that message never comes."""

    by_message: Block
    by_time: Block
    is_late: bool


Block: TypeAlias = Send | Wait | Row | Choice | AllOf | SomeOf | Again | Inside | Many | Late | Failing | Race


def blocks() -> st.SearchStrategy[Block]:
    """Give structures."""
    leaves = st.one_of(
        st.just(Send()),
        st.just(Send()),
        st.builds(Wait, st.sampled_from(["task", "message", "timer"])),
        st.builds(Many, st.integers(0, 3), st.booleans()),
    )
    return st.recursive(leaves, _around, max_leaves=20)


def _around(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    ways = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Row, st.lists(inner, min_size=2, max_size=4).map(tuple)),
        ways.flatmap(lambda each: st.builds(Choice, st.just(each), st.integers(0, len(each) - 1))),
        st.builds(AllOf, ways),
        ways.flatmap(
            lambda each: st.builds(
                SomeOf, st.just(each), st.tuples(*(st.booleans() for _ in range(len(each) - 1)))
            )
        ),
        st.builds(Again, inner, st.integers(1, 3)),
        st.builds(Inside, inner, st.none() | st.integers(0, 2)),
        st.builds(Late, inner, st.booleans()),
        st.builds(Failing, inner, st.booleans()),
        st.builds(Race, inner, inner, st.booleans()),
    )


def large_block(chance: Random, size: int) -> Block:
    """Give a structure of about so many leaves."""
    if size <= 1:
        return chance.choice(
            (
                Send(),
                Wait(chance.choice(("task", "message", "timer"))),
                Many(chance.randint(0, 3), chance.random() < 0.5),
            )
        )
    parts = _shares(chance, size, chance.randint(2, 3))
    ways = tuple(large_block(chance, part) for part in parts)
    row = Row(ways)
    match chance.randrange(11):
        case 0:
            return Choice(ways, chance.randrange(len(ways)))
        case 1 | 2:
            return AllOf(ways)
        case 3:
            return SomeOf(ways, tuple(chance.random() < 0.5 for _ in ways[1:]))
        case 4:
            return Again(row, chance.randint(1, 3))
        case 5:
            return Inside(row, chance.choice((None, 0, 1, 2)))
        case 6:
            return Late(row, chance.random() < 0.5)
        case 7:
            return Failing(row, chance.random() < 0.5)
        case 8:
            return Race(ways[0], Row(ways[1:]), chance.random() < 0.5)
        case _:
            return row


def _shares(chance: Random, size: int, count: int) -> list[int]:
    cuts = sorted(chance.randint(0, size) for _ in range(count - 1))
    return [end - begin for begin, end in pairwise((0, *cuts, size))]
