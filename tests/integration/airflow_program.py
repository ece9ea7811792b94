"""Runs in the environment of Airflow: a DAG whose task fails, its callbacks, and the notifier as Airflow calls it.

Arguments: the folder of the outbox. It prints what the notifier left there, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace

from airflow.sdk import DAG, BaseNotifier, task

from eilbote import Eilbote
from eilbote.adapters.airflow import EilboteNotifier

FOLDER = sys.argv[1]
HOSTILE = "no {{ 7 * 7 }} <data> today"
OUTBOX = {
    "data_dir": FOLDER,
    "connections": {"office": "smtp://127.0.0.1:1?starttls=never&from=air@example.org"},
}


def notifier(**fields: object) -> EilboteNotifier:
    """One as a DAG's author makes it."""
    return EilboteNotifier(to="{{ dag.dag_id }}@example.org", connection="office", outbox=OUTBOX, **fields)


with DAG("nightly", schedule=None, on_failure_callback=notifier(subject="Run {{ run_id }} failed")) as dag:

    @task(on_failure_callback=notifier())
    def load() -> None:
        """Never ends well."""
        raise ValueError(HOSTILE)

    load()


def context(**fields: object) -> dict[str, object]:
    """What Airflow tells a callback of a task; the exception speaks like a template."""
    told = SimpleNamespace(
        dag_id="nightly",
        run_id="manual__1",
        task_id="load",
        map_index=-1,
        try_number=2,
        state="failed",
        log_url="http://127.0.0.1:8080/log",
    )
    said = {"dag": dag, "ti": told, "run_id": "manual__1", "exception": ValueError(HOSTILE)}
    return {**said, **fields}


async def kept() -> list[dict[str, object]]:
    """What lies in the outbox."""
    async with Eilbote(data_dir=FOLDER) as eilbote:
        return [
            {
                "subject": entry.subject,
                "to": [each.address for each in entry.recipients],
                "said": (await eilbote.message(entry.id)).octets().decode(),
            }
            for entry in await eilbote.entries()
        ]


assert issubclass(EilboteNotifier, BaseNotifier)
page = (Path(__file__).parents[2] / "docs" / "howto" / "airflow.md").read_text()
exec(page.split("```text\n", 1)[1].split("```", 1)[0], {})  # noqa: S102 - the DAG of the page can be made
one = notifier()
one(context())
one(context())  # Airflow runs a callback again when its own worker was lost
one(context(run_id="manual__2", ti=SimpleNamespace(**{**vars(context()["ti"]), "run_id": "manual__2"})))
notifier(subject="Run {{ run_id }} failed")(context(ti=None, reason="task_failure"))


async def awaited() -> None:
    """As the triggerer does."""
    await notifier(subject="Awaited", context=context())


asyncio.run(awaited())
try:
    notifier(subject="x", from_="a@example.org\nBcc: eve@example.org")(context())
except ValueError as fault:
    refused = type(fault).__name__
sys.stdout.write(json.dumps({"kept": asyncio.run(kept()), "refused": refused}))
