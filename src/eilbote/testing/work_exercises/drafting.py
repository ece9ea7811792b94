"""Exercises about drafts and versions, and several people at one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.errors import ConflictError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.work_exercises.scene import Drafts, at

if TYPE_CHECKING:
    from eilbote.author.plain.drafted import Drafted

Kept: TypeAlias = Callable[[], Drafts]


async def what_is_drafted_is_kept(kept: Kept) -> None:
    """A draft is kept with its revision, for each organization apart."""
    drafts = kept()
    first = await drafts.keep(drafts.new("greet"), "one \N{LATIN SMALL LETTER U WITH DIAERESIS}", now=at(0))
    other = await drafts.keep(drafts.new("greet", "acme"), "two", now=at(1))
    await drafts.keep(drafts.new("bye"), "three", now=at(1))
    again = kept()
    expect(await again.find("", "greet"), first, "what was kept is there for others")
    expect(first.revision, 1, "revisions begin with 1")
    expect([each.name for each in await again.all()], ["bye", "greet", "greet"], "all, by their names")
    expect(await again.all("acme"), (other,), "or those of one organization")
    expect(await again.find("acme", "bye"), None, "which has none of the others")
    changed = await drafts.keep(first, "four", now=at(2))
    expect((changed.draft, changed.revision, changed.changed), ("four", 2, at(2)), "a draft can be changed")
    expect(await again.find("acme", "greet"), other, "which changes no other")


async def who_saves_over_anothers_draft_is_told(kept: Kept) -> None:
    """Of two who have read the same revision one saves, also when there is none yet."""
    one, two = kept(), kept()
    read: Drafted | None = one.new("greet")
    for round_ in range(2):
        if read is None:
            raise AssertionError("it is there")
        ends = await asyncio.gather(
            one.keep(read, "one", now=at(round_)),
            two.keep(read, "two", now=at(round_)),
            return_exceptions=True,
        )
        expect(sum(isinstance(end, ConflictError) for end in ends), 1, "exactly one is told")
        read = await two.find("", "greet")
        holds(read in ends, "the other one's draft is there")
    gone = await one.keep(one.new("gone"), "text", now=at(3))
    await two.drop("", "gone")
    await refused(one.keep(gone, "text", now=at(4)), ConflictError, "what was dropped is not saved over")


async def a_published_version_never_changes(kept: Kept) -> None:
    """Publishing makes the draft the next version, and leaves none."""
    drafts = kept()
    draft = await drafts.keep(drafts.new("greet"), "one", now=at(0))
    expect(await drafts.version("", "greet"), None, "a draft is no version")
    first = await drafts.publish("", "greet", now=at(1))
    expect((first.version, first.text, first.published), (1, "one", at(1)), "versions begin with 1")
    found = await drafts.find("", "greet")
    expect(
        (found and found.draft, found and found.published, found and found.revision),
        (None, 1, draft.revision + 1),
        "publishing is a change, and leaves no draft",
    )
    await refused(
        drafts.keep(draft, "late", now=at(2)), ConflictError, "a draft read before that is not kept"
    )
    if found is None:
        raise AssertionError("it is there")
    await drafts.keep(found, "two", now=at(2))
    expect(await drafts.version("", "greet"), first, "a new draft changes no version")
    second = await drafts.publish("", "greet", now=at(3))
    expect(await drafts.versions("", "greet"), (second, first), "all of them, the latest first")
    expect(await drafts.version("", "greet"), second, "the latest when it is not said which")
    expect(await drafts.version("", "greet", 1), first, "or each by its number")
    expect(await drafts.version("", "greet", 3), None, "that there is")


async def there_is_nothing_to_publish_without_a_draft(kept: Kept) -> None:
    """Twice in a row is once too often, and two at once are one."""
    one, two = kept(), kept()
    await refused(one.publish("", "greet", now=at(0)), one.not_found, "there is none of that name")
    await one.keep(one.new("greet"), "one", now=at(0))
    ends = await asyncio.gather(
        one.publish("", "greet", now=at(1)), two.publish("", "greet", now=at(1)), return_exceptions=True
    )
    expect(sum(isinstance(end, one.fault | ConflictError) for end in ends), 1, "of two one publishes")
    expect(len(await one.versions("", "greet")), 1, "so there is one version")
    await refused(one.publish("", "greet", now=at(2)), one.fault, "and nothing more to publish")


async def what_is_dropped_is_gone(kept: Kept) -> None:
    """With its versions, and without those of others."""
    drafts = kept()
    for organization in ("", "acme"):
        await drafts.keep(drafts.new("greet", organization), "one", now=at(0))
        await drafts.publish(organization, "greet", now=at(0))
    holds(await drafts.drop("", "greet"), "there was one")
    holds(not await drafts.drop("", "greet"), "once")
    expect(await drafts.find("", "greet"), None, "it is gone")
    expect(await drafts.versions("", "greet"), (), "with its versions")
    expect(len(await drafts.versions("acme", "greet")), 1, "others stay")
    await drafts.keep(drafts.new("greet"), "two", now=at(1))
    expect((await drafts.publish("", "greet", now=at(2))).text, "two", "the name can be used again")


async def what_is_too_long_is_refused(kept: Kept) -> None:
    """By an error that names it, before anything is kept."""
    drafts = kept()
    name = await refused(
        drafts.keep(drafts.new("n" * (LONGEST_NAME + 1)), "", now=at(0)), drafts.fault, "a name has an end"
    )
    text = await refused(
        drafts.keep(drafts.new("greet"), "t" * (drafts.most_octets + 1), now=at(0)),
        drafts.fault,
        "so has a text",
    )
    half = await refused(
        drafts.keep(drafts.new("greet"), "\ud800", now=at(0)), drafts.fault, "half a character is no text"
    )
    expect((name.field, text.field, half.field), ("name", "text", "text"), "each is named")
    expect(await drafts.all(), (), "nothing was kept")


EXERCISES: tuple[Callable[[Kept], Awaitable[None]], ...] = (
    what_is_drafted_is_kept,
    who_saves_over_anothers_draft_is_told,
    a_published_version_never_changes,
    there_is_nothing_to_publish_without_a_draft,
    what_is_dropped_is_gone,
    what_is_too_long_is_refused,
)
