"""What the exercises are played with: a store of processes that is empty at first, instances to keep, and what happens to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import (
    KeptInstance,
    KeptTrigger,
    KeptWait,
    ProcessStart,
    StartKind,
    StoredProcess,
    WaitKind,
)
from eilbote.author.process.route.route import StoredRoute
from eilbote.model.ids import EntryId
from eilbote.testing.work_exercises.scene import NOW, at, take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.kept import ProcessVersion
    from eilbote.author.process.store import ProcessStore
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

Kept: TypeAlias = "Callable[[], ProcessStore]"
"""Gives handles on the same store, which is empty at first; several may be in use at once, and who gives them closes them."""

Exercise: TypeAlias = Callable[[Kept], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when the store does not keep it."""

TEXT: Final = '{"bpmn":"<definitions/>","settings":""}'
ENTRY: Final = EntryId(NOW << 20)


def state(name: str, given: Mapping[str, Data] | None = None) -> dict[str, Data]:
    """Give the state of an instance; to a store it is a table like any other."""
    return {"id": name, "data": dict(given or {})}


def new_instance(
    name: str,
    *,
    organization: str = "",
    process: str = "order",
    correlation: str | None = None,
    given: Mapping[str, Data] | None = None,
    due: float | None = 0.0,
    began: float = 0.0,
    text: str = TEXT,
) -> KeptInstance:
    """Give an instance to be begun."""
    return KeptInstance(
        id=name,
        organization=organization,
        process=process,
        version=1,
        text=text,
        correlation=name if correlation is None else correlation,
        author="exercise",
        status=InstanceStatus.RUNNING,
        state=state(name, given),
        due=None if due is None else at(due),
        began=at(began),
        changed=at(began),
    )


def new_process(name: str, *, organization: str = "") -> StoredProcess:
    """Give a process that is not kept yet."""
    return StoredProcess(
        organization=organization, name=name, draft=None, published=0, changed=NOW, revision=0
    )


def new_route(message_name: str, *, organization: str = "", text: str = "title: Order") -> StoredRoute:
    """Give a route that is not kept yet."""
    return StoredRoute(organization=organization, message_name=message_name, text=text, changed=NOW)


def on_message(element: str, message: str) -> ProcessStart:
    """Give a start event that a message begins; whose it is says who publishes it."""
    return ProcessStart(organization="", process="", element=element, kind=StartKind.MESSAGE, message=message)


def on_timer(element: str, due: float) -> ProcessStart:
    """Give a start event that a timer begins."""
    return ProcessStart(organization="", process="", element=element, kind=StartKind.TIMER, due=at(due))


def message_wait(name: str, correlation: str = "", *, key: str = "catch") -> KeptWait:
    """Wait for a message."""
    return KeptWait(kind=WaitKind.MESSAGE, key=key, name=name, correlation=correlation)


def task_wait(title: str, *, key: str = "task", due: float | None = None) -> KeptWait:
    """Wait for a person."""
    return KeptWait(kind=WaitKind.TASK, key=key, name=title, due=None if due is None else at(due))


def mail_wait(entry: EntryId = ENTRY, *, key: str = "send") -> KeptWait:
    """Wait for a message of the outbox."""
    return KeptWait(kind=WaitKind.MAIL, key=key, entry=entry)


def trigger(name: str, *, when: float = 0.0, data: Mapping[str, Data] | None = None) -> KeptTrigger:
    """Give something that happens."""
    return KeptTrigger(id=name, data=dict(data or {"said": name}), at=at(when))


async def publish(
    store: ProcessStore,
    name: str,
    *starts: ProcessStart,
    organization: str = "",
    text: str | None = None,
    now: Moment = NOW,
) -> ProcessVersion:
    """Publish the draft that is there, or this text."""
    process = await store.process(organization, name)
    if text is not None:
        process = await store.keep_draft(
            process or new_process(name, organization=organization), text, now=now
        )
    revision = process.revision if process else 1
    return await store.publish(organization, name, revision=revision, starts=starts, now=now)


async def begun(
    store: ProcessStore, name: str, *waits: KeptWait, due: float | None = None, organization: str = ""
) -> KeptInstance:
    """Begin an instance and let it wait."""
    await store.begin(new_instance(name, organization=organization))
    [instance] = await take(store, only=[name])
    waiting = replace(instance, waits=waits, due=None if due is None else at(due))
    return await store.keep(waiting, holds=False, now=at(1))


def happened(instance: KeptInstance | None) -> list[str]:
    """Name what has happened to an instance."""
    return [] if instance is None else [each.id for each in instance.triggers]
