"""Replies to EHLO, tidy and untidy."""

from __future__ import annotations

import pytest

from eilbote.smtp.extensions import Extensions, parse_extensions
from eilbote.smtp.replies import Reply


def extensions(*lines: str) -> Extensions:
    return parse_extensions(Reply(250, ("mail.example.net at your service", *lines)))


def test_reads_what_postfix_says() -> None:
    found = extensions(
        "PIPELINING",
        "SIZE 10240000",
        "STARTTLS",
        "AUTH PLAIN LOGIN",
        "ENHANCEDSTATUSCODES",
        "8BITMIME",
        "DSN",
        "SMTPUTF8",
        "CHUNKING",
    )
    assert found.domain == "mail.example.net"
    assert found.pipelining
    assert found.chunking
    assert found.eight_bit
    assert found.smtputf8
    assert found.dsn
    assert found.starttls
    assert found.announces_size
    assert found.size == 10_240_000
    assert found.mechanisms == {"PLAIN", "LOGIN"}
    assert not found.binary
    assert not found.requiretls
    assert found.has("enhancedstatuscodes")
    assert found.lines[1] == "SIZE 10240000"


def test_nothing_is_announced_by_silence() -> None:
    found = extensions()
    assert (found.pipelining, found.size, found.mechanisms, found.lines) == (False, None, frozenset(), ())


def test_case_does_not_matter() -> None:
    found = extensions("pipelining", "Auth plain")
    assert found.pipelining
    assert found.mechanisms == {"PLAIN"}


@pytest.mark.parametrize(
    "lines,mechanisms",
    [
        (["AUTH=PLAIN LOGIN"], {"PLAIN", "LOGIN"}),
        (["AUTH=LOGIN", "AUTH LOGIN CRAM-MD5"], {"LOGIN", "CRAM-MD5"}),
        (["AUTH PLAIN", "AUTH LOGIN"], {"PLAIN", "LOGIN"}),
        (["AUTH"], set()),
        (["AUTH="], set()),
        (["XAUTH PLAIN"], set()),
    ],
)
def test_mechanisms_in_old_and_repeated_lines(lines: list[str], mechanisms: set[str]) -> None:
    assert extensions(*lines).mechanisms == mechanisms


@pytest.mark.parametrize(
    "line,size",
    [
        ("SIZE 1000", 1000),
        ("SIZE", None),
        ("SIZE 0", None),
        ("SIZE -1", None),
        ("SIZE lots", None),
        ("SIZE ２０", None),
        ("SIZE 99999999999999999999", 99_999_999_999_999_999_999),
        ("SIZE " + "9" * 5000, None),
    ],
)
def test_size(line: str, size: int | None) -> None:
    found = extensions(line)
    assert found.announces_size
    assert found.size == size


def test_binary_needs_chunking() -> None:
    assert not extensions("BINARYMIME").binary
    assert extensions("BINARYMIME", "CHUNKING").binary


def test_empty_lines_are_ignored() -> None:
    assert extensions("", "   ", "PIPELINING").pipelining


def test_ten_thousand_lines() -> None:
    assert extensions(*[f"X{number} a b" for number in range(10_000)]).has("x9999")
