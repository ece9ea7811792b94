"""An outbox that kills its own process at a chosen call, before it reaches the database or after it has committed."""

import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from eilbote.author.flow.store import FlowStore
from eilbote.author.process.store import ProcessStore
from eilbote.model.ids import EntryId
from eilbote.outbox.entry import Acceptance, NewEntry
from eilbote.outbox.store import OutboxStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """When to die: ``accept:after:3`` is behind the commit of the third call of ``accept``."""

    method: str
    is_after: bool
    call: int

    @classmethod
    def read(cls, text: str) -> "Fate":
        method, when, call = text.split(":")
        return cls(method=method, is_after={"before": False, "after": True}[when], call=int(call))


class KillingStore:
    """Wraps a store; only the chosen method is anything but the store's own."""

    def __init__(self, store: OutboxStore | FlowStore | ProcessStore, fate: Fate) -> None:
        self._store = store
        self._fate = fate
        self._calls = 0

    def __getattr__(self, name: str) -> object:
        own = getattr(self._store, name)
        if name != self._fate.method:
            return own
        return self._fatal(cast("Callable[..., Awaitable[object]]", own))

    def _fatal(self, own: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def call(*arguments: object, **named: object) -> object:
            self._calls += 1
            is_due = self._calls == self._fate.call
            if is_due and not self._fate.is_after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = await own(*arguments, **named)
            if is_due:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call


class ForgetfulStore:
    """An outbox that forgets to note what is on its way: what these tests must find, or they prove nothing."""

    def __init__(self, store: OutboxStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def transmit(self, claims: Sequence[tuple[EntryId, int]]) -> list[bool]:
        return [True] * len(claims)


class NamelessStore:
    """An outbox that forgets under which name a message was handed in: what the tests of flows must find, or they prove nothing."""

    def __init__(self, store: OutboxStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        return await self._store.accept(tuple(replace(entry, idempotency_key=None) for entry in entries))
