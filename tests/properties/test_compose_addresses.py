"""The addresses of a block are read as each alone, and written as each alone."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from eilbote.compose.address_fields import mailbox_field
from eilbote.compose.series_addresses import everyday_addresses, to_fields
from eilbote.model.address_parser import parse_simple
from eilbote.model.mailbox import Mailbox

PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "Anna",
                " ",
                "  ",
                ".",
                "-",
                "_",
                "'",
                "ü",
                "\u4e2d",
                "\u0301",
                "=?",
                '"',
                "\n",
                "\r",
                "\0",
                "\u2028",
            ),
            *("<", " <", ">", "@", "b@c.example", "b.c", "B@C.Example", "x" * 60, "Ж" * 12, "7", ","),
        ]
    ),
    max_size=7,
).map("".join)
NAMES = st.text(st.sampled_from("abJ üßЖ\u4e2d.-'_9="), max_size=30).map(lambda name: " ".join(name.split()))
TEXTS = PIECES | st.builds(
    "{} <{}@example.org>".format, NAMES, st.sampled_from(["a", "a.b", "x" * 64, "x" * 65])
)


@given(st.lists(TEXTS, min_size=1, max_size=3))
@example(["Anna", "a@b <Bob <c@d>"])
@example(["Anna <a@b>\nBob <c@d>"])
@example(["Anna <a@b>\n", "Bob <c@d>"])
@example(["Jürgen <J@B.Example>", "b@c.example", "Ж Ж <x@y.example>"])
@example(["=?utf-8?Q?x?= <a@b>"])
def test_what_is_read_together_is_what_each_is(texts: list[str]) -> None:
    found = everyday_addresses(texts)
    if found is None:
        return
    alone = [parse_simple(text) for text in texts]
    assert [None if one is None else (one.display_name, one.addr_spec) for one in alone] == list(
        zip(*found, strict=True)
    )


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["a@b.example", "x" * 40 + "@c.example"])), min_size=1, max_size=4
    )
)
@example([("Dr. J", "a@b"), ("J.", "a@b"), ("O'ü", "a@b")])
@example([("ü" * 9, "a@b"), ("üa", "a@b"), ("a" * 60, "a@b"), ("ü" + "a" * 60, "a@b")])
@example([("a" * 66, "a@b"), ("", "a@b")])
@example([("ü" + "a" * 54, "a@b"), ("ü" + "a" * 55, "a@b")])
@example([("ü" * 7 + "a" * 31, "a@b"), ("ü" * 7 + "a" * 33, "a@b")])
@example([("ü" * 22, "a@b"), ("ü", "a@b")])
@example([("ü" + "a" * 30, "a" * width + "@b.example") for width in range(10, 24)])
@example([("=", "a@b")])
def test_what_is_written_together_is_what_each_is(given_of: list[tuple[str, str]]) -> None:
    names, addresses = zip(*given_of, strict=True)

    fields = to_fields(names, addresses)

    assert fields == [mailbox_field("To", Mailbox(name, *address.split("@"))) for name, address in given_of]


@pytest.mark.parametrize(
    "everyday",
    [
        "a@b.example",
        "Ann Lee <a.b@b.example>",
        "Jürgen Groß <a@B.example>",
        "Dr. Ann O'Neil-Lee <a+b@sub.example.org>",
    ],
)
def test_the_everyday_is_read_together(everyday: str) -> None:
    """Or nothing would be compared above."""
    found = everyday_addresses([everyday, "c@d.example", everyday])

    assert found is not None
    assert found[0][1:2] == [""]
    assert found[1][1] == "c@d.example"


@pytest.mark.parametrize(
    "unusual", ["Anna", "", '"A, B" <a@b>', "a@b <c@d>", "x" * 65 + "@b", "a@-b", "ü@b.example"]
)
def test_what_is_not_everyday_needs_a_closer_look(unusual: str) -> None:
    assert everyday_addresses(["a@b.example", unusual]) is None
    assert everyday_addresses(["a@b.example", Mailbox("", "a", "b")]) is None
