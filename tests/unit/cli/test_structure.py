import struct
import zlib
from email.message import EmailMessage

from eilbote.cli.mime_tree import lines_of, structure_of
from eilbote.cli.picture import envelope_png


def message() -> EmailMessage:
    outer = EmailMessage()
    outer.set_content("text\n")
    outer.add_alternative("<p>html</p>", subtype="html")
    outer.get_payload()[1].add_related(b"PNG", "image", "png", cid="<logo>", disposition="inline")
    outer.add_attachment("a;b\n", subtype="csv", filename="t.csv")
    return outer


def test_a_tree_is_drawn() -> None:
    assert list(lines_of(structure_of(message()))) == [
        "multipart/mixed",
        "├─ multipart/alternative",
        "│  ├─ text/plain          5 octets  (7bit)",
        "│  └─ multipart/related",
        "│     ├─ text/html        12 octets  (7bit)",
        "│     └─ image/png        inline  cid:logo  3 octets  (base64)",
        "└─ text/csv               attachment  t.csv  4 octets  (7bit)",
    ]


def test_as_data_leaves_out_what_is_empty() -> None:
    data = structure_of(message()).as_data()
    assert list(data) == ["type", "parts"]
    assert data["parts"][1] == {
        "type": "text/csv",
        "disposition": "attachment",
        "filename": "t.csv",
        "encoding": "7bit",
        "size": 4,
    }


def test_the_picture_is_a_png() -> None:
    octets = envelope_png()
    assert octets.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(octets):
        length, kind = struct.unpack(">I4s", octets[at : at + 8])
        body = octets[at + 8 : at + 8 + length]
        assert struct.unpack(">I", octets[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    assert len(zlib.decompress(chunks[b"IDAT"])) == (1 + 3 * width) * height
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
