"""What the machine calls itself in EHLO: a full name and nothing a server would refuse."""

import socket

import pytest

from eilbote.net.local_name import full_name, local_name


@pytest.mark.parametrize(
    "host_name,expected",
    [
        ("mail.example.org", "mail.example.org"),
        ("Web-01.Example.ORG", "web-01.example.org"),
        ("laptop", None),
        ("", None),
        ("192.0.2.1", None),
        ("under_score.example.org", None),
        ("-a.example.org", None),
        ("a..example.org", None),
        ("bücher.example", None),
        ("x\r\nMAIL FROM:<a@b.c>.example", None),
        (".".join(["a" * 60] * 5), None),
    ],
)
def test_only_a_full_host_name_is_told(host_name: str, expected: str | None) -> None:
    assert full_name(host_name) == expected


def test_this_machine_has_a_full_name_or_none() -> None:
    assert local_name() == full_name(socket.gethostname())
