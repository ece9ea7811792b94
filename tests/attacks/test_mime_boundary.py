"""Text that pretends to end the part it stands in.

Who can foresee a boundary writes it into a comment field and adds parts of his own: another text, an attachment that
no virus scanner of the author saw. A random boundary is hard to foresee, and a boundary that is looked for in the
content need not be: it cannot occur.
"""

from __future__ import annotations

import re

import pytest
from tests.properties.mail_oracle import assert_sound, composer, parsed

from eilbote.compose.composer import Composer
from eilbote.compose.series import SeriesRecipient
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

# All the boundaries that the next messages of this composer would have.
FORESEEN = "".join(
    f"\r\n--=_{level}_{FixedIds().token()}_{number:x}_\r\n\r\nforged{end}"
    for level in "amrp"
    for number in range(1, 40)
    for end in ("", f"\r\n--=_{level}_{FixedIds().token()}_{number:x}_--")
)


def boundaries(octets: bytes) -> set[bytes]:
    return set(re.findall(rb'boundary="([^"]+)"', octets))


def test_a_foreseen_boundary_is_not_used() -> None:
    subject = composer()
    for number in range(5):
        octets = subject.compose(
            Draft(
                from_="a@b.example",
                to="c@d.example",
                text=FORESEEN,
                html=FORESEEN,
                attachments=[Attachment.from_bytes(b"x"), Attachment.from_mime(b"\r\n" + FORESEEN.encode())],
            )
        ).message.octets()
        assert_sound(octets)
        root = parsed(octets)
        kinds = [part.get_content_type() for part in root.walk()]
        assert kinds == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "application/octet-stream",
            "text/plain",
        ], number
        assert all(FORESEEN.count(boundary.decode()) == 0 for boundary in boundaries(octets))


@pytest.mark.parametrize("forged_in", ["text", "html"])
def test_nor_in_a_message_like_the_ones_before(forged_in: str) -> None:
    subject = composer()
    plain = Draft(from_="a@b.example", to="c@d.example", text="x", html="y")
    for _ in range(5):
        subject.compose(plain)  # from the second on these share what they have in common
        octets = subject.compose(plain.replace(**{forged_in: FORESEEN})).message.octets()
        assert_sound(octets)
        assert len(list(parsed(octets).walk())) == 3
        assert all(FORESEEN.count(boundary.decode()) == 0 for boundary in boundaries(octets))


def test_nor_in_a_series() -> None:
    draft = Draft(from_="a@b.example", subject="x", text="{{ note }}", html="<p>{{ note }}")
    series = composer().series(draft, body=BodyKind.EIGHT_BIT)
    for _ in range(3):
        octets = series.compose(SeriesRecipient("c@d.example", {"note": FORESEEN})).message.octets()
        assert_sound(octets)
        assert len(list(parsed(octets).walk())) == 3
        seen = boundaries(octets).pop().decode()
        # who has read one message of the series writes its boundary into the next
        octets = series.compose(
            SeriesRecipient("c@d.example", {"note": f"--{seen}\r\n\r\nforged"})
        ).message.octets()
        assert len(list(parsed(octets).walk())) == 3


def test_boundaries_of_different_messages_differ() -> None:
    subject = composer()
    draft = Draft(from_="a@b.example", to="c@d.example", text="x", html="y")
    seen = [boundaries(subject.compose(draft).message.octets()).pop() for _ in range(100)]
    assert len(set(seen)) == 100
    # RFC 2046 has readers compare the beginning of a line only
    assert not any(one != other and one.startswith(other) for one in seen for other in seen)


def test_even_guessing_that_is_not_answered_with_forgery() -> None:
    # No enemy knows these: they stand for the chance that a random token occurs in a text.
    texts = "".join(f"--=_a_fixed{number:019d}\r\n" for number in range(1, 9)) + FORESEEN
    octets = (
        composer()
        .compose(Draft(from_="a@b.example", to="c@d.example", text=texts, html="y"))
        .message.octets()
    )
    assert len(list(parsed(octets).walk())) == 3
    draft = Draft(from_="a@b.example", text="{{ note }}", html="y")
    octets = (
        composer().series(draft).compose(SeriesRecipient("c@d.example", {"note": texts})).message.octets()
    )
    assert len(list(parsed(octets).walk())) == 3
    assert all(boundary.decode() not in texts for boundary in boundaries(octets))


def test_guessing_is_answered_with_what_cannot_be_guessed() -> None:
    ids = FixedIds()
    subject = Composer(clock=ManualClock(), ids=ids)
    draft = Draft(from_="a@b.example", to="c@d.example", text=FORESEEN, html="y")
    before = ids.token()
    subject.compose(draft)
    used = int(ids.token()[5:]) - int(before[5:]) - 1
    assert used == 2, "one for the Message-ID, and a single one for the boundary, however many were guessed"


def test_a_boundary_foreseen_in_the_header_of_a_signed_part_is_not_used() -> None:
    forged = "".join(
        f"--=_{level}_{FixedIds().token()}_{number:x}_\r\n" for level in "amrp" for number in range(1, 40)
    )
    signed = (
        'Content-Type: multipart/signed; boundary="b"; protocol="a/b"; micalg=x\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n{forged}\r\nhello\r\n--b\r\nContent-Type: a/b\r\n\r\nsig\r\n--b--\r\n"
    )
    octets = (
        composer()
        .compose(
            Draft(
                from_="a@b.example",
                to="c@d.example",
                text="own",
                attachments=[Attachment.from_mime(signed)],
            )
        )
        .message.octets()
    )
    found = boundaries(octets)
    assert len(found) == 2
    assert not any(boundary.decode() in forged for boundary in found)
