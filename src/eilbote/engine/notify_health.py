"""What eilbote raises about its own health: certificates that end soon, and an outbox from which nothing leaves."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.event import new_event
from eilbote.connections.repository import split_name
from eilbote.engine.event_ids import event_id
from eilbote.engine.notify import ENDPOINT
from eilbote.errors import EilboteError, OutboxError
from eilbote.model.moment import as_datetime, later, moment_of
from eilbote.model.severity import Severity
from eilbote.model.status import EntryState
from eilbote.net.certificate import read_certificate
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.notification.event import SystemEvent
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.notify import Notifier
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.store import OutboxStore, Pause

CERTIFICATE_DAYS: Final = (14, 3, 1)
"""How many days before its end it is told that a certificate ends; then once more, and once more."""
STALLED_SECONDS: Final = 1800.0
"""How long mail may be due, through a connection that does not rest, before it is told that nothing leaves."""
_DAY: Final = 86_400.0
_LOUD_DAYS: Final = 3
_LOOKED_AT: Final = 50
_LARGEST_FILE: Final = 1 << 20
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----\s*([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")
_SOURCE: Final = "courier"


class HealthWatch:
    """Looks, and raises what it sees; whoever looks, and however often, each is raised once.

    Args:
        notifier: Keeps events and tells people.
        outbox: Gives the outbox, open.
        connections: Every connection by its name.
        certificates: PEM files of certificates that eilbote itself shows, by what they are for.
    """

    def __init__(
        self,
        notifier: Notifier,
        *,
        outbox: Callable[[], OutboxStore],
        connections: KnownConnections,
        certificates: Mapping[str, str],
    ) -> None:
        self._notifier = notifier
        self._outbox = outbox
        self._connections = connections
        self._certificates = certificates

    async def look_at_outbox(self) -> None:
        """Raise that mail is due and nothing leaves, though its connection does not rest.

        Raises:
            OutboxError: The database does not answer.
        """
        outbox, now = self._outbox(), self._notifier.now()
        waiting = await outbox.entries(
            EntryFilter(states=(EntryState.QUEUED,)), limit=_LOOKED_AT, newest_first=False
        )
        stalled = stalled_entry(waiting, await outbox.pauses(), now)
        if stalled is not None:
            figures = await outbox.figures(now)
            count = figures.entries.get(EntryState.QUEUED, 0)
            # what tells people leaves through the same outbox: it comes late, but others may look
            await self._notifier.raise_event(stalling(stalled, count, now))

    async def look_at_certificates(self) -> None:
        """Raise that certificates end soon: those eilbote shows as a server, and those it shows to servers.

        Raises:
            OutboxError: The database does not answer.
        """
        now = self._notifier.now()
        for name, path in {**self._certificates, **await self._shown_to_servers()}.items():
            ends = await asyncio.to_thread(end_of_certificate, Path(path))
            if ends is not None and (days := days_left(ends, now)) is not None:
                await self._notifier.raise_event(ending(name, ends, now, days=days))

    async def _shown_to_servers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in await self._connections.stored.names():
            try:
                connection = await self._connections.find(name)
            except OutboxError:
                raise
            except EilboteError:
                continue  # one that cannot be used is told to whoever uses it
            if connection.tls.client_certificate:
                found[name] = connection.tls.client_certificate
        return found


def stalled_entry(waiting: Sequence[Entry], pauses: Sequence[Pause], now: Moment) -> Entry | None:
    """Give an entry that is due for long though its connection does not rest; ``None`` when there is none.

    What goes through the connection of notifications is left out: nobody would be told before it leaves.
    """
    resting = {pause.connection for pause in pauses if pause.until > now} | {ENDPOINT}
    since = later(now, -STALLED_SECONDS)
    return next(
        (
            entry
            for entry in waiting
            if entry.due < since and not entry.transmitting and entry.connection not in resting
        ),
        None,
    )


def stalling(entry: Entry, waiting: int, now: Moment) -> SystemEvent:
    """Say that nothing leaves the outbox; once for each day on which it stands still."""
    return new_event(
        "outbox.stalled",
        id=event_id("outbox.stalled", f"{as_datetime(now):%Y-%m-%d}"),
        at=now,
        severity=Severity.FATAL,
        data={
            "waiting": waiting,
            "connection": entry.connection,
            "since": f"{as_datetime(entry.due):%Y-%m-%d %H:%M} UTC",
        },
        key="outbox",
        source=_SOURCE,
    )


def ending(name: str, ends: Moment, now: Moment, *, days: int) -> SystemEvent:
    """Say that a certificate ends within some days."""
    organization, _ = split_name(name) if "/" in name else ("", name)
    return new_event(
        "certificate.expiring",
        id=event_id("certificate.expiring", name, str(ends), str(days)),
        at=now,
        severity=Severity.ERROR if days <= _LOUD_DAYS else Severity.WARNING,
        organization=organization,
        data={"name": name, "until": f"{as_datetime(ends):%Y-%m-%d %H:%M} UTC"},
        key=f"{name}/{days}",
        source=_SOURCE,
    )


def days_left(ends: Moment, now: Moment) -> int | None:
    """Give within how many of :data:`CERTIFICATE_DAYS` a certificate ends; ``None`` while there is time."""
    return min((days for days in CERTIFICATE_DAYS if ends <= later(now, days * _DAY)), default=None)


def end_of_certificate(path: Path) -> Moment | None:
    """Give when the first certificate of a PEM file ends; ``None`` when it cannot be read: whoever uses it says why."""
    try:
        with path.open("rb") as file:
            found = _PEM.search(file.read(_LARGEST_FILE))
        read = None if found is None else read_certificate(base64.b64decode(found[1]))
    except (OSError, ValueError, binascii.Error):
        return None
    return None if read is None else moment_of(read.not_after)
