"""Large parts of messages on a real disk: whole or absent, kept once, never swept from under an entry."""

import asyncio
import hashlib
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eilbote import Attachment, AttachmentError
from eilbote.compose.file_source import FileSource, MemorySource
from eilbote.errors import OutboxUnavailableError, UnreadableEntryError
from eilbote.model.attachment import FileContent
from eilbote.model.moment import Moment
from eilbote.store.blob_files import BlobFiles

OCTETS = os.urandom(300_000)
ENCODED = b"".join(MemorySource(OCTETS).chunks())
SHA256 = hashlib.sha256(ENCODED).hexdigest()
LONG_AGO, FAR_AHEAD = Moment(0), Moment(1 << 50)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


def rights_of_others(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o077 for path in (folder, *folder.rglob("*"))}


@contextmanager
def files_of_at_most(octets: int) -> Iterator[None]:
    """Let the system refuse larger files, as it does when the disk or the quota is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(folder: Path) -> BlobFiles:
    return BlobFiles(folder)


@pytest.mark.asyncio
async def test_what_was_put_is_given_back_as_often_as_needed(blobs: BlobFiles) -> None:
    sha256 = await blobs.put(MemorySource(OCTETS))

    kept = await blobs.get(sha256, size=len(ENCODED), dot_free=True)

    assert sha256 == SHA256
    assert (kept.size, kept.dot_free) == (len(ENCODED), True)
    assert b"".join(kept.chunks()) == b"".join(kept.chunks()) == ENCODED
    assert max(map(len, kept.chunks())) <= 64 * 1024


@pytest.mark.asyncio
async def test_equal_octets_are_kept_once_even_when_put_at_the_same_time(
    blobs: BlobFiles, folder: Path
) -> None:
    names = await asyncio.gather(*(blobs.put(MemorySource(OCTETS)) for _ in range(8)))

    assert set(names) == {SHA256}
    assert [path.name for path in files_in(folder)] == [SHA256]


@pytest.mark.asyncio
async def test_octets_kept_before_are_not_written_again(blobs: BlobFiles, folder: Path) -> None:
    await blobs.put(MemorySource(OCTETS))
    (kept,) = files_in(folder)
    before = kept.stat()

    await blobs.put(MemorySource(OCTETS))

    assert kept.stat().st_ino == before.st_ino


@pytest.mark.asyncio
async def test_nobody_else_can_read_the_parts(blobs: BlobFiles, folder: Path) -> None:
    await blobs.put(MemorySource(OCTETS))

    assert rights_of_others(folder) == {0}


@pytest.mark.asyncio
async def test_octets_are_on_the_disk_before_they_have_a_name_and_the_name_before_it_returns(
    blobs: BlobFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[tuple[str, int]] = []
    flush = os.fsync

    def noted(handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        flushed.append((name.partition(".")[2] or name, os.fstat(handle).st_size if "." in name else 0))
        flush(handle)

    await blobs.put(MemorySource(OCTETS[2:]))  # makes the folders
    monkeypatch.setattr(os, "fsync", noted)
    await blobs.put(MemorySource(OCTETS))

    octets = flushed.index(("part", len(ENCODED)))
    assert (SHA256[:2], 0) in flushed[octets + 1 :]


@pytest.mark.asyncio
async def test_a_file_that_vanishes_while_it_is_stored_leaves_nothing_behind(
    blobs: BlobFiles, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(OCTETS)
    content = Attachment.from_file(path).content
    assert isinstance(content, FileContent)
    path.unlink()

    with pytest.raises(AttachmentError, match=r"report\.pdf"):
        await blobs.put(FileSource(content, field="attachments[0]"))

    assert files_in(folder) == []


@pytest.mark.asyncio
async def test_a_file_that_shrinks_while_it_is_stored_leaves_nothing_behind(
    blobs: BlobFiles, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(OCTETS)
    content = Attachment.from_file(path).content
    assert isinstance(content, FileContent)
    os.truncate(path, 200_000)

    with pytest.raises(AttachmentError, match="changed its size"):
        await blobs.put(FileSource(content, field="attachments[0]"))

    assert files_in(folder) == []


@pytest.mark.asyncio
async def test_a_full_disk_leaves_nothing_behind(blobs: BlobFiles, folder: Path) -> None:
    with files_of_at_most(100_000), pytest.raises(OutboxUnavailableError) as told:
        await blobs.put(MemorySource(OCTETS))

    assert files_in(folder) == []
    assert told.value.cause == "File too large"
    assert "Make room" in (told.value.remedy or "")
    assert await blobs.put(MemorySource(OCTETS)) == SHA256, "it works again once there is room"


@pytest.mark.asyncio
async def test_a_folder_that_cannot_be_made_is_told_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, where a folder should be")

    with pytest.raises(OutboxUnavailableError, match="EILBOTE_DATA_DIR") as told:
        await BlobFiles(tmp_path / "data" / "blobs").put(MemorySource(OCTETS))

    assert told.value.field == "data_dir"


@pytest.mark.parametrize(
    "sha256,size",
    [("0" * 64, len(ENCODED)), (SHA256, len(ENCODED) - 1), ("../../etc/passwd", 1)],
    ids=[
        "unknown",
        "of another size",
        "no name of a part",
    ],  # the octets are random: workers must agree on names
)
@pytest.mark.asyncio
async def test_what_is_not_there_as_it_was_put_cannot_be_read(
    sha256: str, size: int, blobs: BlobFiles
) -> None:
    await blobs.put(MemorySource(OCTETS))

    with pytest.raises(UnreadableEntryError):
        await blobs.get(sha256, size=size, dot_free=True)


@pytest.mark.asyncio
async def test_a_damaged_part_never_gives_its_last_octets(blobs: BlobFiles, folder: Path) -> None:
    """So a server never gets a whole message in which octets have changed on the disk."""
    await blobs.put(MemorySource(OCTETS))
    (path,) = files_in(folder)
    kept = await blobs.get(SHA256, size=len(ENCODED), dot_free=True)
    damaged = bytearray(ENCODED)
    damaged[1000] ^= 1
    path.write_bytes(damaged)

    given = []
    with pytest.raises(UnreadableEntryError, match="have changed"):
        given.extend(kept.chunks())

    assert sum(map(len, given)) < len(ENCODED)


@pytest.mark.asyncio
async def test_a_sweep_takes_what_is_old_and_that_nobody_refers_to(blobs: BlobFiles, folder: Path) -> None:
    await blobs.put(MemorySource(OCTETS))
    other = await blobs.put(MemorySource(OCTETS[1:]))

    assert await blobs.sweep({SHA256}, older_than=LONG_AGO) == 0
    assert await blobs.sweep({SHA256}, older_than=FAR_AHEAD) == 1
    assert [path.name for path in files_in(folder)] == [SHA256]
    with pytest.raises(UnreadableEntryError):
        await blobs.get(other, size=1, dot_free=True)


@pytest.mark.asyncio
async def test_a_sweep_clears_what_a_killed_process_left_unfinished(blobs: BlobFiles, folder: Path) -> None:
    await blobs.put(MemorySource(OCTETS))
    (folder / "incoming" / "abc.part").write_bytes(b"half of")
    (folder / "incoming" / "notes.txt").write_bytes(b"somebody else's")

    await blobs.sweep({SHA256}, older_than=FAR_AHEAD)

    assert {path.name for path in files_in(folder)} == {SHA256, "notes.txt"}


@pytest.mark.asyncio
async def test_a_part_that_is_put_again_is_young_again(blobs: BlobFiles, folder: Path) -> None:
    """An entry refers to a part only after it was put; until then its age alone keeps a sweep away."""
    await blobs.put(MemorySource(OCTETS))
    (path,) = files_in(folder)
    os.utime(path, (1, 1))

    await blobs.put(MemorySource(OCTETS))

    assert await blobs.sweep(set(), older_than=Moment(60_000)) == 0
