"""Ready-made MIME parts: whole trees from elsewhere, with everything that can be wrong with them.

A flow passes a part that a template, a user or another system made. It may carry header fields of a message, bare
line ends that a lenient server takes for the end of the mail (SMTP smuggling, CVE-2023-51764), nesting that makes
parsers recurse, two Content-Types that a scanner and a reader see differently, or the boundary of the message around
it. It is read leniently, kept within bounds, and written anew.
"""

from __future__ import annotations

from time import process_time

import pytest
from tests.properties.mail_oracle import assert_sound, compose, parsed

from eilbote.compose.composed import Composed
from eilbote.errors import AttachmentError
from eilbote.model.attachment import Attachment
from eilbote.model.message import BodyKind


def attach(octets: bytes, body: BodyKind = BodyKind.SEVEN_BIT) -> Composed:
    return compose(body, text="own text", attachments=[Attachment.from_mime(octets)])


def part_of(octets: bytes, body: BodyKind = BodyKind.SEVEN_BIT):  # noqa: ANN201 - the standard library's message
    message = attach(octets, body).message
    assert_sound(message.octets(), eight_bit=message.body is BodyKind.EIGHT_BIT)
    root = parsed(message.octets())
    assert root.keys() == [
        "From",
        "To",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        *root.keys()[6:],
    ]
    text, part = root.get_payload()
    assert text.get_payload() == "own text"
    return part


def nested(levels: int) -> bytes:
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return (opening + "Content-Type: text/plain\n\nx").encode()


def test_fields_of_a_message_are_dropped() -> None:
    part = part_of(
        b"Bcc: thief@example.com\nReceived: from x\nFrom: ceo@example.org\nSubject: x\nX-Note: y\n"
        b"DKIM-Signature: v=1\nContent-Type: text/plain\nContent-Description: kept\n\nbody\n"
    )
    assert part.keys() == ["Content-Type", "Content-Description", "Content-Transfer-Encoding"]


def test_of_two_content_types_the_first_counts() -> None:
    part = part_of(b"Content-Type: text/plain\nContent-Type: text/html\nCONTENT-TYPE: application/x\n\nx")
    assert part.get_all("Content-Type") == ["text/plain"]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
def test_bare_line_ends_are_mended(end: bytes) -> None:
    octets = attach(
        end.join([b"Content-Type: text/plain", b"", b"one", b".", b"MAIL FROM:<x@y>", b""])
    ).message.octets()
    assert_sound(octets)
    assert b"\r\n.\r\n" in octets  # transparency is the sender's business


def test_a_line_that_is_no_field_begins_the_body() -> None:
    part = part_of(b"Content-Type: text/plain\nthis is no field\nand this is text")
    assert part.get_payload().replace("\r\n", "\n") == "this is no field\nand this is text"


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(nested(21), id="21 levels"),
        pytest.param(nested(10_000), id="10,000 levels"),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 30 + b"x", id="messages in messages"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 250, id="250 parts"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 100_000, id="100,000 delimiters"
        ),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\n\n"
            + (b"--b\nContent-Type: multipart/mixed; boundary=c\n\n" + b"--c\n\nx\n" * 15 + b"--c--\n") * 15,
            id="15 times 15 parts",
        ),
        pytest.param(b"X-Field: x\n" * 100_000, id="100,000 fields"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\r\n \r\n", id="blank"),
        pytest.param(b"Content-Type: multipart/mixed\n\nx", id="no boundary"),
        pytest.param(b'Content-Type: multipart/mixed; boundary=""\n\nx', id="empty boundary"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\n\n--c\n\nx\n--c--", id="other boundary"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\n\n--b--", id="no part"),
        pytest.param(b"Content-Type: nonsense\n\nx", id="no media type"),
        pytest.param(b"Content-Description: a\0b\n\nx", id="NUL in a field"),
        pytest.param(b"Content-Description: a\x1bb\n\nx", id="escape in a field"),
        pytest.param(b"Content-Description: =?utf-8?q?a=0D=0ABcc:_x?=\n\nx", id="hidden line break, Q"),
        pytest.param(b"Content-Description: =?utf-8?b?DQpCY2M6IHg=?=\n\nx", id="hidden line break, B"),
        pytest.param(b"Content-Description: " + b"w" * 1000 + b"\n\nx", id="long word in a field"),
        pytest.param(b"Content-Transfer-Encoding: x\xc3\xbc\n\nx", id="nameless encoding"),
        pytest.param(b"Content-Transfer-Encoding: x-uuencode\n\n\xff", id="unknown encoding of octets"),
    ],
)
def test_refused_within_a_second(octets: bytes) -> None:
    start = process_time()
    with pytest.raises(AttachmentError) as caught:
        attach(octets)
    assert caught.value.field == "attachments[0]"
    assert caught.value.remedy
    assert process_time() - start < 1


def test_a_long_fold_is_read_in_proportion() -> None:
    start = process_time()
    part = part_of(b"Content-Type: text/plain\nContent-Description: a\n" + b" b\n" * 100_000 + b"\nx")
    assert part["Content-Description"].count("b") == 100_000
    assert process_time() - start < 2


def test_bounds_are_for_hostile_parts_only() -> None:
    assert len(list(part_of(nested(19)).walk())) == 20
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 150 + b"--b--"
    assert len(part_of(many).get_payload()) == 150


@pytest.mark.parametrize("body", [BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT])
@pytest.mark.parametrize(
    "header, content, expected",
    [
        (b"Content-Type: image/png\nContent-Transfer-Encoding: binary", b"\x00\xff\r\n\n\r.\r\n", None),
        (b"Content-Type: image/png", b"\x89PNG\n", None),
        (b"Content-Type: text/plain; charset=utf-8", b"gr\xc3\xbc\xc3\x9fe\nx", b"gr\xc3\xbc\xc3\x9fe\r\nx"),
        (b"Content-Type: text/plain; charset=utf-16", b"\xff\xfea\0\n\0", None),
        (b"Content-Type: text/plain", b"w" * 2000, None),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64", b"aGVs\nbG8=\n", b"hello"),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64", b"!!a G V s b G 8!", b"hello"),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64", b"aGVsbG8=" * 300, None),
        (
            b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable",
            b"a=3Db=\nc\n",
            b"a=bc\r\n",
        ),
        (
            b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable",
            b"gr\xc3\xbcn =3D",
            b"gr\xc3\xbcn =",
        ),
    ],
)
def test_content_survives(header: bytes, content: bytes, expected: bytes | None, body: BodyKind) -> None:
    got = part_of(header + b"\n\n" + content, body).get_payload(decode=True)
    if expected is None and b"aGVsbG8=" not in content:
        expected = content
    assert expected is None or got == expected
    assert got


def test_our_own_boundary_inside() -> None:
    mine = b"=_m_fixed0000000000000000001_1_"
    part = part_of(
        b"Content-Type: multipart/mixed; boundary="
        + mine
        + b"\n\n--"
        + mine
        + b"\n\nx\n--"
        + mine
        + b"--\n\nforged"
    )
    assert [child.get_payload().strip() for child in part.get_payload()] == ["x"]


def test_an_enclosed_message_keeps_its_own_header() -> None:
    part = part_of(
        b"Content-Type: message/rfc822\n\nFrom: a@b\nBcc: c@d\nSubject: gr\xc3\xbcn\n\ngr\xc3\xbcn\r",
        BodyKind.SEVEN_BIT,
    )
    (inner,) = part.get_payload()
    assert (inner["From"], inner["Bcc"]) == ("a@b", "c@d")
    assert inner.get_payload(decode=True).decode().strip() == "grün"


SIGNED = (
    b'Content-Type: multipart/signed; boundary=outer; protocol="application/pkcs7-signature"; micalg=sha-256\r\n\r\n'
    b"preamble\r\n--outer\r\n%s\r\n--outer\r\n"
    b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
    b"--outer--\r\n"
)
CONTENT = b"Content-Type: multipart/mixed;\r\n\tboundary=inner\r\n\r\n--inner\r\nX-Odd:  kept\r\n\r\nhello  \r\n--inner--\r\n"


def test_signed_content_stays_octet_by_octet() -> None:
    octets = attach(SIGNED % CONTENT).message.octets()
    assert_sound(octets)
    assert octets.count(CONTENT) == 1
    assert b"protocol" in octets
    assert b"micalg=sha-256" in octets


@pytest.mark.parametrize(
    "content",
    [
        CONTENT.replace(b"hello", b"h\xc3\xa4llo"),
        CONTENT.replace(b"hello", b"hello\n"),
        CONTENT.replace(b"hello", b"w" * 999),
        CONTENT.replace(b"hello", b"\0"),
        b"Content-Type: text/plain",
    ],
)
def test_signed_content_that_would_have_to_change_is_refused(content: bytes) -> None:
    with pytest.raises(AttachmentError):
        attach(SIGNED % content)


@pytest.mark.parametrize(
    "word",
    ["=?utf-7?Q?+AAo-Bcc:?=", "=?utf-7*en?Q?+AAo-Bcc:?=", "=?iso-2022-jp?B?GyRC?=", "=?x?Q?a?=", "=??Q?a?="],
)
def test_an_encoded_word_that_cannot_be_seen_through_is_refused(word: str) -> None:
    with pytest.raises(AttachmentError, match="unusual charset") as caught:
        attach(f"Content-Description: a {word}\r\n\r\nx".encode())
    assert caught.value.field == "attachments[0]"


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8*en", "us-ascii", "iso-8859-15", "windows-1252"])
def test_an_encoded_word_in_a_usual_charset_is_kept(charset: str) -> None:
    part = part_of(f"Content-Description: =?{charset}?Q?caf?=\r\n\r\nx".encode())
    assert part["Content-Description"] == f"=?{charset}?Q?caf?="
