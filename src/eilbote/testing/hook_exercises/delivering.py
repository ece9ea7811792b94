"""Exercises of deliveries: laid down once, taken by one worker at a time, settled, delivered again, forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.record.webhook import DeliveryState
from eilbote.record.webhook_store import Feed
from eilbote.testing.expectation import expect, holds
from eilbote.testing.hook_exercises.scene import NOW, Exercise, Kept, at, delivery, webhook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.record.webhook import HookDelivery

UNTIL = at(60)


def _ids(found: Sequence[HookDelivery]) -> list[str]:
    return [one.id for one in found]


def _tried(one: HookDelivery, state: DeliveryState, *, when: float = 1, due: float = 0) -> HookDelivery:
    return replace(
        one,
        state=state,
        due=at(due),
        attempts=one.attempts + 1,
        attempted=at(when),
        seconds=0.25,
        status=503,
        answer="later, please: Grüße",
    )


async def the_same_is_laid_down_once(kept: Kept) -> None:
    """Known by webhook and id; what is known is left as it is. How far the feed was read is kept with it."""
    store = kept()
    await store.keep(webhook())
    await store.keep(webhook("w2"))
    expect(await store.position(), 0, "at first nothing was read")
    expect(await store.enqueue([delivery(), delivery("d2")], position=7), 2, "two are new")
    ended = replace(delivery("test"), state=DeliveryState.DELIVERED, attempts=1, attempted=at(1), status=204)
    expect(
        await kept().enqueue([delivery(due=99), delivery(to="w2"), ended], position=9), 2, "then two others"
    )
    other = kept()
    expect(await other.delivery("w1", "d1"), delivery(), "the first is as it was said")
    expect(await other.delivery("w1", "test"), ended, "one that has ended is kept for the log")
    expect(await other.delivery("w2", "d9"), None, "and none is that is not there")
    expect(await other.position(), 9, "the feed was read so far")
    await other.enqueue([], position=8)
    expect(await store.position(), 9, "and never less far")
    expect(await store.position(Feed.NOTIFICATIONS), 0, "each feed by itself")
    await store.enqueue([], feed=Feed.NOTIFICATIONS, position=2**50)
    found = await other.position(Feed.NOTIFICATIONS), await other.position(Feed.OUTBOX)
    expect(found, (2**50, 9), "and they do not mix")


async def who_lays_down_the_same_at_once_lays_it_down_once(kept: Kept) -> None:
    """Several workers read the same feed."""
    await kept().keep(webhook())
    said = [delivery(f"d{number}") for number in range(5)]
    found = await asyncio.gather(*(kept().enqueue(said, position=number) for number in range(6)))
    expect(sum(found), 5, "each is new once")
    expect(await kept().position(), 5, "and the furthest position stays")


async def what_is_due_is_taken_by_one(kept: Kept) -> None:
    """The oldest first, not before its time, and by another one only when the time is up."""
    store = kept()
    await store.keep(webhook())
    expect(await store.next_due(), None, "nothing waits at first")
    await store.enqueue([delivery("d3", due=30), delivery("d1", due=10), delivery("d2", due=20)])
    expect(await kept().next_due(), at(10), "the first is due then")
    expect(await store.claim("one", limit=5, now=at(9), until=UNTIL), [], "and not before")
    expect(_ids(await store.claim("one", limit=1, now=at(20), until=UNTIL)), ["d1"], "as many as asked for")
    expect(
        _ids(await kept().claim("two", limit=5, now=at(20), until=at(70))), ["d2"], "the other gets the rest"
    )
    expect(await kept().next_due(), at(30), "then the next one is due")
    expect(_ids(await kept().claim("two", limit=5, now=at(30), until=at(70))), ["d3"], "and is taken")
    expect(await store.next_due(), UNTIL, "after that, what somebody does not finish in time")
    expect(_ids(await kept().claim("two", limit=5, now=UNTIL, until=at(120))), ["d1"], "goes to another one")


async def of_many_who_take_at_once_each_gets_others(kept: Kept) -> None:
    """No delivery is taken twice."""
    await kept().keep(webhook())
    await kept().enqueue([delivery(f"d{number:02}") for number in range(20)])
    found = await asyncio.gather(
        *(kept().claim(f"w{number}", limit=4, now=NOW, until=UNTIL) for number in range(8))
    )
    found += [await kept().claim("last", limit=20, now=NOW, until=UNTIL)]
    ids = sorted(one.id for each in found for one in each)
    expect(ids, [f"d{number:02}" for number in range(20)], "each is taken once")


async def what_became_of_it_is_written_by_who_holds_it(kept: Kept) -> None:
    """Nobody else's word counts, and what was sent never changes."""
    store = kept()
    await store.keep(webhook())
    await store.enqueue([delivery()])
    holds(
        not await store.settle(_tried(delivery(), DeliveryState.DELIVERED), worker="one"), "who holds nothing"
    )
    (taken,) = await store.claim("one", limit=5, now=NOW, until=UNTIL)
    expect(taken, delivery(), "it is given as it was said")
    holds(not await kept().settle(_tried(taken, DeliveryState.FAILED), worker="two"), "who does not hold it")
    expect(await kept().delivery("w1", "d1"), delivery(), "changes nothing")
    later = _tried(taken, DeliveryState.WAITING, due=100)
    changed = replace(later, body="something else", event="other", organization="other", created=at(77))
    holds(await kept().settle(changed, worker="one"), "who holds it may")
    expect(await kept().delivery("w1", "d1"), later, "what it did is kept, what was sent stays")
    holds(not await store.settle(later, worker="one"), "and lets go with that")
    expect(await kept().next_due(), at(100), "it is due again")
    (taken,) = await kept().claim("two", limit=5, now=at(100), until=at(160))
    done = _tried(taken, DeliveryState.DELIVERED, when=101)
    holds(await kept().settle(done, worker="two"), "by another one")
    expect(await kept().delivery("w1", "d1"), done, "until it has arrived")
    expect(await kept().claim("one", limit=5, now=at(10**6), until=at(10**7)), [], "then nobody takes it")
    expect(await kept().next_due(), None, "and nothing is due")


async def who_was_too_slow_is_told(kept: Kept) -> None:
    """Somebody else has taken it over, and writes what became of it."""
    store = kept()
    await store.keep(webhook())
    await store.enqueue([delivery()])
    (slow,) = await store.claim("slow", limit=1, now=NOW, until=UNTIL)
    (quick,) = await kept().claim("quick", limit=1, now=UNTIL, until=at(120))
    holds(not await store.settle(_tried(slow, DeliveryState.FAILED), worker="slow"), "too late")
    holds(await store.settle(_tried(quick, DeliveryState.DELIVERED), worker="quick"), "in time")
    holds(not await store.settle(_tried(slow, DeliveryState.FAILED), worker="slow"), "for ever")


async def the_log_is_read_page_by_page(kept: Kept) -> None:
    """The latest first, those of one webhook, in one state if one likes."""
    store = kept()
    await store.keep(webhook())
    await store.keep(webhook("w2"))
    await store.enqueue(
        [
            *(delivery(f"d{number}", created=number // 2) for number in range(5)),
            replace(delivery("D", created=1), state=DeliveryState.FAILED),
            delivery("x", "w2"),
        ]
    )
    other = kept()
    expect(_ids(await other.deliveries("w1")), ["d4", "d3", "d2", "D", "d1", "d0"], "the latest first")
    expect(_ids(await other.deliveries("w1", limit=2)), ["d4", "d3"], "a page of them")
    expect(_ids(await other.deliveries("w1", limit=2, after="d3")), ["d2", "D"], "and the next")
    expect(_ids(await other.deliveries("w1", state=DeliveryState.FAILED)), ["D"], "in one state")
    found = await other.deliveries("w1", state=DeliveryState.WAITING, limit=2, after="d2")
    expect(_ids(found), ["d1", "d0"], "both together")
    expect(_ids(await other.deliveries("w1", after="x")), [], "behind nothing of its own is nothing")
    expect(_ids(await other.deliveries("w9")), [], "nor is there anything of one that is not there")


async def one_can_be_delivered_again(kept: Kept) -> None:
    """Under the same id, now; its attempts are counted from the beginning."""
    store = kept()
    await store.keep(webhook())
    failed = _tried(delivery(), DeliveryState.FAILED)
    await store.enqueue([failed])
    expect(await kept().next_due(), None, "it has ended")
    holds(await kept().redeliver("w1", "d1", now=at(50)), "it is wanted again")
    holds(not await kept().redeliver("w1", "d9", now=at(50)), "which one that is not there cannot be")
    holds(not await kept().redeliver("w2", "d1", now=at(50)), "nor to anybody else")
    again = replace(failed, state=DeliveryState.WAITING, due=at(50), attempts=0)
    expect(await store.delivery("w1", "d1"), again, "it waits as at first")
    expect(list(await kept().claim("one", limit=5, now=at(50), until=UNTIL)), [again], "and is taken")


async def what_has_ended_long_ago_is_forgotten(kept: Kept) -> None:
    """The oldest first, and nothing that waits."""
    store = kept()
    await store.keep(webhook())
    await store.enqueue(
        [
            delivery("waits", created=-1000, due=-1000),
            replace(delivery("never", created=-9), state=DeliveryState.FAILED),
            *(
                _tried(delivery(f"d{number}", created=-99), DeliveryState.DELIVERED, when=number)
                for number in range(4)
            ),
        ]
    )
    expect(await store.prune(before=at(-9)), 0, "nothing before its time")
    expect(await store.prune(before=at(3), limit=2), 2, "at most so many")
    expect(_ids(await kept().deliveries("w1")), ["d3", "d2", "d1", "waits"], "the oldest first")
    expect(await store.prune(before=at(3)), 2, "then the rest")
    expect(_ids(await kept().deliveries("w1")), ["d3", "waits"], "what waits stays")


EXERCISES: tuple[Exercise, ...] = (
    the_same_is_laid_down_once,
    who_lays_down_the_same_at_once_lays_it_down_once,
    what_is_due_is_taken_by_one,
    of_many_who_take_at_once_each_gets_others,
    what_became_of_it_is_written_by_who_holds_it,
    who_was_too_slow_is_told,
    the_log_is_read_page_by_page,
    one_can_be_delivered_again,
    what_has_ended_long_ago_is_forgotten,
)
