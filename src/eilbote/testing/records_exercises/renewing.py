"""Exercises of :class:`~eilbote.oauth2.token.TokenStore`."""

from __future__ import annotations

import asyncio

from eilbote.oauth2.token import TokenKey, TokenRecord
from eilbote.testing.expectation import expect, holds
from eilbote.testing.records_exercises.scene import KEY, NOW, Exercise, Kept, at, opened, token_record

OTHER = TokenKey("f" * 64)


async def a_token_is_kept_for_everybody(kept: Kept) -> None:
    """Every part of what is known, for every handle, and after all were closed."""
    records_of_tokens = [
        TokenRecord(),
        token_record("accèss", "refresh"),
        token_record("without another refresh token"),
        TokenRecord(renewing=at(1), failures=3, retry_at=at(60), refusal="consent again: invalid_grant"),
    ]
    async with opened(kept) as records, opened(kept) as others:
        expect(await records.tokens.read(KEY), None, "nothing is known at first")
        for record in records_of_tokens:
            await records.tokens.write(KEY, record)
            expect(await others.tokens.read(KEY), record, "another handle reads what was written last")
        await records.tokens.write(OTHER, token_record("other"))
    async with opened(kept) as records:
        expect(await records.tokens.read(KEY), records_of_tokens[-1], "it outlasts closing")
        expect(await records.tokens.read(OTHER), token_record("other"), "each token is its own")


async def one_at_a_time_renews_a_token(kept: Kept) -> None:
    """Among all tasks of all handles; of another token others may."""
    inside: list[TokenKey] = []
    most = 0

    async def renew(records_: int, key: TokenKey) -> None:
        nonlocal most
        async with handles[records_].tokens.exclusive(key):
            holds(key not in inside, "nobody else is in there")
            inside.append(key)
            most = max(most, len(inside))
            for _ in range(3):
                await asyncio.sleep(0)
            inside.remove(key)

    async with opened(kept) as one, opened(kept) as two:
        handles = (one, two)
        await asyncio.gather(*(renew(number % 2, KEY) for number in range(8)))
        expect(most, 1, "one at a time")
        async with one.tokens.exclusive(KEY):
            await renew(0, OTHER)


async def a_lock_is_let_go_of_by_an_error_and_by_an_end(kept: Kept) -> None:
    """Of who held it, and of who waited for it."""
    async with opened(kept) as records:
        try:
            async with records.tokens.exclusive(KEY):
                raise LookupError
        except LookupError:
            pass

        async def wait() -> None:
            async with records.tokens.exclusive(KEY):
                raise AssertionError("it was held")

        async with records.tokens.exclusive(KEY):
            waiting = asyncio.ensure_future(wait())
            await asyncio.sleep(0)
            waiting.cancel()
            ends = await asyncio.gather(waiting, return_exceptions=True)
            holds(isinstance(ends[0], asyncio.CancelledError), "who waits can be called back")
        async with records.tokens.exclusive(KEY):
            pass


async def tokens_are_forgotten(kept: Kept) -> None:
    """One, or all; and it says how many."""
    async with opened(kept) as records:
        for key in (KEY, OTHER):
            await records.tokens.write(key, token_record(key, "refresh"))
        await records.tokens.write(TokenKey("0" * 64), TokenRecord(refreshed=NOW))
        expect(await records.tokens.forget(KEY), 1, "one")
        expect(await records.tokens.forget(KEY), 0, "it is gone already")
        expect(await records.tokens.read(KEY), None, "nothing is known of it")
        expect(await records.tokens.read(OTHER), token_record(OTHER, "refresh"), "the other is left alone")
        expect(await records.tokens.forget(), 2, "all that are left")
        expect(await records.tokens.forget(), 0, "and then none")


EXERCISES: tuple[Exercise, ...] = (
    a_token_is_kept_for_everybody,
    one_at_a_time_renews_a_token,
    a_lock_is_let_go_of_by_an_error_and_by_an_end,
    tokens_are_forgotten,
)
