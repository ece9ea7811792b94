"""Whence a request came: only the word of trusted proxies counts, from the end of what was said."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.requests import Request

from eilbote.api.client_address import client_address

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))


def request(peer: str, *said: str) -> Request:
    headers = [(b"x-forwarded-for", each.encode()) for each in said]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    "peer, said, address",
    [
        ("192.0.2.7", ("203.0.113.9",), "192.0.2.7"),  # nobody trusts the one who speaks
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("127.0.0.1, 203.0.113.9",), "203.0.113.9"),  # the client wrote the first one itself
        ("10.0.0.1", ("203.0.113.9, 10.0.0.2",), "203.0.113.9"),
        ("10.0.0.1", ("1.2.3.4", "203.0.113.9"), "203.0.113.9"),
        ("10.0.0.1", ("nonsense, 10.0.0.2",), "10.0.0.2"),
        ("10.0.0.1", ("203.0.113.9:4711",), "203.0.113.9"),
        ("2001:db8::1", ("[2a00::7]:443",), "2a00::7"),
        ("10.0.0.1", ("::ffff:203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", (",".join(["10.0.0.9"] * 500),), "10.0.0.9"),
    ],
)
def test_the_last_address_that_a_trusted_proxy_tells_counts(
    peer: str, said: tuple[str, ...], address: str
) -> None:
    assert client_address(request(peer, *said), TRUSTED) == address


def test_nobody_is_believed_unless_somebody_says_so() -> None:
    assert client_address(request("10.0.0.1", "203.0.113.9"), ()) == "10.0.0.1"


def test_a_socket_of_this_machine_has_no_address() -> None:
    assert client_address(Request({"type": "http", "client": None, "headers": []}), TRUSTED) == ""
