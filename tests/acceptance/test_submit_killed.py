"""A program is killed while it submits: what it was told is accepted is there, whole, and under its key once.

No power is cut here, so flushes are not what is tried; other tests watch those. This one tries the order of things: the
large parts before the entry, the entry before the word.
"""

import random
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import pytest

from eilbote import Attachment, Draft, Eilbote, EntryFilter

CONNECTION = "smtp://127.0.0.1:1?from=orders@example.org"
SUBMITTERS = 8
PROGRAM = """
import asyncio, sys
from eilbote import Attachment, Draft, Eilbote

async def submit(eilbote, first):
    for number in range(first, 100_000, SUBMITTERS):
        octets = number.to_bytes(4, "big") * 30_000
        draft = Draft(to="anna@example.org", subject=str(number), text="Hi!", attachments=[Attachment.from_bytes(octets)])
        submission = await eilbote.submit(draft, idempotency_key=str(number))
        print(number, submission.id, flush=True)

async def main():
    async with Eilbote(data_dir=sys.argv[1], connections=CONNECTION) as eilbote:
        await asyncio.gather(*(submit(eilbote, first) for first in range(SUBMITTERS)))

asyncio.run(main())
""".replace("SUBMITTERS", str(SUBMITTERS)).replace("CONNECTION", repr(CONNECTION))


def submit_until_killed(folder: Path, *, lines: int) -> dict[int, int]:
    """Run the program, kill it after some lines, and give the entry of each number it was told of."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += process.stdout.readlines()
    whole = (line.split() for line in told if line.endswith("\n"))
    return {int(number): int(entry) for number, entry in whole}


def draft(number: int) -> Draft:
    octets = number.to_bytes(4, "big") * 30_000
    return Draft(
        to="anna@example.org",
        subject=str(number),
        text="Hi!",
        attachments=[Attachment.from_bytes(octets)],
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.asyncio
async def test_what_a_killed_program_was_told_is_there_and_whole(seed: int, tmp_path: Path) -> None:
    told = submit_until_killed(tmp_path, lines=random.Random(seed).randint(1, 30))

    async with Eilbote(data_dir=tmp_path, connections=CONNECTION) as eilbote:
        entries = await eilbote.entries(EntryFilter(), limit=1000)
        subjects = {int(entry.subject): entry.id for entry in entries}
        assert told.items() <= subjects.items(), "nothing that was told is lost"
        assert len(subjects) == len(entries) <= len(told) + SUBMITTERS, "nothing is there twice"
        for number, entry in subjects.items():
            parsed = message_from_bytes((await eilbote.message(entry)).octets())
            assert parsed.get_payload()[1].get_payload(decode=True) == number.to_bytes(4, "big") * 30_000
        again = [await eilbote.submit(draft(number), idempotency_key=str(number)) for number in subjects]

        assert [submission.id for submission in again] == list(subjects.values())
        assert not any(submission.is_new for submission in again)
