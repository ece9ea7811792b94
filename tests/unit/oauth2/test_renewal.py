"""Use, renew, or neither: decided from what is kept and the time."""

from __future__ import annotations

import pytest

from eilbote.errors import Durability, TokenError
from eilbote.model.moment import Moment, later
from eilbote.model.oauth2 import OAuth2, RefreshTokenGrant
from eilbote.model.secret import Secret
from eilbote.oauth2.renewal import Refuse, Renew, Use, begun, decide, failed, remembered, renewed, spoilt
from eilbote.oauth2.token import Token, TokenRecord

NOW = Moment(1_700_000_000_000)
GRANT = RefreshTokenGrant(client_id="app", refresh_token=Secret("from-the-settings"))
BARE = OAuth2(user="anna", grant=GRANT, token_url="https://login.example.com/token")


def with_token(expires: Moment | None) -> OAuth2:
    return OAuth2(
        user="anna",
        grant=GRANT,
        token_url="https://login.example.com/token",
        access_token=Secret("given"),
        expires=expires,
    )


def kept(left: float | None, lifetime: float = 3600, **more: object) -> TokenRecord:
    """What is known of a token with so many seconds left."""
    expires = None if left is None else later(NOW, left)
    token = Token(access_token=Secret("kept"), expires=expires, refresh_token=Secret("newest"))
    refreshed = later(NOW, (left or 0) - lifetime)
    return TokenRecord(token=token, refreshed=refreshed, **more)  # type: ignore[arg-type]


def token(decision: object) -> str:
    assert isinstance(decision, Use), decision
    return decision.token.access_token.reveal()


def test_nothing_is_known() -> None:
    assert decide(None, BARE, now=NOW) == Renew(refresh_token=None, meanwhile=None, interrupted=False)


@pytest.mark.parametrize("left, fresh", [(3600, True), (60.001, True), (60, False), (1, False), (-5, False)])
def test_a_token_is_renewed_a_minute_early(left: float, fresh: bool) -> None:
    decision = decide(kept(left), BARE, now=NOW)
    assert isinstance(decision, Use if fresh else Renew)
    if isinstance(decision, Renew):
        assert decision.refresh_token == Secret("newest")
        assert (decision.meanwhile is not None) is (left > 0)


@pytest.mark.parametrize("left, fresh", [(5, True), (2.6, True), (2.5, False)])
def test_a_short_token_is_renewed_at_half_its_time(left: float, fresh: bool) -> None:
    assert isinstance(decide(kept(left, lifetime=5), BARE, now=NOW), Use if fresh else Renew)


def test_a_token_without_an_end_is_used() -> None:
    assert token(decide(kept(None), BARE, now=NOW)) == "kept"


def test_a_clock_that_was_put_back_makes_no_token_younger() -> None:
    """Fetched an hour in the future: nobody knows how old it is, so another one is asked for."""
    assert isinstance(decide(kept(7200, lifetime=3600), BARE, now=NOW), Renew)
    assert isinstance(decide(kept(3700, lifetime=3600), BARE, now=NOW), Use)  # machines differ by a little


def test_the_token_of_the_settings_comes_before_the_first() -> None:
    assert token(decide(None, with_token(later(NOW, 61)), now=NOW)) == "given"
    assert token(decide(None, with_token(None), now=NOW)) == "given"
    assert token(decide(TokenRecord(failures=2), with_token(None), now=NOW)) == "given"
    assert isinstance(decide(None, with_token(later(NOW, 60)), now=NOW), Renew)
    assert token(decide(kept(3600), with_token(None), now=NOW)) == "kept"


def test_a_refused_token_is_not_used_and_serves_not_even_meanwhile() -> None:
    decision = decide(kept(3600), BARE, now=NOW, refused=Secret("kept"))
    assert decision == Renew(refresh_token=Secret("newest"), meanwhile=None, interrupted=False)
    assert token(decide(kept(3600), BARE, now=NOW, refused=Secret("another"))) == "kept"


def test_a_spoilt_token_keeps_its_refresh_token() -> None:
    record = spoilt(kept(3600), BARE, Secret("kept"))
    decision = decide(record, BARE, now=NOW)
    assert decision == Renew(refresh_token=Secret("newest"), meanwhile=None, interrupted=False)
    assert spoilt(kept(3600), BARE, Secret("another")) == kept(3600)


def test_a_spoilt_token_of_the_settings_is_remembered_as_such() -> None:
    settings = with_token(later(NOW, 3600))
    record = spoilt(None, settings, Secret("given"))
    assert decide(record, settings, now=NOW) == Renew(refresh_token=None, meanwhile=None, interrupted=False)


def test_what_begins_is_marked_and_spoils_what_was_refused() -> None:
    record = begun(kept(3600), BARE, now=NOW, refused=Secret("kept"))
    assert record.renewing == NOW
    decision = decide(record, BARE, now=NOW)
    assert isinstance(decision, Renew)
    assert decision.interrupted


# ── pauses and refusals ─────────────────────────────────────────────────────────────────────────────────────────


def error(
    durability: Durability, *, field: str = "access_url", retry_after: float | None = None
) -> TokenError:
    made = TokenError(
        "no token", field=field, cause="because\nof this", remedy="Mend it", durability=durability
    )
    made.retry_after = retry_after
    return made


def test_a_pause_is_kept_and_a_valid_token_used_meanwhile() -> None:
    record = failed(kept(30), error(Durability.TRANSIENT, retry_after=20), now=NOW, unheard_since=None)
    assert record.retry_at == later(NOW, 20)
    assert token(decide(record, BARE, now=NOW)) == "kept"
    spent = failed(kept(-1), error(Durability.TRANSIENT, retry_after=20), now=NOW, unheard_since=None)
    decision = decide(spent, BARE, now=later(NOW, 12))
    assert isinstance(decision, Refuse)
    assert decision.error.retry_after == 8
    assert decision.error.durability is Durability.TRANSIENT
    assert isinstance(decide(spent, BARE, now=later(NOW, 20)), Renew)


def test_a_pause_written_by_a_clock_far_ahead_is_not_kept() -> None:
    record = TokenRecord(retry_at=later(NOW, 30 * 24 * 3600))
    assert isinstance(decide(record, BARE, now=NOW), Renew)


def test_what_a_person_has_to_mend_is_remembered_word_for_word() -> None:
    record = failed(kept(-1), error(Durability.PERMANENT, field="refresh_token"), now=NOW, unheard_since=None)
    decision = decide(record, BARE, now=later(NOW, 10**8))
    assert isinstance(decision, Refuse)
    said = decision.error
    assert (said.what, said.cause, said.remedy, said.field) == (
        "no token",
        "because of this",
        "Mend it",
        "refresh_token",
    )
    assert said.durability is Durability.PERMANENT


def test_other_refusals_are_asked_about_again_after_an_hour() -> None:
    record = failed(kept(-1), error(Durability.PERMANENT, field="scope"), now=NOW, unheard_since=None)
    assert isinstance(decide(record, BARE, now=later(NOW, 3599)), Refuse)
    assert isinstance(decide(record, BARE, now=later(NOW, 3600)), Renew)


def test_a_valid_token_is_used_although_a_person_has_to_act() -> None:
    record = failed(kept(30), error(Durability.PERMANENT, field="refresh_token"), now=NOW, unheard_since=None)
    assert token(decide(record, BARE, now=NOW)) == "kept"


def test_an_answer_nobody_heard_stays_marked_and_a_clear_one_does_not() -> None:
    started = begun(kept(-1), BARE, now=NOW, refused=None)
    assert failed(started, error(Durability.TRANSIENT), now=NOW, unheard_since=NOW).renewing == NOW
    assert failed(started, error(Durability.TRANSIENT), now=NOW, unheard_since=None).renewing is None
    assert failed(started, error(Durability.PERMANENT), now=NOW, unheard_since=NOW).renewing is None


@pytest.mark.parametrize("refusal", ["", "a", "a\nb", "a\nb\nc\nd\ne"])
def test_a_refusal_in_other_words_is_still_one(refusal: str) -> None:
    assert remembered(refusal).durability is Durability.PERMANENT


# ── what was handed out ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_token_ends_failures_and_keeps_the_refresh_token() -> None:
    before = kept(-1, failures=3, retry_at=later(NOW, 5), refusal="x", renewing=NOW)
    fetched = Token(access_token=Secret("new"), expires=later(NOW, 3600))
    assert renewed(before, fetched, now=NOW) == TokenRecord(
        token=Token(access_token=Secret("new"), expires=later(NOW, 3600), refresh_token=Secret("newest")),
        refreshed=NOW,
    )


def test_a_new_refresh_token_takes_the_place_of_the_former() -> None:
    fetched = Token(access_token=Secret("new"), refresh_token=Secret("newer"))
    record = renewed(kept(-1), fetched, now=NOW)
    assert record.token == fetched


def test_the_refused_token_once_more_is_left_for_a_minute() -> None:
    fetched = Token(access_token=Secret("kept"), expires=later(NOW, 3600), refresh_token=Secret("newer"))
    record = renewed(kept(3600), fetched, now=NOW, refused=Secret("kept"))
    assert isinstance(decide(record, BARE, now=later(NOW, 59)), Refuse)
    again = decide(record, BARE, now=later(NOW, 60))
    assert isinstance(again, Renew)
    assert again.refresh_token == Secret("newer")
