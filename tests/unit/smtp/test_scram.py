"""SCRAM by the examples of its RFCs, and against servers that cheat."""

from __future__ import annotations

import pytest

from eilbote.errors import AuthenticationError, RemoteProtocolError
from eilbote.smtp.scram import ChannelBinding, Scram, saslprep

# RFC 7677 §3
NONCE = "rOprNGfwEbeRWgbNEkqO"
SERVER_FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
CLIENT_FINAL = (
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
SERVER_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def scram(name: str = "SCRAM-SHA-256", **changes: object) -> Scram:
    settings: dict[str, object] = {"user": "user", "password": "pencil", "nonce": NONCE} | changes
    return Scram(name, **settings)


def test_sha_256_by_its_rfc() -> None:
    mechanism = scram()
    assert mechanism.initial() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert mechanism.step(SERVER_FIRST) == CLIENT_FINAL
    assert mechanism.step(SERVER_FINAL) == b""
    mechanism.succeeded()


def test_sha_1_by_its_rfc() -> None:
    mechanism = scram("SCRAM-SHA-1", nonce="fyko+d2lbbFgONRv9qkxdawL")
    assert mechanism.initial() == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    answer = mechanism.step(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
    assert answer == (b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    assert mechanism.step(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") == b""
    mechanism.succeeded()


def test_a_server_that_says_yes_without_its_proof_is_refused() -> None:
    mechanism = scram()
    mechanism.initial()
    mechanism.step(SERVER_FIRST)
    with pytest.raises(AuthenticationError) as caught:
        mechanism.succeeded()
    assert caught.value.field == "host"


def test_a_server_that_does_not_know_the_password_is_refused() -> None:
    mechanism = scram(password="other")
    mechanism.initial()
    mechanism.step(SERVER_FIRST)
    with pytest.raises(AuthenticationError):
        mechanism.step(SERVER_FINAL)


def test_a_refusal_in_the_exchange() -> None:
    mechanism = scram()
    mechanism.initial()
    mechanism.step(SERVER_FIRST)
    with pytest.raises(AuthenticationError) as caught:
        mechanism.step(b"e=invalid-proof")
    assert "invalid-proof" in caught.value.what


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"r=other-nonce,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"r=rOprNGfwEbeRWgbNEkqOx,s=!!!,i=4096",
        b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==",
        b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=many",
        b"m=extension,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    ],
)
def test_challenges_that_make_no_sense(challenge: bytes) -> None:
    mechanism = scram()
    mechanism.initial()
    with pytest.raises(RemoteProtocolError):
        mechanism.step(challenge)


@pytest.mark.parametrize("iterations", [1, 4095, 1_000_001, 999_999_999])
def test_too_few_and_too_many_iterations(iterations: int) -> None:
    """One iteration would make guessing cheap, a thousand million would stop this process."""
    mechanism = scram()
    mechanism.initial()
    with pytest.raises(AuthenticationError):
        mechanism.step(b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=%d" % iterations)


def test_odd_characters_in_the_user() -> None:
    assert scram(user="odd,user=1").initial() == b"n,,n=odd=2Cuser=3D1,r=rOprNGfwEbeRWgbNEkqO"


def test_the_client_says_when_it_could_have_bound() -> None:
    """A server that did offer it learns from "y" that somebody in between took the offer away."""
    binding = ChannelBinding("tls-exporter", b"x")
    assert scram(binding=binding).initial().startswith(b"y,,")
    assert scram(binding=binding, server_offers_binding=True).initial().startswith(b"n,,")


def test_plus_binds_to_the_tls_session() -> None:
    mechanism = scram("SCRAM-SHA-256-PLUS", binding=ChannelBinding("tls-exporter", b"\x01\x02"))
    assert mechanism.initial().startswith(b"p=tls-exporter,,n=user")
    answer = mechanism.step(SERVER_FIRST)
    assert answer.startswith(b"c=cD10bHMtZXhwb3J0ZXIsLAEC,")
    with pytest.raises(AuthenticationError):
        scram("SCRAM-SHA-256-PLUS")


@pytest.mark.parametrize(
    "text,prepared",
    [
        ("plain ascii", "plain ascii"),
        ("I\u00adX", "IX"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("a\u0308", "\u00e4"),
    ],
)
def test_saslprep_by_its_rfc(text: str, prepared: str) -> None:
    assert saslprep(text) == prepared
