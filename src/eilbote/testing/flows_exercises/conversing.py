"""Exercises about what conversations keep, and several runs that change it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

from eilbote.author.flow.limits import MOST_VALUE_OCTETS
from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.errors import FlowError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.flows_exercises.scene import Exercise, Kept, new_run
from eilbote.testing.work_exercises.scene import at, take

if TYPE_CHECKING:
    from eilbote.model.data import Data


async def runs_of_a_conversation_share_their_context(kept: Kept) -> None:
    """What one leaves behind the next one finds when it is taken; other conversations never do."""
    flows = kept()
    values: dict[str, Data] = {
        "n": Decimal("1.50"),
        "text": "ü\ud800\0",
        "none": None,
        "deep": {"$decimal": ["$"], "": {}},
    }
    for name, organization, session in (
        ("one", "acme", "talk"),
        ("two", "acme", "talk"),
        ("other", "acme", "other"),
        ("host", "", "talk"),
    ):
        await flows.begin(new_run(name, organization=organization, session=session))
    [one] = await take(flows, only=["one"])
    expect(one.context, {}, "nothing is kept yet")
    told = await flows.keep(one, context=values, holds=False, now=at(1))
    expect(told.context, values, "whoever keeps is told what is there")
    [two] = await take(kept(), only=["two"], now=1)
    expect(two.context, values, "exactly what was left")
    expect(str(two.context["n"]), "1.50", "to the last digit")
    expect(await flows.context("acme", "talk"), values, "which can be asked for")
    for run in await take(flows, now=1):
        if run.id in {"other", "host"}:
            expect(run.context, {}, "others find nothing of it")


async def runs_merge_what_they_change(kept: Kept) -> None:
    """Value by value: of two runs that hold the same context, neither writes over what only the other one has changed."""
    one, two = kept(), kept()
    for name in ("a", "b"):
        await one.begin(new_run(name, session="talk"))
    [first] = await take(one, only=["a"])
    await one.keep(first, context={"both": 0, "of_a": 0, "of_b": 0}, holds=False, now=at(0))
    first, second = (await take(one, only=["a"])) + (await take(two, only=["b"]))
    await asyncio.gather(
        one.keep(first, context={"of_a": 1, "both": 1}, holds=True, now=at(1)),
        two.keep(second, context={"of_b": 2, "new": None}, holds=True, now=at(1)),
    )
    expect(
        await two.context("", "talk"),
        {"both": 1, "of_a": 1, "of_b": 2, "new": None},
        "each has changed its own, and nothing is a value as well",
    )


async def a_context_can_be_forgotten(kept: Kept) -> None:
    """Of one conversation, with all its values."""
    flows = kept()
    for session in ("talk", "other"):
        await flows.begin(new_run(session, session=session))
        [run] = await take(flows, only=[session])
        await flows.keep(run, context={"a": 1, "b": 2}, holds=False, now=at(0))
    holds(await flows.forget_context("", "talk"), "there was something")
    holds(not await flows.forget_context("", "talk"), "once")
    expect(await kept().context("", "talk"), {}, "it is gone")
    expect(await flows.context("", "other"), {"a": 1, "b": 2}, "others stay")


async def a_value_that_is_too_large_is_refused(kept: Kept) -> None:
    """By an error that names it, and nothing of the step is kept."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows)
    refusals: tuple[tuple[dict[str, Data], str | None], ...] = (
        ({"small": 1, "large": "x" * MOST_VALUE_OCTETS}, "context.large"),
        ({"n" * (LONGEST_NAME + 1): 1}, f"context.{'n' * 60}"),
        ({"line\nbreak": 1}, "context.line\nbreak"),
        ({"deep": _nested(200)}, None),
        ({"long": 10**5000}, "context.long"),
        ({"infinite": Decimal("Infinity")}, "context.infinite"),
    )
    for context, field in refusals:
        fault = await refused(
            flows.keep(run, context=context, holds=False, now=at(1)), FlowError, f"{field} is refused"
        )
        if field is not None:
            expect(fault.field, field, "and named")
    expect(await flows.run("a"), run, "nothing was kept")
    largest = "x" * (MOST_VALUE_OCTETS - 2)
    told = await flows.keep(run, context={"large": largest}, holds=False, now=at(1))
    expect(told.context, {"large": largest}, "what is not too large is kept")


def _nested(levels: int) -> list[Data]:
    inner: list[Data] = []
    for _ in range(levels):
        inner = [inner]
    return inner


EXERCISES: tuple[Exercise, ...] = (
    runs_of_a_conversation_share_their_context,
    runs_merge_what_they_change,
    a_context_can_be_forgotten,
    a_value_that_is_too_large_is_refused,
)
