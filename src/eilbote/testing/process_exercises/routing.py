"""Exercises about communication routes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.author.process.limits import MOST_ROUTE_OCTETS
from eilbote.errors import ConflictError, RouteError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.process_exercises.scene import Exercise, Kept, new_route
from eilbote.testing.work_exercises.scene import at


async def a_route_is_kept_by_its_message(kept: Kept) -> None:
    """For each organization apart, with a revision."""
    processes = kept()
    route = await processes.keep_route(new_route("ready", text="title: Fertig \N{SNOWMAN}"), now=at(1))
    other = await processes.keep_route(new_route("ready", organization="acme"), now=at(1))
    await processes.keep_route(new_route("late"), now=at(1))
    expect((route.revision, route.changed), (1, at(1)), "revisions begin with 1")
    expect(await kept().route("", "ready"), route, "it is there for others")
    names = [(each.message_name, each.organization) for each in await kept().routes()]
    expect(names, [("late", ""), ("ready", ""), ("ready", "acme")], "all, by their names")
    expect(await processes.routes("acme"), (other,), "or those of one organization")
    expect(await processes.route("acme", "late"), None, "which has none of the others")
    changed = await processes.keep_route(replace(route, text="title: Other"), now=at(2))
    expect((changed.text, changed.revision, changed.changed), ("title: Other", 2, at(2)), "it can be changed")
    expect(await processes.route("acme", "ready"), other, "which changes no other")


async def who_changes_anothers_route_is_told(kept: Kept) -> None:
    """Of two who have read the same revision one keeps the route, also when there is none yet."""
    one, two = kept(), kept()
    read = new_route("ready")
    for round_ in range(2):
        ends = await asyncio.gather(
            one.keep_route(replace(read, text="one"), now=at(round_)),
            two.keep_route(replace(read, text="two"), now=at(round_)),
            return_exceptions=True,
        )
        expect(sum(isinstance(end, ConflictError) for end in ends), 1, "exactly one is told")
        found = await two.route("", "ready")
        holds(found in ends, "the other one's is there")
        read = found or read
    holds(await two.drop_route("", "ready"), "there was one")
    holds(not await one.drop_route("", "ready"), "once")
    await refused(one.keep_route(read, now=at(5)), ConflictError, "what was dropped is not changed")
    expect((await one.keep_route(new_route("ready"), now=at(6))).revision, 1, "but can be made anew")


async def a_route_that_cannot_be_kept_is_refused(kept: Kept) -> None:
    """By an error that names why."""
    processes = kept()
    for route, field in (
        (new_route("n" * (LONGEST_NAME + 1)), "message_name"),
        (new_route("a\nb"), "message_name"),
        (new_route("a", organization="o" * (LONGEST_NAME + 1)), "organization"),
        (new_route("a", text="t" * (MOST_ROUTE_OCTETS + 1)), "text"),
    ):
        fault = await refused(processes.keep_route(route, now=at(0)), RouteError, f"{field} is refused")
        expect(fault.field, field, "and named")
    expect(await processes.routes(), (), "nothing was kept")


EXERCISES: tuple[Exercise, ...] = (
    a_route_is_kept_by_its_message,
    who_changes_anothers_route_is_told,
    a_route_that_cannot_be_kept_is_refused,
)
