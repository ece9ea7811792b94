"""From a host to addresses: strict about what a host is, fair between the address families."""

import asyncio
import socket

import pytest

from eilbote.errors import ConnectError, Durability, SettingsError
from eilbote.net.egress import EgressPolicy
from eilbote.net.resolve import Endpoint, ascii_host, interleave, resolve


def v4(number: int) -> Endpoint:
    return Endpoint(socket.AF_INET, (f"192.0.2.{number}", 25))


def v6(number: int) -> Endpoint:
    return Endpoint(socket.AF_INET6, (f"2001:db8::{number}", 25, 0, 0))


@pytest.mark.parametrize(
    "given,expected",
    [
        ([v6(1), v6(2), v6(3), v4(1), v4(2)], [v6(1), v4(1), v6(2), v4(2), v6(3)]),
        ([v4(1), v6(1), v6(2)], [v4(1), v6(1), v6(2)]),
        ([v4(1), v4(2)], [v4(1), v4(2)]),
        ([v4(1), v4(1), v6(1)], [v4(1), v6(1)]),
        ([], []),
    ],
)
def test_families_alternate_from_the_preferred_one(given: list[Endpoint], expected: list[Endpoint]) -> None:
    assert list(interleave(given)) == expected


@pytest.mark.parametrize(
    "host,expected",
    [
        ("mail.example.org", "mail.example.org"),
        ("mail.example.org.", "mail.example.org."),
        ("localhost", "localhost"),
        ("mail_relay", "mail_relay"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("①②⑦.⓪.⓪.①", "127.0.0.1"),  # it becomes an address, and is checked as one
    ],
)
def test_hosts_as_they_are_looked_up(host: str, expected: str) -> None:
    assert ascii_host(host) == expected


NUMBERS = [
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0.0.0x1",
    "0177.0.0.1",
]
NUMBERS += ["1.2.3.256", "1.2.3.4.5", "0x", "1", "10.0.0.1.", "example.0x7f", "00000127.0.0.1", "①②⑦.①"]
NONSENSE = [
    "",
    ".",
    "-",
    "-a.example",
    "a..b",
    "a b",
    "a\nb",
    "a\x00b",
    "a/b",
    "a\\b",
    "\\\\server\\share",
    "a@b",
    "a:25",
]
NONSENSE += [
    "user@127.0.0.1",
    "http://127.0.0.1",
    "file:///etc/passwd",
    "[::1",
    "::1]",
    "a%00b",
    "fe80::1%eth0",
]
NONSENSE += ["x" * 64 + ".example", ".".join(["a"] * 200), "a。b@c", "ex\u202eample.org", "a" * 100_000]


@pytest.mark.parametrize("host", NUMBERS + NONSENSE)
def test_what_is_not_a_host_is_refused_with_its_field(host: str) -> None:
    """The system's resolver reads 127.1, 0x7f.1 and 2130706433 as addresses; a filter of names would not."""
    with pytest.raises(SettingsError) as caught:
        ascii_host(host)

    assert caught.value.field == "host"
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "::ffff:10.0.0.1", "169.254.169.254", "①②⑦.⓪.⓪.①"])
def test_a_forbidden_literal_is_refused_before_any_packet(host: str) -> None:
    with pytest.raises(ConnectError) as caught:
        asyncio.run(resolve(host, 25, egress=EgressPolicy()))

    assert caught.value.field == "host"
    assert caught.value.durability is Durability.PERMANENT
    assert (caught.value.cause or "").startswith("the address is "), "who has written it may know what it is"


class TwoFacedLoop(asyncio.SelectorEventLoop):
    """A loop whose resolver gives one public and one private address for every name."""

    async def getaddrinfo(self, host, port, **kwargs):  # type: ignore[no-untyped-def,override]  # noqa: ANN001, ANN003, ANN201
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("9.9.9.9", "10.0.0.1")
        ]


def test_one_forbidden_answer_condemns_the_name(caplog: pytest.LogCaptureFixture) -> None:
    """A name that points outside and inside at once is made to reach inside after a check of the first answer.

    Who asks hears no address: a map of the names inside is not for him. The operator finds it in the log.
    """
    caplog.set_level("INFO", logger="eilbote")
    with asyncio.Runner(loop_factory=TwoFacedLoop) as runner, pytest.raises(ConnectError) as caught:
        runner.run(resolve("two-faced.example", 25, egress=EgressPolicy()))

    assert "connecting to two-faced.example is not allowed" in str(caught.value)
    assert "egress.allow" in (caught.value.remedy or "")
    assert "10.0.0.1" not in repr(vars(caught.value)) + str(caught.value)
    assert caplog.messages == [
        'egress=refused host=two-faced.example address=10.0.0.1 text="private (RFC 1918)"'
    ]


def test_without_a_policy_any_address_is_allowed() -> None:
    with asyncio.Runner(loop_factory=TwoFacedLoop) as runner:
        found = runner.run(resolve("two-faced.example", 25))

    assert [endpoint.address for endpoint in found] == ["9.9.9.9", "10.0.0.1"]
