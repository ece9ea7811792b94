"""Attachments from disk: read while they are sent, refused when they are not what they were."""

from __future__ import annotations

import os
from base64 import b64decode
from pathlib import Path

import pytest
from tests.properties.mail_oracle import assert_sound, compose, parts_of

from eilbote.compose.file_source import FileSource, MemorySource
from eilbote.compose.transfer_encoding import BLOCK
from eilbote.errors import AttachmentError
from eilbote.model.attachment import Attachment, FileContent


@pytest.mark.parametrize("size", [0, 1, 57, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_a_file_arrives_as_it_is(size: int, tmp_path: Path) -> None:
    octets = os.urandom(size)
    file = tmp_path / "data.bin"
    file.write_bytes(octets)
    message = compose(text="x", attachments=[Attachment.from_file(file)]).message
    composed = message.octets()
    assert_sound(composed)
    assert message.size == len(composed)
    assert parts_of(composed)[1].get_payload(decode=True) == octets
    assert b"".join(message.chunks()) == composed, "a message can be read again"


def test_it_comes_in_pieces(tmp_path: Path) -> None:
    file = tmp_path / "data.bin"
    file.write_bytes(b"x" * (5 * BLOCK))
    source = FileSource(FileContent(file, 5 * BLOCK), field="attachments[0]")
    assert [len(chunk) for chunk in source.chunks()] == [1024 * 78] * 5
    assert source.dot_free


@pytest.mark.parametrize("size", [0, 10, BLOCK, BLOCK + 99])
@pytest.mark.parametrize("change", [-1, 1, BLOCK])
def test_a_file_that_has_changed_its_size(size: int, change: int, tmp_path: Path) -> None:
    file = tmp_path / "data.bin"
    file.write_bytes(b"x" * size)
    message = compose(text="x", attachments=[Attachment.from_file(file)]).message
    file.write_bytes(b"x" * max(0, size + change))
    if size + change < 0:
        return
    with pytest.raises(AttachmentError) as caught:
        list(message.chunks())
    assert caught.value.field == "attachments[0]"
    assert "changed" in caught.value.what


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    file = tmp_path / "data.bin"
    file.write_bytes(b"x")
    message = compose(text="x", attachments=[Attachment.from_file(file)]).message
    file.unlink()
    with pytest.raises(AttachmentError) as caught:
        message.octets()
    assert caught.value.cause == "No such file or directory"


def test_what_is_large_is_encoded_while_it_is_sent() -> None:
    small, large = b"x" * 64 * 1024, b"x" * (64 * 1024 + 1)
    assert len(compose(text="x", attachments=[Attachment.from_bytes(small)]).message.segments) == 1
    _, source, _ = compose(text="x", attachments=[Attachment.from_bytes(large)]).message.segments
    assert isinstance(source, MemorySource)
    assert b64decode(b"".join(source.chunks())) == large
