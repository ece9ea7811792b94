"""Commands, and what never becomes one."""

from __future__ import annotations

import pytest

from eilbote.errors import AddressError, LocalProtocolError
from eilbote.smtp.commands import (
    Auth,
    AuthResponse,
    Bdat,
    Command,
    Data,
    Ehlo,
    Helo,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTls,
    Vrfy,
    octets,
)

CONTROLS = [
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1e",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "\udc0a",
]


@pytest.mark.parametrize(
    "command,line",
    [
        (Ehlo("client.example.org"), "EHLO client.example.org"),
        (Ehlo("[192.0.2.1]"), "EHLO [192.0.2.1]"),
        (Ehlo("[IPv6:2001:db8::1]"), "EHLO [IPv6:2001:db8::1]"),
        (Helo("localhost"), "HELO localhost"),
        (StartTls(), "STARTTLS"),
        (Auth("LOGIN"), "AUTH LOGIN"),
        (Auth("PLAIN", b"\0a\0b"), "AUTH PLAIN AGEAYg=="),
        (Auth("EXTERNAL", b""), "AUTH EXTERNAL ="),
        (AuthResponse(b"abc"), "YWJj"),
        (AuthResponse(b""), ""),
        (AuthResponse(None), "*"),
        (Mail(""), "MAIL FROM:<>"),
        (
            Mail("a@b.c", ("SIZE=1", "BODY=8BITMIME", "SMTPUTF8")),
            "MAIL FROM:<a@b.c> SIZE=1 BODY=8BITMIME SMTPUTF8",
        ),
        (Rcpt("a@b.c"), "RCPT TO:<a@b.c>"),
        (Rcpt("zoë@b.c", ("NOTIFY=NEVER",)), "RCPT TO:<zoë@b.c> NOTIFY=NEVER"),
        (Data(), "DATA"),
        (Bdat(12), "BDAT 12 LAST"),
        (Bdat(12, last=False), "BDAT 12"),
        (Rset(), "RSET"),
        (Noop(), "NOOP"),
        (Vrfy("a@b.c"), "VRFY a@b.c"),
        (Vrfy("zoë@b.c"), "VRFY zoë@b.c SMTPUTF8"),
        (Quit(), "QUIT"),
    ],
)
def test_lines(command: Command, line: str) -> None:
    assert command.line() == line
    assert octets((command.line(),)) == line.encode() + b"\r\n"


def test_several_commands_in_one_group() -> None:
    assert octets(["MAIL FROM:<a@b.c>", "DATA"]) == b"MAIL FROM:<a@b.c>\r\nDATA\r\n"


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("text", ["NOOP {}", "{}NOOP", "NO{}OP", "RCPT TO:<a{}@b.c>"])
def test_no_line_with_a_control_becomes_octets(text: str, control: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        octets(["RSET", text.format(control)])
    assert caught.value.position == text.index("{")


@pytest.mark.parametrize("character", ["ü", "日", "\U0001f600", "\u200d", "\ue000"])
def test_other_characters_become_utf8(character: str) -> None:
    assert octets([f"RCPT TO:<{character}@b.c>"]) == f"RCPT TO:<{character}@b.c>\r\n".encode()


@pytest.mark.parametrize("low_byte", ["\u560d\u560a", "\u760d\u760a", "\u010a\u010d"])
def test_characters_whose_low_byte_is_a_line_end_are_not_cut(low_byte: str) -> None:
    """A library that kept only the low byte of each character let a local part begin a new command."""
    assert octets([f"RCPT TO:<a{low_byte}@b.c>"]).count(b"\n") == 1


@pytest.mark.parametrize("control", CONTROLS)
def test_controls_are_refused_in_every_argument(control: str) -> None:
    for make in (Ehlo, Helo):
        with pytest.raises(LocalProtocolError):
            make(f"client{control}.example.org")
    for path in (Mail, Rcpt):
        with pytest.raises(AddressError):
            path(f"a{control}@b.c")
        with pytest.raises(LocalProtocolError):
            path("a@b.c", (f"ENVID=a{control}b",))
    with pytest.raises(LocalProtocolError):
        Auth(f"PLAIN{control}")


@pytest.mark.parametrize(
    "path",
    [
        "a@x> SIZE=1",
        "a> NOTIFY=NEVER@x",
        "<a@x>",
        "a@x SIZE=1",
        '"foo"> ORCPT=x@y',
        '"foo@x',
        "a b@x",
        "a@x\n",
        "\na@x",
        "a@",
        "@x",
        "a",
        "a@b@c",
        "a" * 250 + "@x.org",
    ],
)
def test_a_path_cannot_become_parameters(path: str) -> None:
    for make in (Mail, Rcpt):
        with pytest.raises(AddressError):
            make(path)


@pytest.mark.parametrize("parameter", ["", "=x", "A B", "A=b c", "A=b=c", "-A=b", "A=", "ü=b", "A=\t"])
def test_malformed_parameters(parameter: str) -> None:
    with pytest.raises(LocalProtocolError):
        Mail("a@b.c", (parameter,))


@pytest.mark.parametrize("domain", ["", "a b", "a..b ", "-", "a>", "[a b]", "ü.example", "x" * 256, "[]"])
def test_names_that_greet_nobody(domain: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        Ehlo(domain)
    assert caught.value.field == "ehlo_name"


def test_authentication_is_shown_without_its_secret() -> None:
    assert Auth("PLAIN", b"\0a\0secret").shown() == "AUTH PLAIN ***"
    assert Auth("LOGIN").shown() == "AUTH LOGIN"
    assert AuthResponse(b"secret").shown() == "***"
    assert AuthResponse(None).shown() == "*"
    assert AuthResponse(b"").shown() == ""
