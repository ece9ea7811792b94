"""What to do for a session that wants a token: use the one that is there, ask for another, or neither.

Decided from what is kept and the time, without asking anybody; :mod:`eilbote.oauth2.provider` acts.

* A token is renewed a minute before it ends, one that lives for less than two minutes at half its time.
* A token that a mail server refused is never used again, by nobody who reads what is kept.
* While the endpoint asked to be left alone, or after failures, it is; a token that is still valid is used meanwhile.
* What only a person can mend is remembered until the settings change or the record is forgotten. Where asking again
  does no harm (an application that was not allowed yet), it is asked again after an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.errors import Durability, Scope, TokenError
from eilbote.model.credentials import AccessToken
from eilbote.model.moment import Moment, later
from eilbote.model.oauth2 import RefreshTokenGrant
from eilbote.oauth2.answer_faults import CONSENT_AGAIN, described
from eilbote.oauth2.token import Token, TokenRecord

if TYPE_CHECKING:
    from eilbote.model.oauth2 import OAuth2
    from eilbote.model.secret import Secret

EARLY_SECONDS: Final = 60.0
_FIRST_PAUSE_SECONDS: Final = 5.0
_LONGEST_PAUSE_SECONDS: Final = 900.0
_REFUSED_SECONDS: Final = 3600.0
_SAME_TOKEN_SECONDS: Final = 60.0
_MOST_DOUBLINGS: Final = 10
_DAY_SECONDS: Final = 24 * 3600.0
_CLOCK_SECONDS: Final = 300.0  # a token that was fetched further in the future: the clock was put back
_NEVER: Final = Moment(0)
_REMEMBERED_LINES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Sign in with this one."""

    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Neither is there a token nor may one be asked for."""

    error: TokenError


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """Ask for another one.

    Attributes:
        refresh_token: The newest; ``None`` takes that of the settings.
        meanwhile: One that is still valid, for when the endpoint cannot answer.
        interrupted: An earlier request was begun and nobody has heard its end.
    """

    refresh_token: Secret | None
    meanwhile: Token | None
    interrupted: bool


Decision: TypeAlias = Use | Refuse | Renew


def decide(
    record: TokenRecord | None, credentials: OAuth2, *, now: Moment, refused: Secret | None = None
) -> Decision:
    """Say what to do.

    Args:
        record: What is kept; ``None`` when nothing is.
        credentials: What the settings hold.
        now: The time.
        refused: The token that a mail server has just refused.
    """
    record = record or TokenRecord()
    held = _held(record, credentials)
    if held is not None and held.access_token == refused:
        held = None
    refreshed = None if record.token is None else record.refreshed
    if held is not None and _is_fresh(held, refreshed, now):
        return Use(token=held)
    meanwhile = held if held is not None and held.expires is not None and now < held.expires else None
    waits = record.retry_at is not None and now < record.retry_at <= later(now, _DAY_SECONDS)
    if record.refusal and (waits or record.retry_at is None):
        return Use(token=meanwhile) if meanwhile is not None else Refuse(error=remembered(record.refusal))
    if waits and record.retry_at is not None:
        return Use(token=meanwhile) if meanwhile is not None else Refuse(error=_wait(record.retry_at, now))
    return Renew(
        refresh_token=None if record.token is None else record.token.refresh_token,
        meanwhile=meanwhile,
        interrupted=record.renewing is not None,
    )


def _held(record: TokenRecord, credentials: OAuth2) -> Token | None:
    """Give the token there is: the one that was fetched, or before the first the one in the settings."""
    if record.token is not None or credentials.access_token is None:
        return record.token
    return Token(access_token=credentials.access_token, expires=credentials.expires)


def _is_fresh(held: Token, refreshed: Moment | None, now: Moment) -> bool:
    if held.expires is None:
        return True
    early = EARLY_SECONDS
    if refreshed is not None:
        if now < later(refreshed, -_CLOCK_SECONDS):
            return False
        early = min(early, max(0.0, (held.expires - refreshed) / 2000))
    return now < later(held.expires, -early)


# -- what is kept ---------------------------------------------------------------------------------------------


def begun(
    record: TokenRecord | None, credentials: OAuth2, *, now: Moment, refused: Secret | None
) -> TokenRecord:
    """Give what is kept while a request is under way; a token that was refused is not usable from here on."""
    record = record or TokenRecord()
    if refused is not None:
        record = spoilt(record, credentials, refused)
    return replace(record, renewing=now)


def spoilt(record: TokenRecord | None, credentials: OAuth2, refused: Secret) -> TokenRecord:
    """Give what is kept after a mail server has refused a token: its refresh token alone is of use."""
    record = record or TokenRecord()
    held = _held(record, credentials)
    if held is None or held.access_token != refused:
        return record
    return replace(record, token=replace(held, expires=_NEVER))


def expired(record: TokenRecord, *, now: Moment) -> TokenRecord:
    """Give what is kept when somebody wants another access token: the refresh token stays.

    While none can be had, because the endpoint refused one or is left alone, the token there is stays in use.
    """
    if record.token is None or record.refusal or (record.retry_at is not None and now < record.retry_at):
        return record
    return replace(record, token=replace(record.token, expires=_NEVER))


def brought_along(refresh_token: Secret) -> TokenRecord:
    """Give what is kept of a refresh token that was handed out elsewhere: the first session asks for an access token."""
    return TokenRecord(token=Token(access_token=refresh_token, expires=_NEVER, refresh_token=refresh_token))


def renewed(record: TokenRecord, token: Token, *, now: Moment, refused: Secret | None = None) -> TokenRecord:
    """Give what is kept of a token that was handed out, with the refresh token of before if there is no other."""
    before = None if record.token is None else record.token.refresh_token
    kept = token if token.refresh_token is not None else replace(token, refresh_token=before)
    if token.access_token == refused:
        # Endpoints may hand out the same token until it ends. The mail server may change its mind, but not at once.
        return TokenRecord(
            token=replace(kept, expires=_NEVER), refreshed=now, retry_at=later(now, _SAME_TOKEN_SECONDS)
        )
    return TokenRecord(token=kept, refreshed=now)


def failed(
    record: TokenRecord, error: TokenError, *, now: Moment, unheard_since: Moment | None
) -> TokenRecord:
    """Give what is kept of a request that failed: when to ask again, or why a person has to act.

    Args:
        record: What was kept while it was under way.
        error: Why there is no token.
        now: The time.
        unheard_since: When a request was begun that nobody has heard the end of, this one or one before.
    """
    failures = record.failures + 1
    if error.durability is Durability.PERMANENT:
        consent = error.field == "refresh_token"
        return replace(
            record,
            renewing=None,
            failures=failures,
            refusal=_in_words(error),
            retry_at=None if consent else later(now, _REFUSED_SECONDS),
        )
    pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, _MOST_DOUBLINGS))
    return replace(
        record,
        renewing=unheard_since,
        failures=failures,
        refusal="",
        retry_at=later(now, max(pause, error.retry_after or 0.0)),
    )


def pardoned(record: TokenRecord) -> TokenRecord:
    """Give what is kept when a person wants the endpoint asked again: neither pause nor refusal, and the same tokens."""
    return replace(record, failures=0, retry_at=None, refusal="")


def consent_lost(error: TokenError, credentials: OAuth2) -> TokenError:
    """Say, of a refused refresh token, that another one was handed out and lost on the way."""
    if isinstance(credentials.grant, RefreshTokenGrant) and error.what.startswith(CONSENT_AGAIN):
        error.cause = (
            "an earlier answer of the token endpoint was lost, and with it the refresh token that took the place of "
            f"this one; {error.cause}"
        )
    return error


def as_access_token(token: Token, credentials: OAuth2) -> AccessToken:
    """Give what a session signs in with."""
    return AccessToken(user=credentials.user, token=token.access_token, expires=token.expires)


# -- why there is none ----------------------------------------------------------------------------------------


def _wait(until: Moment, now: Moment) -> TokenError:
    seconds = max(1.0, (until - now) / 1000)
    error = described(
        "no access token for now: the token endpoint could not help, and is left alone for a while",
        field="access_url",
        cause=f"it is asked again in {seconds:.0f} s",
        remedy="Nothing needs to be done now; `eilbote connection test` shows the reason if it stays so",
        durability=Durability.TRANSIENT,
    )
    error.retry_after = seconds
    return error


def _in_words(error: TokenError) -> str:
    parts = (error.what, error.cause or "", error.remedy or "", error.field or "")
    return "\n".join(" ".join(part.split()) for part in parts)


def remembered(refusal: str) -> TokenError:
    """Give the error again that a record's refusal was made of."""
    what, cause, remedy, field = (refusal.split("\n") + [""] * _REMEMBERED_LINES)[:_REMEMBERED_LINES]
    return TokenError(
        what,
        field=field or None,
        cause=cause or None,
        remedy=remedy or None,
        durability=Durability.PERMANENT,
        scope=Scope.SITE,
        stage="auth",
    )
