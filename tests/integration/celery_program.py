"""A Celery application for tests, with a broker that is a folder; a worker of it is started as a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

from celery import Celery

from eilbote import Draft
from eilbote.adapters.celery import MailTask, send_email

__all__ = ["app", "once_lost", "send_email", "two_letters"]

FOLDER = Path(os.environ["CELERY_TEST_FOLDER"])
for name in ("queue", "processed", "results", "control"):
    (FOLDER / name).mkdir(parents=True, exist_ok=True)

app = Celery(
    "shop",
    broker="filesystem://",
    backend=f"file://{FOLDER / 'results'}",
)
app.conf.update(
    broker_transport_options={
        "data_folder_in": str(FOLDER / "queue"),
        "data_folder_out": str(FOLDER / "queue"),
        "processed_folder": str(FOLDER / "processed"),
        "control_folder": str(FOLDER / "control"),
    },
    task_acks_late=True,
    worker_hijack_root_logger=False,
    eilbote={"data_dir": FOLDER / "mail", "connections": {"office": os.environ["CELERY_TEST_URI"]}},
)
app.set_default()


@app.task(bind=True, base=MailTask, name="shop.two_letters", default_retry_delay=0, max_retries=1)
def two_letters(self: MailTask) -> list[bool]:
    """Sends two letters, breaks after the first one, and is retried as a whole."""
    first = self.submit(_letter("First"), "first")
    if self.request.retries == 0:
        raise self.retry(countdown=0)
    return [first.is_new, self.submit(_letter("Second"), "second").is_new]


@app.task(bind=True, base=MailTask, name="shop.once_lost", acks_late=True, reject_on_worker_lost=True)
def once_lost(self: MailTask) -> bool:
    """Sends a letter, and takes its worker process down with it the first time."""
    accepted = self.submit(_letter("Lost"))
    mark = FOLDER / "was-lost"
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return accepted.is_new


def _letter(subject: str) -> Draft:
    return Draft(from_="shop@example.org", to="anna@example.org", subject=subject, text="Hello")
