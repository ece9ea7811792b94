"""One run of a courier under one name: what it works with, its lease, and how it tells what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.engine.mail_rules import NO_RULES
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.engine.courier_options import CourierOptions
    from eilbote.engine.lease import Lease
    from eilbote.engine.mail_rules import MailRules
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.clock import Clock
    from eilbote.model.ids import CourierId, EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import BlobStore, OutboxStore
    from eilbote.record.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What everybody who works for a courier needs, as long as it has one name and one lease.

    Attributes:
        courier: The name.
        lease: Until when anything may be claimed or begun.
        store: Where the entries are.
        blobs: Where their large parts are.
        options: What the operator chose.
        clock: Tells the time.
        wall_clock: Tells how far that can be gone by.
        random: Gives numbers from 0 up to 1, to scatter retries.
        sleep: Waits for seconds.
        report: Hears what happened.
        rules: What everybody keeps to.
    """

    courier: CourierId
    lease: Lease
    store: OutboxStore
    blobs: BlobStore
    options: CourierOptions
    clock: Clock
    wall_clock: WallClock
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    report: Report
    rules: MailRules = NO_RULES

    def now(self) -> Moment:
        """Give the wall-clock time as it is stored."""
        return self.wall_clock.now()

    def notice(
        self,
        kind: NoticeKind,
        text: str = "",
        *,
        entry: EntryId | None = None,
        connection: str = "",
        count: int = 0,
    ) -> None:
        """Tell an operator something."""
        self.report.noticed(
            Notice(
                kind=kind,
                at=self.now(),
                text=text,
                courier=self.courier,
                entry=entry,
                connection=connection,
                count=count,
            )
        )
