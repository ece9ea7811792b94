"""Exercises of what is done when nobody acknowledges an event."""

from __future__ import annotations

from functools import partial

from eilbote.author.notification.decision import decide, decide_step
from eilbote.author.notification.escalated import escalated
from eilbote.author.notification.escalation import Acknowledgement, Escalation
from eilbote.author.notification.store import RaisedFilter
from eilbote.testing.expectation import expect, holds
from eilbote.testing.notification_exercises.scene import NOW, Exercise, Kept, at, event, new_ids, of, wish

FIRST = Escalation(event="e1", subscription="s1", step=0, due=at(900))
SECOND = Escalation(event="e1", subscription="s1", step=1, due=at(2_700))
STEPS = ["15m boss@example.org", "30m owner@example.org fatal"]


async def a_step_waits_until_it_is_due(kept: Kept) -> None:
    """It is kept with the event, for everybody, and is taken once; then the next one waits."""
    store = kept()
    await store.keep_subscription(wish(escalation=STEPS))
    await store.keep_subscription(wish("s2", to=["max@example.org"]))
    await store.raise_event(event(), decide)
    await store.told((await store.batches(NOW))[0].id, entry=None, now=NOW)
    await store.told((await store.batches(NOW))[0].id, entry=None, now=NOW)
    expect(await store.next_due(), at(900), "the step is what falls due next")
    expect(list(await store.escalations_due(at(899))), [], "not before its time")
    expect(list(await kept().escalations_due(at(900))), [FIRST], "then everybody sees it")
    await store.escalated(FIRST, raised="x1", reason="", following=SECOND, now=at(901))
    await kept().escalated(FIRST, raised="x2", reason="", following=None, now=at(902))
    expect(list(await store.escalations_due(at(2_700))), [SECOND], "the next one waits")
    await store.escalated(SECOND, raised="", reason="it is muted", following=None, now=at(2_701))
    expect(
        [(one.escalation, one.done, one.raised, one.reason) for one in await store.escalations("e1")],
        [(FIRST, at(901), "x1", ""), (SECOND, at(2_701), "", "it is muted")],
        "and what became of each is known",
    )
    expect(await store.next_due(), None, "nothing waits any more")


async def whoever_acknowledges_first_ends_the_steps(kept: Kept) -> None:
    """The event, or the one that says that nobody has: it is the same."""
    store = kept()
    subscription = await store.keep_subscription(wish(escalation=STEPS, cadence="hourly"))
    await store.raise_event(event(), decide)
    (first,) = await store.escalations_due(at(86_400))
    expect(first.due, at(30 * 60 + 900), "time counts from when they are told")
    expect(dict(await store.awaiting(["e1", "none"])), {"e1": "e1"}, "it waits for somebody")
    louder = escalated(event(), subscription.escalation[0], 0, id_="x1", now=first.due)
    await store.raise_event(louder, partial(decide_step, subscription=subscription, step=0))
    await store.escalated(first, raised="x1", reason="", following=SECOND, now=first.due)
    expect(dict(await store.awaiting(["x1"])), {"x1": "e1"}, "so does what says that nobody has")
    said = Acknowledgement(event="x1", at=at(3_000), by="max", note="on it")
    known = await kept().acknowledge(said)
    expect(known, Acknowledgement(event="e1", at=at(3_000), by="max", note="on it"), "it is acknowledged")
    again = await store.acknowledge(Acknowledgement(event="e1", at=at(3_001), by="eva"))
    expect(again, known, "once")
    expect(
        await store.acknowledge(Acknowledgement(event="e9", at=NOW, by="eva")), None, "and nothing else is"
    )
    expect(list(await store.escalations_due(at(86_400))), [], "no step waits")
    expect((await store.escalations("e1"))[-1].reason, "max has acknowledged it", "and it is said why")
    expect(dict(await store.awaiting(["e1", "x1"])), {}, "nobody is waited for")
    expect(set(await store.acknowledgements(["e1", "x1", "none"])), {"e1", "x1"}, "both are known as such")
    await store.raise_event(event("e2", when=at(5)), decide)
    for which, ids in ((True, ["x1", "e1"]), (False, ["e2"])):
        found = await store.events(RaisedFilter(acknowledged=which))
        expect([one.event.id for one in found], ids, "and are found by it")


async def the_same_about_the_same_is_acknowledged_together(kept: Kept) -> None:
    """What was raised before about the same thing needs nobody else; what comes later, or is about another thing, does."""
    store = kept()
    await store.keep_subscription(wish(escalation=STEPS, everywhere=True))
    for number, (key, organization) in enumerate([("a", ""), ("a", ""), ("b", ""), ("a", "acme"), ("a", "")]):
        said = event(f"e{number}", key=key, organization=organization, when=at(4_000 * number))
        await store.raise_event(said, decide)
    await store.acknowledge(Acknowledgement(event="e1", at=at(20_000), by="max"))
    waiting = await store.awaiting([f"e{number}" for number in range(5)])
    expect(sorted(waiting), ["e2", "e3", "e4"], "the others wait")


async def a_step_that_waits_with_others_is_not_told_after_all(kept: Kept) -> None:
    """Whoever would have heard of it in a digest need not any more."""
    store = kept()
    subscription = await store.keep_subscription(
        wish(escalation=["15m boss@example.org"], quiet="09:00-11:00")
    )
    await store.raise_event(event(), decide)
    louder = escalated(event(), subscription.escalation[0], 0, id_="x1", now=at(900))
    await store.raise_event(louder, partial(decide_step, subscription=subscription, step=0))
    (first,) = await store.escalations_due(at(86_400))
    await store.escalated(first, raised="x1", reason="", following=None, now=first.due)
    expect(of(await store.tellings("x1")), [("boss@example.org", True, "")], "it waits for the morning")
    await store.acknowledge(Acknowledgement(event="e1", at=at(1_000), by="max"))
    expect(
        of(await store.tellings("x1")), [("boss@example.org", False, "max has acknowledged it")], "it is over"
    )
    holds(
        all(one[1] for one in of(await store.tellings("e1"))), "whoever was told first is told all the same"
    )


async def who_unsubscribes_ends_the_steps(kept: Kept) -> None:
    """They wait for nobody."""
    store = kept()
    await store.keep_subscription(wish(escalation=STEPS))
    await store.raise_event(event(), decide)
    await store.drop_subscription("s1")
    expect(list(await store.escalations_due(at(86_400))), [], "no step waits")


async def what_waits_for_somebody_is_not_forgotten(kept: Kept) -> None:
    """And when it is, its steps are as well."""
    store = kept()
    await store.keep_subscription(wish(escalation=STEPS))
    await store.raise_event(event(), decide)
    for batch in await store.batches(NOW):
        await store.told(batch.id, entry=None, now=NOW)
    await store.gather(NOW, new_id=new_ids())
    expect(await store.prune(before=at(86_400)), 0, "it waits")
    await store.acknowledge(Acknowledgement(event="e1", at=NOW, by="max"))
    expect(await store.prune(before=at(86_400)), 1, "then it is over")
    expect(list(await store.escalations("e1")), [], "with everything about it")
    expect(dict(await store.acknowledgements(["e1"])), {}, "and who has acknowledged it")


EXERCISES: tuple[Exercise, ...] = (
    a_step_waits_until_it_is_due,
    whoever_acknowledges_first_ends_the_steps,
    the_same_about_the_same_is_acknowledged_together,
    a_step_that_waits_with_others_is_not_told_after_all,
    who_unsubscribes_ends_the_steps,
    what_waits_for_somebody_is_not_forgotten,
)
