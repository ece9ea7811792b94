"""Tokens from an endpoint that replaces refresh tokens: asked once, whoever wants one, and stored before use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.web_server import answer
from tests.integration.token_endpoint import RotatingEndpoint, rotating_endpoint

from eilbote.errors import Durability, OutboxUnavailableError, TokenError
from eilbote.model.credentials import AccessToken
from eilbote.model.moment import later, moment_of
from eilbote.model.oauth2 import ClientCredentialsGrant, OAuth2, RefreshTokenGrant
from eilbote.model.secret import Secret
from eilbote.oauth2.memory_tokens import MemoryTokens
from eilbote.oauth2.provider import TokenProvider
from eilbote.oauth2.token import TokenKey, TokenRecord, token_key
from eilbote.testing import ManualClock

pytestmark = pytest.mark.asyncio

MANY = 50


def credentials(url: str, **more: object) -> OAuth2:
    grant = RefreshTokenGrant(
        client_id="app", refresh_token=Secret("refresh-0"), client_secret=Secret("app-secret")
    )
    return OAuth2(user="anna@example.com", grant=grant, token_url=url, **more)  # type: ignore[arg-type]


class Scene:
    """A provider with its endpoint, store and clock."""

    def __init__(self, endpoint: RotatingEndpoint, **more: object) -> None:
        self.endpoint = endpoint
        self.clock = ManualClock()
        self.store = MemoryTokens()
        self.credentials = credentials(endpoint.url, **more)
        self.provider = self.another()

    def another(self) -> TokenProvider:
        """What another process has, of the same store."""
        return TokenProvider(self.credentials, store=self.store, http=self.endpoint.http, clock=self.clock)

    async def record(self) -> TokenRecord:
        found = await self.store.read(token_key(self.credentials))
        assert found is not None
        return found

    def in_seconds(self, seconds: float) -> int:
        return later(moment_of(self.clock.now()), seconds)


def shown(token: AccessToken | None) -> str | None:
    return None if token is None else token.token.reveal()


async def failure(scene: Scene) -> TokenError:
    with pytest.raises(TokenError) as caught:
        await scene.provider.token()
    for secret in ("refresh-0", "app-secret", "access-1"):
        assert secret not in str(caught.value)
    return caught.value


# ── one request ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_fifty_tasks_with_an_expired_token_make_one_request(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint, access_token=Secret("old"), expires=moment_of(ManualClock().now()))
        tokens = await asyncio.gather(*(scene.provider.token() for _ in range(MANY)))

    assert {shown(token) for token in tokens} == {"access-1"}
    assert len(endpoint.requests) == 1
    assert tokens[0].user == "anna@example.com"
    assert tokens[0].expires == scene.in_seconds(3600)


async def test_fifty_tasks_hold_the_record_once(certificates: Certificates) -> None:
    """A hold of a database costs a connection or a lock on a file; one task takes it for all."""
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        holds: list[TokenKey] = []

        class Counted(MemoryTokens):
            def exclusive(self, key: TokenKey) -> AbstractAsyncContextManager[None]:
                holds.append(key)
                return super().exclusive(key)

        provider = TokenProvider(scene.credentials, store=Counted(), http=endpoint.http, clock=scene.clock)
        await asyncio.gather(*(provider.token() for _ in range(MANY)))

    assert len(holds) == 1


async def test_several_processes_with_one_store_make_one_request(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        providers = [scene.another() for _ in range(3)]
        tokens = await asyncio.gather(*(each.token() for each in providers for _ in range(MANY)))

    assert {shown(token) for token in tokens} == {"access-1"}
    assert len(endpoint.requests) == 1


async def test_a_waiter_that_is_cancelled_does_not_stop_the_others(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates, lambda made: made.gate.clear()) as endpoint:
        scene = Scene(endpoint)
        first = asyncio.create_task(scene.provider.token())
        await endpoint.asked.wait()
        second = asyncio.create_task(scene.provider.token())
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        endpoint.gate.set()
        assert shown(await second) == "access-1"

    assert len(endpoint.requests) == 1


async def test_a_request_nobody_waits_for_any_more_is_finished_at_closing(certificates: Certificates) -> None:
    """The endpoint has replaced the refresh token: dropping its answer would cost the consent."""
    async with rotating_endpoint(certificates, lambda made: made.gate.clear()) as endpoint:
        scene = Scene(endpoint)
        only = asyncio.create_task(scene.provider.token())
        await endpoint.asked.wait()
        only.cancel()
        await asyncio.gather(only, return_exceptions=True)
        closing = asyncio.create_task(scene.provider.close())
        endpoint.gate.set()
        await closing

    record = await scene.record()
    assert record.token is not None
    assert record.token.refresh_token == Secret("refresh-1")


# ── when ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_token_is_used_until_a_minute_before_its_end(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        assert shown(await scene.provider.token()) == "access-1"
        scene.clock.advance(3600 - 61)
        assert shown(await scene.provider.token()) == "access-1"
        scene.clock.advance(1)
        assert shown(await scene.provider.token()) == "access-2"

    assert [request.form["refresh_token"] for request in endpoint.requests] == ["refresh-0", "refresh-1"]


async def test_the_token_of_the_settings_is_used_while_it_is_valid(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        expires = later(moment_of(ManualClock().now()), 600)
        scene = Scene(endpoint, access_token=Secret("from-the-settings"), expires=expires)
        assert shown(await scene.provider.token()) == "from-the-settings"
        assert endpoint.requests == []
        scene.clock.advance(545)
        assert shown(await scene.provider.token()) == "access-1"


async def test_short_tokens_are_shared_all_the_same(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.seconds = 5
        scene = Scene(endpoint)
        for _ in range(4):
            await scene.another().token()
        assert len(endpoint.requests) == 1
        scene.clock.advance(2.5)
        await scene.provider.token()
        assert len(endpoint.requests) == 2


async def test_a_token_without_an_end_is_used_until_it_is_refused(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.seconds = None
        scene = Scene(endpoint)
        first = await scene.provider.token()
        scene.clock.advance(10 * 24 * 3600)
        assert await scene.provider.token() == first
        assert shown(await scene.provider.replacement(first)) == "access-2"


# ── stored before it is used ────────────────────────────────────────────────────────────────────────────────────


class Witness(MemoryTokens):
    """Notes what is written; fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[TokenRecord] = []
        self.full = False
        self.tell: Callable[[TokenRecord], None] = self.written.append

    async def write(self, key: TokenKey, record: TokenRecord) -> None:
        if self.full and record.token is not None:
            raise OutboxUnavailableError("there is no space left", remedy="Make some")
        self.tell(record)
        await super().write(key, record)


async def test_what_is_handed_out_is_written_down_before_anybody_gets_it(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        store = Witness()
        provider = TokenProvider(scene.credentials, store=store, http=endpoint.http, clock=scene.clock)
        token = await provider.token()

    begun, done = store.written
    assert begun.renewing == moment_of(scene.clock.now())
    assert done.renewing is None
    assert done.token is not None
    assert done.token.access_token == token.token
    assert done.token.refresh_token == Secret("refresh-1")


async def test_a_full_disk_costs_no_refresh_token(certificates: Certificates) -> None:
    """The answer came, and could not be written: it is kept until it can be, and nothing is asked meanwhile."""
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        store = Witness()
        store.full = True
        provider = TokenProvider(scene.credentials, store=store, http=endpoint.http, clock=scene.clock)
        for _ in range(3):
            with pytest.raises(TokenError, match="no space left") as caught:
                await provider.token()
            assert caught.value.durability is Durability.TRANSIENT
        store.full = False
        assert shown(await provider.token()) == "access-1"

    assert len(endpoint.requests) == 1


# ── lost answers ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_lost_answer_is_asked_for_once_more(certificates: Certificates) -> None:
    """The endpoint took the refresh token, and the connection broke. Its grace lets the same one work once more."""
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.cut, endpoint.grace = 1, 1
        scene = Scene(endpoint)
        assert shown(await scene.provider.token()) == "access-1"

    assert len(endpoint.requests) == 2


async def test_a_lost_answer_without_grace_needs_consent_and_says_why(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.cut = 1
        scene = Scene(endpoint)
        error = await failure(scene)
        assert error.durability is Durability.PERMANENT
        assert error.field == "refresh_token"
        assert "consent again" in str(error)
        assert "was lost" in str(error.cause)
        for _ in range(3):
            assert "consent again" in str(await failure(scene))

    assert len(endpoint.requests) == 2


async def test_an_answer_that_is_lost_twice_is_tried_again_later(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.cut, endpoint.grace = 2, 2
        scene = Scene(endpoint)
        assert (await failure(scene)).durability is Durability.TRANSIENT
        assert len(endpoint.requests) == 2
        assert (await scene.record()).renewing is not None
        scene.clock.advance(5)
        assert shown(await scene.provider.token()) == "access-1"


async def test_a_crash_in_the_middle_is_known_afterwards(certificates: Certificates) -> None:
    """Kill -9 behind the request: the mark says that the refresh token may be spent."""
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        await scene.store.write(
            token_key(scene.credentials), TokenRecord(renewing=moment_of(scene.clock.now()))
        )
        endpoint.current = "refresh-nobody-has"
        error = await failure(scene)

    assert "was lost" in str(error.cause)
    assert len(endpoint.requests) == 1


async def test_a_crash_before_the_endpoint_heard_costs_nothing(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        await scene.store.write(
            token_key(scene.credentials), TokenRecord(renewing=moment_of(scene.clock.now()))
        )
        assert shown(await scene.provider.token()) == "access-1"

    assert (await scene.record()).renewing is None


# ── refused by the mail server ──────────────────────────────────────────────────────────────────────────────────


async def test_fifty_sessions_with_a_refused_token_make_one_request(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        refused = await scene.provider.token()
        others = [scene.provider, scene.another(), scene.another()]
        tokens = await asyncio.gather(*(each.replacement(refused) for each in others for _ in range(MANY)))

    assert {shown(token) for token in tokens} == {"access-2"}
    assert len(endpoint.requests) == 2


async def test_a_refused_token_is_given_to_nobody_any_more(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        expires = later(moment_of(ManualClock().now()), 600)
        scene = Scene(endpoint, access_token=Secret("from-the-settings"), expires=expires)
        refused = await scene.provider.token()
        endpoint.faults = [answer(b"busy", status="503 Service Unavailable")]
        with pytest.raises(TokenError):
            await scene.provider.replacement(refused)
        with pytest.raises(TokenError):
            await scene.another().token()
        scene.clock.advance(5)
        assert shown(await scene.another().token()) == "access-1"


async def test_a_discarded_token_is_given_to_nobody_and_its_refresh_token_serves_on(
    certificates: Certificates,
) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        token = await scene.provider.token()
        await scene.provider.discard(token)
        assert shown(await scene.another().token()) == "access-2"

    assert endpoint.requests[-1].form["refresh_token"] == "refresh-1"


async def test_the_same_token_once_more_is_no_replacement(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        refused = await scene.provider.token()
        same = json.dumps({"access_token": "access-1", "expires_in": 3600}).encode()
        endpoint.faults = [answer(same), answer(same)]
        assert await scene.provider.replacement(refused) is None
        assert (await failure(scene)).durability is Durability.TRANSIENT
        assert len(endpoint.requests) == 2
        scene.clock.advance(60)  # the mail server may have learned of it by then
        assert shown(await scene.provider.token()) == "access-1"


# ── when there is none ──────────────────────────────────────────────────────────────────────────────────────────


async def test_an_endpoint_that_asks_for_peace_gets_it(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.faults = [answer(b"", status="429 Too Many Requests", headers=("Retry-After: 120",))]
        scene = Scene(endpoint)
        assert (await failure(scene)).retry_after == 120
        scene.clock.advance(119)
        waiting = await failure(scene)
        assert waiting.retry_after == 1
        assert len(endpoint.requests) == 1
        scene.clock.advance(1)
        assert shown(await scene.provider.token()) == "access-1"


@pytest.mark.parametrize(
    "said, seconds",
    [
        ("Thu, 15 Jan 2026 09:31:17 GMT", 77),
        ("Thu, 15 Jan 2026 09:00:00 GMT", 0),
        ("77", 77),
        ("999999999999999999999", 24 * 3600),
        ("soon", None),
        ("-5", None),
        ("Thu, 99 Jan 2026 09:31:17 GMT", None),
        ("", None),
    ],
)
async def test_peace_is_asked_for_in_seconds_or_until_a_date(
    certificates: Certificates, said: str, seconds: float | None
) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.faults = [answer(b"", status="503 Oh", headers=(f"Retry-After: {said}",))]
        error = await failure(Scene(endpoint))

    assert error.retry_after == seconds
    assert error.durability is Durability.TRANSIENT


async def test_pauses_grow_while_the_endpoint_fails(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        endpoint.faults = [answer(b"", status="500 Oh")] * 12
        pauses: list[float] = []
        for _ in range(10):
            await failure(scene)
            record = await scene.record()
            assert record.retry_at is not None
            pauses.append((record.retry_at - moment_of(scene.clock.now())) / 1000)
            scene.clock.advance(pauses[-1])

    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


async def test_a_token_that_is_still_valid_serves_while_the_endpoint_fails(
    certificates: Certificates,
) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        await scene.provider.token()
        endpoint.faults = [answer(b"", status="503 Oh")] * 9
        scene.clock.advance(3600 - 30)
        assert shown(await scene.provider.token()) == "access-1"
        assert shown(await scene.provider.token()) == "access-1"
        assert len(endpoint.requests) == 2
        scene.clock.advance(30)
        assert (await failure(scene)).durability is Durability.TRANSIENT


async def test_a_refusal_is_remembered_until_it_is_forgotten(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        endpoint.current = "another"
        assert (await failure(scene)).durability is Durability.PERMANENT
        scene.clock.advance(30 * 24 * 3600)
        error = await failure(scene)
        assert error.durability is Durability.PERMANENT
        assert error.field == "refresh_token"
        assert error.remedy
        assert len(endpoint.requests) == 1
        endpoint.current = "refresh-0"
        await scene.provider.forget()
        assert shown(await scene.provider.token()) == "access-1"


async def test_a_person_may_ask_again_and_keeps_the_tokens(certificates: Certificates) -> None:
    """The newest refresh token stays: the one in the settings may have been replaced long ago."""
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        await scene.provider.token()
        scene.clock.advance(3600)
        endpoint.faults = [answer(b'{"error": "invalid_grant"}', status="400 Bad Request")]
        assert (await failure(scene)).durability is Durability.PERMANENT
        await scene.another().ask_again()
        assert shown(await scene.provider.token()) == "access-2"
        await scene.another().ask_again()
        assert shown(await scene.provider.token()) == "access-2"

    assert [request.form["refresh_token"] for request in endpoint.requests] == [
        "refresh-0",
        "refresh-1",
        "refresh-1",
    ]


async def test_an_application_that_is_allowed_later_gets_its_token(certificates: Certificates) -> None:
    """An administrator agrees at the server's; no setting of ours changes, so it is asked again after an hour."""
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        scene.credentials = replace(
            scene.credentials, grant=ClientCredentialsGrant(client_id="app", client_secret=Secret("s"))
        )
        scene.provider = scene.another()
        endpoint.faults = [answer(b'{"error": "unauthorized_client"}', status="400 Bad Request")]
        assert (await failure(scene)).durability is Durability.PERMANENT
        scene.clock.advance(3599)
        assert (await failure(scene)).durability is Durability.PERMANENT
        assert len(endpoint.requests) == 1
        scene.clock.advance(1)
        assert shown(await scene.provider.token()) == "access-1"


async def test_other_settings_are_other_tokens_at_once(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        endpoint.current = "refresh-new"
        await failure(scene)
        grant = replace(scene.credentials.grant, refresh_token=Secret("refresh-new"))  # type: ignore[type-var]
        scene.credentials = replace(scene.credentials, grant=grant)  # type: ignore[arg-type]
        assert shown(await scene.another().token()) == "access-1"


async def test_an_endpoint_that_wants_the_secret_in_the_form_gets_it_there(
    certificates: Certificates,
) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        endpoint.faults = [answer(b'{"error": "invalid_client"}', status="401 Unauthorized")]
        assert shown(await scene.provider.token()) == "access-1"
        scene.clock.advance(3600)
        await scene.provider.token()

    by_header, by_form, again = endpoint.requests
    assert by_header.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in by_header.form
    assert by_form.form["client_secret"] == again.form["client_secret"] == "app-secret"


async def test_a_wrong_secret_is_named_after_both_ways(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        endpoint.faults = [answer(b'{"error": "invalid_client"}', status="401 Unauthorized")] * 2
        error = await failure(scene)

    assert error.field == "client_secret"
    assert error.durability is Durability.PERMANENT
    assert len(endpoint.requests) == 2


async def test_a_forbidden_endpoint_is_not_asked(certificates: Certificates) -> None:
    from eilbote.net.egress import EgressPolicy

    async with rotating_endpoint(certificates) as endpoint:
        endpoint.http = replace(endpoint.http, egress=EgressPolicy())
        error = await failure(Scene(endpoint))

    assert error.field == "access_url"
    assert error.durability is Durability.PERMANENT
    assert endpoint.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no url",
        "https://[::1/",
        "https://a:b/",
        "http://login.example.com/",
        "https://u:p@login.example.com/",
    ],
)
async def test_an_address_that_cannot_be_one_is_named(certificates: Certificates, url: str) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.url = url
        error = await failure(Scene(endpoint))

    assert error.field == "access_url"
    assert error.durability is Durability.PERMANENT


async def test_an_endpoint_that_is_down_is_asked_again_later(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        pass
    error = await failure(Scene(endpoint))

    assert error.field == "access_url"
    assert error.durability is Durability.TRANSIENT


async def test_fifty_waiters_hear_one_failure_each_in_a_copy_of_its_own(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        scene = Scene(endpoint)
        endpoint.faults = [answer(b"", status="503 Oh")]
        heard = await asyncio.gather(*(scene.provider.token() for _ in range(MANY)), return_exceptions=True)

    assert {type(each) for each in heard} == {TokenError}
    assert len({id(each) for each in heard}) == MANY
    assert len(endpoint.requests) == 1
