"""What ``eilbote courier`` does: run a courier, listen for signals, sum up."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import typer

from eilbote.app import Eilbote, everybody_for
from eilbote.cli.at_desk import read_settings
from eilbote.cli.event_loop import begin_work
from eilbote.cli.event_loop import run as run_loop
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.log_output import write_log
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.signals import hear_signals
from eilbote.model.attempt import EventKind
from eilbote.record.log import EventLog
from eilbote.record.metrics import Metrics
from eilbote.record.report import Reports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config
    from eilbote.engine.everybody import Everybody

_TOLD: Final = (
    EventKind.ACCEPTED,
    EventKind.DEFERRED,
    EventKind.FAILED,
    EventKind.GAVE_UP,
    EventKind.IN_DOUBT,
)


def run(screen: Screen, *, data_dir: Path | None, once: bool, grace: float | None, log: str) -> None:
    """Deliver until a signal comes, or nothing is due any more.

    Raises:
        EilboteError: The settings cannot be used, or the outbox cannot be opened.
        typer.Exit: Mail is due that could not be sent (4).
    """
    config = read_settings(data_dir, screen)
    if grace is not None:
        config = replace(config, courier=replace(config.courier, grace_seconds=grace))
    write_log(log)
    metrics = Metrics()
    unserved = run_loop(_deliver(config, metrics, screen, once=once))
    with outliving_lost_output():
        _sum_up(metrics, screen, unserved)
    for name, reason in () if log == "json" else unserved.items():  # stderr is JSON then, and stdout tells it
        screen.note(printable(f"eilbote: mail is due that {name} could not take, and is kept: {reason}"))
    if unserved:
        raise typer.Exit(ExitCode.TEMPORARY)


async def _deliver(config: Config, metrics: Metrics, screen: Screen, *, once: bool) -> Mapping[str, str]:
    """Deliver; tell for which connections mail is due that could not be sent, and why."""
    async with Eilbote(config=config) as eilbote:
        working = everybody_for(eilbote, report=Reports(EventLog(), metrics))
        hear_signals(partial(_stop, working, screen))
        if not once and sys.stderr.isatty():
            screen.note(f"Delivering what is in {config.data_dir}. Ctrl-C ends it, a second one at once.")
        begin_work()
        await working.run(once=once)
    return working.unserved


def _stop(working: Everybody, screen: Screen) -> None:
    if sys.stderr.isatty():
        screen.note("Finishing what is on its way; once more ends it at once.")
    working.stop()


def _sum_up(metrics: Metrics, screen: Screen, unserved: Mapping[str, str]) -> None:
    counts = {kind.value: 0 for kind in _TOLD}
    for (kind, _), count in metrics.recipients.items():
        if kind in _TOLD:
            counts[kind.value] += count
    if screen.as_json:
        screen.data(counts | {"unserved": dict(unserved)})
        return
    told = [f"{count:,} {word.replace('_', ' ')}" for word, count in counts.items() if count]
    if told:
        screen.text(f"recipients: {', '.join(told)}")
    elif unserved:
        screen.text("nothing was sent, though mail is due")
    else:
        screen.text("nothing was due")
