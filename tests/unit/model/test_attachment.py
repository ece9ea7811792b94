"""Attachments are values; a bad one is refused where it is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eilbote.errors import AttachmentError
from eilbote.model.attachment import Attachment, FileContent


def test_octets_with_a_guessed_media_type() -> None:
    made = Attachment.from_bytes(b"%PDF", filename="invoice.pdf")
    assert (made.content, made.filename, made.media_type, made.size) == (
        b"%PDF",
        "invoice.pdf",
        "application/pdf",
        4,
    )


@pytest.mark.parametrize(
    "filename, media_type",
    [
        (None, "application/octet-stream"),
        ("noending", "application/octet-stream"),
        ("logs.tar.gz", "application/octet-stream"),
        ("letter.eml", "application/octet-stream"),
        ("page.HTML", "text/html"),
    ],
)
def test_the_guess_never_promises_a_structure_or_hides_a_compression(
    filename: str | None, media_type: str
) -> None:
    assert Attachment.from_bytes(b"", filename=filename).media_type == media_type


def test_text_is_utf8_and_says_so() -> None:
    made = Attachment.from_text("grüße", filename="a.csv", media_type="text/csv")
    assert made.content == "grüße".encode()
    assert made.media_type == "text/csv; charset=utf-8"


def test_a_lone_surrogate_is_refused_with_its_position() -> None:
    with pytest.raises(AttachmentError) as caught:
        Attachment.from_text("ok \ud83d")
    assert caught.value.position == 3


def test_base64_may_be_wrapped() -> None:
    assert Attachment.from_base64("SGVs\r\n bG8=\n").content == b"Hello"
    assert Attachment.from_base64(b"SGVsbG8=").content == b"Hello"


@pytest.mark.parametrize(
    "text", ["!!!SGVsbG8=!!!", "SGVsbG8", "SGVs=bG8", "data:text/plain;base64,SGVsbG8=", "ünf", "a"]
)
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(AttachmentError, match="not valid base64") as caught:
        Attachment.from_base64(text)
    assert caught.value.field == "attachment.base64"


def test_a_file_is_named_and_measured_but_not_read(tmp_path: Path) -> None:
    file = tmp_path / "bild.png"
    file.write_bytes(b"x" * 10)
    made = Attachment.from_file(file)
    assert made.content == FileContent(file, 10)
    assert (made.filename, made.media_type, made.size) == ("bild.png", "image/png", 10)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AttachmentError, match="cannot attach") as caught:
        Attachment.from_file(tmp_path / "nowhere")
    assert caught.value.cause == "No such file or directory"


def test_a_path_with_nul_is_refused() -> None:
    with pytest.raises(AttachmentError, match="cannot attach"):
        Attachment.from_file("a\0b")


def test_only_regular_files_are_taken(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, Path("/dev/zero")):
        with pytest.raises(AttachmentError, match="not a regular file"):
            Attachment.from_file(path)


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "pdf",
        "a/b/c",
        "text/plain\r\nBcc: eve@example.org",
        "text/plain;",
        "te xt/plain",
        'text/plain; a="b\nc"',
        "ü/b",
        "x/" + "y" * 300,
    ],
)
def test_a_malformed_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(AttachmentError, match="is not a media type"):
        Attachment(content=b"", media_type=media_type)


@pytest.mark.parametrize(
    "media_type", ["multipart/mixed", "message/rfc822", "Multipart/Alternative; boundary=x"]
)
def test_a_composite_type_needs_a_ready_made_part(media_type: str) -> None:
    with pytest.raises(AttachmentError, match="ready-made"):
        Attachment(content=b"", media_type=media_type)


@pytest.mark.parametrize(
    "media_type", ["text/plain; charset=utf-8", 'application/pdf; name="a b.pdf"', "application/vnd.x+json"]
)
def test_parameters_are_allowed(media_type: str) -> None:
    assert Attachment(content=b"", media_type=media_type).media_type == media_type


def test_an_inline_image_has_a_content_id() -> None:
    made = Attachment.from_bytes(b"", filename="logo.png").as_inline("logo@example.org")
    assert (made.inline, made.content_id) == (True, "logo@example.org")


@pytest.mark.parametrize("content_id", ["", "<logo>", "a b", "a\nb", "ö"])
def test_a_content_id_that_no_header_can_carry_is_refused(content_id: str) -> None:
    with pytest.raises(AttachmentError, match="Content-ID"):
        Attachment.from_bytes(b"").as_inline(content_id)


@pytest.mark.parametrize("content_id", ["=?utf-8?q?a?=", "a=?b", "", "a b", "<a>"])
def test_an_id_that_is_none(content_id: str) -> None:
    with pytest.raises(AttachmentError) as caught:
        Attachment.from_bytes(b"x").as_inline(content_id)
    assert caught.value.field == "attachment.content_id"


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"content": "x"}, "content"),
        ({"content": 5}, "content"),
        ({"content": b"x", "filename": 5}, "filename"),
        ({"content": b"x", "media_type": None}, "media_type"),
        ({"content": b"x", "content_id": 5}, "content_id"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(fields: dict[str, object], field: str) -> None:
    with pytest.raises(AttachmentError) as caught:
        Attachment(**fields)  # type: ignore[arg-type] - what a program without types may pass
    assert caught.value.field == f"attachment.{field}"


def test_a_number_is_not_that_many_octets() -> None:
    with pytest.raises(AttachmentError) as caught:
        Attachment.from_bytes(5)  # type: ignore[arg-type] - what a program without types may pass
    assert caught.value.field == "attachment.data"
    with pytest.raises(AttachmentError, match="filename"):
        Attachment.from_bytes(b"x", filename=5)  # type: ignore[arg-type] - likewise
