"""Begins instances: by hand, by a message, or by a timer; each once, whoever is told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.diagram import ElementKind, EventKind
from eilbote.author.process.interpret.instance_state import instance_data
from eilbote.author.process.interpret.interpret import begin
from eilbote.author.process.interpret.timer import following_start, schedule
from eilbote.author.process.kept import KeptInstance, ProcessStart, StartKind
from eilbote.engine.process.process_deeds import digest_of
from eilbote.engine.process.run_process import definition_of
from eilbote.errors import EilboteError, OutboxError, ProcessError
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.kept import ProcessVersion
    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment
    from eilbote.record.report import Report

_AT_ONCE: Final = 100
TIMER: Final = "timer"
"""Who begins an instance that a timer has begun."""


class ProcessStarts:
    """Begins instances.

    Args:
        store: Where they are kept.
        time: Tells the time, and how much of it is certain.
        report: Hears what begins.
        nudge: Is called when an instance was begun.
    """

    def __init__(
        self,
        store: ProcessStore,
        *,
        time: WallClock,
        report: Report,
        nudge: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._time = time
        self._report = report
        self._nudge = nudge

    async def begin(
        self,
        version: ProcessVersion,
        data: Mapping[str, Data],
        *,
        instance_id: str,
        author: str,
        element: str = "",
        message: str = "",
        correlation: str = "",
    ) -> KeptInstance:
        """Begin an instance; when its id is taken the one that has it is given, and nothing is changed.

        Args:
            version: Of which process.
            data: What it begins with.
            instance_id: Its id.
            author: Who begins it.
            element: The start event; the only one that nothing begins when empty.
            message: The message that begins it.
            correlation: Its correlation key; as the process says when empty.

        Raises:
            ProcessError: It cannot begin there, or with these data; or another organization has used the id.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        definition, now = definition_of(version.text), self._time.now()
        instance = begin(
            definition,
            data,
            instance_id=instance_id,
            now=self._time.certain_now(),
            element=element,
            message=message,
            correlation=correlation,
            version=version.version,
        )
        asked = KeptInstance(
            id=instance_id,
            organization=version.organization,
            process=version.name,
            version=version.version,
            text=version.text,
            correlation=instance.correlation,
            author=author,
            status=instance.status,
            stage=instance.state,
            state=instance_data(instance),
            due=now,
            began=now,
            changed=now,
        )
        kept = await self._store.begin(asked)
        if (
            kept.organization != version.organization
        ):  # ids are those of all, and must not be a way to what others have
            raise ProcessError(
                f"the id {kept.id!r} was used before",
                field="instance_id",
                cause="It is that of an instance of another one",
                remedy="Give each instance an id of its own",
            )
        if kept.began == now:
            self._tell(kept)
        self._nudge()
        return kept

    async def begin_at_message(
        self,
        name: str,
        data: Mapping[str, Data],
        *,
        organization: str,
        instance_id: str,
        correlation: str = "",
        author: str,
    ) -> str | None:
        """Begin an instance at the start event for a message; gives its id, and ``None`` when no process begins with it.

        Raises:
            ProcessError: It cannot begin with these data.
        """
        for start in await self._store.starts(organization, name):
            version = await self._store.version(organization, start.process)
            if version is None:
                continue
            kept = await self.begin(
                version,
                data,
                instance_id=instance_id,
                author=author,
                element=start.element,
                message=name,
                correlation=correlation,
            )
            return kept.id
        return None

    async def begin_due(self) -> int:
        """Begin what timers begin by now; says how many.

        Of turns that were missed one is made up for. A process that cannot begin is told, and its timer goes on.

        Raises:
            OutboxError: The database does not answer.
        """
        now = self._time.certain_now()
        count = 0
        for start in await self._store.due_starts(now=now, limit=_AT_ONCE):
            version = await self._store.version(start.organization, start.process)
            definition = None if version is None else _definition(version)
            if not start.held_back and version is not None:
                count += await self._begin(start, version)
            await self._store.move_start(start, due=_next(definition, start, now=now))
        return count

    async def _begin(self, start: ProcessStart, version: ProcessVersion) -> int:
        # When it is due is part of it: a process that was dropped and published anew counts versions and turns from the beginning.
        turn = (str(version.version), start.element, str(start.turn), str(start.due))
        name = digest_of("timer", start.organization, start.process, *turn)
        try:
            await self.begin(version, {}, instance_id=name, author=TIMER, element=start.element)
        except OutboxError:
            raise
        except EilboteError as fault:
            self._report.noticed(
                Notice(
                    kind=NoticeKind.START_FAILED,
                    at=self._time.now(),
                    text=f"{start.element}: {fault}",
                    process=start.process,
                    organization=start.organization,
                )
            )
            return 0
        return 1

    def _tell(self, kept: KeptInstance) -> None:
        self._report.noticed(
            Notice(
                kind=NoticeKind.INSTANCE_BEGAN,
                at=kept.began,
                process=kept.process,
                instance=kept.id,
                organization=kept.organization,
            )
        )


def starts_of(definition: Definition, *, organization: str, now: Moment) -> Sequence[ProcessStart]:
    """Give the start events of a process that something begins, as they are kept when it is published.

    Raises:
        ProcessError: A timer cannot be read.
    """
    found: list[ProcessStart] = []
    for element in definition.diagram.elements.values():
        if element.kind is not ElementKind.START_EVENT or element.scope != definition.process:
            continue
        if element.event is EventKind.MESSAGE:
            found.append(
                ProcessStart(
                    organization=organization,
                    process=definition.name,
                    element=element.id,
                    kind=StartKind.MESSAGE,
                    message=element.message,
                )
            )
        elif element.event is EventKind.TIMER and element.timer is not None:
            timer = element.timer
            when = schedule(timer.kind, timer.text, now=now, field=element.id)
            found.append(
                ProcessStart(
                    organization=organization,
                    process=definition.name,
                    element=element.id,
                    kind=StartKind.TIMER,
                    due=when.first,
                )
            )
    return found


def _definition(version: ProcessVersion) -> Definition | None:
    try:
        return definition_of(version.text)
    except EilboteError:  # written by another eilbote; what begins it tells why it cannot
        return None


def _next(definition: Definition | None, start: ProcessStart, *, now: Moment) -> Moment | None:
    element = None if definition is None else definition.diagram.elements.get(start.element)
    if element is None or element.timer is None or start.due is None:
        return None
    return following_start(
        element.timer.kind, element.timer.text, due=start.due, fired=start.turn + 1, now=now
    )
