"""Addresses: both ways of reading agree, whatever is written is read back, nothing is read as something else."""

from __future__ import annotations

from email.utils import formataddr

import hypothesis.strategies as st
import pytest
from hypothesis import assume, example, given
from tests.properties.mail_oracle import CRAFTED, attempt, composer, decoded, value_of

from eilbote.errors import DraftError
from eilbote.model.address import Group, Mailbox, mailboxes, parse_address_list, parse_mailbox
from eilbote.model.address_parser import _Parser, parse_simple
from eilbote.model.draft import Draft
from eilbote.model.envelope import check_path
from eilbote.model.mailbox import trusted_mailbox

ATEXT = "abcXYZ019!#$%&'*+/=?^_`{|}~-"
DOT_ATOMS = (
    st.lists(st.text(ATEXT, min_size=1, max_size=6), min_size=1, max_size=4)
    .map(".".join)
    .filter(lambda text: "=?" not in text)
)
QUOTED = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20).filter(
    lambda text: "=?" not in text
)
INTERNATIONAL = st.text("äßñ名前δοκ", min_size=1, max_size=8)
LOCAL_PARTS = DOT_ATOMS | QUOTED | INTERNATIONAL
DOMAINS = st.sampled_from(
    [
        "example.org",
        "a.b.c.example",
        "localhost",
        "xn--bcher-kva.example",
        "[192.0.2.1]",
        "[IPv6:2001:db8::1]",
        "a_b.x",
    ]
)
NAMES = st.just("") | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"]), max_size=60
)
MAILBOXES = st.builds(Mailbox, NAMES, LOCAL_PARTS, DOMAINS)
GROUPS = st.builds(
    Group, NAMES.filter(lambda name: name.strip(" ") != ""), st.lists(MAILBOXES, max_size=3).map(tuple)
)
TEXTS = st.lists(
    CRAFTED
    | st.text(max_size=6)
    | st.sampled_from(
        ["a@b", "x@y.example", "<x@y.example>", '"a b"@c', "Team:", ";", "Anna", '"A, B"', "[127.0.0.1]"]
    ),
    max_size=7,
).map("".join)


@given(MAILBOXES)
@example(Mailbox('a"b\\', "c d", "example.org"))
@example(Mailbox("=?utf-8?q?x?=", "a", "b"))
@example(Mailbox("", 'x>"\\@,;:', "b"))
def test_what_is_written_for_people_is_read_back(mailbox: Mailbox) -> None:
    assert parse_mailbox(str(mailbox), field="to") == mailbox


@given(st.lists(MAILBOXES | GROUPS, max_size=6), st.sampled_from([", ", ",", "; ", " ;; , "]))
def test_a_written_list_is_read_back(items: list[Mailbox | Group], separator: str) -> None:
    assert parse_address_list(separator.join(map(str, items)), field="to") == tuple(items)
    assert parse_address_list(items, field="to") == tuple(items)


@given(TEXTS | DOT_ATOMS.map("{}@example.org".format) | MAILBOXES.map(str))
@example("a@b")
@example("Anna <a@b>")
@example("a@1.2.3.4")
@example("a@b-.c")
@example("a" * 65 + "@b")
@example("a@" + "b" * 64)
@example("a" * 64 + "@" + "b." * 95 + "c")
@example("A  B <a@b>")
@example("a@B.Example")
@example("w " * 501 + "<a@b>")
@example("=?utf-8?q?x?= <a@b>")
@example("Anna <a@bcd")
@example("Anna <a@b>>")
@example(" <a@b>")
def test_the_quick_and_the_strict_way_of_reading_agree(text: str) -> None:
    quick = parse_simple(text)
    if quick is not None:
        assert _Parser(text).parse() == (quick,)
        assert quick == Mailbox(quick.display_name, quick.local_part, quick.domain)
        assert quick.addr_spec == Mailbox(quick.display_name, quick.local_part, quick.domain).addr_spec


@given(TEXTS)
def test_whatever_is_read_can_travel(text: str) -> None:
    found = attempt(lambda: parse_address_list(text, field="to"))
    if isinstance(found, DraftError):
        assert found.field == "to"
        assert found.position is not None
        assert 0 <= found.position <= len(text)
        assert found.remedy
        return
    for mailbox in mailboxes(found):
        check_path(mailbox.addr_spec, field="to")
        assert mailbox.domain.isascii()
        assert mailbox.domain == mailbox.domain.lower() or mailbox.domain.startswith("[IPv6:")
        assert not {"\r", "\n", "\0", "\u2028", "\x85", "\u202e"} & set(str(mailbox))


@given(
    st.lists(MAILBOXES | GROUPS, min_size=1, max_size=8),
    st.lists(MAILBOXES, max_size=3),
    st.lists(MAILBOXES, max_size=3),
)
def test_header_and_envelope_name_the_same_mailboxes(
    to: list[Mailbox | Group], cc: list[Mailbox], bcc: list[Mailbox]
) -> None:
    assume(any(mailboxes((*to, *cc, *bcc))))
    draft = Draft(from_="author@example.org", to=to, cc=cc, bcc=bcc, text="x")
    envelope, message = composer().compose(draft)
    octets = message.octets()
    shown = [value_of(octets, "To")] + ([value_of(octets, "Cc")] if cc else [])
    read = [mailbox for value in shown for mailbox in mailboxes(parse_address_list(value, field="to"))]
    assert [mailbox.addr_spec for mailbox in read] == [m.addr_spec for m in mailboxes((*to, *cc))]
    assert [decoded(mailbox.display_name) for mailbox in read] == [
        m.display_name for m in mailboxes((*to, *cc))
    ]
    everybody = [mailbox.addr_spec for mailbox in mailboxes((*to, *cc, *bcc))]
    assert envelope.forward_paths == tuple(dict.fromkeys(everybody))
    assert len(envelope.kinds) == len(envelope.forward_paths)
    for mailbox in bcc:
        if mailbox.addr_spec not in {m.addr_spec for m in mailboxes((*to, *cc))}:
            header = octets.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"")
            assert f"<{mailbox.addr_spec}>".encode() not in header


@given(st.text(ATEXT + " .", max_size=30), DOT_ATOMS, st.sampled_from(["example.org", "a.b"]))
def test_what_the_standard_library_writes_is_read_alike(name: str, local: str, domain: str) -> None:
    read = parse_mailbox(formataddr((name, f"{local}@{domain}")), field="to")
    assert (read.local_part, read.domain) == (local, domain)
    assert read.display_name.split() == name.split()


@given(TEXTS, TEXTS, TEXTS)
def test_a_mailbox_made_by_hand_is_checked_like_one_that_is_read(name: str, local: str, domain: str) -> None:
    mailbox = attempt(lambda: Mailbox(name, local, domain))
    if isinstance(mailbox, DraftError):
        assert mailbox.position is not None
        return
    assert Mailbox(mailbox.display_name, mailbox.local_part, mailbox.domain) == mailbox
    assert parse_mailbox(str(mailbox), field="to") == mailbox


def test_the_quick_constructor_makes_the_same_object() -> None:
    made = Mailbox("Anna", "anna", "example.org")
    quick = trusted_mailbox("Anna", "anna", "example.org", "anna@example.org")
    assert made == quick
    assert hash(made) == hash(quick)
    assert repr(made) == repr(quick)
    with pytest.raises(AttributeError):
        quick.domain = "example.net"  # type: ignore[misc] - it is frozen
