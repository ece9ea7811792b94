"""File names: what is shown, and what cannot do harm."""

from __future__ import annotations

import pytest
from tests.properties.mail_oracle import assert_sound, compose, parts_of

from eilbote.compose.parameters import ascii_file_name, parameter, safe_file_name
from eilbote.errors import AttachmentError
from eilbote.model.attachment import Attachment

NAMES = {  # what is given, and what is shown
    "report.pdf": "report.pdf",
    "My report 2026.pdf": "My report 2026.pdf",
    "Übersicht für März.pdf": "Übersicht für März.pdf",
    "名前.txt": "名前.txt",
    "../../etc/passwd": "passwd",
    "C:\\Windows\\system32\\calc.exe": "calc.exe",
    "a/b\\c.txt": "c.txt",
    "..": "attachment",
    ".": "attachment",
    "": "attachment",
    "   ": "attachment",
    "/": "attachment",
    ".profile": ".profile",
    "a\r\nContent-Type: text/html": "html",
    "a\r\nb.txt": "a b.txt",
    "a\tb.txt": "a b.txt",
    "a\0b\x1b.txt": "ab.txt",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    "a\u200bb\ufeff.txt": "ab.txt",
    "a\u2028b.txt": "a b.txt",
    'say "hi".txt': 'say "hi".txt',
    "a;b=c.txt": "a;b=c.txt",
    "=?utf-8?q?=0D=0A?=.txt": "=?utf-8?q?=0D=0A?=.txt",
    "it's 100%.txt": "it's 100%.txt",
    "x" * 300 + ".pdf": "x" * 251 + ".pdf",
    "ü" * 200 + ".pdf": "ü" * 125 + ".pdf",
    "x." + "y" * 300: "x." + "y" * 253,
}


@pytest.mark.parametrize("given", NAMES)
def test_shown(given: str) -> None:
    attachment = Attachment.from_bytes(b"x", filename=given, media_type="application/x-test")
    octets = compose(text="x", attachments=[attachment]).message.octets()
    assert_sound(octets)
    _, part = parts_of(octets)
    assert part.get_filename() == NAMES[given]
    fallback = part.get_param("name")
    assert isinstance(fallback, str)
    assert fallback.isascii()
    assert "=?" not in fallback


def test_a_name_from_an_undecodable_file_name() -> None:
    with pytest.raises(AttachmentError) as caught:
        safe_file_name("a\udcff.txt", field="attachments[0].filename")
    assert (caught.value.field, caught.value.position) == ("attachments[0].filename", 1)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("a.txt", "a.txt"),
        ("Übersicht für März.pdf", "Ubersicht fur Marz.pdf"),
        ("名前.txt", "_.txt"),
        ("=?x?=.txt", "_x?=.txt"),
        ('say "hi"', "say _hi_"),
        ("x" * 100 + ".txt", "x" * 56 + ".txt"),
    ],
)
def test_the_stand_in_for_old_readers(name: str, expected: str) -> None:
    assert ascii_file_name(name) == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("plain", ";\r\n p=plain"),
        ("two words", ';\r\n p="two words"'),
        ("", ';\r\n p=""'),
        ("a;b", ';\r\n p="a;b"'),
        ("ü", ";\r\n p*=utf-8''%C3%BC"),
        ('"', ";\r\n p*=utf-8''%22"),
    ],
)
def test_forms(value: str, expected: str) -> None:
    assert parameter("p", value) == expected


def test_own_parameters_of_a_media_type_are_kept_and_the_name_is_written_anew() -> None:
    attachment = Attachment.from_bytes(
        b"x", filename="new.csv", media_type='text/csv; header=present; name=old.csv; note="a; b"'
    )
    _, part = parts_of(compose(text="x", attachments=[attachment]).message.octets())
    assert part.get_params() == [
        ("text/csv", ""),
        ("header", "present"),
        ("note", "a; b"),
        ("name", "new.csv"),
    ]


def test_no_name_at_all() -> None:
    _, part = parts_of(compose(text="x", attachments=[Attachment.from_bytes(b"x")]).message.octets())
    assert (part["Content-Type"], part["Content-Disposition"]) == ("application/octet-stream", "attachment")


@pytest.mark.parametrize(
    "name, expected",
    [
        ("..\uff0f..\uff0fetc\uff0fpasswd", ".._.._etc_passwd"),
        ("\u2100\uff3ccon", "a_c_con"),
        ("C\uff1aauto", "C_auto"),
    ],
)
def test_the_stand_in_has_no_separators_that_the_name_has_not(name: str, expected: str) -> None:
    assert ascii_file_name(name) == expected
