"""From the octets of an XML document to its text, and to where its root begins (W3C XML 1.0, sections 2.8, 4.3.3 and appendix F)."""

from __future__ import annotations

import codecs
import re
from typing import Final

from eilbote.author.plain.place import Place
from eilbote.author.process.bundle import ProcessTextError

_DECLARATION: Final = re.compile(r"<\?xml\s[^>]{0,200}?\?>")
_ENCODING: Final = re.compile(r"""\sencoding\s*=\s*["']([^"'>]{0,60})["']""")
_CODECS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
"""Encodings in which every octet below 128 is the character of ASCII, so nothing hides in them."""
_MARKED: Final = (
    (codecs.BOM_UTF8, "utf-8", ("utf-8", "utf8")),
    (codecs.BOM_UTF16_LE, "utf-16-le", ("utf-16", "utf16", "utf-16le", "unicode")),
    (codecs.BOM_UTF16_BE, "utf-16-be", ("utf-16", "utf16", "utf-16be", "unicode")),
)
"""Byte order marks, what they mean, and what a declaration may call that."""
_OTHERS: Final = (
    (b"PK\x03\x04", "an archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)
_EXPORT: Final = "Export the diagram from the modeler as BPMN 2.0 XML"
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BLANKS: Final = re.compile(r"[ \t\r\n]*")


def decoded(xml: str | bytes) -> str:
    """Give the text of a document.

    Raises:
        ProcessTextError: It is empty, something else than XML, in an encoding that is not read, or damaged.
    """
    text = xml if isinstance(xml, str) else _decoded(xml)
    text = text.removeprefix("\ufeff")
    if (found := _FORBIDDEN.search(text)) is not None:
        raise ProcessTextError(
            f"the character U+{ord(found[0]):04X} stands in the diagram",
            place=_place(text, found.start()),
            cause="XML allows no such character",
            remedy=f"Take it out. {_EXPORT} when it was not there before",
        )
    return text


def root_begin(text: str) -> int:
    """Give where the root element begins: behind declaration, comments and instructions.

    Raises:
        ProcessTextError: A document type stands there, or nothing that is XML.
    """
    position = 0
    while True:
        position = _after_blanks(text, position)
        if position >= len(text):
            raise ProcessTextError("the diagram is empty", remedy=_EXPORT)
        if text.startswith("<!--", position):
            position = _behind(text, position, "-->")
        elif text.startswith("<?", position):
            position = _behind(text, position, "?>")
        elif text[position : position + 9].upper() == "<!DOCTYPE":
            raise ProcessTextError(
                "the diagram has a document type (DOCTYPE)",
                place=_place(text, position),
                cause="It could pull in other files or fill the memory, and BPMN needs none",
                remedy=f"Take the declaration out, or {_EXPORT[0].lower()}{_EXPORT[1:]}",
            )
        elif text.startswith("<", position) and not text.startswith("<!", position):
            return position
        else:
            raise ProcessTextError(
                "the diagram is no XML", place=_place(text, position), cause=_beginning(text), remedy=_EXPORT
            )


def _decoded(octets: bytes) -> str:
    for mark, codec, names in _MARKED:
        if octets.startswith(mark):
            text = _in(octets.removeprefix(mark), codec)
            if (said := _declared(text)) and said not in names:
                raise _other_encoding(said, f"Its byte order mark says {codec.upper()}")
            return text
    for beginning, what in _OTHERS:
        if octets.lstrip()[:8].startswith(beginning):
            raise ProcessTextError(f"this is {what}, not a BPMN diagram", remedy=_EXPORT)
    if b"\x00" in octets[:4]:
        raise _other_encoding("UTF-16 or UTF-32", "It has no byte order mark")
    said = _declared(octets[:300].decode("ascii", "replace"))
    codec = _CODECS.get(said or "utf-8", "")
    if not codec:
        raise _other_encoding(said, None)
    return _in(octets, codec)


def _in(octets: bytes, codec: str) -> str:
    try:
        return octets.decode(codec)
    except UnicodeDecodeError as fault:
        before = octets[: fault.start].decode(codec, "replace")
        raise ProcessTextError(
            f"the diagram is not what it says: an octet is no {codec.upper()}",
            place=_place(before, len(before)),
            cause="The file is damaged, or its first line names another encoding than it is written in",
            remedy="Save it as UTF-8",
        ) from None


def _declared(text: str) -> str:
    declaration = _DECLARATION.match(text)
    found = _ENCODING.search(declaration[0]) if declaration is not None else None
    return found[1].strip().lower() if found is not None else ""


def _other_encoding(said: str, cause: str | None) -> ProcessTextError:
    return ProcessTextError(
        f"the diagram is written in {said[:40]!r}",
        place=Place(1, 1),
        cause=cause or "Only UTF-8, UTF-16 with a byte order mark, ISO-8859-1 and Windows-1252 are read",
        remedy="Save it as UTF-8, and let its first line say so",
    )


def _after_blanks(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return position if found is None else found.end()


def _behind(text: str, position: int, end: str) -> int:
    found = text.find(end, position + 2)
    if found < 0:
        raise ProcessTextError(
            "the diagram is no XML",
            place=_place(text, position),
            cause=f"What begins here is never closed by {end}",
            remedy=_EXPORT,
        )
    return found + len(end)


def _beginning(text: str) -> str:
    return f"It begins with {text.strip()[:30]!r}"


def _place(text: str, position: int) -> Place:
    return Place(text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position))
