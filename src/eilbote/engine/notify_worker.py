"""The loop that tells people: hands in what falls due, and looks for what eilbote raises events about by itself.

Any number of them may work on one database. None holds anything: what two of them do at once is the same message under the same name.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.engine.patience import Patience
from eilbote.engine.waiting import first_of
from eilbote.errors import EilboteError, OutboxError
from eilbote.model.attempt import EventKind
from eilbote.model.moment import later
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.engine.notify import Notifier
    from eilbote.engine.notify_health import HealthWatch
    from eilbote.engine.notify_watch import NotifyWatch
    from eilbote.model.attempt import Event
    from eilbote.model.clock import Clock
    from eilbote.record.report import Report

_POLL_SECONDS: Final = 15.0
"""How often it looks for what other processes have raised; what this process raises is told at once."""
_CONNECTIONS_SECONDS: Final = 60.0
_TOKENS_SECONDS: Final = 3600.0
_OUTBOX_SECONDS: Final = 300.0
_WATCHED_SECONDS: Final = 1800.0
"""Who has only just begun finds what nobody was there to deliver."""
_PRUNE_SECONDS: Final = 3600.0
_PRUNED_AT_ONCE: Final = 500
_PRUNED_BATCHES: Final = 20
_MOST_FAILED: Final = 10_000


class NotifyWorker:
    """Tells people; it is a :class:`~eilbote.record.report.Report` as well, and hears what a courier of its process does.

    Args:
        notifier: Keeps events and tells people.
        watch: Raises what eilbote sees by itself.
        health: Raises what it sees of its own health; nobody looks when ``None``.
        clock: Tells the time.
        report: Hears when somebody cannot be told.
        retention_seconds: How long events are kept.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        notifier: Notifier,
        watch: NotifyWatch,
        *,
        health: HealthWatch | None = None,
        clock: Clock,
        report: Report,
        retention_seconds: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._notifier = notifier
        self._watch = watch
        self._health = health
        self._clock = clock
        self._report = report
        self._retention_seconds = retention_seconds
        self._sleep = sleep
        self._failed: list[str] = []
        self._stopped: dict[str, None] = {}
        self._untold: list[Notice] = []
        self._at: dict[str, float] = {}
        self._is_stopped = False
        self._has_begun = False
        self._began: float | None = None
        self._nudged = asyncio.Event()

    # -- what others tell --------------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Say that somebody is to be told."""
        self._nudged.set()

    def stop(self) -> None:
        """End; what is due stays in the database."""
        self._is_stopped = True
        self._nudged.set()

    def happened(self, events: Sequence[Event]) -> None:
        """Hear that a connection rests from now on."""
        if any(event.kind is EventKind.CONNECTION_PAUSED for event in events):
            self._at.pop("connections", None)
            self._nudged.set()

    def noticed(self, notice: Notice) -> None:
        """Hear that a run has failed, or an instance stands still. One too many is found by looking."""
        match notice.kind:
            case NoticeKind.RUN_FAILED if notice.run and len(self._failed) < _MOST_FAILED:
                self._failed.append(notice.run)
            case NoticeKind.INSTANCE_INCIDENT | NoticeKind.INSTANCE_FAILED if (
                len(self._stopped) < _MOST_FAILED
            ):
                self._stopped[notice.instance] = None
            case NoticeKind.TASK_UNTOLD if len(self._untold) < _MOST_FAILED:
                self._untold.append(notice)
            case _:
                return
        self._nudged.set()

    # -- working -----------------------------------------------------------------------------------------------

    async def run(self, *, once: bool = False) -> int:
        """Tell people until :meth:`stop`; says how many messages were handed to the outbox.

        Args:
            once: End when everything that is due was handed in.
        """
        patience, told = Patience(), 0
        while not self._is_stopped:
            self._nudged.clear()
            try:
                await self._look_around()
                handed = await self._notifier.tell()
                told += handed.told
                if handed.reason:
                    kind = NoticeKind.NOTIFICATION_LOST if handed.given_up else NoticeKind.NOTIFICATION_WAITS
                    self._notice(kind, handed.reason, count=handed.given_up or handed.waiting)
                pause = await self._pause()
                patience.restore()
            except OutboxError as fault:
                if not patience.is_tried:
                    self._notice(NoticeKind.OUTBOX_UNAVAILABLE, str(fault))
                pause = patience.pause()
            except Exception as fault:  # noqa: BLE001 - whoever delivers mail beside it goes on
                self._notice(NoticeKind.UNFORESEEN, f"an unforeseen {type(fault).__name__}: {fault}")
                pause = patience.pause()
            if once and not self._nudged.is_set():
                return told
            await first_of(self._sleep(pause), self._nudged.wait())
        return told

    async def _look_around(self) -> None:
        try:
            await self._look()
        except OutboxError:
            raise
        except EilboteError as fault:  # what cannot be looked at keeps nobody else from being told
            self._notice(NoticeKind.UNFORESEEN, f"events cannot be raised for now: {fault}")

    async def _look(self) -> None:
        while self._failed:
            await self._watch.run_failed(self._failed[0])
            del self._failed[0]
        while self._stopped:
            await self._watch.instance_stopped(instance := next(iter(self._stopped)))
            self._stopped.pop(instance, None)
        while self._untold:
            await self._watch.task_untold(self._untold[0])
            del self._untold[0]
        if not self._has_begun:
            await self._watch.look_at_runs()
            await self._watch.look_at_instances()
            self._has_begun = True
        if self._is_time("connections", _CONNECTIONS_SECONDS):
            await self._watch.look_at_connections()
        if self._is_time("tokens", _TOKENS_SECONDS):
            await self._watch.look_at_tokens()
            if self._health is not None:
                await self._health.look_at_certificates()
        if self._health is not None and self._is_watching() and self._is_time("outbox", _OUTBOX_SECONDS):
            await self._health.look_at_outbox()
        if self._is_time("prune", _PRUNE_SECONDS):
            before = later(self._notifier.now(), -self._retention_seconds)
            for _ in range(_PRUNED_BATCHES):
                if await self._notifier.store.prune(before=before, limit=_PRUNED_AT_ONCE) < _PRUNED_AT_ONCE:
                    break

    def _is_watching(self) -> bool:
        """Tell whether it has been here for so long that mail which is due should have left."""
        now = self._clock.monotonic()
        self._began = now if self._began is None else self._began
        return now - self._began >= _WATCHED_SECONDS

    def _is_time(self, what: str, seconds: float) -> bool:
        now = self._clock.monotonic()
        if (last := self._at.get(what)) is not None and now - last < seconds:
            return False
        self._at[what] = now
        return True

    async def _pause(self) -> float:
        due = await self._notifier.store.next_due()
        if due is None:
            return _POLL_SECONDS
        return min(_POLL_SECONDS, max(0.05, (due - self._notifier.now()) / 1000))

    def _notice(self, kind: NoticeKind, text: str, *, count: int = 0) -> None:
        self._report.noticed(Notice(kind=kind, at=self._notifier.now(), text=text, count=count))
