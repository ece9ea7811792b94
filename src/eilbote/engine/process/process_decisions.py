"""What people decide about instances: tasks that are done, incidents, and answers that come by e-mail."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.plain.data_text import as_json
from eilbote.author.process.details import TaskDetails
from eilbote.author.process.instance import DataChanged, IncidentDecided, InstanceStatus, TaskCompleted
from eilbote.author.process.interpret.trigger_text import read_trigger, trigger_data
from eilbote.author.process.kept import KeptTrigger, WaitKind
from eilbote.engine.outbox_parts import check_limit
from eilbote.engine.process.given_data import plain_data
from eilbote.engine.process.process_deeds import digest_of
from eilbote.engine.process.process_library import ProcessLibrary
from eilbote.engine.process.process_view import in_full
from eilbote.engine.process.run_process import definition_of
from eilbote.engine.process.tasks import task_trigger_id
from eilbote.errors import InstanceNotFoundError, ProcessError
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.kept import FoundWait, KeptInstance, WaitPlace
    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.process.process_view import ProcessInstance
    from eilbote.engine.process.publish import World
    from eilbote.engine.process.replies import HandedIn, Replies
    from eilbote.engine.process.tasks import TaskTeller
    from eilbote.model.clock import Clock

NO_DATA: Final[Mapping[str, object]] = MappingProxyType({})


class ProcessDecisions(ProcessLibrary):
    """The part of the processes that those use who look after instances.

    Args:
        store: Where processes are kept.
        world: Gives what there is beside them.
        people: Tells people of their tasks.
        replies: Reads people's answers by e-mail.
        clock: Tells the time.
        author: Who decides, when nobody says so.
        check: Looks whether this program can do what a process wants, before it is published.
        nudge: Is called when an instance is to be worked.
    """

    def __init__(
        self,
        store: ProcessStore,
        *,
        world: Callable[[], World],
        people: TaskTeller,
        replies: Replies,
        clock: Clock,
        author: str = "",
        check: Callable[[Definition], None] = lambda _: None,
        nudge: Callable[[], None],
    ) -> None:
        super().__init__(store, world=world, clock=clock, check=check)
        self._people = people
        self._replies = replies
        self._author = author
        self._nudge = nudge

    async def tasks(
        self,
        organization: str | None = None,
        *,
        title: str | None = None,
        limit: int = 100,
        after: WaitPlace | None = None,
    ) -> Sequence[FoundWait]:
        """List what people have to do, what has waited longest first.

        Args:
            organization: On whose behalf; all when ``None``.
            title: Only tasks with this title.
            limit: At most so many.
            after: The place of the last one of the page before.
        """
        check_limit(limit)
        return await self._store.waiting(
            organization=organization, kind=WaitKind.TASK, name=title, limit=limit, after=after
        )

    async def complete(
        self,
        instance_id: str,
        task: str = "",
        *,
        by: str,
        answer: str = "",
        text: str = "",
        data: Mapping[str, object] = NO_DATA,
    ) -> None:
        """Say that a task is done; the instance goes on with what was given.

        Args:
            instance_id: Whose task.
            task: Its key or its element; the only one that is open when empty.
            by: Who has done it.
            answer: What was chosen, where there is something to choose.
            text: Words of their own.
            data: What is given beside it.

        Raises:
            InstanceNotFoundError: There is no such instance.
            ProcessError: It has no such task, somebody was faster, or the answer is none of the choices.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        kept = await self._kept(instance_id)
        instance = in_full(kept)
        found = [each for each in instance.tasks if not task or task in {each.key, each.element}]
        if not found and (first := _doer(instance, task)):
            raise _done_already(first)
        if len(found) != 1:
            raise self._which(instance, task, [each.element for each in instance.tasks], "task")
        (asked,) = found
        choices = [value for value, _ in asked.details.choices]
        if choices and answer not in choices:
            raise ProcessError(
                f"{answer[:60]!r} cannot be chosen",
                field="answer",
                remedy=f"Give one of {', '.join(choices)}",
            )
        plain = plain_data(data)
        await self._people.withdraw(asked.key, now=self._now())
        done = TaskCompleted(key=asked.key, by=by, answer=answer, text=text, data=plain)
        if not await self._post(instance_id, task_trigger_id(asked.key), trigger_data(done)):
            raise _done_already(_first_word(await self._kept(instance_id), asked.key))

    async def retry(self, instance_id: str, element: str = "", *, by: str = "") -> int:
        """Have done again what people must decide; says how many incidents.

        One in doubt may then be done twice: look at ``in_doubt`` of the incident first.

        Args:
            instance_id: Whose incidents.
            element: The element or key; every one when empty.
            by: Who decides.

        Raises:
            InstanceNotFoundError: There is no such instance.
            ProcessError: It has no such incident.
        """
        return await self._decide(instance_id, element, retries=True, by=by)

    async def skip(self, instance_id: str, element: str = "", *, by: str = "") -> int:
        """Let tokens go on as if what failed had been done; says how many incidents. Arguments and errors as :meth:`retry`."""
        return await self._decide(instance_id, element, retries=False, by=by)

    async def set_data(self, instance_id: str, changes: Mapping[str, object], *, by: str) -> None:
        """Change the data of an instance that stands still: at an incident, or waiting for something.

        It is merged in (RFC 7396): tables are gone into, ``None`` takes a value away, anything else replaces. What was sent stays
        sent; what is tried anew is made of the data as they are then.

        Args:
            instance_id: Whose.
            changes: What is to be different.
            by: Who changes it.

        Raises:
            InstanceNotFoundError: There is no such instance.
            ProcessError: It has ended, or goes on at this moment; or the data cannot be kept.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        kept = await self._kept(instance_id)
        plain = plain_data(changes)
        if kept.status is not InstanceStatus.RUNNING or kept.cancelled:
            raise ProcessError(
                f"the data of the instance {instance_id!r} cannot be changed",
                field="instance",
                cause="It was called back" if kept.cancelled else f"It is {kept.status.value}",
                remedy="Begin another instance with other data",
            )
        if not plain:
            raise ProcessError("nothing would change", field="data", remedy="Give at least one value")
        if not kept.waits and not kept.incidents and kept.due is not None and kept.due <= self._now():
            raise ProcessError(
                f"the data of the instance {instance_id!r} cannot be changed now",
                field="instance",
                cause="It goes on at this moment, and nobody knows which of its steps would see the change",
                remedy="Change them when it waits for something, or stands at an incident",
            )
        changed = DataChanged(changes=plain, by=by or self._author)
        name = digest_of(
            "data", instance_id, str(kept.revision), json.dumps(as_json(plain, field="data"), sort_keys=True)
        )
        await self._post(instance_id, name, trigger_data(changed))

    async def hand_in(self, octets: bytes, *, organization: str | None = None) -> HandedIn:
        """Give an e-mail that has come back to the instance that it answers.

        Args:
            octets: The message as it was received.
            organization: Whose instances; any when ``None``.
        """
        return await self._replies.hand_in(octets, organization=organization)

    # -- within --------------------------------------------------------------------------------------------------

    async def _decide(self, instance_id: str, element: str, *, retries: bool, by: str) -> int:
        kept = await self._kept(instance_id)
        instance = in_full(kept)
        found = [each for each in instance.incidents if not element or element in {each.key, each.element}]
        for incident in found:
            decided = IncidentDecided(key=incident.key, retries=retries, by=by or self._author)
            name = digest_of("incident", incident.key, str(incident.at))
            await self._post(instance_id, name, trigger_data(decided))
        if found:
            return len(found)
        if retries and kept.incidents and instance.error and not element:  # it could not be worked at all
            await self._store.wake_instances((instance_id,), now=self._now())
            self._nudge()
            return 1
        raise self._which(instance, element, [each.element for each in instance.incidents], "incident")

    async def _post(self, instance_id: str, name: str, data: Mapping[str, object]) -> bool:
        trigger = KeptTrigger(id=name, data=data, at=self._now())  # type: ignore[arg-type]
        is_new = await self._store.post(instance_id, trigger)
        self._nudge()
        return is_new

    async def _kept(self, instance_id: str) -> KeptInstance:
        check_kind(instance_id, (str,), field="instance", fault=ProcessError)
        kept = await self._store.instance(instance_id)
        if kept is None:
            raise no_instance(instance_id)
        return kept

    def _which(self, instance: ProcessInstance, said: str, there: Sequence[str], what: str) -> ProcessError:
        if instance.has_ended or not there:
            has = f"has no open {what}"
        else:
            has = f"has no {what} at {said[:60]!r}" if said else f"has {len(there)} open {what}s"
        return ProcessError(
            f"the instance {instance.id!r} {has}",
            field=what,
            cause=f"It is {instance.status.value}" if instance.has_ended else None,
            remedy=f"Name one of {', '.join(there[:10])}" if there else "Look at the instance again",
        )


def _first_word(kept: KeptInstance, key: str) -> str:
    """Give who has done a task, from what the instance has not taken in yet; empty when nobody knows."""
    for trigger in kept.triggers:
        if trigger.id == task_trigger_id(key):
            happened = read_trigger(trigger.data)
            return happened.by if isinstance(happened, TaskCompleted) else ""
    return _doer(in_full(kept), key)


def _doer(instance: ProcessInstance, task: str) -> str:
    """Give who has done a task, from the process data; empty when nobody has, or it was not kept there."""
    if not task or not instance.text:
        return ""
    element = task.split("/")[-2] if task.count("/") > 1 else task
    details = definition_of(instance.text).details.get(element)
    outcome = instance.data.get(details.result) if isinstance(details, TaskDetails) else None
    by = outcome.get("by") if isinstance(outcome, dict) else None
    return by if isinstance(by, str) else ""


def _done_already(by: str) -> ProcessError:
    return ProcessError(
        f"{by or 'somebody'} has done this task already",
        field="task",
        cause="The first word counts",
        remedy="Look at the instance again",
    )


def no_instance(instance_id: str) -> InstanceNotFoundError:
    """Say that there is no such instance."""
    return InstanceNotFoundError(
        f"there is no process instance {instance_id[:100]!r}",
        field="instance",
        cause="Its id is misspelt, or it ended so long ago that it was forgotten",
        remedy="List instances with `eilbote process instances`",
    )
