"""What ``eilbote doctor`` looks at of the outbox: the database, the keys, who delivers, what rests or waits, the connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.cli.printable import counted
from eilbote.errors import ConnectionNotFoundError, EilboteError
from eilbote.model.moment import as_datetime, moment_of
from eilbote.model.status import EntryState
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from datetime import datetime

    from eilbote.app import Eilbote
    from eilbote.cli.diagnosis import Diagnosis

_LATE_MILLISECONDS: Final = 5 * 60 * 1000
_FINISHED: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})


async def check_entries(found: Diagnosis, eilbote: Eilbote) -> datetime | None:
    """See whether the outbox answers, and whether anybody delivers; gives when its newest message was accepted.

    Raises:
        OutboxError: It does not answer.
    """
    now = moment_of(eilbote.clock.now())
    figures = await eilbote.store.figures(now)
    waiting = sum(count for state, count in figures.entries.items() if state not in _FINISHED)
    found.well(
        "database", f"It answers and is of this eilbote's form; {counted(waiting, 'message')} to be sent."
    )
    alive = [each for each in await eilbote.store.couriers() if not each[2]]
    if alive:
        found.well("courier", f"{counted(len(alive), 'courier')} on this outbox.")
    elif waiting:
        found.problem("courier", "Nobody delivers.", "Start 'eilbote serve', or 'eilbote courier'")
    else:
        found.warn("courier", "Nobody would deliver.", "Start 'eilbote serve', or 'eilbote courier'")
    if figures.oldest_due is not None and now - figures.oldest_due > _LATE_MILLISECONDS:
        found.warn(
            "queue",
            f"Mail is due since {as_datetime(figures.oldest_due).isoformat(timespec='seconds')}, and is not sent.",
            "See what rests ('eilbote outbox stats'), and whether the limits of its connection are too narrow",
        )
    if held := figures.entries.get(EntryState.HELD, 0):
        found.warn(
            "queue",
            f"{counted(held, 'message')} held back until somebody decides.",
            "See 'eilbote outbox list --state held', then release or cancel them",
        )
    for pause in await eilbote.store.pauses():
        found.problem(
            f"connection {pause.connection}",
            f"It rests: {pause.reason}",
            f"Mend the cause, then: eilbote connection resume {pause.connection}",
        )
    newest = await eilbote.store.entries(EntryFilter(), limit=1)
    return as_datetime(newest[0].accepted) if newest else None


async def check_keys(found: Diagnosis, eilbote: Eilbote) -> None:
    """See whether stored secrets can be read."""
    try:
        await eilbote.records.open()
    except EilboteError as fault:
        found.fault("keys", fault)
    else:
        found.well("keys", "Stored secrets can be read.")


async def check_way_out(found: Diagnosis, eilbote: Eilbote) -> None:
    """See whether mail that names no connection would find one."""
    about = "connections"
    if eilbote.config.capture.enabled:
        found.well(about, "Mail is captured, and needs none.")
        return
    try:
        name = await eilbote.connections.default()
        await eilbote.connections.find(name)
    except ConnectionNotFoundError:
        others = [each for each in await eilbote.connections.stored.names() if "/" in each]
        if others:
            found.well(about, "The host has none; organizations have their own.")
        else:
            found.warn(
                about,
                "There is no connection to a mail server: nothing can be sent.",
                "Add one: eilbote connection add NAME --service ..., or POST /api/v1/connections",
            )
    except EilboteError as fault:  # whoever names one can send
        found.warn(about, f"Mail that names none cannot be sent: {fault}", fault.remedy or "Choose a default")
    else:
        found.well(about, f"Mail that names none goes through {name}.")


async def check_connections(found: Diagnosis, eilbote: Eilbote) -> None:
    """Try every connection as far as signing in; sends no mail."""
    for name in await eilbote.connections.names():
        about = f"connection {name}"
        try:
            probe = await eilbote.test(name)
        except EilboteError as fault:
            found.fault(about, fault)
            continue
        if probe.error is None:
            found.well(about, "The server takes our sign-in.")
        else:
            found.fault(about, probe.error)
