"""Tokens that a program gives, and one that stands in the settings."""

from __future__ import annotations

import asyncio

import pytest

from eilbote.errors import Durability, TokenError
from eilbote.model.credentials import AccessToken
from eilbote.model.moment import later, moment_of
from eilbote.model.oauth2 import ProvidedToken
from eilbote.model.secret import Secret
from eilbote.oauth2.given import GivenToken, ProvidedTokens
from eilbote.testing import ManualClock

pytestmark = pytest.mark.asyncio


def provided(answer: object) -> ProvidedTokens:
    async def provide() -> str:
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    return ProvidedTokens(ProvidedToken(user="anna", provide=provide))


@pytest.mark.parametrize("answer", ["abc.def", Secret("abc.def")])
async def test_a_program_gives_a_token(answer: str | Secret) -> None:
    assert await provided(answer).token() == AccessToken(user="anna", token=Secret("abc.def"))


@pytest.mark.parametrize("answer", [None, 5, b"abc", "", "a b", "a\r\nb", "a\x01b", "tökén"])
async def test_what_is_no_token_is_refused(answer: object) -> None:
    with pytest.raises(TokenError) as caught:
        await provided(answer).token()
    assert caught.value.field == "provide"
    assert caught.value.durability is Durability.PERMANENT


async def test_a_program_that_fails_may_not_fail_again() -> None:
    fault = ValueError("secret-token is bad")
    with pytest.raises(TokenError) as caught:
        await provided(fault).token()
    assert caught.value.durability is Durability.TRANSIENT
    assert caught.value.__cause__ is fault
    assert "ValueError" in str(caught.value)
    assert "secret-token" not in str(caught.value)


async def test_what_a_program_says_itself_is_passed_on() -> None:
    said = TokenError("consent again", durability=Durability.PERMANENT)
    with pytest.raises(TokenError) as caught:
        await provided(said).token()
    assert caught.value is said


async def test_a_program_that_never_answers_is_not_waited_for() -> None:
    async def provide() -> str:
        await asyncio.Event().wait()
        return ""

    source = ProvidedTokens(ProvidedToken(user="anna", provide=provide), seconds=0.01)
    with pytest.raises(TokenError, match="has not answered") as caught:
        await source.token()
    assert caught.value.durability is Durability.TRANSIENT


async def test_a_function_that_cannot_be_waited_for_is_named() -> None:
    source = ProvidedTokens(ProvidedToken(user="anna", provide=lambda: "token"))  # type: ignore[arg-type, return-value]
    with pytest.raises(TokenError, match="async def provide"):
        await source.token()


async def test_a_token_of_the_settings_is_given_until_it_ends() -> None:
    clock = ManualClock()
    token = AccessToken(user="anna", token=Secret("abc"), expires=later(moment_of(clock.now()), 10))
    source = GivenToken(token, clock=clock)
    clock.advance(9)
    assert await source.token() == token
    clock.advance(1)
    with pytest.raises(TokenError) as caught:
        await source.token()
    assert caught.value.durability is Durability.PERMANENT
    assert caught.value.field == "access_token"


async def test_a_token_of_the_settings_has_no_replacement() -> None:
    token = AccessToken(user="anna", token=Secret("abc"))
    assert await GivenToken(token, clock=ManualClock()).replacement(token) is None
