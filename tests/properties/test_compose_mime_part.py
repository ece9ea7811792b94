"""Whatever is passed as a ready-made MIME part: it is refused, or becomes a sound part of ours."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import example, given
from tests.properties.mail_oracle import assert_sound, attempt, compose, names_of, parsed

from eilbote.errors import DraftError
from eilbote.model.attachment import Attachment
from eilbote.model.message import BodyKind

LINES = st.sampled_from(
    [
        b"Content-Type: text/plain",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/signed; boundary=b",
        b"Content-Type: multipart/digest; boundary=b",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html; charset=\xff",
        b'content-type: image/png; name="\xc3\xbc"',
        b'Content-Disposition: attachment; filename="\xc3\xbc.txt"',
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: binary",
        b"Content-Transfer-Encoding: x-strange",
        b"Content-Description: =?utf-8?q?=0D=0ABcc:_x?=",
        b"Content-Description: " + b"w" * 1500,
        b"MIME-Version: 1.0",
        b"Bcc: thief@example.com",
        b"Received: from nowhere",
        b"From: somebody else",
        b" folded",
        b"",
        b"--b",
        b"--b--",
        b"--=_m_fixed0000000000000000001_1_",
        b"--=_m_fixed0000000000000000001_1_--",
        b"h\xc3\xa4llo",
        b"\xff\xfe\x00",
        b"a=3Db=",
        b"aGVsbG8=",
        b".",
        b"x" * 1200,
        b"NUL \0",
    ]
)
OCTETS = st.lists(
    st.tuples(LINES | st.binary(max_size=8), st.sampled_from([b"\r\n", b"\n", b"\r"])), max_size=14
).map(lambda lines: b"".join(line + end for line, end in lines))


@given(OCTETS, st.sampled_from([BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT]))
@example(b"hello", BodyKind.SEVEN_BIT)
@example(b"\r\n\r\n", BodyKind.SEVEN_BIT)
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--", BodyKind.SEVEN_BIT)
def test_any_octets(octets: bytes, body: BodyKind) -> None:
    made = attempt(lambda: compose(body, text="own text", attachments=[Attachment.from_mime(octets)]))
    if isinstance(made, DraftError):
        assert made.field == "attachments[0]"
        return
    composed = made.message.octets()
    assert_sound(composed, eight_bit=made.message.body is BodyKind.EIGHT_BIT)
    assert names_of(composed)[:6] == ["From", "To", "Date", "Message-ID", "MIME-Version", "Content-Type"]
    root = parsed(composed)
    text, part = root.get_payload()
    assert text.get_payload() == "own text"
    assert all(
        name.lower().startswith("content-") or name.lower() == "mime-version" for name, _ in part.items()
    )
    assert len(part.get_all("content-type")) == 1
    assert not root.defects
    assert not part.defects
