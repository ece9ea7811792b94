"""Writes what was restored through the ports, one item after the other: where there is no transaction around all of them.

So it is in memory, and beside stores of a program's own. Everything was checked before, so only a store that fails, or somebody
who changes the same thing at the same time, can end it half-way; then it is told what was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.history import FlowHistory
    from eilbote.author.flow.store import FlowStore
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.subscription import Subscription
    from eilbote.connections.stored import StoredConnection
    from eilbote.model.moment import Moment
    from eilbote.settings.records import Records
    from eilbote.settings.scope import ScopeSettings


class InTurn:
    """Writes one after the other.

    Args:
        flows: Flows.
        records: Connections and settings.
        notifications: Subscriptions.
    """

    def __init__(self, *, flows: FlowStore, records: Records, notifications: NotificationStore) -> None:
        self._flows = flows
        self._records = records
        self._notifications = notifications

    async def write(
        self,
        *,
        flows: Sequence[FlowHistory],
        connections: Sequence[StoredConnection],
        settings: Sequence[ScopeSettings],
        subscriptions: Sequence[Subscription],
        now: Moment,
    ) -> None:
        """Write all of it.

        Raises:
            EilboteError: Something could not be written; the cause tells what was before.
        """
        written: list[str] = []
        try:
            for one in connections:
                await self._records.connections.keep(one, now=now)
                written.append(f"the connection {one.qualified_name}")
            for said in settings:
                await self._records.settings.write(said, now=now)
                written.append(f"the settings of {said.organization or 'the host'}")
            for each in subscriptions:
                await self._notifications.keep_subscription(each)
                written.append(f"the subscription {each.id}")
            for history in flows:
                await self._keep_history(history, now)
                written.append(f"the flow {history.flow.name}")
        except EilboteError as fault:
            done = (
                f"Written before that, and kept: {', '.join(written)}" if written else "Nothing was written"
            )
            fault.cause = ". ".join(filter(None, ((fault.cause or "").rstrip("."), done)))
            raise

    async def _keep_history(self, history: FlowHistory, now: Moment) -> None:
        flow = history.flow
        for text in history.texts:
            flow = await self._flows.keep_draft(flow, text, now=now)
            await self._flows.publish(flow.organization, flow.name, now=now)
            flow = await self._flows.flow(flow.organization, flow.name) or flow
        if history.draft is not None:
            await self._flows.keep_draft(flow, history.draft, now=now)
