"""SASL: which mechanism, and what it says."""

from __future__ import annotations

import sys

import pytest

from eilbote.errors import AuthenticationError
from eilbote.model.credentials import AccessToken, Password
from eilbote.model.secret import Secret
from eilbote.smtp.sasl import Circumstances, CramMd5, Login, Plain, choose
from eilbote.smtp.scram import ChannelBinding

ANNA = Password(user="anna", password=Secret("pencil"))
TOKEN = AccessToken(user="anna@example.org", token=Secret("ya29.abc"))
BINDING = ChannelBinding("tls-exporter", b"exported")
EVERYTHING = frozenset(
    {
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-1",
        "PLAIN",
        "LOGIN",
        "CRAM-MD5",
        "NTLM",
        "XOAUTH2",
        "OAUTHBEARER",
        "GSSAPI",
    }
)


def at(*offered: str, secure: bool = True, **changes: object) -> Circumstances:
    return Circumstances(offered=frozenset(offered or EVERYTHING), secure=secure, nonce="n" * 24, **changes)


def test_the_order_of_preference_in_tls() -> None:
    order = []
    offered = set(EVERYTHING)
    while offered - {"GSSAPI", "XOAUTH2", "OAUTHBEARER"}:
        name = choose(ANNA, at(*offered, channel_binding=BINDING)).name
        order.append(name)
        offered.remove(name)
    assert order == [
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-1",
        "PLAIN",
        "LOGIN",
        "CRAM-MD5",
        "NTLM",
    ]


def test_plus_needs_something_to_bind_to() -> None:
    assert choose(ANNA, at("SCRAM-SHA-256-PLUS", "PLAIN")).name == "PLAIN"


def test_tokens_use_token_mechanisms_only() -> None:
    assert choose(TOKEN, at()).name == "OAUTHBEARER"
    assert choose(TOKEN, at("XOAUTH2", "PLAIN")).name == "XOAUTH2"
    with pytest.raises(AuthenticationError) as caught:
        choose(TOKEN, at("PLAIN", "LOGIN"))
    assert "PLAIN" in str(caught.value.cause)


@pytest.mark.parametrize("offered", [("PLAIN",), ("LOGIN",), ("PLAIN", "LOGIN")])
def test_passwords_never_travel_in_clear(offered: tuple[str, ...]) -> None:
    with pytest.raises(AuthenticationError) as caught:
        choose(ANNA, at(*offered, secure=False))
    assert caught.value.field == "security"
    assert choose(ANNA, at(*offered, secure=False, allow_clear=True)).name in offered
    assert choose(ANNA, at(*offered, secure=False, is_loopback=True)).name in offered


def test_tokens_never_travel_in_clear() -> None:
    with pytest.raises(AuthenticationError) as caught:
        choose(TOKEN, at("XOAUTH2", secure=False))
    assert caught.value.field == "security"


def test_in_clear_a_mechanism_that_shows_nothing_is_used() -> None:
    assert choose(ANNA, at("PLAIN", "CRAM-MD5", secure=False)).name == "CRAM-MD5"
    assert choose(ANNA, at("PLAIN", "CRAM-MD5", "SCRAM-SHA-1", secure=False)).name == "SCRAM-SHA-1"


def test_a_pinned_mechanism_is_used_or_refused() -> None:
    assert choose(ANNA, at(pinned="login")).name == "LOGIN"
    with pytest.raises(AuthenticationError) as caught:
        choose(ANNA, at("PLAIN", pinned="LOGIN"))
    assert caught.value.field == "mechanism"
    with pytest.raises(AuthenticationError) as caught:
        choose(ANNA, at("PLAIN", secure=False, pinned="PLAIN"))
    assert caught.value.field == "security"


def test_what_the_server_did_not_know_is_left_out() -> None:
    assert choose(ANNA, at("PLAIN", "LOGIN", excluded=frozenset({"PLAIN"}))).name == "LOGIN"


@pytest.mark.parametrize(
    "offered,secure,words",
    [([], True, "offers no authentication"), (["GSSAPI", "FOO"], True, "no mechanism")],
)
def test_nothing_in_common(offered: list[str], secure: bool, words: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        choose(ANNA, Circumstances(offered=frozenset(offered), secure=secure))
    assert words in caught.value.what
    assert caught.value.field == "user"
    assert caught.value.remedy


@pytest.mark.parametrize("character", ["\0", "\r", "\n", "\x01", "\x7f", "\ud800"])
def test_controls_in_credentials_are_refused(character: str) -> None:
    bad = f"a{character}b"
    for credentials, field in (
        (Password(user=bad, password=Secret("x")), "user"),
        (Password(user="a", password=Secret(bad)), "password"),
        (Password(user="a", password=Secret("x"), domain=bad), "domain"),
        (AccessToken(user=bad, token=Secret("x")), "user"),
        (AccessToken(user="a", token=Secret(bad)), "token"),
    ):
        with pytest.raises(AuthenticationError) as caught:
            choose(credentials, at())
        assert (caught.value.field, caught.value.position) == (field, 1)
        assert "a\0b" not in str(caught.value)


@pytest.mark.parametrize(
    "user,domain,login",
    [
        ("anna", "", "anna"),
        ("anna", "CORP", "CORP\\anna"),
        ("OTHER\\anna", "CORP", "OTHER\\anna"),
        ("anna@example.org", "CORP", "anna@example.org"),
    ],
)
def test_a_domain_becomes_part_of_the_user(user: str, domain: str, login: str) -> None:
    mechanism = choose(Password(user=user, password=Secret("pencil"), domain=domain), at("PLAIN"))
    assert mechanism.initial() == f"\0{login}\0pencil".encode()


def test_plain_in_utf8() -> None:
    assert Plain("änna", "pässword €").initial() == "\0änna\0pässword €".encode()


@pytest.mark.parametrize(
    "prompts,answers",
    [
        ([b"Username:", b"Password:"], [b"anna", b"pencil"]),
        ([b"Password:", b"Username:"], [b"pencil", b"anna"]),
        ([b"User Name\0", b"Password\0"], [b"anna", b"pencil"]),
        ([b"", b""], [b"anna", b"pencil"]),
        ([b"Benutzer?", b"Kennwort?"], [b"anna", b"pencil"]),
        ([b"login:", b"PASSWORD"], [b"anna", b"pencil"]),
    ],
)
def test_login_answers_prompts_in_any_order(prompts: list[bytes], answers: list[bytes]) -> None:
    mechanism = Login("anna", "pencil")
    assert mechanism.initial() is None
    assert [mechanism.step(prompt) for prompt in prompts] == answers


def test_cram_md5_by_its_rfc() -> None:
    mechanism = CramMd5("tim", "tanstaaftanstaaf")
    assert (
        mechanism.step(b"<1896.697170952@postoffice.reston.mci.net>")
        == b"tim b913a602c7eda7a495b4e6e7334d3890"
    )


def test_xoauth2_answers_a_refusal_with_an_empty_line() -> None:
    mechanism = choose(TOKEN, at("XOAUTH2"))
    assert mechanism.initial() == b"user=anna@example.org\x01auth=Bearer ya29.abc\x01\x01"
    assert mechanism.step(b'{"status":"401","schemes":"bearer"}') == b""
    assert mechanism.explanation() == "status: 401, schemes: bearer"


def test_oauthbearer_by_its_rfc() -> None:
    mechanism = choose(
        AccessToken(user="user=a,b@example.com", token=Secret("tok")),
        at("OAUTHBEARER", host="server.example.com", port=587),
    )
    assert mechanism.initial() == (
        b"n,a=user=3Da=2Cb@example.com,\x01host=server.example.com\x01port=587\x01auth=Bearer tok\x01\x01"
    )
    assert mechanism.step(b"no json") == b"\x01"
    assert mechanism.explanation() == "no json"


def test_a_token_is_given_when_asked_for() -> None:
    mechanism = choose(TOKEN, at("XOAUTH2"))
    assert mechanism.step(b"") == b"user=anna@example.org\x01auth=Bearer ya29.abc\x01\x01"


def test_ntlm_begins_with_its_negotiate_message() -> None:
    mechanism = choose(Password(user="anna", password=Secret("x"), domain="CORP"), at("NTLM"))
    assert mechanism.initial() is None
    assert mechanism.step(b"").startswith(b"NTLMSSP\0\x01")
    with pytest.raises(AuthenticationError):
        mechanism.step(b"garbage")


def test_ntlm_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spnego", None)
    with pytest.raises(AuthenticationError) as caught:
        choose(ANNA, at("NTLM"))
    assert "eilbote[ntlm]" in str(caught.value.remedy)
