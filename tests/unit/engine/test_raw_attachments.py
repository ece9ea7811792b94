"""Files of ready-made messages are counted, however the octets come in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.engine.raw_attachments import count_attachments

_PART = b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nJVBERi0\r\n"
_TWO = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + 2 * _PART + b"--x--\r\n"


@given(st.lists(st.integers(0, len(_TWO)), max_size=12).map(sorted))
def test_the_pieces_make_no_difference(cuts: list[int]) -> None:
    pieces = [_TWO[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(_TWO)], strict=True)]
    assert count_attachments(pieces) == 2
    assert count_attachments(_TWO[at : at + 1] for at in range(len(_TWO))) == 2


@pytest.mark.parametrize(
    "octets, number",
    [
        (b"", 0),
        (b"Content-Disposition: attachment\r\n\r\nx", 1),
        (b"CONTENT-DISPOSITION:\r\n\tATTACHMENT;\r\n filename=a\r\n\r\nx", 1),
        (b"Subject: x\r\n\r\nX-Content-Disposition: attachment\r\n", 0),
        (b"Subject: x\r\n\r\nContent-Disposition: inline; filename=attachment\r\n", 0),
        (b"Subject: x\r\n\r\nContent-Disposition: attachments\r\n", 0),
    ],
)
def test_what_calls_itself_an_attachment_is_one(octets: bytes, number: int) -> None:
    assert count_attachments([octets]) == number
