import pytest

from eilbote.connections.host import is_loopback, read_ehlo_name, read_host
from eilbote.errors import SettingsError


@pytest.mark.parametrize(
    "text,host",
    [
        ("mail.example.com", "mail.example.com"),
        ("  Mail.Example.COM\t", "mail.example.com"),
        ("mail.example.com.", "mail.example.com"),
        ("relay", "relay"),
        ("mail_1.intranet", "mail_1.intranet"),
        ("192.0.2.25", "192.0.2.25"),
        ("2001:DB8:0::25", "2001:db8::25"),
        ("[2001:db8::25]", "2001:db8::25"),
        ("fe80::25%eth0", "fe80::25%eth0"),
        ("straße.example", "xn--strae-oqa.example"),
    ],
)
def test_names_and_addresses_come_out_in_one_form(text: str, host: str) -> None:
    assert read_host(text) == host


@pytest.mark.parametrize(
    "text,says",
    [
        ("", "the host is missing"),
        (" \t", "the host is missing"),
        ("smtp://mail.example.com", "Write only the name here, 'mail.example.com'"),
        ("smtps://anna:secret@mail.example.com:465/x", "Write only the name here, 'mail.example.com:465'"),
        ("anna@mail.example.com", "a host has no '@'"),
        ("mail.example.com:587", "Write 'mail.example.com' here and '587' in the port"),
        ("mail.example.com/smtp", "a host has no path"),
        ("mail example.com", "is not a host name"),
        ("mail..example.com", "is not a host name"),
        ("-mail.example.com", "is not a host name"),
        ("mail.example.com\r\nRCPT", "is not a host name"),
        ("mail.example.com\x00", "is not a host name"),
        ("x" * 64 + ".example", "is not a host name"),
        (".".join(["abcdefg"] * 40), "is not a host name"),
        ("300.1.1.1", "is not an IPv4 address"),
        ("127.1", "is not an IPv4 address"),
        ("0177.0.0.1", "is not an IPv4 address"),
        ("2001:db8::zz", "is not an IPv6 address"),
        ("fe80::1%eth0\r\nQUIT", "is not an IPv6 address"),
        ("fe80::1%", "is not an IPv6 address"),
        ("[192.0.2.1]", "is not an IPv6 address"),
        ("ｅxample.com", "is not a host name"),
    ],
)
def test_everything_else_is_refused_with_its_remedy(text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_host(text, field="smtpHost")

    assert caught.value.field == "smtpHost"
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["localhost", "mail.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]
)
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example.com", "notlocalhost", "10.0.0.1", "128.0.0.1", "::2", "::ffff:10.0.0.1"]
)
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "text,name",
    [
        ("Client.example.com", "client.example.com"),
        ("192.0.2.7", "[192.0.2.7]"),
        ("[192.0.2.7]", "[192.0.2.7]"),
        ("2001:db8::7", "[IPv6:2001:db8::7]"),
        ("[ipv6:2001:DB8::7]", "[IPv6:2001:db8::7]"),
    ],
)
def test_an_ehlo_name_is_a_name_or_an_address_literal(text: str, name: str) -> None:
    assert read_ehlo_name(text) == name


@pytest.mark.parametrize("text", ["client\r\nQUIT", "[::1%x\r\nQUIT]", "::1%x\r\nQUIT", "[client]", ""])
def test_an_ehlo_name_cannot_carry_another_command(text: str) -> None:
    with pytest.raises(SettingsError, match="ehlo_name"):
        read_ehlo_name(text)


def test_an_ehlo_name_does_not_tell_the_interface() -> None:
    assert read_ehlo_name("fe80::7%eth0") == "[IPv6:fe80::7]"
