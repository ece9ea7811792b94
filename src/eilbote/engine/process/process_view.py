"""A process instance as people and programs see it: where its tokens are, what it waits for, and what it has sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import (
    AwaitedMessage,
    Incident,
    InstanceStatus,
    OpenTask,
    Passage,
    PassageKind,
)
from eilbote.author.process.interpret.instance_state import read_instance
from eilbote.author.process.kept import UNREADABLE, WaitKind
from eilbote.engine.flow_fault import told
from eilbote.engine.process.ledger import read_ledger
from eilbote.engine.process.run_process import definition_of
from eilbote.errors import EilboteError
from eilbote.model.ids import read_entry_id

if TYPE_CHECKING:
    from eilbote.author.process.instance import Instance
    from eilbote.author.process.kept import KeptInstance
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

_NOTHING: Final[Mapping[str, Data]] = MappingProxyType({})
_NEVER: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A message that an element has sent.

    Attributes:
        element: The element's id.
        key: ``<instance>/<element>/<iteration>``.
        entry: The entry in the outbox; ``None`` while it is not handed in.
        at: When a token came to the element, or the message was first wanted.
    """

    element: str
    key: str
    entry: EntryId | None
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstance:
    """A process instance.

    Attributes:
        id: Its own.
        organization: On whose behalf.
        process: The name of the process.
        version: Its version.
        author: Who began it.
        status: How it stands.
        stage: What the last send-message event called its state.
        correlation: Its correlation key.
        data: The process data.
        tokens: Elements where tokens stand.
        tasks: What people have to do.
        messages: Messages that it waits for.
        incidents: What people have to decide.
        mails: Messages that it has sent, in order.
        passages: Where tokens were and are, in order; the last some thousands.
        taken: Sequence flows that were followed, by their ids, with how often.
        error: Why it failed, or cannot be worked: ``code``, ``message``, ``cause``, ``remedy``, ``field``; empty when neither is so.
        open_incidents: How many incidents are open; also in lists.
        is_cancelled: Whether it was called back, and may not have ended yet.
        is_held_back: Whether it was restored from a backup, and waits until somebody says that it may go on.
        due: When it is looked at next; ``None`` when only something that happens can wake it, or it has ended.
        began: When it was begun.
        changed: When it was last kept.
        text: The text of its version: diagram and settings.
    """

    id: str
    organization: str
    process: str
    version: int
    author: str
    status: InstanceStatus
    stage: str = ""
    correlation: str
    data: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    tokens: tuple[str, ...] = ()
    tasks: tuple[OpenTask, ...] = ()
    messages: tuple[AwaitedMessage, ...] = ()
    incidents: tuple[Incident, ...] = ()
    mails: tuple[SentMail, ...] = ()
    passages: tuple[Passage, ...] = ()
    taken: Mapping[str, int] = field(default_factory=lambda: _NEVER)
    error: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    open_incidents: int = 0
    is_cancelled: bool = False
    is_held_back: bool = False
    due: Moment | None
    began: Moment
    changed: Moment
    text: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.status is not InstanceStatus.RUNNING

    @property
    def seconds(self) -> float | None:
        """How long it took, its waiting included; ``None`` when it has not ended."""
        return max(0, self.changed - self.began) / 1000 if self.has_ended else None


def in_short(kept: KeptInstance) -> ProcessInstance:
    """Show an instance of a list, without what it knows."""
    return ProcessInstance(
        id=kept.id,
        organization=kept.organization,
        process=kept.process,
        version=kept.version,
        author=kept.author,
        status=kept.status,
        stage=kept.stage,
        correlation=kept.correlation,
        open_incidents=kept.incidents,
        is_cancelled=kept.cancelled,
        is_held_back=kept.held_back,
        due=kept.due,
        began=kept.began,
        changed=kept.changed,
    )


def in_full(kept: KeptInstance) -> ProcessInstance:
    """Show an instance with everything; one whose state is damaged is shown as far as it can be."""
    shown = replace(in_short(kept), text=kept.text)
    state, ledger = read_ledger(kept.state)
    if UNREADABLE in state:
        said: Mapping[str, Data] = {
            "code": UNREADABLE,
            "message": "what was kept of this instance is damaged",
            "cause": state[UNREADABLE],
        }
        return replace(shown, error=ledger.broken or said)
    try:
        instance = read_instance(definition_of(kept.text), state)
    except EilboteError as fault:
        return replace(shown, error=ledger.broken or told(fault))
    return replace(
        shown,
        data=instance.data,
        tokens=_tokens(instance),
        tasks=instance.waits.tasks,
        messages=instance.waits.messages,
        incidents=instance.incidents,
        mails=_mails(kept, instance),
        passages=instance.passages,
        taken=instance.taken,
        error=ledger.broken or instance.error or _NOTHING,
    )


def _tokens(instance: Instance) -> tuple[str, ...]:
    """Give where tokens stand: elements that were entered once more than left."""
    if instance.status is not InstanceStatus.RUNNING:
        return ()
    standing: dict[tuple[str, int], bool] = {}
    for passage in instance.passages:
        place = passage.element, passage.iteration
        if passage.kind is PassageKind.ENTERED:
            standing[place] = True
        else:
            standing.pop(place, None)
    return tuple(dict.fromkeys(element for element, _ in standing))


def _mails(kept: KeptInstance, instance: Instance) -> tuple[SentMail, ...]:
    sent: dict[str, SentMail] = {}
    for passage in instance.passages:
        if passage.entry:
            key = f"{instance.id}/{passage.element}/{passage.iteration}"
            sent[key] = SentMail(
                element=passage.element, key=key, entry=read_entry_id(passage.entry), at=passage.at
            )
    since = {wanted.key: wanted for wanted in instance.wanted}
    for wait in kept.waits:
        if wait.kind is WaitKind.MAIL and wait.key in since and wait.entry is not None:
            wanted = since[wait.key]
            sent[wait.key] = SentMail(element=wanted.element, key=wait.key, entry=wait.entry, at=wanted.since)
    return tuple(sent.values())
