"""Addresses made to keep the reader busy: nesting, repetition, near misses for every expression.

nodemailer recursed until it fell over (CVE-2025-14874) and took quadratic time over lists (GHSA-2x7j-588g-ccc2) and
seconds over single addresses (GHSA-9h6g-pr28-7cqp). An address list comes from strangers; reading it, or refusing
it, takes time in proportion to its length.
"""

from __future__ import annotations

import contextlib
from time import process_time

import pytest

from eilbote.errors import AddressError
from eilbote.model.address import Mailbox, mailboxes, parse_address_list

N = 100_000
TEXTS = {
    "open parentheses": "(" * N,
    "nested comments": "(" * N + ")" * N + " a@b",
    "many comments": "(c)" * N + "a@b",
    "escapes in a comment": "(" + "\\)" * N,
    "open groups": "a:" * N,
    "groups": "a:;" * N,
    "groups with blanks": "a: ;" * N,
    "open angles": "<" * N,
    "closed angles": ">" * N,
    "commas": "," * 10 * N,
    "semicolons and blanks": "; " * 5 * N,
    "at signs": "@" * N,
    "addresses without separators": "a@b " * N,
    "quotes": '"' * N,
    "open quote with escapes": '"' + '\\"' * N,
    "quoted words": '"a" ' * N + "<a@b>",
    "words": "a " * 4 * N + "<a@b>",
    "dots": "a." * N + "@b",
    "labels": "a@" + "b." * N + "c",
    "long label": "a@" + "b" * N,
    "hyphens": "a@b" + "-" * N + "c",
    "long local part": "a" * N + "@b",
    "blanks": " " * 10 * N + "a",
    "line breaks": "a" + "\r\n" * N + "<a@b>",
    "brackets": "a@" + "[" * N,
    "international labels": "a@" + "ü." * N,
    "backslashes": "\\" * N,
    "almost the everyday form": "a " * 120 + "<a@b",
    "almost the everyday domain": "a@" + "b-" * 125,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_read_or_refused_within_a_second(text: str) -> None:
    start = process_time()
    with contextlib.suppress(AddressError):
        parse_address_list(text[:1_000_000], field="to")
    assert process_time() - start < 1


def test_ten_thousand_recipients_are_read_and_one_more_is_refused() -> None:
    text = ", ".join(f"Person {n} <person-{n}@example.org>" for n in range(10_000))
    start = process_time()
    assert len(list(mailboxes(parse_address_list(text, field="to")))) == 10_000
    assert process_time() - start < 3
    for many in (text + ", one@more.example", [Mailbox("", "a", "b")] * 10_001, ["a@b"] * 10_001):
        with pytest.raises(AddressError) as caught:
            parse_address_list(many, field="to")
        assert "10,000" in str(caught.value)


def test_a_megabyte_is_enough() -> None:
    with pytest.raises(AddressError) as caught:
        parse_address_list("a" * 1_000_001, field="cc")
    assert caught.value.field == "cc"
