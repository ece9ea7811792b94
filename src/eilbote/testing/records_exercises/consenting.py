"""Exercises of :class:`~eilbote.oauth2.waiting_consent.ConsentStore`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.model.secret import Secret
from eilbote.oauth2.waiting_consent import WaitingConsent
from eilbote.testing.expectation import expect, holds
from eilbote.testing.records_exercises.scene import NOW, Exercise, Kept, at, opened

_MOST = 3


def waiting(name: str = "a", *, session: str = "s", seconds: float = 0.0) -> WaitingConsent:
    """Give a consent that is begun some seconds after now, and may take ten minutes."""
    return WaitingConsent(
        digest=name * 64,
        session=session * 64,
        connection="acme/office",
        base=2,
        created=at(seconds),
        ends=at(seconds + 600),
        ask_at=at(seconds + 5),
        pause=5000,
        parcel=Secret(f"parcel of {name} \N{SNOWMAN}"),
    )


async def a_consent_waits_for_everybody_and_is_taken_once(kept: Kept) -> None:
    """Every handle finds it, after all were closed too; of those who come back with it at once one gets it."""
    async with opened(kept) as records:
        await records.consents.keep(waiting(), most=_MOST)
        await records.consents.keep(waiting("b"), most=_MOST)
    async with opened(kept) as records, opened(kept) as others:
        expect(await others.consents.find("a" * 64), waiting(), "another handle finds it as it was begun")
        taken = await asyncio.gather(*(each.consents.take("a" * 64) for each in (records, others) * 3))
        expect(sum(taken), 1, "one gets it")
        expect(await records.consents.find("a" * 64), None, "it is gone")
        expect(await records.consents.find("b" * 64), waiting("b"), "the other waits on")


async def a_provider_is_asked_by_one_at_a_time(kept: Kept) -> None:
    """Not before its pause is over, and by one of those who want to at once; and less often when it says so."""
    async with opened(kept) as records, opened(kept) as others:
        await records.consents.keep(waiting(), most=_MOST)
        holds(not await records.consents.may_ask("a" * 64, now=at(4.9)), "the first pause is not over")
        asked = await asyncio.gather(
            *(each.consents.may_ask("a" * 64, now=at(5)) for each in (records, others) * 3)
        )
        expect(sum(asked), 1, "one asks")
        holds(not await others.consents.may_ask("a" * 64, now=at(9.9)), "the next pause is not over")
        await others.consents.slow_down("a" * 64, by=5000)
        holds(not await records.consents.may_ask("a" * 64, now=at(14.9)), "it was made longer")
        holds(await records.consents.may_ask("a" * 64, now=at(15)), "it is over")
        holds(not await records.consents.may_ask("a" * 64, now=at(24.9)), "and so are all that follow")
        holds(not await records.consents.may_ask("b" * 64, now=at(60)), "nobody asks about nothing")


async def consents_are_forgotten_when_they_are_over(kept: Kept) -> None:
    """By whoever begins another one, and by whoever looks after that."""
    async with opened(kept) as records:
        await records.consents.keep(waiting("a"), most=_MOST)
        await records.consents.keep(waiting("b", seconds=1), most=_MOST)
        await records.consents.keep(waiting("c", seconds=600), most=_MOST)
        expect(await records.consents.find("a" * 64), None, "it was over when the third was begun")
        expect(await records.consents.prune(now=at(601)), 1, "the second is over by then")
        expect(await records.consents.prune(now=at(601)), 0, "and gone")
        expect(await records.consents.find("c" * 64), waiting("c", seconds=600), "the third is not")


async def a_session_that_begins_many_loses_the_earliest(kept: Kept) -> None:
    """Its own, and nobody else's."""
    async with opened(kept) as records:
        await records.consents.keep(replace(waiting("9", session="t"), created=NOW), most=_MOST)
        for number in range(5):
            await records.consents.keep(waiting(str(number), seconds=number), most=_MOST)
        left = [name for name in "01234" if await records.consents.find(name * 64) is not None]
        expect(left, ["2", "3", "4"], "the latest")
        expect(await records.consents.find("9" * 64), waiting("9", session="t"), "another session's")


EXERCISES: tuple[Exercise, ...] = (
    a_consent_waits_for_everybody_and_is_taken_once,
    a_provider_is_asked_by_one_at_a_time,
    consents_are_forgotten_when_they_are_over,
    a_session_that_begins_many_loses_the_earliest,
)
