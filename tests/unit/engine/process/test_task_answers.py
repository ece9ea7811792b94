"""Answers to tasks: by a link or at the desk, once, and no longer than the task is open."""

from __future__ import annotations

import asyncio

import pytest
from tests.unit.engine.process.people_scene import (
    ANNA,
    DAY,
    MAX,
    TASK,
    PeopleScene,
    open_task,
    reply_wait,
    task_wait,
)

from eilbote.author.process.instance import InstanceStatus, TaskCompleted
from eilbote.author.process.interpret.trigger_text import trigger_data
from eilbote.author.process.kept import KeptTrigger
from eilbote.author.process.people.task_names import task_question
from eilbote.author.questions import Asker, Question
from eilbote.engine.answers import AnswerState
from eilbote.engine.process.tasks import task_trigger_id
from eilbote.errors import ProcessError
from eilbote.model.moment import later

pytestmark = pytest.mark.asyncio


class CrashError(Exception):
    """The process ends here."""


@pytest.fixture
def scene() -> PeopleScene:
    return PeopleScene()


async def asked(scene: PeopleScene) -> Question:
    question = await scene.questions.question(task_question(TASK))
    assert question is not None
    return question


# -- answers ---------------------------------------------------------------------------------------------------


async def test_an_answer_by_link_is_given_to_the_instance(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    await scene.tell()
    view = await scene.answers.answer(scene.post.tokens[1], "decline", "Too dear")
    assert view.state is AnswerState.DECIDED
    assert await scene.completed() == TaskCompleted(key=TASK, by=MAX, answer="decline", text="Too dear")
    kept = await scene.processes.instance("i1")
    assert kept is not None
    assert kept.triggers[0].id == task_trigger_id(TASK)
    assert kept.due == scene.now
    assert scene.nudges == ["decided"]
    assert await scene.questions.unheard() == []


async def test_the_first_answer_counts(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    await scene.tell()
    anna, max_ = scene.post.tokens
    await asyncio.gather(
        *(scene.answers.answer(token, each) for token, each in [(anna, "approve"), (max_, "decline")] * 10)
    )
    first = (await asked(scene)).decision
    assert first is not None
    assert (await scene.completed()).answer == first.answer


async def test_an_answer_that_was_kept_and_not_handed_over_is_noticed_by_others(scene: PeopleScene) -> None:
    """The process that took the answer ended before the instance heard of it."""
    await scene.begin(task_wait())
    await scene.tell()

    async def crash(instance_id: str, trigger: KeptTrigger) -> bool:
        raise CrashError(instance_id, trigger.id)

    post, scene.processes.post = scene.processes.post, crash  # type: ignore[method-assign]
    with pytest.raises(CrashError):
        await scene.answers.answer(scene.post.tokens[0], "approve")
    scene.processes.post = post  # type: ignore[method-assign]
    assert await scene.happened() == []
    assert await scene.answers.wake_answered() == 1
    assert (await scene.completed()).by == ANNA
    assert await scene.answers.wake_answered() == 0


async def test_nobody_is_reminded_of_what_somebody_has_decided(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now, reminds=True)
    await scene.tell(task)
    await scene.answers.answer(scene.post.tokens[0], "approve")
    scene.clock.advance(DAY)
    assert (await scene.tell(task)).again is None
    assert len(scene.post.drafts) == 2


async def test_a_task_that_is_not_open_any_more_cannot_be_decided(scene: PeopleScene) -> None:
    await scene.begin(task_wait(), reply_wait())
    await scene.tell()
    await scene.change(waits=(reply_wait(),))
    view = await scene.answers.answer(scene.post.tokens[0], "approve")
    assert (view.state, await scene.happened()) == (AnswerState.WITHDRAWN, [])


@pytest.mark.parametrize("changes", [{"status": InstanceStatus.COMPLETED}, {"status": InstanceStatus.FAILED}])
async def test_a_task_ends_with_its_instance(scene: PeopleScene, changes: dict[str, object]) -> None:
    await scene.begin(task_wait())
    await scene.tell()
    await scene.change(**changes)
    assert (await scene.answers.answer(scene.post.tokens[0], "approve")).state is AnswerState.WITHDRAWN
    assert (await asked(scene)).decision is None


async def test_a_task_ends_when_its_instance_is_called_back(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    await scene.tell()
    await scene.processes.cancel("i1", now=scene.now)
    assert (await scene.answers.answer(scene.post.tokens[0], "approve")).state is AnswerState.WITHDRAWN


async def test_what_is_closed_is_withdrawn(scene: PeopleScene) -> None:
    kept = await scene.begin(task_wait())
    await scene.tell()
    await scene.teller.closed(kept, [TASK, "i1/Never/0"], now=scene.now)
    assert (await scene.answers.look(scene.post.tokens[0])).state is AnswerState.WITHDRAWN
    assert (await asked(scene)).closed == scene.now


async def test_questions_that_nobody_closed_are_found(scene: PeopleScene) -> None:
    other = "i1/Other/0"
    await scene.begin(task_wait(), task_wait(other))
    await scene.tell(open_task(since=scene.now), open_task(other, since=scene.now))
    assert await scene.answers.close_orphans() == 0
    await scene.change(waits=(task_wait(other),))
    assert await scene.answers.close_orphans() == 1
    assert (await asked(scene)).closed is not None
    assert [each.id for each in await scene.questions.open_ended()] == [task_question(other)]


# -- at the desk -----------------------------------------------------------------------------------------------


async def test_what_somebody_finishes_at_the_desk_is_withdrawn_first(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    await scene.tell()
    await scene.teller.withdraw(TASK, now=scene.now)
    await scene.teller.withdraw(TASK, now=scene.now)
    await scene.teller.withdraw("i1/Never/0", now=scene.now)
    assert (await scene.answers.answer(scene.post.tokens[0], "approve")).state is AnswerState.WITHDRAWN


async def test_whoever_was_slower_at_the_desk_is_told_who_was_faster(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    await scene.tell()
    await scene.answers.answer(scene.post.tokens[0], "approve")
    with pytest.raises(ProcessError, match=ANNA) as caught:
        await scene.teller.withdraw(TASK, now=scene.now)
    assert "Approve" in str(caught.value.cause)


async def test_an_answer_after_a_word_at_the_desk_is_too_late(scene: PeopleScene) -> None:
    """Both have one name for the instance; what it has not taken in yet counts as well."""
    await scene.begin(task_wait())
    await scene.tell()
    done = TaskCompleted(key=TASK, by="desk", answer="decline")
    trigger = KeptTrigger(id=task_trigger_id(TASK), data=trigger_data(done), at=scene.now)
    assert await scene.processes.post("i1", trigger)
    assert (await scene.answers.answer(scene.post.tokens[0], "approve")).state is AnswerState.WITHDRAWN
    assert await scene.completed() == done


# -- names -----------------------------------------------------------------------------------------------------


async def test_a_name_that_something_else_has_taken_is_told(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    await scene.questions.pose(
        Question(
            id=task_question(TASK),
            organization="evil",
            asker=Asker.RUN,
            run="i1",
            text="?",
            choices=(),
            asked=scene.now,
            due=later(scene.now, DAY),
        )
    )
    told = await scene.tell()
    assert isinstance(told.faults[0], ProcessError)
    assert not scene.post.drafts


async def test_names_that_no_outbox_could_keep_are_digested(scene: PeopleScene) -> None:
    key = f"i1/{'Ä' * 150}/0"
    await scene.begin(task_wait(key))
    assert (await scene.tell(open_task(key, since=scene.now))).faults == ()
    assert len(scene.post.drafts) == 2
    assert all(name.startswith("task/") and name.isascii() for name in scene.post.drafts)
    await scene.answers.answer(scene.post.tokens[0], "approve")
    assert (await scene.completed()).key == key
