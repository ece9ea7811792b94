"""A series composed several at a time gives what it gives one by one: each item once, in its turn, whatever is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eilbote.compose.composed import Composed
from eilbote.deliver.delivery import Delivery
from eilbote.engine.series_source import compose_each
from eilbote.errors import DraftError
from eilbote.model.envelope import Envelope
from eilbote.model.message import BodyKind, Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eilbote.deliver.supply import Several


class Composing:
    """Composes numbers; those below 0 are faulty, and 0 is nothing for a block."""

    def __init__(self) -> None:
        self.blocks: list[list[int]] = []
        self.alone: list[int] = []

    def one(self, item: int, /, *, body: BodyKind, message_id: str | None = None) -> Composed:
        self.alone.append(item)
        if item < 0:
            raise DraftError("a number below 0")
        return composed(item)

    def several(self, items: Sequence[int], /, *, body: BodyKind) -> list[Composed] | None:
        if min(items) < 0:
            raise DraftError("somewhere a number is below 0")
        if 0 in items:
            return None
        self.blocks.append([*items])
        return [composed(item) for item in items]

    def source(self, items: Iterable[int]) -> Several:
        return compose_each(items, self.one, BodyKind.SEVEN_BIT, self.several)  # type: ignore[return-value]


def composed(item: int) -> Composed:
    return Composed(
        Envelope(reverse_path="", forward_paths=(f"{item}@example.org",)),
        Message(message_id=f"<{item}@x>", segments=(b"x\r\n",), size=3),
    )


def told(deliveries: list[Delivery]) -> list[tuple[int, object]]:
    return [
        (one.index, one.error.what if one.error is not None else one.message.message_id) for one in deliveries
    ]


def test_what_is_asked_for_is_composed_at_once_and_no_more() -> None:
    composing, items = Composing(), iter(range(1, 10))
    source = composing.source(items)

    assert told(source.take(3)) == [(0, "<1@x>"), (1, "<2@x>"), (2, "<3@x>")]
    assert composing.blocks == [[1, 2, 3]]
    assert next(items) == 4  # nothing was taken ahead


def test_one_and_several_take_turns() -> None:
    source = Composing().source(iter(range(1, 6)))

    taken = [next(source), *source.take(2), next(source), *source.take(5)]  # type: ignore[call-overload]

    assert told(taken) == [(index, f"<{index + 1}@x>") for index in range(5)]
    assert [delivery.context for delivery in taken] == [1, 2, 3, 4, 5]
    assert source.take(5) == []


def test_items_that_are_all_at_hand_are_composed_some_ahead() -> None:
    composing = Composing()
    source = composing.source(list(range(1, 41)))

    taken = [next(source), *source.take(3), next(source)]  # type: ignore[call-overload]
    assert composing.blocks == [[*range(1, 17)]]
    taken += [*source.take(32), *source.take(32)]
    taken += source  # type: ignore[operator]

    assert told(taken) == [(index, f"<{index + 1}@x>") for index in range(40)]
    assert source.take(1) == []


def test_of_items_at_hand_none_is_given_once_the_series_is_closed() -> None:
    source = Composing().source([1, 2, 3])
    next(source)  # type: ignore[call-overload]

    source.close()  # type: ignore[attr-defined]

    assert source.take(1) == []


@pytest.mark.parametrize(
    "items,told_of",
    [
        ((1, 0, 2), ["<1@x>", "<0@x>", "<2@x>"]),
        ((1, -1, 2), ["<1@x>", "a number below 0", "<2@x>"]),
    ],
)
def test_a_block_with_something_unusual_is_composed_one_by_one(
    items: tuple[int, ...], told_of: list[str]
) -> None:
    composing = Composing()

    taken = composing.source(iter(items)).take(3)

    assert told(taken) == list(enumerate(told_of))
    assert composing.alone == [*items]
    assert [delivery.receipt is None for delivery in taken] == [item >= 0 for item in items]


def test_a_failure_of_the_items_is_heard_behind_those_before_it() -> None:
    def failing() -> Iterator[int]:
        yield from (1, 2)
        raise LookupError("no more rows")

    source = Composing().source(failing())
    assert told(source.take(2)) == [(0, "<1@x>"), (1, "<2@x>")]
    with pytest.raises(LookupError, match="no more rows"):
        source.take(2)

    source = Composing().source(failing())
    assert told(source.take(5)) == [(0, "<1@x>"), (1, "<2@x>")]
    with pytest.raises(LookupError, match="no more rows"):
        source.take(5)
    with pytest.raises(LookupError, match="no more rows"):
        next(source)  # type: ignore[call-overload]


def test_a_closed_series_takes_nothing_more() -> None:
    items = iter(range(1, 10))
    source = Composing().source(items)
    source.take(2)

    source.close()  # type: ignore[attr-defined]

    assert source.take(2) == []
    assert next(items) == 3


def test_a_delivery_made_among_several_is_one_as_any_other() -> None:
    (made,) = Composing().source(iter([7])).take(1)

    usual = Delivery(made.envelope, made.message, index=0, context=7)

    assert type(made) is Delivery
    assert {name: getattr(made, name) for name in Delivery.__slots__} == {
        name: getattr(usual, name) for name in Delivery.__slots__
    }
