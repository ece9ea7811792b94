"""Messages as files: the exact octets, the envelope beside them, and nothing half written."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.deliver.fake_session import ENVELOPE, MESSAGE, a_delivery

from eilbote.deliver.file_transport import FileTransport
from eilbote.errors import ConfigurationError, DeliveryTimeoutError, SettingsError
from eilbote.model.message import Message
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio


def names(directory: Path, pattern: str) -> list[Path]:
    return sorted(directory.glob(pattern))


def transport(directory: Path) -> FileTransport:
    return FileTransport(directory, clock=ManualClock(), ids=FixedIds())


async def test_a_message_becomes_a_file(tmp_path: Path) -> None:
    receipt = await transport(tmp_path).deliver(ENVELOPE, MESSAGE)

    [file] = names(tmp_path, "*.eml")
    assert file.read_bytes() == MESSAGE.octets()
    assert json.loads(file.with_suffix(".json").read_text()) == {
        "from": "a@example.org",
        "to": ["b@example.org"],
    }
    assert receipt.ok
    assert file.name in receipt.reply
    assert names(tmp_path, "*.part") == []


async def test_a_series_becomes_files(tmp_path: Path) -> None:
    found = [each async for each in transport(tmp_path).deliver_all(a_delivery(index) for index in range(5))]

    assert [each.receipt.index for each in found if each.receipt] == [0, 1, 2, 3, 4]
    assert len(names(tmp_path, "*.eml")) == 5


async def test_a_message_that_cannot_be_written_leaves_no_message(tmp_path: Path) -> None:
    class Broken:
        size = 1
        dot_free = True

        def chunks(self) -> Iterator[bytes]:
            yield b"x"
            raise OSError(28, "No space left on device")

    with pytest.raises(ConfigurationError) as caught:
        await transport(tmp_path).deliver(ENVELOPE, Message(message_id="<1@x>", segments=(Broken(),), size=1))

    assert "No space left" in str(caught.value)
    assert names(tmp_path, "*.eml") == names(tmp_path, "*.part") == []


async def test_a_directory_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        transport(tmp_path / "absent")

    assert caught.value.field == "directory"


async def test_a_message_whose_moment_has_passed_is_not_written(tmp_path: Path) -> None:
    clock = ManualClock()
    directory = FileTransport(tmp_path, clock=clock, ids=FixedIds())
    clock.advance(5.0)
    late, in_time = a_delivery(), a_delivery()
    late.not_after, in_time.not_after = 4.0, 5.0
    settled = [one async for one in directory.deliver_all(iter([late, in_time]))]
    assert settled == [late, in_time]
    assert isinstance(late.error, DeliveryTimeoutError)
    assert late.error.field == "not_after"
    assert in_time.error is None
    assert len(names(tmp_path, "*.eml")) == 1
