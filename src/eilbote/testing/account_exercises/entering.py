"""Exercises of sessions, and of links that let somebody in once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.user import UserState
from eilbote.testing.account_exercises.scene import Exercise, Kept, at, link, session, user
from eilbote.testing.expectation import expect, holds


async def a_session_is_kept_until_it_is_ended(kept: Kept) -> None:
    """One by one, or all of somebody."""
    store = kept()
    await store.keep_user(user())
    for number in range(3):
        await store.keep_session(session(f"s{number}", begun=number))
    await store.keep_session(session("other", "u2"))
    expect(await kept().session("s1"), session("s1", begun=1), "everybody finds it, as it was said")
    seen = replace(session("s1", begun=1), seen=at(500))
    await store.keep_session(seen)
    expect(await kept().session("s1"), seen, "it is kept again when it is used")
    found = [one.digest for one in await kept().sessions("u1")]
    expect(found, ["s2", "s1", "s0"], "the latest first")
    holds(await store.drop_session("s0"), "one can be ended")
    holds(not await store.drop_session("s0"), "once")
    expect(await store.drop_sessions("u1", but="s2"), 1, "or all but this one")
    expect([one.digest for one in await kept().sessions("u1")], ["s2"], "which stays")
    expect(await store.drop_sessions("u1"), 1, "or all")
    expect(await kept().sessions("u1"), [], "and they are gone")
    holds(await store.session("other"), "nobody else's is")


async def a_session_that_has_ended_is_not_begun_by_being_used(kept: Kept) -> None:
    """A request was on its way while somebody signed out."""
    store = kept()
    await store.keep_user(user())
    await store.keep_session(session("s1"))
    await store.session_seen("s1", at=at(500))
    expect(
        await kept().session("s1"), replace(session("s1"), seen=at(500)), "its use is noted, and nothing else"
    )
    await kept().drop_session("s1")
    await store.session_seen("s1", at=at(600))
    expect(await kept().session("s1"), None, "what has ended stays so")


async def who_has_not_come_yet_is_found(kept: Kept) -> None:
    """Each with the link that lets them in, and with no other one."""
    store = kept()
    for number, state in enumerate(
        [UserState.INVITED, UserState.ACTIVE, UserState.INVITED, UserState.DISABLED]
    ):
        one = user(f"u{number}", f"u{number}@example.org", of="" if number else "acme")
        await store.keep_user(replace(one, state=state))
    await store.keep_link(link("l0", of="u0"))
    await store.keep_link(link("l1", of="u1"))
    await store.keep_link(link("l2", LinkPurpose.PASSWORD_RECOVERY, of="u2"))
    found = [(one.id, invitation) for one, invitation in await kept().invited()]
    expect(found, [("u0", link("l0", of="u0")), ("u2", None)], "those of all organizations")
    expect([one.id for one, _ in await kept().invited(limit=1)], ["u0"], "page by page")
    expect([one.id for one, _ in await kept().invited(after="u0")], ["u2"], "behind one of them")
    expect([one.id for one, _ in await kept().invited("acme")], ["u0"], "of one organization")
    expect([one.id for one, _ in await kept().invited("")], ["u2"], "of the host")


async def links_of_somebody_are_forgotten_together(kept: Kept) -> None:
    """Whatever they are for; nobody else's are."""
    store = kept()
    await store.keep_link(link("l1"))
    await store.keep_link(link("recovery", LinkPurpose.PASSWORD_RECOVERY))
    await store.keep_link(link("bert", of="u2"))
    expect(await store.drop_links("u1"), 2, "all of them")
    expect((await kept().link("l1"), await kept().link("recovery")), (None, None), "lead nowhere")
    holds(await kept().link("bert"), "another's does")
    expect(await store.drop_links("u1"), 0, "once")


async def a_user_goes_with_sessions_and_links(kept: Kept) -> None:
    """Who is forgotten is signed in nowhere."""
    store = kept()
    await store.keep_user(user())
    await store.keep_session(session("s1"))
    await store.keep_link(link("l1"))
    await store.keep_link(link("first", LinkPurpose.FIRST_ADMINISTRATOR, ""))
    await store.drop_user("u1")
    expect((await kept().session("s1"), await kept().link("l1")), (None, None), "nothing is left")
    holds(await kept().link("first"), "but for what is nobody's")


async def a_link_lets_in_once(kept: Kept) -> None:
    """Whoever looks at it leaves it there; whoever takes it is the only one."""
    store = kept()
    said = link("l1", LinkPurpose.PASSWORD_RECOVERY)
    await store.keep_link(said)
    expect(await kept().link("l1"), said, "it can be looked at")
    expect(await kept().link("l1"), said, "as often as one likes")
    expect(await kept().take_link("l1"), said, "and be taken")
    expect((await store.take_link("l1"), await store.link("l1")), (None, None), "once")
    expect(await store.take_link("never"), None, "as if there had never been one")


async def of_many_who_come_with_a_link_one_gets_it(kept: Kept) -> None:
    """All at once, over connections of their own."""
    for turn in range(3):
        await kept().keep_link(link(f"l{turn}"))
        found = await asyncio.gather(*(kept().take_link(f"l{turn}") for _ in range(8)))
        expect([one for one in found if one is not None], [link(f"l{turn}")], "one gets it")


async def a_new_link_ends_the_one_before(kept: Kept) -> None:
    """For the same purpose and the same person."""
    store = kept()
    await store.keep_link(link("l1"))
    await store.keep_link(link("recovery", LinkPurpose.PASSWORD_RECOVERY))
    await store.keep_link(link("bert", of="u2"))
    await store.keep_link(link("l2"))
    other = kept()
    expect(await other.take_link("l1"), None, "the first is no good any more")
    expect(await other.link("l2"), link("l2"), "the second is")
    holds(await other.link("recovery"), "so is one for something else")
    expect(await other.link_of("u1", LinkPurpose.INVITATION), link("l2"), "it is found by whose it is")
    expect(await other.link_of("u3", LinkPurpose.INVITATION), None, "if there is one")
    holds(await other.link("bert"), "and somebody else's")
    found = await asyncio.gather(
        *(kept().keep_link(link(f"x{number}")) for number in range(6)), return_exceptions=True
    )
    expect(found, [None] * 6, "many at once do no harm")
    left = [number for number in range(6) if await other.link(f"x{number}")]
    expect(len(left), 1, "and one of them is good")


async def what_has_expired_is_forgotten(kept: Kept) -> None:
    """Sessions and links; neither before its time."""
    store = kept()
    for number in range(3):
        await store.keep_user(user(f"u{number}", f"u{number}@example.org"))
        await store.keep_session(session(f"s{number}", expires=number))
        await store.keep_link(link(f"l{number}", of=f"u{number}", expires=number))
    await store.keep_link(link("first", LinkPurpose.FIRST_ADMINISTRATOR, "", expires=9))
    expect(await store.prune(now=at(-1)), 0, "nothing before its time")
    expect(await store.prune(now=at(1)), 4, "those that are over")
    expect([one.digest for one in await kept().sessions("u1")], ["s2"], "one session stays")
    holds(await kept().link("l2"), "and one link")
    holds(not await kept().link("l1"), "but none that is over")
    await store.keep_session(session("late", "gone"))
    await store.keep_link(link("late", of="gone"))
    expect(await store.prune(now=at(1)), 2, "and what was begun while its user went")
    holds(await kept().link("first"), "the one that is nobody's stays")


EXERCISES: tuple[Exercise, ...] = (
    a_session_is_kept_until_it_is_ended,
    a_session_that_has_ended_is_not_begun_by_being_used,
    who_has_not_come_yet_is_found,
    links_of_somebody_are_forgotten_together,
    a_user_goes_with_sessions_and_links,
    a_link_lets_in_once,
    of_many_who_come_with_a_link_one_gets_it,
    a_new_link_ends_the_one_before,
    what_has_expired_is_forgotten,
)
