from __future__ import annotations

import pytest

from eilbote.cli.inline_references import references, slips
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft

PICTURE = Attachment.from_bytes(b"x", filename="logo.png")


@pytest.mark.parametrize(
    "html,found",
    [
        ('<img src="cid:logo">', ("logo",)),
        ("<img src='cid:logo'>", ("logo",)),
        ("<IMG SRC = CID:logo>", ("logo",)),
        ('<img src="cid:my%20logo@x.example">', ("my logo@x.example",)),
        ('<img src="cid:a&amp;b">', ("a&b",)),
        ('<td background="cid:back">', ("back",)),
        ('<p style="background: url(cid:back)">', ("back",)),
        ("<style>p { background: url('cid:back') }</style>", ("back",)),
        ('<img src="cid:a"><img src="cid:b"><img src="cid:a">', ("a", "b")),
        ("<p>Write cid:logo where the picture goes.</p>", ()),
        ('<img src="https://x.example/cid:logo">', ()),
        ("", ()),
    ],
)
def test_a_reference_is_what_stands_in_an_attribute_or_in_css(html: str, found: tuple[str, ...]) -> None:
    assert references(html) == found


def test_a_picture_that_is_part_of_a_longer_name_is_not_the_one_shown() -> None:
    told = list(slips(Draft(html='<img src="cid:logo2">', attachments=[PICTURE.as_inline("logo")])))

    assert len(told) == 2
    assert "cid:logo2" in told[0]
    assert "cid:logo," in told[1]


def test_all_is_well_when_they_meet() -> None:
    assert list(slips(Draft(html='<img src="cid:logo">', attachments=[PICTURE.as_inline("logo")]))) == []
    assert list(slips(Draft(text="no HTML, no picture"))) == []


def test_what_is_shown_of_an_id_is_short_and_printable() -> None:
    (told,) = slips(Draft(html=f"<img src='cid:\x1b{'x' * 500}'>"))

    assert "\x1b" not in told
    assert len(told) < 400
