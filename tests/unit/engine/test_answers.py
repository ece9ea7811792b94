"""Who may answer a question, and what counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tests.unit.engine.asking_scene import ANNA, DAY, MAX, AskingScene

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits
from eilbote.author.questions import AnswerLink
from eilbote.engine.answers import AnswerFault, AnswerState, digest_of_token
from eilbote.errors import EilboteError, FlowError, RunNotFoundError
from eilbote.model.moment import later

pytestmark = pytest.mark.asyncio
KEY = "r1/approval/0"


@pytest.fixture
def scene() -> AskingScene:
    return AskingScene()


async def test_looking_changes_nothing_however_often(scene: AskingScene) -> None:
    asked = await scene.ask()
    for _ in range(50):
        assert (await scene.answers.look(ANNA)).state is AnswerState.OPEN
    assert await scene.questions.question(KEY) == asked
    assert not scene.runs.woken


async def test_an_answer_is_kept_with_who_when_and_by_which_program(scene: AskingScene) -> None:
    await scene.ask()
    scene.clock.advance(60)
    view = await scene.answers.answer(ANNA, "approve", "  Go\r\nahead ", agent="Browser/1\r\n (X11)")
    assert (view.state, view.is_own) == (AnswerState.DECIDED, True)
    assert view.question is not None
    decision = view.question.decision
    assert decision is not None
    assert (decision.answer, decision.text, decision.by) == ("approve", "Go\nahead", "anna@example.org")
    assert (decision.at, decision.agent) == (scene.now, "Browser/1 (X11)")
    assert (scene.runs.woken, scene.nudges) == (["r1"], ["now"])


async def test_the_first_answer_counts_and_the_other_learns_only_that_it_was_decided(
    scene: AskingScene,
) -> None:
    await scene.ask()
    await scene.answers.answer(ANNA, "approve")
    view = await scene.answers.answer(MAX, "decline")
    assert (view.state, view.is_own) == (AnswerState.DECIDED, False)
    outcome = await scene.answers.outcome(KEY, now=scene.now)
    assert outcome is not None
    assert outcome.result["answer"] == "approve"
    assert scene.runs.woken == ["r1"]


async def test_of_many_answers_at_once_exactly_one_counts(scene: AskingScene) -> None:
    await scene.ask()
    await asyncio.gather(
        *(scene.answers.answer(*each) for each in [(ANNA, "approve"), (MAX, "decline")] * 20)
    )
    assert scene.runs.woken == ["r1"]


async def test_an_answer_cannot_be_changed_by_its_own_link(scene: AskingScene) -> None:
    await scene.ask()
    await scene.answers.answer(ANNA, "approve")
    view = await scene.answers.answer(ANNA, "decline")
    assert view.is_own
    assert view.question is not None
    assert view.question.decision is not None
    assert view.question.decision.answer == "approve"


@pytest.mark.parametrize(
    "token", ["", "a", "A" * 43, "a" * 42, "a" * 44, "a" * 42 + "é", "../" + "a" * 40, "a" * 43 + "\n"]
)
async def test_what_is_no_link_of_ours_leads_nowhere(scene: AskingScene, token: str) -> None:
    await scene.ask()
    assert (await scene.answers.look(token)).state is AnswerState.UNKNOWN
    assert (await scene.answers.answer(token, "approve")).question is None
    assert not scene.runs.woken


async def test_a_digest_is_no_token(scene: AskingScene) -> None:
    """Whoever reads the database finds digests, and cannot answer with them."""
    await scene.ask()
    assert (await scene.answers.look(digest_of_token(ANNA)[:43])).state is AnswerState.UNKNOWN


async def test_the_time_is_up(scene: AskingScene) -> None:
    await scene.ask()
    scene.clock.advance(7 * DAY - 1)
    assert (await scene.answers.look(ANNA)).state is AnswerState.OPEN
    scene.clock.advance(1)
    assert (await scene.answers.answer(ANNA, "approve")).state is AnswerState.EXPIRED
    outcome = await scene.answers.outcome(KEY, now=scene.now)
    assert outcome is not None
    assert outcome.result == {
        "answer": None,
        "label": None,
        "text": "",
        "by": None,
        "at": None,
        "asked": "2026-01-15T09:30:00.000Z",
        "expired": True,
    }
    assert not scene.runs.woken


async def test_an_answer_in_the_last_moment_counts_though_the_run_is_woken_after_it(
    scene: AskingScene,
) -> None:
    await scene.ask()
    scene.clock.advance(7 * DAY - 1)
    await scene.answers.answer(ANNA, "decline")
    scene.clock.advance(60)
    outcome = await scene.answers.outcome(KEY, now=scene.now)
    assert outcome is not None
    assert (outcome.result["answer"], outcome.result["label"], outcome.result["expired"]) == (
        "decline",
        "Decline",
        False,
    )


async def test_a_question_that_was_closed_cannot_be_answered_by_a_clock_that_lags(scene: AskingScene) -> None:
    asked = await scene.ask()
    await scene.answers.outcome(KEY, now=asked.due)
    assert (await scene.answers.answer(ANNA, "approve")).state is AnswerState.EXPIRED


async def test_the_outcome_is_open_until_somebody_decides(scene: AskingScene) -> None:
    await scene.ask()
    assert await scene.answers.outcome(KEY, now=scene.now) is None
    assert await scene.answers.outcome("r9/never/0", now=scene.now) is None


@pytest.mark.parametrize(
    "end",
    [
        lambda scene: scene.change(status=RunStatus.FAILED),
        lambda scene: scene.change(status=RunStatus.DONE),
        lambda scene: scene.change(cancelled=True),
        lambda scene: scene.runs.runs.clear(),
    ],
)
async def test_a_question_ends_with_its_run(scene: AskingScene, end: Callable[[AskingScene], None]) -> None:
    await scene.ask()
    end(scene)
    assert (await scene.answers.answer(ANNA, "approve")).state is AnswerState.WITHDRAWN
    kept = await scene.questions.question(KEY)
    assert kept is not None
    assert kept.decision is None


@pytest.mark.parametrize(
    "value, text, fault",
    [
        ("", "", AnswerFault.CHOICE),
        ("APPROVE", "", AnswerFault.CHOICE),
        ("bribe", "", AnswerFault.CHOICE),
        ("approve", "x" * 10_001, AnswerFault.TEXT),
    ],
)
async def test_an_answer_that_is_none_leaves_the_question_open(
    scene: AskingScene, value: str, text: str, fault: AnswerFault
) -> None:
    await scene.ask()
    view = await scene.answers.answer(ANNA, value, text)
    assert (view.state, view.fault) == (AnswerState.OPEN, fault)
    assert (await scene.answers.look(MAX)).state is AnswerState.OPEN


async def test_words_nobody_asked_for_are_not_kept(scene: AskingScene) -> None:
    await scene.ask(wants_text=False)
    view = await scene.answers.answer(ANNA, "approve", "x" * 20_000)
    assert view.question is not None
    assert view.question.decision is not None
    assert view.question.decision.text == ""


async def test_words_cannot_move_a_cursor_or_turn_their_direction(scene: AskingScene) -> None:
    await scene.ask()
    view = await scene.answers.answer(ANNA, "approve", "a\x1b[2Jb\u202ec\x00d\ue000\te\nf")
    assert view.question is not None
    assert view.question.decision is not None
    assert view.question.decision.text == "a[2Jbcd\ue000\te\nf"


async def test_a_link_leads_to_its_own_question_only(scene: AskingScene) -> None:
    """Two organizations ask at the same time; a link of one decides nothing for the other."""
    await scene.ask()
    await scene.ask("r2", organization="umbrella")
    other = AnswerLink(
        digest=digest_of_token("u" * 43), question="r2/approval/0", recipient="eva@example.net"
    )
    await scene.questions.add_link(other)
    await scene.answers.answer("u" * 43, "decline")
    assert (await scene.answers.look(ANNA)).state is AnswerState.OPEN
    assert scene.runs.woken == ["r2"]


# -- crashes ---------------------------------------------------------------------------------------------------


async def test_a_run_that_was_not_asleep_yet_is_woken_later(scene: AskingScene) -> None:
    """Somebody answers so quickly that the run has not been kept as waiting; nothing wakes it at that moment."""
    await scene.ask()
    scene.change(awaits=Awaits.NOTHING)
    await scene.answers.answer(ANNA, "approve")
    assert scene.runs.woken == []
    assert scene.answers.is_hasty
    assert await scene.answers.wake_answered() == 0
    scene.change(awaits=Awaits.ANSWER)
    assert await scene.answers.wake_answered() == 1


async def test_a_run_that_never_falls_asleep_is_not_looked_at_in_a_hurry_for_ever(scene: AskingScene) -> None:
    await scene.ask()
    assert not scene.answers.is_hasty
    scene.change(awaits=Awaits.NOTHING)
    await scene.answers.answer(ANNA, "approve")
    for _ in range(20):
        await scene.answers.wake_answered()
    assert not scene.answers.is_hasty


async def test_a_run_that_has_heard_is_left_alone(scene: AskingScene) -> None:
    await scene.ask()
    await scene.answers.answer(ANNA, "approve")
    await scene.answers.outcome(KEY, now=scene.now)
    assert await scene.answers.wake_answered() == 0


async def test_a_run_that_has_ended_is_not_waited_for(scene: AskingScene) -> None:
    await scene.ask()
    await scene.answers.answer(ANNA, "approve")
    scene.change(status=RunStatus.DONE)
    await scene.answers.wake_answered()
    assert await scene.questions.unheard() == []


async def test_hundreds_of_answers_are_looked_through_by_pages(scene: AskingScene) -> None:
    for number in range(250):
        await scene.ask(f"r{number}")
        await scene.answers.answer_run(f"r{number}", "approve", by="cli")
    assert await scene.answers.wake_answered() == 250


# -- at a desk -------------------------------------------------------------------------------------------------


async def test_whoever_looks_after_runs_answers_in_the_place_of_others(scene: AskingScene) -> None:
    await scene.ask()
    question = await scene.answers.answer_run("r1", "decline", "They are away", by="cli:root")
    assert question.decision is not None
    assert (question.decision.by, question.decision.text) == ("cli:root", "They are away")
    assert (await scene.answers.look(ANNA)).state is AnswerState.DECIDED


async def refusal(scene: AskingScene, run: str, value: str) -> EilboteError:
    with pytest.raises(EilboteError) as caught:
        await scene.answers.answer_run(run, value, by="cli")
    assert caught.value.remedy
    return caught.value


async def test_what_cannot_be_answered_at_a_desk_is_told(scene: AskingScene) -> None:
    await scene.ask()
    assert isinstance(await refusal(scene, "r9", "approve"), RunNotFoundError)
    assert (await refusal(scene, "r1", "maybe")).field == "choice"
    await scene.answers.answer(ANNA, "approve")
    assert isinstance(await refusal(scene, "r1", "approve"), FlowError)


async def test_the_latest_question_of_a_run_is_the_one_that_is_answered(scene: AskingScene) -> None:
    await scene.ask(id="r1/first/0", due=later(scene.now, 1))
    scene.clock.advance(2)
    await scene.ask(id="r1/second/0")
    assert (await scene.answers.answer_run("r1", "approve", by="cli")).id == "r1/second/0"
