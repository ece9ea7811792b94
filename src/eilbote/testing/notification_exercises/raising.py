"""Exercises of subscriptions and of raising events."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

from eilbote.author.notification.decision import MOST_IN_AN_HOUR, decide, decide_quietly
from eilbote.author.notification.store import Raised, RaisedFilter
from eilbote.errors import ConflictError
from eilbote.model.severity import Severity
from eilbote.testing.expectation import expect, holds
from eilbote.testing.notification_exercises.scene import NOW, Exercise, Kept, at, event, of, wish


async def a_subscription_is_kept_as_it_was_said(kept: Kept) -> None:
    """All of it, for whoever looks; those of one organization apart from others'."""
    store = kept()
    said = wish(
        event="flow.*",
        severity="error",
        to=["anna@example.org", "jürgen@example.org"],
        cadence="daily",
        at="06:30",
        time_zone="Europe/Berlin",
        quiet="22:00-07:00",
        muted_until=NOW,
        language="de",
        everywhere=True,
    )
    first = await store.keep_subscription(said)
    acme = await store.keep_subscription(wish("s2", organization="acme"))
    other = kept()
    expect(first, replace(said, revision=1), "it is given back with its revision")
    expect(await other.subscription("s1"), first, "and found by everybody")
    holds(await other.has_subscription("s1"), "who only asks whether it is there is told so")
    holds(not await other.has_subscription("s9"), "and that another one is not")
    expect(list(await other.subscriptions()), [first, acme], "among all of them, in the order of their ids")
    expect(list(await other.subscriptions("acme")), [acme], "or among those of its organization")
    expect(list(await other.subscriptions("")), [first], "and so are the host's")


async def who_changes_what_somebody_has_changed_is_told(kept: Kept) -> None:
    """A revision is changed once, and an id is taken once."""
    store = kept()
    first = await store.keep_subscription(wish())
    second = await store.keep_subscription(replace(first, language="de"))
    for late in (first, wish(), replace(wish("s9"), revision=3)):
        try:
            await store.keep_subscription(late)
        except ConflictError:
            continue
        raise AssertionError("an older revision is not written over a newer one")
    expect(await store.subscription("s1"), second, "what was kept stays")
    holds(await store.drop_subscription("s1"), "it can be forgotten")
    holds(not await store.drop_subscription("s1"), "once")
    expect(await store.subscription("s1"), None, "and is gone")


async def an_event_is_kept_whole_with_everybody_who_is_told(kept: Kept) -> None:
    """Its texts and values as they were, and each person once."""
    store = kept()
    await store.keep_subscription(wish(to=["anna@example.org", "max@example.org"]))
    await store.keep_subscription(wish("s2", to=["max@example.org"], cadence="daily"))
    said = event(
        organization="",
        summary="Überfällig {{ x }} %",
        data={"total": Decimal("12.50"), "lines": [1, {"a": None}], "$x": "y", "paid": False},
        to=("eva@example.org",),
    )
    raised = await store.raise_event(said, decide)
    expect(raised, Raised(event="e1", is_new=True, count=1, told=3), "three are told")
    (found,) = await kept().events(RaisedFilter())
    expect(found.event, said, "the event is found as it was raised")
    expect((found.count, found.last, found.told), (1, NOW, 3), "with its figures")
    expect(
        of(await kept().tellings("e1")),
        [("anna@example.org", True, ""), ("eva@example.org", True, ""), ("max@example.org", True, "")],
        "and each is to be told once",
    )


async def an_event_raised_again_under_its_id_changes_nothing(kept: Kept) -> None:
    """So whoever does not know whether it was raised raises it again."""
    store = kept()
    await store.keep_subscription(wish())
    await store.raise_event(event(), decide)
    again = await kept().raise_event(event(summary="other words", when=at(99_999)), decide)
    expect(again, Raised(event="e1", is_new=False, count=1, told=1), "it is known")
    (found,) = await store.events(RaisedFilter())
    expect((found.event.summary, found.count), ("", 1), "and stays as it was")


async def the_same_about_the_same_is_counted(kept: Kept) -> None:
    """For an hour; then it is told again, with how often it was counted. Each organization, kind and key apart."""
    store = kept()
    await store.keep_subscription(wish(everywhere=True))
    await store.raise_event(event(key="4711"), decide)
    for number in range(3):
        raised = await store.raise_event(event(f"r{number}", key="4711", when=at(60 + number)), decide)
        expect(raised, Raised(event="e1", is_new=False, count=2 + number, told=0), "it is counted")
        again = await kept().raise_event(event(f"r{number}", key="4711", when=at(60 + number)), decide)
        expect(again, raised, "and counted once, however often it is raised under its id")
    others = [
        event("o1", key="4712"),
        event("o2", key="4711", organization="acme"),
        event("o3", "invoice.paid", key="4711"),
        event("o4"),
        event("o5"),
    ]
    for other in others:
        holds((await store.raise_event(other, decide)).is_new, f"{other.id} is an event of its own")
    late = await store.raise_event(event("e2", key="4711", when=at(3_600)), decide)
    expect(late, Raised(event="e2", is_new=True, count=1, told=1), "after an hour it is told again")
    found = {one.event.id: one for one in await store.events(RaisedFilter())}
    expect((found["e1"].count, found["e1"].last), (4, at(62)), "the first has counted the others")
    expect((found["e2"].count, found["e2"].earlier), (1, 3), "and the next one says how many they were")
    counted = await store.raise_event(event("r9", key="4711", when=at(3_700)), decide)
    expect((counted.event, counted.count), ("e2", 2), "from then on that one counts")


async def of_two_at_once_one_is_told(kept: Kept) -> None:
    """However many raise the same about the same at the same moment."""
    store, other = kept(), kept()
    await store.keep_subscription(wish())
    raised = await asyncio.gather(
        *(
            (store if number % 2 else other).raise_event(event(f"e{number}", key="4711"), decide)
            for number in range(12)
        )
    )
    expect(sum(one.is_new for one in raised), 1, "one is an event of its own")
    expect(sorted(one.count for one in raised), list(range(1, 13)), "and counts the others")
    expect(len(await store.events(RaisedFilter())), 1, "nothing else is kept")


async def a_storm_is_gathered(kept: Kept) -> None:
    """Who has had many messages within an hour gets the rest in one."""
    store = kept()
    await store.keep_subscription(wish())
    await store.keep_subscription(wish("s2", to=["max@example.org"], event="invoice.*", cadence="hourly"))
    await store.keep_subscription(wish("s3", to=["max@example.org"], event="job.*"))
    for number in range(MOST_IN_AN_HOUR + 5):
        await store.raise_event(event(f"e{number}", when=at(number)), decide)
    alone = [
        (await store.tellings(f"e{number}"))[0].telling.gathered for number in range(MOST_IN_AN_HOUR + 5)
    ]
    expect(alone, [False] * MOST_IN_AN_HOUR + [True] * 5, "twenty come alone, the others wait")
    await store.raise_event(event("job", "job.failed", when=at(MOST_IN_AN_HOUR)), decide)
    quiet = {one.telling.recipient: one.telling.gathered for one in await store.tellings("job")}
    holds(not quiet["max@example.org"], "who was told little, because it was gathered, is told at once")
    await store.raise_event(event("later", when=at(3_600 + MOST_IN_AN_HOUR)), decide)
    last = (await store.tellings("later"))[0]
    holds(not last.telling.gathered, "an hour later all is as before")


async def an_event_about_the_telling_is_told_to_nobody(kept: Kept) -> None:
    """It is kept all the same."""
    store = kept()
    await store.keep_subscription(wish())
    expect((await store.raise_event(event(), decide_quietly)).told, 0, "nobody is told")
    expect(await store.next_due(), None, "and nothing waits")
    expect(len(await store.events(RaisedFilter())), 1, "but it is there")


async def events_are_found_by_what_they_are(kept: Kept) -> None:
    """The latest first, a page at a time."""
    store = kept()
    for number, (kind, severity, organization) in enumerate(
        [
            ("flow.failed", "error", ""),
            ("flow_failed", "information", ""),
            ("flow.began", "fatal", "acme"),
            ("job.failed", "warning", "acme"),
        ]
    ):
        said = event(f"e{number}", kind, severity=severity, organization=organization, when=at(number))
        await store.raise_event(said, decide)

    async def ids(which: RaisedFilter, *, limit: int = 100, after: str = "") -> list[str]:
        return [one.event.id for one in await store.events(which, limit=limit, after=after)]

    expect(await ids(RaisedFilter()), ["e3", "e2", "e1", "e0"], "the latest first")
    expect(await ids(RaisedFilter(), limit=2, after="e3"), ["e2", "e1"], "a page behind another")
    expect(await ids(RaisedFilter(), after="nobody"), [], "behind nothing there is nothing")
    expect(await ids(RaisedFilter(pattern="flow.*")), ["e2", "e0"], "a dot is a dot")
    expect(await ids(RaisedFilter(pattern="flow_failed")), ["e1"], "and a line is a line")
    expect(await ids(RaisedFilter(pattern="*failed")), ["e3", "e1", "e0"], "a star is anything")
    expect(await ids(RaisedFilter(id="e1")), ["e1"], "by its id")
    expect(await ids(RaisedFilter(organization="acme")), ["e3", "e2"], "of an organization")
    expect(await ids(RaisedFilter(organization="")), ["e1", "e0"], "of the host")
    expect(await ids(RaisedFilter(least=Severity.ERROR)), ["e2", "e0"], "bad enough")
    expect(await ids(RaisedFilter(since=at(2))), ["e3", "e2"], "since a moment")


EXERCISES: tuple[Exercise, ...] = (
    a_subscription_is_kept_as_it_was_said,
    who_changes_what_somebody_has_changed_is_told,
    an_event_is_kept_whole_with_everybody_who_is_told,
    an_event_raised_again_under_its_id_changes_nothing,
    the_same_about_the_same_is_counted,
    of_two_at_once_one_is_told,
    a_storm_is_gathered,
    an_event_about_the_telling_is_told_to_nobody,
    events_are_found_by_what_they_are,
)
