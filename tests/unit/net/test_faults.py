"""What the system raises, and what a person reads: cause, field and remedy for each."""

import errno
import socket
import ssl

import pytest

from eilbote.cli.exit_codes import ExitCode, exit_code_of
from eilbote.deliver.verdict import judge_error
from eilbote.errors import (
    ConnectError,
    DeliveryTimeoutError,
    DisconnectedError,
    Durability,
    Scope,
    TLSError,
)
from eilbote.model.status import RecipientStatus
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


@pytest.mark.parametrize(
    "number,durability",
    [
        (socket.EAI_AGAIN, Durability.TRANSIENT),
        (socket.EAI_SYSTEM, Durability.TRANSIENT),
        (socket.EAI_MEMORY, Durability.TRANSIENT),
        (socket.EAI_NONAME, Durability.PERMANENT),
        (socket.EAI_NODATA, Durability.PERMANENT),
        (socket.EAI_FAIL, Durability.PERMANENT),
    ],
)
def test_a_name_that_does_not_exist_is_a_matter_of_settings(number: int, durability: Durability) -> None:
    """The connection is to be looked at; nobody's mail fails for it."""
    made = explain(socket.gaierror(number, "x"), at("dns"))

    assert (made.scope, made.durability) == (Scope.SITE, durability)
    assert judge_error(made).status is RecipientStatus.DEFERRED
    assert exit_code_of(made) is (
        ExitCode.TEMPORARY if durability is Durability.TRANSIENT else ExitCode.FAILED
    )


def test_name_servers_that_take_too_long_may_answer_later() -> None:
    assert explain(TimeoutError(), at("dns"), timeout=30).durability is Durability.TRANSIENT


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


@pytest.mark.parametrize(
    "port,words",
    [
        (587, "Set security to 'starttls' for port 587, or port to 465 for security 'tls'"),
        (25, "Set security to 'starttls' for port 25, or port to 465 for security 'tls'"),
        (465, "set port to 587 and security to 'starttls'"),
        (2525, "Set security to 'starttls' for this port"),
    ],
)
def test_a_server_in_clear_names_the_pair_that_belongs_together(port: int, words: str) -> None:
    progress = Progress(host="mail.example.org", port=port, stage="tls", implicit_tls=True)
    made = tls_fault(tls_error("WRONG_VERSION_NUMBER"), progress)

    assert words in (made.remedy or "")
    assert made.field == "security"


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionRefusedError(errno.ECONNREFUSED, "x"),
        OSError(errno.ENETUNREACH, "x"),
        OSError(errno.EHOSTUNREACH, "x"),
    ],
)
def test_only_port_25_is_what_cloud_providers_block(error: Exception) -> None:
    relay = explain(error, Progress(host="mail.example.org", port=25, stage="connect"), timeout=30)
    submission = explain(error, Progress(host="mail.example.org", port=587, stage="connect"), timeout=30)

    assert "cloud providers" in (relay.remedy or "")
    assert "587" in (relay.remedy or "")
    assert "cloud providers" not in (submission.remedy or "")
