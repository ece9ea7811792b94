"""Tasks of processes that ask people: whether one is still open, and how its instance hears of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eilbote.author.process.instance import InstanceStatus, TaskCompleted
from eilbote.author.process.interpret.trigger_text import trigger_data
from eilbote.author.process.kept import KeptTrigger, WaitKind
from eilbote.author.process.people.task_names import task_question
from eilbote.engine.asking import HandedOver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.process.kept import KeptInstance
    from eilbote.author.questions import Question
    from eilbote.model.moment import Moment


class KnownInstances(Protocol):
    """What is needed of the instances that ask: a part of :class:`~eilbote.author.process.store.ProcessStore`."""

    async def instance(self, instance_id: str) -> KeptInstance | None:
        """Give an instance, with what has happened to it."""
        ...

    async def post(self, instance_id: str, trigger: KeptTrigger) -> bool:
        """Keep something that happens to an instance; says whether it runs and did not have it before."""
        ...


class AskingTasks:
    """Tasks as :class:`~eilbote.engine.answers.Answers` needs them.

    Args:
        instances: Gives where they are kept; asked when somebody answers.
    """

    def __init__(self, instances: Callable[[], KnownInstances]) -> None:
        self._instances = instances

    async def is_waiting(self, question: Question) -> bool:
        """Say whether the task is open, and nobody has finished it in another way."""
        kept = await self._instances().instance(question.run)
        return (
            kept is not None
            and _key_of(question, kept) is not None
            and all(trigger.id != question.id for trigger in kept.triggers)
        )

    async def hand_over(self, questions: Sequence[Question], *, now: Moment) -> HandedOver:
        """Keep answers with the instances that wait for them; from then on nobody need tell them again."""
        woken = 0
        for question in questions:
            decision, store = question.decision, self._instances()
            kept = None if decision is None else await store.instance(question.run)
            key = None if kept is None else _key_of(question, kept)
            if decision is None or key is None:
                continue  # it was done otherwise, or has ended: nobody waits
            done = TaskCompleted(key=key, by=decision.by, answer=decision.answer, text=decision.text)
            trigger = KeptTrigger(id=question.id, data=trigger_data(done), at=now)
            woken += await store.post(question.run, trigger)
        return HandedOver(woken, [question.id for question in questions])


def _key_of(question: Question, kept: KeptInstance) -> str | None:
    """Give the key of the task that a question belongs to; ``None`` when it is not open."""
    if kept.status is not InstanceStatus.RUNNING or kept.cancelled:
        return None
    keys = (wait.key for wait in kept.waits if wait.kind is WaitKind.TASK)
    return next((key for key in keys if task_question(key) == question.id), None)
