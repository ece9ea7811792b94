"""Flows, connections, settings and subscriptions written together, in one transaction of one database: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.store import subscription_rows
from eilbote.store.connection_rows import ConnectionRows
from eilbote.store.draft_rows import FLOW_DRAFTS
from eilbote.store.secret_rows import SecretRows
from eilbote.store.setting_rows import SettingRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.history import FlowHistory
    from eilbote.author.notification.subscription import Subscription
    from eilbote.connections.stored import StoredConnection
    from eilbote.model.moment import Moment
    from eilbote.settings.scope import ScopeSettings
    from eilbote.store.key_ring import KeyRing
    from eilbote.store.record_database import RecordDatabase, Statements


class RestoringRows:
    """Writes to a database what was restored.

    Args:
        database: The database.
        key_ring: The keys for secrets.
    """

    def __init__(self, database: RecordDatabase, key_ring: KeyRing) -> None:
        self._database = database
        self._secrets = SecretRows(database, key_ring)
        self._connections = ConnectionRows(database, self._secrets)
        self._settings = SettingRows(database, self._secrets)

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.close()

    async def write(
        self,
        *,
        flows: Sequence[FlowHistory],
        connections: Sequence[StoredConnection],
        settings: Sequence[ScopeSettings],
        subscriptions: Sequence[Subscription],
        now: Moment,
    ) -> None:
        """Write all of it, or nothing.

        Raises:
            ConfigurationError: Somebody has changed something meanwhile; nothing was written.
            SecretKeyError: Secrets cannot be encrypted; nothing was written.
            OutboxUnavailableError: The database does not answer; nothing was written.
        """
        if any(one.secrets for one in connections) or any(said.secrets for said in settings):
            await self._secrets.prepare()

        async def work(db: Statements) -> None:
            for one in connections:
                await self._connections.keep_within(db, one, now)
            for said in settings:
                await self._settings.write_within(db, said, now)
            for each in subscriptions:
                if not await subscription_rows.keep(db, each):
                    raise subscription_rows.changed_meanwhile(each)
            for history in flows:
                await _keep_history(db, history, now)

        await self._database.transact(work)


async def _keep_history(db: Statements, history: FlowHistory, now: Moment) -> None:
    flow = history.flow
    for text in history.texts:
        flow = await FLOW_DRAFTS.keep(db, flow, text, now)
        await FLOW_DRAFTS.publish(db, flow.organization, flow.name, now)
        flow = await FLOW_DRAFTS.find(db, flow.organization, flow.name) or flow
    if history.draft is not None:
        await FLOW_DRAFTS.keep(db, flow, history.draft, now)
