"""A ``data:`` URL carries the file in itself, and with it every trick of encoding.

It is a bomb of percent signs, base64 with something hidden behind its end, a media type that is a header field, a part
that mail programs take apart. Programs repair what is broken, each in its own way, and what was checked is not what is sent.
Here it is well-formed, or refused with the place of the fault.
"""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from tests.attacks.fetching import FIELD

from eilbote.author.flow.effect import Fetch
from eilbote.engine.fetch import MOST_OCTETS, fetched, file_door
from eilbote.errors import AttachmentError
from eilbote.model.attachment import Attachment
from eilbote.net.egress import EgressPolicy

pytestmark = pytest.mark.asyncio

DOOR = file_door(EgressPolicy(), frozenset())


async def read(url: str, *, filename: str | None = None) -> Attachment:
    return await fetched(Fetch(url=url, filename=filename, field=FIELD), door=DOOR)


@pytest.mark.parametrize(
    "url, octets, media_type, name",
    [
        ("data:,", b"", "text/plain; charset=us-ascii", "attachment.txt"),
        ("data:,A%20brief%20note", b"A brief note", "text/plain; charset=us-ascii", "attachment.txt"),
        ("DATA:text/csv,a,b", b"a,b", "text/csv", "attachment.csv"),
        ("data:text/csv;charset=utf-8,%C3%A4", "ä".encode(), "text/csv; charset=utf-8", "attachment.csv"),
        ("data:;charset=utf-8,%C3%A4", "ä".encode(), "text/plain; charset=utf-8", "attachment.txt"),
        ("data:text/plain;charset=us-ascii,%C3%A4", "ä".encode(), "text/plain", "attachment.txt"),
        ("data:application/pdf;base64,JVBERi0=", b"%PDF-", "application/pdf", "attachment.pdf"),
        ("data:application/pdf;BASE64,JVBE\r\n Ri0=\n", b"%PDF-", "application/pdf", "attachment.pdf"),
        ("data:application/pdf;base64,JVBERi0%3D", b"%PDF-", "application/pdf", "attachment.pdf"),
        ("data:;base64,/+8=", b"\xff\xef", "text/plain", "attachment.txt"),
        ("data:base64,abc", b"abc", "x", "x"),
        ("data:image/svg+xml,%3Csvg/%3E", b"<svg/>", "image/svg+xml", "attachment.svg"),
        ("data:message/rfc822,Bcc:%20evil", b"Bcc: evil", "application/octet-stream", "attachment.bin"),
        ("data:multipart/mixed;boundary=x,--x", b"--x", "application/octet-stream", "attachment.bin"),
        ("data:text/plain,{{7*7}}", b"", "", ""),
    ],
)
async def test_what_is_well_formed_is_a_file(url: str, octets: bytes, media_type: str, name: str) -> None:
    if not name or name == "x":  # in the list to show that they are none
        with pytest.raises(AttachmentError):
            await read(url)
        return
    file = await read(url)

    assert (file.content, file.media_type, file.filename, file.inline) == (octets, media_type, name, False)


@pytest.mark.parametrize(
    "url, cause",
    [
        ("data:", "no comma"),
        ("data:text/plain", "no comma"),
        ("data:text/plain;base64", "no comma"),
        ("data:" + "x" * 5000 + ",a", "no comma"),
        ("data:,100%", "the % at character 10"),
        ("data:,%4", "the % at character 7"),
        ("data:,%zz", "the % at character 7"),
        ("data:,%u0041", "the % at character 7"),
        ("data:,a b", "' ' at character 8 cannot"),
        ("data:,a\r\nb", "at character 8 cannot"),
        ("data:,ä", "'ä' at character 7"),
        ("data:,a#b", "'#' at character 8"),
        ("data:,<b>", "'<' at character 7"),
        ("data:pdf,x", "no media type"),
        ("data:text/plain%0d%0aBcc:%20x,x", "no media type"),
        ("data:text/plain;charset,x", "no media type"),
        ("data:text/html\r\n;x=y,x", "no media type"),
        ("data:;base64,QQ", "not base64"),
        ("data:;base64,QQ=", "not base64"),
        ("data:;base64,QQ===", "not base64"),
        ("data:;base64,Q", "not base64"),
        ("data:;base64,Q===", "not base64"),
        ("data:;base64,=QQ=", "not base64"),
        ("data:;base64,QQ==QQ==", "not base64"),
        ("data:;base64,QQ==hidden", "not base64"),
        ("data:;base64,Q_-=", "not base64"),
        ("data:;base64,QUJD*", "not base64"),
        ("data:;base64,QUJD\x00", "not base64"),
        ("data:;base64,QUJDä", "not base64"),
        ("data:;base64,QUJD%", "a % is not followed"),
        ("data:;base64,QUJD%00", "not base64"),
    ],
)
async def test_what_is_not_well_formed_is_refused(url: str, cause: str) -> None:
    with pytest.raises(AttachmentError) as caught:
        await read(url)

    error = caught.value
    assert error.field == FIELD
    assert cause in str(error.cause)
    assert error.remedy


@pytest.mark.parametrize(
    "url",
    [
        "data:," + "a" * (MOST_OCTETS + 1),
        "data:," + "%41" * (MOST_OCTETS + 1),
        "data:;base64," + base64.b64encode(b"x" * (MOST_OCTETS + 1)).decode(),
        "data:;base64," + " " * (2 * MOST_OCTETS) + "QQ==",
        "data:;base64," + "%20" * MOST_OCTETS + "QQ==",
    ],
    ids=["plain", "escapes", "base64", "blanks", "escaped-blanks"],
)
async def test_too_much_is_refused(url: str) -> None:
    with pytest.raises(AttachmentError, match="too large"):
        await read(url)


@pytest.mark.parametrize("octet", ["a", "%41", "%00", "%3D", "%25"])
async def test_the_largest_file_is_taken_whatever_it_is_written_in(octet: str) -> None:
    assert (await read("data:application/pdf," + octet * MOST_OCTETS)).size == MOST_OCTETS


async def test_every_octet_comes_back() -> None:
    octets = bytes(range(256)) * 3
    escaped = "".join(f"%{octet:02x}" for octet in octets)

    assert (await read(f"data:application/pdf,{escaped}")).content == octets
    assert (await read(f"data:application/pdf;base64,{quote(base64.b64encode(octets))}")).content == octets
    assert (await read("data:application/pdf,=3D=_=%3D=")).content == b"=3D=_==="


async def test_the_largest_file_is_taken() -> None:
    data = base64.b64encode(b"x" * MOST_OCTETS).decode()
    lines = "\r\n".join(data[place : place + 76] for place in range(0, len(data), 76))

    assert (await read(f"data:application/pdf;base64,{lines}")).size == MOST_OCTETS


async def test_an_error_does_not_repeat_the_file() -> None:
    with pytest.raises(AttachmentError) as caught:
        await read("data:;base64," + "c2VjcmV0" * 1000 + "*")

    assert "c2VjcmV0" not in str(caught.value)
