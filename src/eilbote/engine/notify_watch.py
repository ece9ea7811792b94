"""What eilbote raises events about by itself: connections that rest, tokens that end, flows that failed, processes that stand still.

Each of them is seen in what is kept anyway, and its event has a name made of what was seen. So it does not matter who looks, how often,
and after which crash: it is raised once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import RunFilter
from eilbote.author.notification.event import new_event
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter
from eilbote.connections.repository import split_name
from eilbote.deliver.breaker import AFTER_OUTAGE, JITTER
from eilbote.engine.event_ids import event_id
from eilbote.engine.flow_view import in_full
from eilbote.engine.notify import ENDPOINT
from eilbote.engine.process.stopped import stopped, untold
from eilbote.errors import EilboteError, OutboxError
from eilbote.model.credentials import AccessToken
from eilbote.model.moment import as_datetime, later
from eilbote.model.oauth2 import OAuth2
from eilbote.model.severity import Severity
from eilbote.oauth2.token import token_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.author.flow.store import FlowStore, KeptRun
    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.process.store import ProcessStore
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.notify import Notifier
    from eilbote.model.moment import Moment
    from eilbote.oauth2.token import TokenStore
    from eilbote.outbox.store import Pause
    from eilbote.record.notice import Notice

OUTAGE_SECONDS: Final = 600.0
"""How long a server may not answer before anybody is told: most come back by themselves."""
TOKEN_SECONDS: Final = 3 * 86_400.0
"""How long before its end it is told that a token cannot be renewed."""
_LATELY_SECONDS: Final = 3600.0
_MOST_RUNS: Final = 100
_LONGEST: Final = 2_000
_SOURCE: Final = "courier"


class NotifyWatch:
    """Looks, and raises what it sees.

    Args:
        notifier: Keeps events and tells people.
        pauses: Gives the connections that rest.
        connections: Every connection by its name.
        tokens: What is known of tokens.
        flows: Where runs are kept; ``None`` when there are none.
        processes: Where instances are kept; ``None`` when there are none.
    """

    def __init__(
        self,
        notifier: Notifier,
        *,
        pauses: Callable[[], Awaitable[Sequence[Pause]]],
        connections: KnownConnections,
        tokens: TokenStore,
        flows: FlowStore | None = None,
        processes: ProcessStore | None = None,
    ) -> None:
        self._notifier = notifier
        self._pauses = pauses
        self._connections = connections
        self._tokens = tokens
        self._flows = flows
        self._processes = processes
        self._raised: dict[str, None] = {}

    async def look_at_connections(self) -> None:
        """Raise that connections rest.

        Raises:
            OutboxError: The database does not answer.
        """
        now = self._notifier.now()
        for pause in await self._pauses():
            if is_refusal(pause, now):
                event = paused(pause, wants_consent=await self._wants_consent(pause.connection))
            elif now >= later(pause.since, OUTAGE_SECONDS):
                event = unreachable(pause)
            else:
                continue
            # What goes through a connection that rests waits there as well; nobody would be told before it is over.
            await self._raise(event, quietly=pause.connection == ENDPOINT)

    async def look_at_tokens(self) -> None:
        """Raise that tokens end soon which nothing can renew.

        Raises:
            OutboxError: The database does not answer.
        """
        now = self._notifier.now()
        for name in await self._connections.stored.names():
            try:
                credentials = (await self._connections.find(name)).credentials
            except OutboxError:
                raise
            except EilboteError:
                continue  # one that cannot be used is told to whoever uses it
            if isinstance(credentials, AccessToken) and credentials.expires is not None:
                expires = credentials.expires
                if now < expires <= later(now, TOKEN_SECONDS):
                    await self._raise(expiring(name, expires, now))

    async def look_at_runs(self) -> None:
        """Raise that runs have failed lately, for those who ended while nobody listened.

        Raises:
            OutboxError: The database does not answer.
        """
        if self._flows is None:
            return
        since = later(self._notifier.now(), -_LATELY_SECONDS)
        for kept in await self._flows.runs(RunFilter(status=RunStatus.FAILED), limit=_MOST_RUNS):
            if kept.changed >= since:
                await self.run_failed(kept.id)

    async def run_failed(self, run_id: str) -> None:
        """Raise that a run has failed.

        Raises:
            OutboxError: The database does not answer.
        """
        kept = None if self._flows is None else await self._flows.run(run_id)
        if kept is not None and kept.status is RunStatus.FAILED and not kept.cancelled:
            await self._raise(failed(kept))

    async def look_at_instances(self) -> None:
        """Raise what has stopped instances lately, for those that stood still while nobody listened.

        Raises:
            OutboxError: The database does not answer.
        """
        if self._processes is None:
            return
        since = later(self._notifier.now(), -_LATELY_SECONDS)
        for which in (InstanceFilter(has_incident=True), InstanceFilter(status=InstanceStatus.FAILED)):
            for kept in await self._processes.instances(which, limit=_MOST_RUNS):
                if kept.changed >= since:
                    await self.instance_stopped(kept.id)

    async def instance_stopped(self, instance_id: str) -> None:
        """Raise the incidents of an instance, or that it has failed.

        Raises:
            OutboxError: The database does not answer.
        """
        kept = None if self._processes is None else await self._processes.instance(instance_id)
        if kept is not None:
            for event in stopped(kept):
                await self._raise(event)

    async def task_untold(self, notice: Notice) -> None:
        """Raise that somebody cannot be told of a task.

        Raises:
            OutboxError: The database does not answer.
        """
        await self._raise(untold(notice))

    async def _raise(self, event: SystemEvent, *, quietly: bool = False) -> None:
        if event.id in self._raised:
            return
        await self._notifier.raise_event(event, quietly=quietly)
        self._raised[event.id] = None
        if len(self._raised) > 10 * _MOST_RUNS:
            del self._raised[next(iter(self._raised))]

    async def _wants_consent(self, name: str) -> bool:
        try:
            credentials = (await self._connections.find(name)).credentials
            if not isinstance(credentials, OAuth2):
                return False
            record = await self._tokens.read(token_key(credentials))
        except OutboxError:
            raise
        except EilboteError:
            return False
        return record is not None and bool(record.refusal)


def is_refusal(pause: Pause, now: Moment) -> bool:
    """Tell whether somebody has to change something: then a connection rests far longer than for an outage."""
    return pause.until > later(now, AFTER_OUTAGE.longest_seconds * (1 + JITTER))


def paused(pause: Pause, *, wants_consent: bool) -> SystemEvent:
    """Say that a server refuses a connection as it is set up."""
    kind = "connection.consent_needed" if wants_consent else "connection.paused"
    return _of_pause(pause, kind, Severity.ERROR)


def unreachable(pause: Pause) -> SystemEvent:
    """Say that a server has not answered for a while."""
    return _of_pause(pause, "connection.unreachable", Severity.WARNING)


def _of_pause(pause: Pause, kind: str, severity: Severity) -> SystemEvent:
    organization, _ = split_name(pause.connection)
    return new_event(
        kind,
        id=event_id(kind, pause.connection, str(pause.since)),
        at=pause.since,
        severity=severity,
        organization=organization,
        detail=pause.reason[:_LONGEST],
        data={"connection": pause.connection},
        key=pause.connection,
        source=_SOURCE,
    )


def expiring(name: str, expires: Moment, now: Moment) -> SystemEvent:
    """Say that a token ends soon."""
    organization, _ = split_name(name)
    return new_event(
        "token.expiring",
        id=event_id("token.expiring", name, str(expires)),
        at=now,
        severity=Severity.WARNING,
        organization=organization,
        data={"connection": name, "until": f"{as_datetime(expires):%Y-%m-%d %H:%M} UTC"},
        key=name,
        source=_SOURCE,
    )


def failed(kept: KeptRun) -> SystemEvent:
    """Say that a run of a flow has failed."""
    error = in_full(kept).error or {}
    said = {name: str(error.get(name) or "")[:_LONGEST] for name in ("node", "message", "cause", "remedy")}
    return new_event(
        "flow.failed",
        id=event_id("flow.failed", kept.id),
        at=kept.changed,
        severity=Severity.ERROR,
        organization=kept.organization,
        detail="\n".join(text for text in (said["message"], said["cause"]) if text),
        data={"flow": kept.flow, "run": kept.id, "node": said["node"], "remedy": said["remedy"]},
        key=kept.flow[:300],
        source=_SOURCE,
    )
