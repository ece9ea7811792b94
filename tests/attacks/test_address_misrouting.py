"""Addresses that two programs read differently, so that the mail goes to a third person.

nodemailer delivered ``"xclow3n@gmail.com x"@internal.domain`` to Gmail (CVE-2025-13033); Python's parseaddr took
the real address out of a name (CVE-2023-27043) and split at commas in quoted names (CVE-2025-1795); smtplib sends
``a@b.c,d@e.f`` to the first alone; MailKit turned a line break in a quoted local part into a command
(CVE-2026-30227). "Splitting the email atom" made an art of it. Here every such address goes to exactly the mailbox
that RFC 5322 says, in header and envelope alike, or nowhere.
"""

from __future__ import annotations

import pytest
from tests.properties.mail_oracle import compose, value_of

from eilbote.errors import AddressError
from eilbote.model.address import Group, Mailbox, mailboxes, parse_address_list

ONE = {
    # text: (local part, domain, what travels)
    '"xclow3n@gmail.com x"@internal.domain': (
        "xclow3n@gmail.com x",
        "internal.domain",
        '"xclow3n@gmail.com x"@internal.domain',
    ),
    '"a,b"@x.example': ("a,b", "x.example", '"a,b"@x.example'),
    '"a>b"@x.example': ("a>b", "x.example", '"a>b"@x.example'),
    '"a\\"b"@x.example': ('a"b', "x.example", '"a\\"b"@x.example'),
    '"foo> ORCPT=test;admin"@x.example': (
        "foo> ORCPT=test;admin",
        "x.example",
        '"foo> ORCPT=test;admin"@x.example',
    ),
    '"plain"@x.example': ("plain", "x.example", "plain@x.example"),
    "a%b.example@relay.example": ("a%b.example", "relay.example", "a%b.example@relay.example"),
    "host!user@relay.example": ("host!user", "relay.example", "host!user@relay.example"),
    "user+tag@X.Example": ("user+tag", "x.example", "user+tag@x.example"),
    '"Doe, John" <john@x.example>': ("john", "x.example", "john@x.example"),
    '"<evil@thief.example>" <john@x.example>': ("john", "x.example", "john@x.example"),
    '"evil@thief.example," <john@x.example>': ("john", "x.example", "john@x.example"),
    "John (evil@thief.example) <john@x.example>": ("john", "x.example", "john@x.example"),
    "(evil@thief.example,) john@x.example": ("john", "x.example", "john@x.example"),
    "john@x.example (evil@thief.example)": ("john", "x.example", "john@x.example"),
    "John (nested (evil@thief.example) \\) still) <john@x.example>": ("john", "x.example", "john@x.example"),
    "user@[192.0.2.1]": ("user", "[192.0.2.1]", "user@[192.0.2.1]"),
    "user@[IPv6:2001:DB8::0:1]": ("user", "[IPv6:2001:db8::1]", "user@[IPv6:2001:db8::1]"),
    "user@localhost": ("user", "localhost", "user@localhost"),
    "user@faß.example": ("user", "xn--fa-hia.example", "user@xn--fa-hia.example"),
    "user@BÜCHER.example": ("user", "xn--bcher-kva.example", "user@xn--bcher-kva.example"),
    "user@bu\u0308cher.example": ("user", "xn--bcher-kva.example", "user@xn--bcher-kva.example"),
    "user@раураl.example": ("user", "xn--l-7sba6dbr.example", "user@xn--l-7sba6dbr.example"),
    # characters whose low byte is CR or LF (CVE-2025-7962) are characters like others
    "user@嘍嘊.example": ("user", "xn--x4rf.example", "user@xn--x4rf.example"),
    "瘍瘊@x.example": ("瘍瘊", "x.example", "瘍瘊@x.example"),
    "почта@пример.example": ("почта", "xn--e1afmkfd.example", "почта@xn--e1afmkfd.example"),
}


@pytest.mark.parametrize("text", ONE)
def test_exactly_this_mailbox(text: str) -> None:
    local_part, domain, travels = ONE[text]
    envelope, message = compose(to=text, text="x")
    assert envelope.forward_paths == (travels,)
    (read,) = mailboxes(parse_address_list(value_of(message.octets(), "To"), field="to"))
    assert (read.local_part, read.domain, read.addr_spec) == (local_part, domain, travels)


REFUSED = {
    # text: the position that is named
    "Müller, Hans <h@x.example>": 0,
    "evil@thief.example <john@x.example>": 19,
    "john@x.example <evil@thief.example>": 15,
    "john@x.example evil@thief.example": 15,
    "john@x.example@thief.example": 14,
    "john@x.example,evil@thief.example@": 33,
    "<@thief.example:john@x.example>": 1,
    "<@a,@b:john@x.example>": 1,
    "<>": 0,
    "< >": 0,
    "john": 0,
    "@x.example": 0,
    "john@": 5,
    "john@@x.example": 5,
    "john @x.example": 4,
    "john@ x.example": 5,
    "john(c)@x.example": 4,
    "john@(c)x.example": 5,
    "john.@x.example": 0,
    ".john@x.example": 0,
    "jo..hn@x.example": 0,
    '"john"doe@x.example': 0,
    'john"doe"@x.example': 0,
    '"john".doe@x.example': 0,
    '"john@x.example': 0,
    'john@x.example"': 14,
    "john@x.example>": 14,
    "<john@x.example": 15,
    "john <john@x.example> doe": 22,
    "john <john@x.example> <evil@thief.example>": 22,
    "john@x..example": 7,
    "john@.x.example": 5,
    "john@x.example.": 15,
    "john@-x.example": 5,
    "john@x-.example": 5,
    "john@x_example!": 14,
    "john@127.0.0.1": 5,
    "john@[127.0.0.1": 5,
    "john@[127.0.0.256]": 5,
    "john@[127.1]": 5,
    "john@[thief.example]": 5,
    "john@[IPv6:::1%eth0]": 5,
    "john@[10.0.0.1].thief.example": 15,
    "john@x.example\x00": 14,
    "john\x00@x.example": 4,
    "john@x.example\r\n": 14,
    "john@x.example\r\nRCPT TO:<evil@thief.example>": 14,
    "john@x.example\nBcc: evil@thief.example": 14,
    '"john\r\n"@x.example': 5,
    "Bcc:\r\nevil@thief.example": 4,
    "Anna\r\nBcc: evil@thief.example;": 0,
    "Anna\nBcc: evil@thief.example, b@x.example;": 0,
    "w " * 501 + "<john@x.example>": 0,
    "john@x.example> SIZE=1": 14,
    "john@x.example\x7f": 14,
    "john@x.example\u2028": 14,
    "john@x.example\x85": 14,
    "a瘍瘊RCPT TO:<x@y>@b.example": 16,
    "john＠x.example": 0,
    "john\uff1cevil@x.example": 4,
    "john\ufe6bthief.example@x.example": 4,
    "john@ｘ.example": 5,
    "john@x。example": 5,
    "john@x.ex℀mple": 7,
    "john@x.e\u00adxample": 7,
    "john@x\u200b.example": 5,
    "jo\u200bhn@x.example": 2,
    "jo\u202ehn@x.example": 2,
    "john\u3000@x.example": 4,
    "jo\ud83dhn@x.example": 2,
    "john@\ud83dx.example": 5,
    "\u202eJohn <john@x.example>": 0,
    "John \u2066 <john@x.example>": 5,
    "Team: john@x.example": 20,
    "Team: a@x.example, Inner: b@x.example;;": 24,
    ": a@x.example;": 0,
    "mailto:john@x.example": 21,
    "[john@x.example](http://thief.example)": 0,
    "john@x.example\\,evil@thief.example": 14,
    "a" * 65 + "@x.example": 0,
    "john@" + "a" * 64 + ".example": 5,
    "john@" + "a." * 127 + "example": 5,
    "a" * 64 + "@" + ".".join(["b" * 60] * 4): 65,
    '"' + '\\"' * 40 + '"@' + ".".join(["b" * 60] * 3): 83,
}


@pytest.mark.parametrize("text", REFUSED)
def test_nowhere(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address_list(text, field="to")
    assert caught.value.field == "to"
    assert caught.value.position == REFUSED[text]
    assert caught.value.remedy


LISTS = {
    "a@x.example, b@x.example": ["a@x.example", "b@x.example"],
    "a@x.example; b@x.example;": ["a@x.example", "b@x.example"],
    ",, a@x.example ,;, b@x.example ,": ["a@x.example", "b@x.example"],
    '"A, B; C" <a@x.example>; b@x.example': ["a@x.example", "b@x.example"],
    "Team: a@x.example, b@x.example; c@x.example": ["a@x.example", "b@x.example", "c@x.example"],
    "Team:; c@x.example": ["c@x.example"],
    "Team: a@x.example;, Other: b@x.example;": ["a@x.example", "b@x.example"],
    "": [],
    " ": [],
    ";": [],
}


@pytest.mark.parametrize("text", LISTS)
def test_lists(text: str) -> None:
    found = parse_address_list(text, field="to")
    assert [mailbox.addr_spec for mailbox in mailboxes(found)] == LISTS[text]


@pytest.mark.parametrize(
    "value", [None, 1, 1.5, True, {"a@b": 1}, b"a@b", [["a@b"]], [None], [{}], ("a@b", 3), object()]
)
def test_what_is_no_text_is_no_address(value: object) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address_list(value, field="to")  # type: ignore[arg-type] - JSON has no types
    assert caught.value.field is not None
    assert caught.value.field.startswith("to")


def test_a_mailbox_made_by_hand_cannot_hold_more_than_one() -> None:
    for local_part, domain in (
        ("a", "b.example,evil@thief.example"),
        ("a", "b.example> NOTIFY=NEVER"),
        ("a", "b.example\r\nRCPT TO:<x@y>"),
        ("a", ""),
        ("", "b.example"),
    ):
        with pytest.raises(AddressError) as caught:
            Mailbox("", local_part, domain)
        assert caught.value.field in {"local_part", "domain"}
    with pytest.raises(AddressError):
        Group(" ", ())


def test_one_delivery_for_each_mailbox() -> None:
    envelope, _ = compose(
        to='a@x.example, "a"@X.EXAMPLE, Team: b@x.example;',
        cc="A@x.example, b@x.example",
        bcc="a@x.example, c@x.example",
    )
    assert envelope.forward_paths == ("a@x.example", "b@x.example", "A@x.example", "c@x.example")
    assert [str(kind) for kind in envelope.kinds] == ["to", "to", "cc", "bcc"]


@pytest.mark.parametrize(
    "local_part",
    [
        "=?utf-8?q?a=40evil.example=3e?=",
        "=?utf-8?q?evil=40attacker.org?=",
        "=?utf-8?q?evil=40attacker.org=3E=20?=",
        "a=?b",
    ],
)
def test_no_address_that_becomes_another_one_when_it_is_decoded(local_part: str) -> None:
    for text in (
        f"{local_part}@example.org",
        f'"{local_part}"@example.org',
        f"Eve <{local_part}@example.org>",
    ):
        with pytest.raises(AddressError, match="encoded word"):
            parse_address_list(text, field="to")
    with pytest.raises(AddressError, match="encoded word"):
        Mailbox("", local_part, "example.org")
