"""Processes and their instances as they are kept: nouns of :mod:`eilbote.author.process.store`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.author.process.instance import InstanceStatus
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

UNREADABLE: Final = "unreadable"
"""The field of a state in which a store says what of an instance it could not read; there is no other beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProcess:
    """A process by its name.

    Attributes:
        organization: Whose; empty for the host's own.
        name: What it is called.
        draft: The text that is worked on; ``None`` when there is none beside the published one.
        published: The number of the latest published version; 0 when there is none.
        changed: When draft or version were last changed.
        revision: Grows with each change; 0 for one that is not kept yet.
    """

    organization: str
    name: str
    draft: str | None
    published: int
    changed: Moment
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessVersion:
    """A published version of a process; it never changes.

    Attributes:
        organization: Whose.
        name: Of which process.
        version: Its number, from 1.
        text: Diagram and settings.
        published: When.
    """

    organization: str
    name: str
    version: int
    text: str
    published: Moment


class StartKind(StrEnum):
    """What begins an instance by itself."""

    MESSAGE = "message"
    TIMER = "timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStart:
    """A start event of the latest published version that something begins.

    Attributes:
        organization: Whose.
        process: Of which process.
        element: The start event's id.
        kind: What begins it.
        message: The name of the message.
        due: When the timer fires next; ``None`` when it does not any more, or it is a message.
        turn: How many times the timer has fired.
        held_back: Whether it was restored from a copy and was due by then, and may have fired since that was made: it begins
            nothing until it is moved on, and is due behind the present then.
    """

    organization: str
    process: str
    element: str
    kind: StartKind
    message: str = ""
    due: Moment | None = None
    turn: int = 0
    held_back: bool = False


class WaitKind(StrEnum):
    """What an instance waits for, as rows tell it."""

    MESSAGE = "message"
    TASK = "task"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWait:
    """One thing that an instance waits for; rows by which it is found.

    Attributes:
        kind: What.
        key: Of the task or awaited message (:mod:`eilbote.author.process.instance`); of a mail the key under which it was wanted.
        name: Of the message, or the task's title.
        correlation: Of the message; of a task what it is about.
        entry: The outbox entry, for mail.
        due: When a task is overdue.
    """

    kind: WaitKind
    key: str
    name: str = ""
    correlation: str = ""
    entry: EntryId | None = None
    due: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitPlace:
    """Where something that is waited for stands in a list, so that the next page goes on behind it.

    Attributes:
        since: Since when it is waited for.
        instance: The id of the instance.
        key: Its key.
    """

    since: Moment
    instance: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundWait:
    """Who waits for something.

    Attributes:
        organization: Whose instance.
        process: Of which process.
        instance: The instance's id.
        wait: For what.
        since: Since when: it was first kept with this wait then.
    """

    organization: str
    process: str
    instance: str
    wait: KeptWait
    since: Moment

    @property
    def place(self) -> WaitPlace:
        """Where it stands in a list."""
        return WaitPlace(since=self.since, instance=self.instance, key=self.wait.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTrigger:
    """Something that happens to an instance, until it has taken it in.

    Attributes:
        id: Its own, unique for the instance: the same thing posted twice happens once.
        data: What, as :mod:`eilbote.author.process.interpret.trigger_text` writes it.
        at: When.
    """

    id: str
    data: Mapping[str, Data]
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptInstance:
    """A process instance as it is kept.

    Attributes:
        id: Its own, at most 100 printable ASCII characters.
        organization: On whose behalf.
        process: The name of the process.
        version: Its version.
        text: The version's text.
        correlation: Its correlation key.
        author: Who began it.
        status: How it stands.
        stage: What the last send-message event called its state; cut when it is too long to be shown.
        incidents: How many incidents are open.
        cancelled: Whether it was called back.
        held_back: Whether it was restored from a copy, and may have gone on since that was made: nothing but its name in
            :meth:`ProcessStore.claim` takes it up, or somebody's calling it back.
        state: The instance, as :mod:`eilbote.author.process.interpret.instance_state` writes it.
        waits: What it waits for, in the order of their kinds and keys once it is kept.
        triggers: What has happened to it and is not taken in yet, in order.
        due: When it is to be looked at next; ``None`` when only something that happens can wake it, or it has ended.
        began: When it was begun.
        changed: When it was last kept.
        revision: Grows each time it is kept; 0 for one that is not kept yet.
    """

    id: str
    organization: str
    process: str
    version: int
    text: str
    correlation: str
    author: str
    status: InstanceStatus
    stage: str = ""
    incidents: int = 0
    cancelled: bool = False
    held_back: bool = False
    state: Mapping[str, Data]
    waits: tuple[KeptWait, ...] = ()
    triggers: tuple[KeptTrigger, ...] = ()
    due: Moment | None
    began: Moment
    changed: Moment
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFilter:
    """Which instances; each field that is given narrows the choice.

    Attributes:
        organization: On whose behalf.
        process: Of which process.
        status: Standing so.
        correlation: With this correlation key.
        has_incident: With open incidents, or without.
        held_back: Restored from a copy and not taken up since, or not.
        since: Begun then or later.
        before: Begun before it.
        holding: With this in id, process, correlation key, stage or author, in any case of letters; of others than ASCII a database may
            mind it.
    """

    organization: str | None = None
    process: str | None = None
    status: InstanceStatus | None = None
    correlation: str | None = None
    has_incident: bool | None = None
    held_back: bool | None = None
    since: Moment | None = None
    before: Moment | None = None
    holding: str = ""
