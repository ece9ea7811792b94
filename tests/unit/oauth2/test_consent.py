from __future__ import annotations

import base64
import hashlib
import itertools
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from eilbote.errors import Durability, TokenError
from eilbote.model.secret import Secret
from eilbote.oauth2.consent import (
    CodeRequest,
    code_question,
    code_request,
    device_question,
    read_device_code,
    read_return,
)

RETURN = "http://127.0.0.1:4711/callback"


def request(**changes: str) -> CodeRequest:
    numbers = itertools.count()
    settings = {
        "client_id": "desktop",
        "scope": "mail.send offline_access",
        "redirect_uri": RETURN,
        "user": "anna@example.org",
        **changes,
    }
    return code_request(
        "https://login.example.org/auth?tenant=1",
        token=lambda: f"token{next(numbers)}aaaaaaaaaaaaaa",
        parameters={"prompt": "consent"},
        **settings,
    )


def come_back(**said: str) -> str:
    return f"/callback?{urlencode(said)}"


def test_the_page_is_asked_with_a_challenge_that_only_the_verifier_meets() -> None:
    asked = request()
    url = urlsplit(asked.url)
    said = {name: values[0] for name, values in parse_qs(url.query).items()}
    challenge = said.pop("code_challenge")
    verifier = asked.verifier.reveal()
    assert base64.urlsafe_b64decode(challenge + "=") == hashlib.sha256(verifier.encode()).digest()
    assert 43 <= len(verifier) <= 128
    assert said == {
        "tenant": "1",
        "response_type": "code",
        "client_id": "desktop",
        "redirect_uri": RETURN,
        "scope": "mail.send offline_access",
        "state": asked.state,
        "code_challenge_method": "S256",
        "login_hint": "anna@example.org",
        "prompt": "consent",
    }
    assert verifier not in asked.url
    assert asked.state not in verifier


def test_the_code_that_comes_back_is_exchanged_with_the_verifier() -> None:
    asked = request()
    code = read_return(asked, come_back(state=asked.state, code="4/0Ab"))
    asking = code_question(asked, code, client_id="web", client_secret=Secret("word"))
    assert dict(asking.fields) == {
        "grant_type": "authorization_code",
        "code": "4/0Ab",
        "redirect_uri": RETURN,
        "code_verifier": asked.verifier.reveal(),
    }
    assert (asking.client_id, asking.client_secret) == ("web", Secret("word"))
    assert "4/0Ab" not in repr(asking)


@pytest.mark.parametrize(
    "target",
    [
        "/callback",
        "/callback?code=abc",
        come_back(code="abc", state=""),
        come_back(code="abc", state="another"),
        come_back(error="access_denied", state="another"),
        "/callback?code=abc&state=token3aaaaaaaaaaaaaa&state=token3aaaaaaaaaaaaaa",
    ],
)
def test_a_return_from_another_request_is_refused(target: str) -> None:
    """An attacker who gets a victim to load the redirect would have the victim send through the attacker's account."""
    with pytest.raises(TokenError) as refused:
        read_return(request(), target)
    assert refused.value.field == "state"


def test_a_return_without_a_code_is_refused() -> None:
    asked = request()
    with pytest.raises(TokenError) as refused:
        read_return(asked, come_back(state=asked.state, code=""))
    assert refused.value.field == "code"


@pytest.mark.parametrize(
    "error, what, durability",
    [
        ("access_denied", "refused", Durability.PERMANENT),
        ("invalid_scope", "scope", Durability.PERMANENT),
        ("temporarily_unavailable", "busy", Durability.TRANSIENT),
        ("made_up", "refused the request", Durability.PERMANENT),
    ],
)
def test_a_refusal_is_told_in_words(error: str, what: str, durability: Durability) -> None:
    asked = request()
    description = "AADSTS65004: \x1b[31muser declined\r\n" + "x" * 1000
    with pytest.raises(TokenError) as refused:
        read_return(asked, come_back(state=asked.state, error=error, error_description=description))
    assert what in refused.value.what
    assert refused.value.durability is durability
    cause = refused.value.cause or ""
    assert error in cause
    assert "user declined" in cause
    assert cause.isprintable()
    assert len(cause) < 500
    assert refused.value.remedy


DEVICE = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://example.org/device",
    "verification_uri_complete": "https://example.org/device?user_code=WDJB-MJHT",
    "expires_in": 900,
    "interval": 7,
}


def test_a_device_code_is_read_and_asked_about() -> None:
    device = read_device_code(DEVICE)
    assert (device.user_code, device.page) == ("WDJB-MJHT", "https://example.org/device")
    assert device.page_with_code.endswith("WDJB-MJHT")
    assert (device.seconds, device.interval) == (900, 7)
    asking = device_question(device.device_code, client_id="desktop", client_secret=Secret(""))
    assert dict(asking.fields) == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "GmRhmhcxhwAzkoEqiMEg",
    }
    assert asking.client_id == "desktop"


@pytest.mark.parametrize("wrong", [None, "soon", True, -1, 0, float("nan")])
def test_times_that_make_no_sense_are_replaced(wrong: object) -> None:
    device = read_device_code({**DEVICE, "expires_in": wrong, "interval": wrong})
    assert (device.seconds, device.interval) == (1800, 5)


def test_an_interval_of_a_year_is_cut() -> None:
    assert read_device_code({**DEVICE, "interval": 31_536_000}).interval == 60


def test_the_old_name_of_the_page_is_known() -> None:
    answer = {name: value for name, value in DEVICE.items() if not name.startswith("verification")}
    device = read_device_code({**answer, "verification_url": "https://www.google.example/device"})
    assert device.page == "https://www.google.example/device"
    assert device.page_with_code == ""


@pytest.mark.parametrize("missing", ["device_code", "user_code", "verification_uri"])
@pytest.mark.parametrize("instead", [None, "", " ", 5, ["x"]])
def test_a_device_code_that_lacks_something_is_refused(missing: str, instead: object) -> None:
    with pytest.raises(TokenError) as refused:
        read_device_code({**DEVICE, missing: instead})
    assert refused.value.field == "device_url"


@pytest.mark.parametrize(
    "page",
    [
        "javascript:alert(document.cookie)//https://login.example",
        " JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//login.example/device",
        "https:",
        "https://[",
        "login.example/device",
    ],
)
def test_nobody_is_sent_to_what_is_no_page(page: str) -> None:
    """A portal makes a link of the page, and whoever runs the endpoint would run a program in the portal of an administrator."""
    with pytest.raises(TokenError) as refused:
        read_device_code({**DEVICE, "verification_uri": page})
    assert refused.value.field == "device_url"
    assert read_device_code({**DEVICE, "verification_uri_complete": page}).page_with_code == ""


def test_a_refused_device_code_is_told_in_words() -> None:
    with pytest.raises(TokenError) as refused:
        read_device_code({"error": "unauthorized_client", "error_description": "no device flow"})
    assert refused.value.field == "client_id"
    assert "no device flow" in (refused.value.cause or "")


def test_an_interval_of_a_millisecond_is_a_second() -> None:
    """A server that names one would be asked a thousand times a second for half an hour."""
    assert read_device_code({**DEVICE, "interval": 0.001}).interval == 1
