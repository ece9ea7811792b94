"""Everything that is kept beside an outbox: records, flows, notifications, accounts and more; in its database, or in memory as it is."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol

from eilbote.store.lazy_records import LazyRecords

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eilbote.accounts.store import AccountStore
    from eilbote.author.flow.store import FlowStore
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.process.store import ProcessStore
    from eilbote.author.questions import QuestionStore
    from eilbote.record.suppression import SuppressionStore
    from eilbote.record.webhook_store import WebhookStore
    from eilbote.settings.records import Records
    from eilbote.store.restoring import RestoringRows
    from eilbote.store.shared_database import SharedDatabase


class Closed(Protocol):
    """What is closed in the end."""

    async def close(self) -> None:
        """Let go of the database."""
        ...


class Beside:
    """Each is opened when it is first asked something, and all share one opening of the database.

    Args:
        url: The database; ``None`` keeps everything in memory.
        data_dir: Where keys are.
        environment: Where keys may be as well.
        busy_seconds: How long to wait while nothing can be stored.
        records: Other records than those in the database.
        flows: Another place for flows than the database.
        processes: Another place for processes than the database.
    """

    def __init__(
        self,
        url: str | None,
        *,
        data_dir: Path,
        environment: Mapping[str, str],
        busy_seconds: float = 5.0,
        records: Records | None = None,
        flows: FlowStore | None = None,
        processes: ProcessStore | None = None,
    ) -> None:
        self._url = url
        self._data_dir = data_dir
        self._environment = environment
        self._busy_seconds = busy_seconds
        self._given_records = records
        self._flows = flows
        self._given_flows = flows is not None
        self._processes = processes
        self._restoring: RestoringRows | None = None
        self._questions: QuestionStore | None = None
        self._notifications: NotificationStore | None = None
        self._accounts: AccountStore | None = None
        self._webhooks: WebhookStore | None = None
        self._suppressions: SuppressionStore | None = None
        self._own: list[Closed] = []
        self._shared: SharedDatabase | None = None
        self.records = LazyRecords(self._make_records)

    @property
    def flows(self) -> FlowStore:
        """Flows and their runs."""
        if self._flows is None:
            if self._url is None:
                from eilbote.store.memory_flows import MemoryFlows

                self._flows = MemoryFlows()
            else:
                from eilbote.store.open_flows import flows_in

                self._flows = flows = flows_in(self._database(self._url), self._url)
                self._own.append(flows)
        return self._flows

    @property
    def processes(self) -> ProcessStore:
        """Processes, communication routes and process instances."""
        if self._processes is None:
            if self._url is None:
                from eilbote.store.memory_processes import MemoryProcesses

                self._processes = MemoryProcesses()
            else:
                from eilbote.store.open_flows import processes_in

                self._processes = processes = processes_in(self._database(self._url), self._url)
                self._own.append(processes)
        return self._processes

    @property
    def questions(self) -> QuestionStore:
        """What runs have asked people."""
        if self._questions is None:
            if self._url is None:
                from eilbote.store.memory_questions import MemoryQuestions

                self._questions = MemoryQuestions()
            else:
                from eilbote.store.question_rows import QuestionRows

                self._questions = rows = QuestionRows(self._database(self._url).handle())
                self._own.append(rows)
        return self._questions

    @property
    def notifications(self) -> NotificationStore:
        """What has happened, and who is told."""
        if self._notifications is None:
            if self._url is None:
                from eilbote.store.memory_notifications import MemoryNotifications

                self._notifications = MemoryNotifications()
            else:
                from eilbote.store.notification_rows import NotificationRows

                self._notifications = rows = NotificationRows(self._database(self._url).handle())
                self._own.append(rows)
        return self._notifications

    @property
    def accounts(self) -> AccountStore:
        """Organizations, people, keys, sessions, and the book of who did what."""
        if self._accounts is None:
            if self._url is None:
                from eilbote.store.memory_accounts import MemoryAccounts

                self._accounts = MemoryAccounts()
            else:
                from eilbote.store.account_rows import AccountRows

                self._accounts = rows = AccountRows(self._database(self._url).handle())
                self._own.append(rows)
        return self._accounts

    @property
    def webhooks(self) -> WebhookStore:
        """Webhooks and their deliveries."""
        if self._webhooks is None:
            if self._url is None:
                from eilbote.store.memory_webhooks import MemoryWebhooks

                self._webhooks = MemoryWebhooks()
            else:
                from eilbote.store.key_ring import ring_of
                from eilbote.store.open_flows import webhooks_in

                ring = ring_of(self._environment, self._data_dir)
                self._webhooks = rows = webhooks_in(self._database(self._url), self._url, ring)
                self._own.append(rows)
        return self._webhooks

    @property
    def suppressions(self) -> SuppressionStore:
        """Who gets no mail from us."""
        if self._suppressions is None:
            if self._url is None:
                from eilbote.store.memory_suppressions import MemorySuppressions

                self._suppressions = MemorySuppressions()
            else:
                from eilbote.store.suppression_rows import SuppressionRows

                self._suppressions = rows = SuppressionRows(self._database(self._url).handle())
                self._own.append(rows)
        return self._suppressions

    @property
    def restoring(self) -> RestoringRows | None:
        """What writes to all of them in one transaction; ``None`` when they are not all in the database."""
        if self._url is None or self._given_records is not None or self._given_flows:
            return None
        if self._restoring is None:
            from eilbote.store.key_ring import ring_of
            from eilbote.store.restoring import RestoringRows

            ring = ring_of(self._environment, self._data_dir)
            self._restoring = rows = RestoringRows(self._database(self._url).handle(), ring)
            self._own.append(rows)
        return self._restoring

    async def close(self) -> None:
        """Finish what was begun, and let go of the database."""
        async with AsyncExitStack() as stack:  # whatever one of them raises, the others are closed
            stack.push_async_callback(self.records.close)
            for each in self._own:
                stack.push_async_callback(each.close)

    def _make_records(self) -> Records:
        if self._given_records is not None:
            return self._given_records
        if self._url is None:
            from eilbote.store.memory_records import MemoryRecords

            return MemoryRecords()
        from eilbote.store.key_ring import ring_of
        from eilbote.store.records import DatabaseRecords

        ring = ring_of(self._environment, self._data_dir)
        return DatabaseRecords(self._database(self._url).handle(), ring)

    def _database(self, url: str) -> SharedDatabase:
        if self._shared is None:
            from eilbote.store.open_flows import share_database

            self._shared = share_database(url, busy_seconds=self._busy_seconds)
        return self._shared
