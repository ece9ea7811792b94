"""What the machine calls itself in EHLO: a full name, or an address literal, and nothing a server would refuse."""

import pytest

from eilbote.net.local_name import ehlo_name_for, local_name


@pytest.mark.parametrize(
    "host_name,expected",
    [
        ("mail.example.org", "mail.example.org"),
        ("Web-01.Example.ORG", "web-01.example.org"),
        ("laptop", "[127.0.0.1]"),
        ("", "[127.0.0.1]"),
        ("192.0.2.1", "[127.0.0.1]"),
        ("under_score.example.org", "[127.0.0.1]"),
        ("-a.example.org", "[127.0.0.1]"),
        ("a..example.org", "[127.0.0.1]"),
        ("bücher.example", "[127.0.0.1]"),
        ("x\r\nMAIL FROM:<a@b.c>.example", "[127.0.0.1]"),
        (".".join(["a" * 60] * 5), "[127.0.0.1]"),
    ],
)
def test_only_a_full_host_name_is_told(host_name: str, expected: str) -> None:
    assert ehlo_name_for(host_name) == expected


def test_this_machine_has_a_name() -> None:
    assert local_name()
