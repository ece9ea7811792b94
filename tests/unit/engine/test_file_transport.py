"""Messages as files, as programs ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eilbote import Draft, FileTransport, Mailer, SettingsError
from eilbote.testing import FixedIds, ManualClock

pytestmark = pytest.mark.asyncio

DRAFT = Draft(from_="a@example.org", to="b@example.org", subject="Hi", text="Hello")


def stored(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.eml"))


async def test_a_directory_is_enough(tmp_path: Path) -> None:
    async with Mailer("smtp://localhost", transport=FileTransport(str(tmp_path))) as mailer:
        receipts = [await mailer.send(DRAFT), await mailer.send(DRAFT)]

    assert all(receipt.ok for receipt in receipts)
    assert len(stored(tmp_path)) == 2


async def test_names_are_what_the_clock_and_the_ids_say(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path, clock=ManualClock(), ids=FixedIds())
    async with Mailer("smtp://localhost", transport=transport) as mailer:
        receipt = await mailer.send(DRAFT)

    (file,) = stored(tmp_path)
    assert file.name.startswith(f"{ManualClock().now():%Y%m%dT%H%M%S}-")
    assert file.name in receipt.reply


@pytest.mark.parametrize("directory", ["nowhere", None, 5], ids=repr)
async def test_what_is_no_directory_is_refused(directory: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        FileTransport(tmp_path / directory if isinstance(directory, str) else directory)
    assert caught.value.field == "directory"
