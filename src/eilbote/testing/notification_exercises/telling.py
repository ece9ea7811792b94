"""Exercises of what becomes of tellings: gathered, handed in, put off, given up, forgotten."""

from __future__ import annotations

import asyncio

from eilbote.author.notification.decision import decide
from eilbote.author.notification.store import MOST_SHOWN, RaisedFilter
from eilbote.model.ids import EntryId
from eilbote.model.severity import Severity
from eilbote.testing.expectation import expect
from eilbote.testing.notification_exercises.scene import NOW, Exercise, Kept, at, event, new_ids, of, wish

ENTRY = EntryId(4711)
DAY = 86_400


async def what_is_told_at_once_is_due_at_once(kept: Kept) -> None:
    """One message for each person, whoever asks, until it was handed in."""
    store = kept()
    await store.keep_subscription(wish(to=["anna@example.org", "max@example.org"], language="de"))
    await store.raise_event(event(severity="error"), decide)
    expect(await store.next_due(), NOW, "it is due")
    expect(await store.gather(NOW, new_id=new_ids()), 0, "nothing is gathered for it")
    expect(list(await store.batches(at(-1))), [], "not before its time")
    found = await store.batches(NOW)
    expect(
        sorted(one.recipient for one in found), ["anna@example.org", "max@example.org"], "each has their own"
    )
    (first, second) = found
    expect(
        (first.total, first.subscription, first.language, first.organization, first.since),
        (1, "s1", "de", "", NOW),
        "with what is needed to write it",
    )
    expect(first.counts.get(Severity.ERROR), 1, "and how bad it is")
    expect(list(await kept().batches(NOW)), list(found), "everybody sees the same")
    await store.told(first.id, entry=ENTRY, now=at(1))
    expect([one.id for one in await store.batches(at(2))], [second.id], "what was handed in is done")
    done = {one.telling.recipient: (one.done, one.entry) for one in await store.tellings("e1")}
    expect(done[first.recipient], (at(1), ENTRY), "and it is known as what")
    await store.told(second.id, entry=None, now=at(3))
    expect(await store.next_due(), None, "then nothing waits")


async def what_can_wait_is_gathered_when_it_is_due(kept: Kept) -> None:
    """What is in a message never changes: what comes later is in the next one."""
    store, ids = kept(), new_ids()
    await store.keep_subscription(wish(cadence="hourly"))
    due = at(30 * 60)
    for number in range(3):
        await store.raise_event(event(f"e{number}", when=at(number), severity="error"), decide)
    expect(await store.next_due(), due, "it is due at the full hour")
    expect(await store.gather(at(60), new_id=ids), 0, "not before")
    expect(await store.gather(due, new_id=ids), 1, "then it is one message")
    (batch,) = await store.batches(due)
    expect((batch.id, batch.total), ("b0", 3), "about all of them")
    await store.raise_event(event("late", when=at(10)), decide)
    expect(await store.gather(due, new_id=ids), 1, "what comes late is another one")
    first, second = sorted(await store.batches(due), key=lambda one: one.id)
    expect((first.total, second.total), (3, 1), "and the first stays as it was")
    expect(await store.gather(due, new_id=ids), 0, "nothing is gathered twice")


async def of_two_who_gather_one_does(kept: Kept) -> None:
    """Each telling belongs to one message."""
    store, other = kept(), kept()
    people = [f"a{number}@example.org" for number in range(8)]
    await store.keep_subscription(wish(to=people, cadence="hourly"))
    await store.raise_event(event(), decide)
    ids = new_ids()
    made = await asyncio.gather(*(one.gather(at(DAY), new_id=ids) for one in (store, other, store, other)))
    expect(sum(made), 8, "eight messages in all")
    found = await store.batches(at(DAY))
    expect(sorted(one.recipient for one in found), people, "one for each person")


async def a_message_shows_the_worst_and_counts_the_rest(kept: Kept) -> None:
    """However many there are."""
    store = kept()
    await store.keep_subscription(wish(cadence="daily"))
    severities = [*["error"] * 5, "information", "information", "fatal", *["information"] * (MOST_SHOWN + 2)]
    for number, severity in enumerate(severities):
        await store.raise_event(event(f"e{number:03}", when=at(number), severity=severity), decide)
    await store.gather(at(2 * DAY), new_id=new_ids())
    (batch,) = await store.batches(at(2 * DAY))
    expect((len(batch.events), batch.total), (MOST_SHOWN, MOST_SHOWN + 10), "some are shown")
    expect(
        [one.event.id for one in batch.events][:7],
        ["e007", "e004", "e003", "e002", "e001", "e000", f"e{MOST_SHOWN + 9:03}"],
        "the worst and latest first",
    )
    expect(
        {severity: number for severity, number in batch.counts.items() if number},
        {Severity.FATAL: 1, Severity.ERROR: 5, Severity.INFORMATION: MOST_SHOWN + 4},
        "all are counted",
    )


async def what_cannot_be_handed_in_is_put_off_or_given_up(kept: Kept) -> None:
    """The reason is kept, and how often it was tried."""
    store = kept()
    await store.keep_subscription(wish())
    await store.raise_event(event(), decide)
    (batch,) = await store.batches(NOW)
    await store.put_off(batch.id, due=at(60), reason="no server")
    expect(list(await store.batches(at(59))), [], "it waits")
    expect(await store.next_due(), at(60), "until then")
    (again,) = await store.batches(at(60))
    expect((again.failures, again.id), (1, batch.id), "and is tried under the same name")
    expect(of(await store.tellings("e1")), [("anna@example.org", True, "no server")], "the reason is kept")
    await store.give_up(batch.id, reason="no address", now=at(61))
    expect(of(await store.tellings("e1")), [("anna@example.org", False, "no address")], "or it is given up")
    expect(await store.next_due(), None, "for good")


async def who_unsubscribes_is_told_nothing_more(kept: Kept) -> None:
    """What others want, and what was told, stays."""
    store = kept()
    await store.keep_subscription(wish(to=["anna@example.org"], cadence="hourly"))
    await store.keep_subscription(wish("s2", to=["max@example.org"], cadence="hourly"))
    await store.raise_event(event(), decide)
    await store.drop_subscription("s1")
    expect(of(await store.tellings("e1")), [("max@example.org", True, "")], "the others are told")


async def what_is_over_is_forgotten(kept: Kept) -> None:
    """Unless somebody is still to be told."""
    store = kept()
    await store.raise_event(event("old"), decide)
    await store.raise_event(event("counted", key="k"), decide)
    await store.raise_event(event("again", key="k", when=at(1_000)), decide)
    await store.keep_subscription(wish(cadence="daily"))
    await store.raise_event(event("waits", when=at(1)), decide)
    expect(await store.prune(before=at(500)), 1, "what is old and over goes")
    expect(
        {one.event.id for one in await store.events(RaisedFilter())}, {"counted", "waits"}, "the others stay"
    )
    await store.gather(at(2 * DAY), new_id=new_ids())
    (batch,) = await store.batches(at(2 * DAY))
    await store.told(batch.id, entry=ENTRY, now=at(2 * DAY))
    expect(await store.prune(before=at(2_000), limit=1), 1, "so many at once")
    expect(await store.prune(before=at(2_000), limit=9), 1, "and the rest")
    expect(list(await store.tellings("waits")), [], "with everybody who was told")
    raised = await store.raise_event(event("again", key="k", when=at(3_000)), decide)
    expect((raised.event, raised.is_new), ("again", True), "and what was only counted is forgotten with it")


EXERCISES: tuple[Exercise, ...] = (
    what_is_told_at_once_is_due_at_once,
    what_can_wait_is_gathered_when_it_is_due,
    of_two_who_gather_one_does,
    a_message_shows_the_worst_and_counts_the_rest,
    what_cannot_be_handed_in_is_put_off_or_given_up,
    who_unsubscribes_is_told_nothing_more,
    what_is_over_is_forgotten,
)
