"""What the system raises, and what a person reads: cause, field and remedy for each."""

import errno
import socket
import ssl

import pytest

from eilbote.errors import (
    ConnectError,
    DeliveryTimeoutError,
    DisconnectedError,
    Durability,
    Scope,
    TLSError,
)
from eilbote.net.faults import Progress, explain, lost, tls_fault


def at(stage: str, *, implicit_tls: bool = False) -> Progress:
    return Progress(host="mail.example.org", port=587, stage=stage, implicit_tls=implicit_tls)


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    return error


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    "error,stage,kind,field,words",
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "dns", ConnectError, "host", "no address"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "dns", ConnectError, "host", "could not answer now"),
        (socket.gaierror(socket.EAI_FAIL, "oops"), "dns", ConnectError, "host", "oops"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "connect", ConnectError, "port", "nothing listens"),
        (OSError(errno.EHOSTUNREACH, "x"), "connect", ConnectError, "host", "no route"),
        (OSError(errno.ENETUNREACH, "x"), "connect", ConnectError, "host", "no route"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "connect", ConnectError, "local_address", "local address"),
        (OSError(errno.EMFILE, "x"), "connect", ConnectError, "limits.max_sessions", "descriptor"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "connect", ConnectError, "host", "closed"),
        (OSError(errno.EPERM, "Operation not permitted"), "connect", ConnectError, "host", "not permitted"),
        (
            ConnectionResetError(errno.ECONNRESET, "x"),
            "tls",
            TLSError,
            "security",
            "during the TLS handshake",
        ),
        (TimeoutError(), "dns", DeliveryTimeoutError, "host", "name servers"),
        (TimeoutError(), "connect", DeliveryTimeoutError, "port", "firewall"),
        (TimeoutError(), "tls", DeliveryTimeoutError, "port", "465"),
        (tls_error("WRONG_VERSION_NUMBER"), "tls", TLSError, "security", "STARTTLS"),
        (tls_error("SOMETHING_NEW"), "tls", TLSError, "security", "SOMETHING_NEW"),
    ],
)
def test_a_fault_on_the_way_is_explained(
    error: Exception, stage: str, kind: type[Exception], field: str, words: str
) -> None:
    made = explain(error, at(stage), timeout=30)

    assert type(made) is kind
    assert (made.field, made.stage, made.scope) == (field, stage, Scope.SITE)
    assert words in str(made)
    assert made.cause
    assert made.remedy
    assert made.server == "mail.example.org:587"


@pytest.mark.parametrize("code", [7, 9, 10, 18, 19, 20, 21, 23, 24, 26, 32, 62, 64, 66, 67, 68, 79])
def test_every_fault_of_a_certificate_has_its_words(code: int) -> None:
    made = tls_fault(certificate_error(code), at("tls"))

    assert "the TLS layer says" not in str(made)
    assert made.durability is Durability.PERMANENT
    assert made.remedy


def test_a_server_in_clear_is_told_apart_from_one_that_cheats_after_starttls() -> None:
    implicit = tls_fault(tls_error("WRONG_VERSION_NUMBER"), at("tls", implicit_tls=True))
    upgraded = tls_fault(tls_error("WRONG_VERSION_NUMBER"), at("tls"))

    assert "starttls" in (implicit.remedy or "")
    assert "tampering" in (upgraded.remedy or "")


@pytest.mark.parametrize(
    "error,words",
    [
        (None, "closed"),
        (ConnectionResetError(), "reset"),
        (TimeoutError(), "no longer answers"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "Broken pipe"),
    ],
)
def test_how_an_open_connection_ended(error: Exception | None, words: str) -> None:
    made = lost(error, "mail.example.org:587")

    assert isinstance(made, DisconnectedError)
    assert words in str(made)


def test_an_ipv6_literal_stands_in_brackets() -> None:
    made = explain(ConnectionRefusedError(), Progress(host="2001:db8::1", port=25, stage="connect"))

    assert made.server == "[2001:db8::1]:25"
