"""What is asked of a whole block of a series is what is asked of each message by itself."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import example, given

from eilbote.compose.generated_check import checked_header, checked_headers
from eilbote.compose.placeholders import in_html
from eilbote.compose.series_text import SeriesText
from eilbote.compose.stencil import Stencil
from eilbote.errors import LocalProtocolError
from eilbote.model.message import BodyKind

SECTIONS = st.lists(
    st.sampled_from(
        ["To: a@b", "Subject: x", "\r\n", "\r\n", "\r\n ", " ", "\n", "\r", "\0", "ü", "w" * 500]
    ),
    max_size=9,
).map("".join)
TOKEN = b"abc_1_"
VALUES = st.text("abc_1 &ü", max_size=4) | st.sampled_from(["abc_1_", "x" * 60])
LITERALS = st.lists(
    st.sampled_from(["a", "b", "bc_1_", "_", "1_", "abc_", "\n", "<p>", "ü"]), max_size=3
).map("".join)


@given(st.lists(SECTIONS, min_size=1, max_size=3), st.integers(1, 3))
@example(["To: a@b\r\n", "To: a@b\r\n\r\n"], 1)
@example(["To: a@b\r\nSubject: x\r\n", "To: a@b\r\n x\r\n y\r\nSubject: x\r\n"], 2)
def test_header_sections_are_looked_at_as_each_alone(blocks: list[str], fields: int) -> None:
    def outcome(several: bool) -> object:
        try:
            if several:
                return checked_headers(blocks, fields)
            return [checked_header(block, fields, utf8=False) for block in blocks]
        except LocalProtocolError as fault:
            return fault.what

    assert outcome(several=True) == outcome(several=False)


@given(
    st.tuples(LITERALS, LITERALS, LITERALS),
    st.tuples(LITERALS, LITERALS),
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=4),
)
@example(("x", "bc_1_", ""), ("", ""), [("x", "y"), ("a", "y")])
@example(("x", "", "_1_"), ("", ""), [("x", "y"), ("ab", "c")])
@example(("x", "y", ""), ("", ""), [("x", "y"), ("z", "abc_1_")])
@example(("x", "y", ""), ("p", ""), [("x", "y"), ("<", "&")])
def test_one_stencil_for_several_is_one_for_each(
    plain: tuple[str, str, str], html: tuple[str, str], rows: list[tuple[str, str]]
) -> None:
    text = SeriesText(f"{plain[0]}{{{{a}}}}{plain[1]}{{{{b}}}}{plain[2]}", "plain", BodyKind.EIGHT_BIT)
    shown = SeriesText(f"{html[0]}{{{{b}}}}{html[1]}", "html", BodyKind.EIGHT_BIT, in_html)
    stencil = Stencil(
        author=b"From: c@d.example\r\n",
        shared=b"MIME-Version: 1.0\r\n",
        names=["a", "b"],
        texts=[text, shown],
        encodings=["8bit", "8bit"],
        pieces=[b"--abc_1_", text.body, b"--abc_1_", shown.body, b"--abc_1_"],
        token=TOKEN,
    )
    own = [b"Subject: %d\r\n" % number for number in range(len(rows))]

    together = stencil.fill_several(list(zip(*rows, strict=True)), own)
    each = [stencil.fill(row, section, None) for row, section in zip(rows, own, strict=True)]

    assert together in (None, each) if None not in each else together is None
    if not any(len(value) > 40 for row in rows for value in row):  # then no line can become too long
        assert (together is None) == (None in each)
