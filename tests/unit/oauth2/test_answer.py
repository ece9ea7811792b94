"""Every answer a token endpoint may give: a token, try again, or consent again."""

from __future__ import annotations

import json
import math

import pytest

from eilbote.errors import Durability, Scope, TokenError
from eilbote.model.moment import Moment, later
from eilbote.model.oauth2 import ClientCredentialsGrant, Grant, RefreshTokenGrant, ServiceAccountGrant
from eilbote.model.redactor import Redactor
from eilbote.model.secret import Secret
from eilbote.oauth2.answer import Answer, read_answer
from eilbote.oauth2.token import Token

ASKED = Moment(1_700_000_000_000)
SENT = "the-refresh-token-that-was-sent"
REFRESH = RefreshTokenGrant(client_id="app", refresh_token=Secret(SENT))
CLIENT = ClientCredentialsGrant(client_id="app", client_secret=Secret("client-secret"))
SERVICE = ServiceAccountGrant(issuer="robot@project.example", private_key=Secret("key"))


def read(body: object, *, status: int = 200, grant: Grant = REFRESH, **more: object) -> Token:
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Answer(status=status, body=octets, **more)  # type: ignore[arg-type]
    return read_answer(
        answer, grant=grant, asked=ASKED, server="login.example.com:443", redactor=Redactor([SENT])
    )


def fault(body: object, *, status: int = 400, grant: Grant = REFRESH, **more: object) -> TokenError:
    with pytest.raises(TokenError) as caught:
        read(body, status=status, grant=grant, **more)
    error = caught.value
    assert error.scope is Scope.SITE
    assert error.server == "login.example.com:443"
    assert error.field
    assert error.cause
    assert error.remedy
    assert SENT not in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 1000
    return error


def good(**more: object) -> dict[str, object]:
    return {"access_token": "ya29.A-b_c~d+e/f==", "token_type": "Bearer"} | more


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_read() -> None:
    assert read(good(expires_in=3599, refresh_token="1//next", scope="x", id_token="y")) == Token(
        access_token=Secret("ya29.A-b_c~d+e/f=="),
        expires=later(ASKED, 3599),
        refresh_token=Secret("1//next"),
    )


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read(b"\xef\xbb\xbf" + json.dumps(good()).encode()).access_token


@pytest.mark.parametrize("kind", ["bearer", "BEARER", "Bearer"])
def test_the_kind_of_a_token_is_read_in_any_case(kind: str) -> None:
    assert read(good(token_type=kind)).access_token


def test_the_kind_may_be_left_out() -> None:
    assert read({"access_token": "abc"}).access_token == Secret("abc")


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_other_refresh_token_leaves_the_former(nothing: object) -> None:
    assert read(good(refresh_token=nothing)).refresh_token is None


@pytest.mark.parametrize(
    "said, seconds",
    [
        (3600, 3600),
        (3599.5, 3599.5),
        ("3600", 3600),
        ("3600.0", 3600),
        (1, 1),
        (3_600_000, 3600),  # milliseconds
        ("3600000", 3600),
        (7 * 24 * 3600, 24 * 3600),  # believed for a day at most
        (1_700_000_000_000, 24 * 3600),  # a date
        (10**14, 24 * 3600),
    ],
)
def test_an_expiry_is_understood(said: object, seconds: float) -> None:
    assert read(good(expires_in=said)).expires == later(ASKED, seconds)


@pytest.mark.parametrize(
    "said",
    [
        None,
        0,
        -1,
        "",
        "soon",
        "-5",
        True,
        False,
        [],
        {},
        [3600],
        10**15,
        10**400,
        "1" * 400,
        "٣",
        math.nan,
        math.inf,
    ],
)
def test_an_expiry_that_means_nothing_leaves_it_to_the_mail_server(said: object) -> None:
    assert read(good(expires_in=said)).expires is None


def test_no_expiry_leaves_it_to_the_mail_server() -> None:
    assert read(good()).expires is None


@pytest.mark.parametrize(
    "token",
    [
        *("", None, 5, True, ["abc"], {"a": 1}),
        *(
            "abc\r\nX: y",
            "abc\x01auth=Bearer other",
            "abc def",
            "abc\0",
            "tökén",
            "abc\u2028",
            "=",
            "a=b",
            "\ud800",
        ),
        "a" * 30_000,
    ],
)
def test_a_token_that_could_say_more_than_a_token_is_refused(token: object) -> None:
    """CR LF would end a line, ^A a field of XOAUTH2: what follows would be somebody else's words in our mouth."""
    error = fault(good(access_token=token), status=200)
    assert error.durability is Durability.TRANSIENT
    assert error.field == "access_url"


def test_a_missing_token_is_no_token() -> None:
    assert fault({"token_type": "Bearer"}, status=200).durability is Durability.TRANSIENT


@pytest.mark.parametrize("token", [5, True, ["x"], "a\r\nb", "a\x01b", "tökén", "a" * 30_000])
def test_a_refresh_token_that_is_none_is_refused(token: object) -> None:
    assert fault(good(refresh_token=token), status=200).durability is Durability.TRANSIENT


@pytest.mark.parametrize("kind", ["mac", "DPoP", "N_A", "", 5, None])
def test_another_kind_of_token_is_of_no_use(kind: object) -> None:
    assert "bearer token" in str(fault(good(token_type=kind), status=200).cause)


# ── consent again, or something else a person has to do ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "code, field",
    [
        ("invalid_grant", "refresh_token"),
        ("interaction_required", "refresh_token"),
        ("consent_required", "refresh_token"),
        ("invalid_client", "client_secret"),
        ("unauthorized_client", "client_id"),
        ("invalid_scope", "scope"),
        ("unsupported_grant_type", "grant"),
        ("invalid_request", "access_url"),
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 200])
def test_a_person_has_to_act(code: str, field: str, status: int) -> None:
    error = fault({"error": code, "error_description": "Because."}, status=status)
    assert error.durability is Durability.PERMANENT
    assert error.field == field
    assert f"{code}: Because." in str(error.cause)
    assert ("consent again" in error.what) is (field == "refresh_token")


@pytest.mark.parametrize("grant, field", [(CLIENT, "client_id"), (SERVICE, "service_account")])
def test_nobody_can_consent_for_a_program(grant: Grant, field: str) -> None:
    error = fault({"error": "invalid_grant"}, grant=grant)
    assert error.durability is Durability.PERMANENT
    assert error.field == field
    assert "consent" not in str(error)


@pytest.mark.parametrize(
    "code, said, words, field",
    [
        (
            "invalid_client",
            "AADSTS7000222: The provided client secret keys are expired.",
            "has run out",
            "client_secret",
        ),
        (
            "invalid_client",
            "AADSTS7000215: Invalid client secret provided.",
            "its id was given",
            "client_secret",
        ),
        (
            "invalid_grant",
            "AADSTS700082: The refresh token has expired due to inactivity.",
            "too long",
            "refresh_token",
        ),
        (
            "invalid_grant",
            "AADSTS50173: The provided grant has expired.",
            "password was changed",
            "refresh_token",
        ),
        ("invalid_request", "AADSTS90002: Tenant 'x' not found.", "no such tenant", "access_url"),
        (
            "unauthorized_client",
            "AADSTS700016: Application not found.",
            "not known in this tenant",
            "client_id",
        ),
    ],
)
def test_what_microsoft_says_is_told_in_our_words(code: str, said: str, words: str, field: str) -> None:
    error = fault({"error": code, "error_description": said})
    assert words in str(error.cause)
    assert error.field == field


@pytest.mark.parametrize(
    "said, words",
    [
        (
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
            "clock",
        ),
        ("Invalid JWT Signature.", "not (or no longer) one of the service account"),
        ("Invalid email or User ID", "no mailbox of the domain"),
    ],
)
def test_what_google_says_of_a_service_account_is_told_in_our_words(said: str, words: str) -> None:
    assert words in str(fault({"error": "invalid_grant", "error_description": said}, grant=SERVICE).cause)


# ── try again ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_an_endpoint_that_is_busy_is_asked_again(status: int) -> None:
    assert fault(b"<html>", status=status).durability is Durability.TRANSIENT


@pytest.mark.parametrize(
    "code", ["server_error", "temporarily_unavailable", "slow_down", "something_of_their_own"]
)
def test_an_error_that_may_pass_is_no_reason_to_act(code: str) -> None:
    assert fault({"error": code}).durability is Durability.TRANSIENT


@pytest.mark.parametrize(
    "said, seconds", [(120.0, 120.0), (0.0, 0.0), (-5.0, 0.0), (10.0**9, 24 * 3600.0), (None, None)]
)
def test_a_wish_to_be_left_alone_is_heard_within_reason(said: float | None, seconds: float | None) -> None:
    assert fault(b"", status=429, retry_after=said).retry_after == seconds


def test_a_wish_to_be_left_alone_means_nothing_when_a_person_has_to_act() -> None:
    assert fault({"error": "invalid_grant"}, retry_after=5.0).retry_after is None


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"null",
            b"[]",
            b'["access_token"]',
            b"5",
            b'"text"',
            b"{",
            b'{"access_token": ',
            b"\xff\xfe{}",
        ),
        *(b"<html><body>Sign in</body></html>", b"access_token=abc&token_type=bearer"),
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"expires_in": ' + b"9" * 60_000 + b"}",
    ],
)
def test_what_is_no_object_is_strange(body: bytes) -> None:
    error = fault(body, status=200, kind="text/html; charset=utf-8")
    assert error.durability is Durability.TRANSIENT
    assert error.field == "access_url"


def test_a_media_type_is_shown_without_what_was_sent() -> None:
    assert "text/***" in str(fault(b"<html>", status=200, kind=f"text/{SENT}").cause)


def test_a_page_says_that_it_is_one() -> None:
    assert "text/html" in str(fault(b"<html>", status=200, kind="text/html\x1b[31m").cause)


# ── the wrong place ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "status, durability",
    [
        (301, Durability.PERMANENT),
        (308, Durability.PERMANENT),
        (302, Durability.TRANSIENT),
        (307, Durability.TRANSIENT),
        (404, Durability.PERMANENT),
        (405, Durability.PERMANENT),
        (410, Durability.PERMANENT),
        (403, Durability.TRANSIENT),
        (204, Durability.TRANSIENT),
        (101, Durability.TRANSIENT),
    ],
)
def test_an_address_that_leads_elsewhere_is_named(status: int, durability: Durability) -> None:
    error = fault(b"", status=status)
    assert error.durability is durability
    assert error.field == "access_url"
    assert str(status) in str(error.cause)


# ── what the endpoint says is not believed ──────────────────────────────────────────────────────────────────────


def test_what_comes_back_is_shown_without_what_was_sent() -> None:
    error = fault(
        {"error": "invalid_grant", "error_description": f"Token {SENT} is unknown\r\n\x1b[31m\u202e!"}
    )
    assert "***" in str(error.cause)


def test_a_long_description_is_cut() -> None:
    assert len(str(fault({"error": "x" * 5000, "error_description": "y" * 60_000}).cause)) < 500


@pytest.mark.parametrize("description", [None, 5, ["x"], {"a": "b"}])
def test_a_description_of_another_kind_is_left_out(description: object) -> None:
    assert (
        fault({"error": "invalid_grant", "error_description": description}).cause == "it said invalid_grant"
    )


@pytest.mark.parametrize("code", [None, 5, "", ["invalid_grant"], {}])
def test_an_error_of_another_kind_is_none(code: object) -> None:
    assert fault({"error": code}).durability is Durability.TRANSIENT


def test_the_octets_of_an_answer_are_not_shown() -> None:
    assert "abc" not in repr(Answer(status=200, body=b"abc"))
