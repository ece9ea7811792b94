"""Exercises about flows: drafts, versions, and several people at one of them."""

from __future__ import annotations

import asyncio

from eilbote.author.flow.limits import MOST_TEXT_OCTETS
from eilbote.author.flow.store import FlowVersion, StoredFlow
from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.errors import FlowError, FlowNotFoundError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.flows_exercises.scene import Exercise, Kept, at, new_flow


async def what_is_drafted_is_kept(kept: Kept) -> None:
    """A draft is kept with its revision, for each organization apart."""
    flows = kept()
    first = await flows.keep_draft(
        new_flow("greet"), "one \N{LATIN SMALL LETTER U WITH DIAERESIS}", now=at(0)
    )
    other = await flows.keep_draft(new_flow("greet", organization="acme"), "two", now=at(1))
    await flows.keep_draft(new_flow("bye"), "three", now=at(1))
    again = kept()
    expect(await again.flow("", "greet"), first, "what was kept is there for others")
    expect(first.revision, 1, "revisions begin with 1")
    expect([flow.name for flow in await again.flows()], ["bye", "greet", "greet"], "all, by their names")
    expect(await again.flows("acme"), (other,), "or those of one organization")
    expect(await again.flow("acme", "bye"), None, "which has none of the others")
    changed = await flows.keep_draft(first, "four", now=at(2))
    expect((changed.draft, changed.revision, changed.changed), ("four", 2, at(2)), "a draft can be changed")
    expect(await again.flow("acme", "greet"), other, "which changes no other")


async def who_saves_over_anothers_draft_is_told(kept: Kept) -> None:
    """Of two who have read the same revision one saves, also when there is none yet."""
    one, two = kept(), kept()
    read: StoredFlow | None = new_flow("greet")
    for round_ in range(2):
        if read is None:
            raise AssertionError("the flow is there")
        ends = await asyncio.gather(
            one.keep_draft(read, "one", now=at(round_)),
            two.keep_draft(read, "two", now=at(round_)),
            return_exceptions=True,
        )
        expect(sum(isinstance(end, FlowError) for end in ends), 1, "exactly one is told")
        read = await two.flow("", "greet")
        holds(read in ends, "the other one's draft is there")
    gone = await one.keep_draft(new_flow("gone"), "text", now=at(3))
    await two.drop("", "gone")
    await refused(one.keep_draft(gone, "text", now=at(4)), FlowError, "what was dropped is not saved over")


async def a_published_version_never_changes(kept: Kept) -> None:
    """Publishing makes the draft the next version, and leaves none."""
    flows = kept()
    flow = await flows.keep_draft(new_flow("greet"), "one", now=at(0))
    expect(await flows.version("", "greet"), None, "a draft is no version")
    first = await flows.publish("", "greet", now=at(1))
    wanted = FlowVersion(organization="", name="greet", version=1, text="one", published=at(1))
    expect(first, wanted, "versions begin with 1")
    found = await flows.flow("", "greet")
    expect(
        (found and found.draft, found and found.published, found and found.revision),
        (None, 1, flow.revision + 1),
        "publishing is a change, and leaves no draft",
    )
    await refused(
        flows.keep_draft(flow, "late", now=at(2)), FlowError, "a draft read before that is not kept"
    )
    if found is None:
        raise AssertionError("the flow is there")
    await flows.keep_draft(found, "two", now=at(2))
    expect(await flows.version("", "greet"), first, "a new draft changes no version")
    second = await flows.publish("", "greet", now=at(3))
    expect(await flows.versions("", "greet"), (second, first), "all of them, the latest first")
    expect(await flows.version("", "greet"), second, "the latest when it is not said which")
    expect(await flows.version("", "greet", 1), first, "or each by its number")
    expect(await flows.version("", "greet", 3), None, "that there is")


async def there_is_nothing_to_publish_without_a_draft(kept: Kept) -> None:
    """Twice in a row is once too often, and two at once are one."""
    one, two = kept(), kept()
    await refused(one.publish("", "greet", now=at(0)), FlowNotFoundError, "there is no such flow")
    await one.keep_draft(new_flow("greet"), "one", now=at(0))
    ends = await asyncio.gather(
        one.publish("", "greet", now=at(1)), two.publish("", "greet", now=at(1)), return_exceptions=True
    )
    expect(sum(isinstance(end, FlowError) for end in ends), 1, "of two one publishes")
    expect(len(await one.versions("", "greet")), 1, "so there is one version")
    await refused(one.publish("", "greet", now=at(2)), FlowError, "and nothing more to publish")


async def a_dropped_flow_is_gone(kept: Kept) -> None:
    """With its versions, and without those of others."""
    flows = kept()
    for organization in ("", "acme"):
        await flows.keep_draft(new_flow("greet", organization=organization), "one", now=at(0))
        await flows.publish(organization, "greet", now=at(0))
    holds(await flows.drop("", "greet"), "there was one")
    holds(not await flows.drop("", "greet"), "once")
    expect(await flows.flow("", "greet"), None, "it is gone")
    expect(await flows.versions("", "greet"), (), "with its versions")
    expect(len(await flows.versions("acme", "greet")), 1, "others stay")
    await flows.keep_draft(new_flow("greet"), "two", now=at(1))
    expect((await flows.publish("", "greet", now=at(2))).text, "two", "the name can be used again")


async def what_is_too_long_is_refused(kept: Kept) -> None:
    """By an error that names it, before anything is kept."""
    flows = kept()
    name = await refused(
        flows.keep_draft(new_flow("n" * (LONGEST_NAME + 1)), "", now=at(0)), FlowError, "a name has an end"
    )
    text = await refused(
        flows.keep_draft(new_flow("greet"), "t" * (MOST_TEXT_OCTETS + 1), now=at(0)),
        FlowError,
        "so has a text",
    )
    half = await refused(
        flows.keep_draft(new_flow("greet"), "\ud800", now=at(0)), FlowError, "half a character is no text"
    )
    expect((name.field, text.field, half.field), ("name", "text", "text"), "each is named")
    expect(await flows.flows(), (), "nothing was kept")


EXERCISES: tuple[Exercise, ...] = (
    what_is_drafted_is_kept,
    who_saves_over_anothers_draft_is_told,
    a_published_version_never_changes,
    there_is_nothing_to_publish_without_a_draft,
    a_dropped_flow_is_gone,
    what_is_too_long_is_refused,
)
