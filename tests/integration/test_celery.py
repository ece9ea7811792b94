"""A real Celery worker in a process of its own: retries, redeliveries and lost workers send nothing twice."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from eilbote import DraftError, Eilbote
from eilbote.testing import catching
from eilbote.testing.catcher_thread import CatcherThread

ROOT = Path(__file__).parents[2]
LETTER = {"from_": "shop@example.org", "to": "anna@example.org", "subject": "Hello", "text": "Hi Anna"}
SECONDS = 40


@dataclass
class Shop:
    """The application, its worker and the catcher."""

    program: ModuleType
    folder: Path
    catcher: CatcherThread

    def subjects(self) -> list[str]:
        """What a courier delivers of all that tasks have handed in."""

        async def deliver() -> None:
            uri = self.catcher.uri
            async with Eilbote(data_dir=self.folder / "mail", connections={"office": uri}) as eilbote:
                await eilbote.deliver_due()

        asyncio.run(deliver())
        return sorted(caught.subject for caught in self.catcher.messages)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("celery")
    with catching() as catcher, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELERY_TEST_FOLDER", str(folder))
        patch.setenv("CELERY_TEST_URI", catcher.uri)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "src")]))
        program = importlib.import_module("tests.integration.celery_program")
        program.app.set_default()  # whatever application this process has had meanwhile
        program.app.set_current()
        with (folder / "log").open("wb") as log:
            worker = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "--app", "tests.integration.celery_program", "worker"),
                    *("--concurrency", "1", "--pool", "prefork", "--loglevel", "info"),
                    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
                ],
                cwd=folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield Shop(program, folder, catcher)
            finally:
                worker.send_signal(signal.SIGTERM)
                try:
                    worker.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    os.killpg(worker.pid, signal.SIGKILL)
                    worker.wait()


def test_a_task_hands_in_what_a_courier_delivers(shop: Shop) -> None:
    done = shop.program.send_email.delay(**LETTER, options={"connections": "office"}).get(timeout=SECONDS)

    assert done["is_new"] is True
    assert "Hello" in shop.subjects()


def test_a_task_that_is_delivered_twice_sends_once(shop: Shop) -> None:
    """A broker may deliver a task again, and a client that saw no answer may publish it again under its id."""
    letter = {**LETTER, "subject": "Twice"}
    first = shop.program.send_email.apply_async(kwargs=letter, task_id="order-17").get(timeout=SECONDS)
    shop.program.app.AsyncResult("order-17").forget()
    again = shop.program.send_email.apply_async(kwargs=letter, task_id="order-17").get(timeout=SECONDS)

    assert (first["is_new"], again["is_new"]) == (True, False)
    assert first["id"] == again["id"]
    assert shop.subjects().count("Twice") == 1


def test_a_task_that_is_retried_sends_each_of_its_letters_once(shop: Shop) -> None:
    assert shop.program.two_letters.delay().get(timeout=SECONDS) == [False, True]
    assert [each for each in shop.subjects() if each in {"First", "Second"}] == ["First", "Second"]


def test_a_worker_that_dies_between_handing_in_and_acknowledging_sends_once(shop: Shop) -> None:
    assert shop.program.once_lost.delay().get(timeout=SECONDS) is False
    assert shop.subjects().count("Lost") == 1


def test_a_draft_that_cannot_be_said_safely_fails_its_task(shop: Shop) -> None:
    done = shop.program.send_email.delay(**{**LETTER, "to": "a@example.org\nBcc: eve@example.org"})

    with pytest.raises(Exception, match=r"to at character \d+: .* Remove it"):
        done.get(timeout=SECONDS)
    assert done.state == "FAILURE"


def test_called_as_a_function_it_has_no_id_and_says_so(shop: Shop) -> None:
    with pytest.raises(DraftError, match="no id"):
        shop.program.send_email(**LETTER)
    accepted = shop.program.send_email(
        **{**LETTER, "subject": "Own key"}, options={"idempotency_key": "invoice-18"}
    )
    assert accepted["is_new"] is True
