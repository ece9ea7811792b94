"""Mailboxes, groups, and how to get them from what people write."""

from __future__ import annotations

import copy
import pickle

import pytest

from eilbote.errors import AddressError
from eilbote.model.address import Group, Mailbox, mailboxes, parse_address_list, parse_mailbox
from eilbote.model.domain_name import domain_to_ascii
from eilbote.model.free_text import find_control, find_direction_override, one_line

ANNE = Mailbox("Anne Example", "anne", "example.org")


def test_one_mailbox() -> None:
    assert parse_mailbox("Anne Example <anne@EXAMPLE.org>", field="from") == ANNE
    assert parse_mailbox(ANNE, field="from") is ANNE
    assert ANNE.addr_spec == "anne@example.org"
    assert str(ANNE) == "Anne Example <anne@example.org>"
    assert str(Mailbox("", "anne", "example.org")) == "anne@example.org"


@pytest.mark.parametrize("text", ["", " ", "a@b.example, c@d.example", "Team: a@b.example;", "Team:;"])
def test_not_exactly_one(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_mailbox(text, field="from")
    assert caught.value.field == "from"


def test_several_of_either_kind() -> None:
    group = Group("Team", (ANNE,))
    found = parse_address_list(["a@b.example, c@d.example", ANNE, group], field="to")
    assert [str(item) for item in found] == ["a@b.example", "c@d.example", str(ANNE), f"Team: {ANNE};"]
    assert [mailbox.local_part for mailbox in mailboxes(found)] == ["a", "c", "anne", "anne"]
    assert parse_address_list(ANNE, field="to") == (ANNE,)
    assert parse_address_list(group, field="to") == (group,)
    assert parse_address_list(iter([ANNE]), field="to") == (ANNE,)


def test_a_fault_in_a_list_names_the_element() -> None:
    with pytest.raises(AddressError) as caught:
        parse_address_list(["a@b.example", "c d@e"], field="cc")
    assert (caught.value.field, caught.value.position) == ("cc[1]", 0)


def test_the_same_text_with_a_fault_names_the_field_that_asks() -> None:
    for field in ("to", "cc", "to"):
        with pytest.raises(AddressError) as caught:
            parse_address_list("no address", field=field)
        assert caught.value.field == field


def test_mailboxes_are_values() -> None:
    other = parse_mailbox(str(ANNE), field="to")
    assert (other, hash(other), {other}) == (ANNE, hash(ANNE), {ANNE})
    assert pickle.loads(pickle.dumps(other)) == ANNE  # noqa: S301 - our own
    assert copy.deepcopy(other) == ANNE
    assert pickle.loads(pickle.dumps(other)).addr_spec == "anne@example.org"  # noqa: S301


@pytest.mark.parametrize(
    "text, name",
    [
        ("Anne <a@b.example>", "Anne"),
        ('"Anne, E." <a@b.example>', "Anne, E."),
        ('"Say \\"hi\\"" <a@b.example>', 'Say "hi"'),
        ("J. R. R. Tolkien <a@b.example>", "J. R. R. Tolkien"),
        ("Anne\r\n Example <a@b.example>", "Anne Example"),
        ('"Anne\r\nBcc: x@y" <a@b.example>', "Anne Bcc: x@y"),
        ('"Anne\u2028Example" <a@b.example>', "Anne Example"),
        ("Änne 名前 😀 <a@b.example>", "Änne 名前 😀"),
        ("=?utf-8?q?typed?= <a@b.example>", "=?utf-8?q?typed?="),
        ("a@b.example (Anne)", "Anne"),
        ("<a@b.example>", ""),
        ('"" <a@b.example>', ""),
    ],
)
def test_display_names(text: str, name: str) -> None:
    assert parse_mailbox(text, field="to").display_name == name


@pytest.mark.parametrize(
    "given, expected",
    [
        ("EXAMPLE.org", "example.org"),
        ("localhost", "localhost"),
        ("my_host.corp", "my_host.corp"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[ipv6:2001:DB8:0:0::1]", "[IPv6:2001:db8::1]"),
    ],
)
def test_domains(given: str, expected: str) -> None:
    assert domain_to_ascii(given) == expected


@pytest.mark.parametrize(
    "domain, position",
    [
        ("a..b", 2),
        ("-a.b", 0),
        ("a.b-", 2),
        ("a.b!", 3),
        ("a." + "b" * 64, 2),
        ("1.2.3.4", 0),
        ("a" * 254, 0),
        ("ü" * 254, 0),
        ("[1.2.3]", 0),
        ("[IPv6:x]", 0),
        ("[x]", 0),
        ("[1.2.3.4", 0),
        ("[]", 0),
        ("[IPv6:fe80::1%1]", 0),
        ("a.ｂ", 2),
        ("a。b", 0),
        ("a.b\u200d", 2),
        ("a.☃", 2),
        ("a.\ud800", 2),
        ("", 0),
    ],
)
def test_domains_that_are_none(domain: str, position: int) -> None:
    with pytest.raises(AddressError) as caught:
        domain_to_ascii(domain)
    assert caught.value.position == position
    assert caught.value.remedy


def test_one_line() -> None:
    assert one_line(" a\r\n b\tc\u2028d ") == "a b c d"
    assert one_line("plain  text") == "plain  text"
    assert (
        find_control("ab\r\n\tc"),
        find_control("ab\0"),
        find_control("a\x85b"),
        find_control("\ud800"),
    ) == (-1, 2, -1, 0)
    assert (
        find_direction_override("abc"),
        find_direction_override("ab\u202ec"),
        find_direction_override("\u200f"),
    ) == (
        -1,
        2,
        -1,
    )
