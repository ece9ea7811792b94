"""Questions and their links are kept by the same rules, wherever they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from tests.postgres_server import PostgresServer

from eilbote.author.questions import AnswerLink, Asker, Decision, Question, QuestionStore
from eilbote.errors import OutboxError
from eilbote.model.moment import Moment, later
from eilbote.store.memory_questions import MemoryQuestions
from eilbote.store.open_flows import share_database
from eilbote.store.question_rows import QuestionRows
from eilbote.template.branding import Branding

pytestmark = pytest.mark.asyncio
NOW = Moment(1_800_000_000_000)
DUE = later(NOW, 86_400)
QUESTION = Question(
    id="r1/approval/0",
    organization="acme",
    run="r1",
    text="May it go out?\n«да» 💌 'quoted' \\ $1",
    choices=(("approve", "Genehmigen"), ("decline", "Ablehnen")),
    wants_text=True,
    language="de",
    time_zone="Europe/Berlin",
    branding=Branding(product="Acme", accent_colour="#b00020"),
    asked=NOW,
    due=DUE,
)
YES = Decision(answer="approve", text="Go\n💌", by="anna@example.org", at=later(NOW, 60), agent="Browser/1")
TASK = replace(
    QUESTION,
    id="process:i1/approve/0",
    asker=Asker.TASK,
    run="i1",
    details=("Order 4711", "Überfällig «да»"),
    recipients=("anna@example.org", "max@example.org"),
    due=None,
)
NO = replace(YES, answer="decline", by="max@example.org")


@asynccontextmanager
async def rows(url: str) -> AsyncIterator[QuestionRows]:
    made = QuestionRows(share_database(url).handle())
    try:
        yield made
    finally:
        await made.close()


@pytest_asyncio.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[QuestionStore]:
    if request.param == "memory":
        yield MemoryQuestions()
        return
    if request.param == "sqlite":
        async with rows(f"sqlite:///{tmp_path / 'eilbote.db'}") as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_database()
    async with rows(server.url(name)) as made:
        yield made
    server.drop_database(name)


async def test_a_question_is_kept_as_it_was_asked(store: QuestionStore) -> None:
    assert await store.question(QUESTION.id) is None
    assert await store.pose(QUESTION) == QUESTION
    assert await store.question(QUESTION.id) == QUESTION


async def test_asked_twice_the_first_one_stands(store: QuestionStore) -> None:
    await store.pose(QUESTION)
    assert await store.pose(replace(QUESTION, text="Another?", due=later(DUE, 9))) == QUESTION


async def test_links_lead_to_their_question_and_recipient(store: QuestionStore) -> None:
    await store.pose(QUESTION)
    links = [
        AnswerLink(digest=each * 64, question=QUESTION.id, recipient=f"{each}@example.org") for each in "ab"
    ]
    for link in links:
        await store.add_link(link)
        await store.add_link(link)
    assert await store.find("a" * 64) == (QUESTION, links[0])
    assert await store.find("b" * 64) == (QUESTION, links[1])
    assert await store.find("c" * 64) is None


async def test_the_first_decision_counts_and_stays(store: QuestionStore) -> None:
    await store.pose(QUESTION)
    assert await store.decide(QUESTION.id, YES)
    assert not await store.decide(QUESTION.id, NO)
    assert not await store.decide("r9/never/0", YES)
    kept = await store.question(QUESTION.id)
    assert kept == replace(QUESTION, decision=YES)
    assert await store.close_question(QUESTION.id, now=DUE) == kept


async def test_of_many_decisions_at_once_one_counts(store: QuestionStore) -> None:
    await store.pose(QUESTION)
    counted = await asyncio.gather(*(store.decide(QUESTION.id, each) for each in [YES, NO] * 10))
    assert sum(counted) == 1


async def test_closed_is_closed_and_the_first_time_stands(store: QuestionStore) -> None:
    await store.pose(QUESTION)
    closed = await store.close_question(QUESTION.id, now=DUE)
    assert closed == replace(QUESTION, closed=DUE)
    assert await store.close_question(QUESTION.id, now=later(DUE, 5)) == closed
    assert not await store.decide(QUESTION.id, YES)
    assert await store.close_question("r9/never/0", now=DUE) is None


async def test_of_a_decision_and_the_end_at_once_one_counts(store: QuestionStore) -> None:
    for number in range(5):
        asked = replace(QUESTION, id=f"r1/approval/{number}")
        await store.pose(asked)
        decided, closed = await asyncio.gather(
            store.decide(asked.id, YES), store.close_question(asked.id, now=DUE)
        )
        assert closed is not None
        kept = await store.question(asked.id)
        assert kept is not None
        assert decided == (kept.decision == YES) == (kept.closed is None)


async def test_when_the_time_is_up_nothing_is_decided(store: QuestionStore) -> None:
    await store.pose(QUESTION)
    assert not await store.decide(QUESTION.id, replace(YES, at=DUE))
    assert await store.decide(QUESTION.id, replace(YES, at=Moment(DUE - 1)))


async def test_a_question_of_a_task_has_no_end_until_it_is_decided_or_closed(store: QuestionStore) -> None:
    other = replace(TASK, id="process:i1/approve/1")
    for each in (QUESTION, TASK, other):
        await store.pose(each)
    assert await store.question(TASK.id) == TASK
    assert [each.id for each in await store.open_ended()] == [TASK.id, other.id]
    assert [each.id for each in await store.open_ended(limit=1, after=TASK.id)] == [other.id]
    assert await store.prune(due_before=later(NOW, 10**9), limit=9) == 1
    years_later = later(NOW, 10**8)
    assert await store.decide(TASK.id, replace(YES, at=years_later))
    assert await store.question(TASK.id) == replace(
        TASK, decision=replace(YES, at=years_later), due=years_later
    )
    assert await store.close_question(other.id, now=DUE) == replace(other, closed=DUE, due=DUE)
    assert list(await store.open_ended()) == []
    assert await store.prune(due_before=years_later, limit=9) == 1
    assert [each.id for each in await store.of_run("i1")] == [TASK.id]


async def test_that_everybody_was_told_is_noted_beside_what_was_asked(store: QuestionStore) -> None:
    await store.pose(TASK)
    await store.note_told(TASK.id)
    await store.note_told("process:i9/never/0")
    assert await store.question(TASK.id) == replace(TASK, told=True)
    assert await store.pose(TASK) == replace(TASK, told=True)


async def test_the_questions_of_a_run_come_the_latest_first(store: QuestionStore) -> None:
    second = replace(QUESTION, id="r1/approval/1", asked=later(NOW, 5))
    for each in (QUESTION, second, replace(QUESTION, id="r2/approval/0", run="r2")):
        await store.pose(each)
    assert list(await store.of_run("r1")) == [second, QUESTION]
    assert list(await store.of_run("r9")) == []


async def test_decisions_that_runs_may_not_know_are_listed_by_pages(store: QuestionStore) -> None:
    asked = [replace(QUESTION, id=f"r{number}/approval/0", run=f"r{number}") for number in range(5)]
    for each in asked:
        await store.pose(each)
    for each in asked[:4]:
        await store.decide(each.id, YES)
    await store.heard(asked[1].id)
    first = await store.unheard(limit=2)
    assert [each.run for each in first] == ["r0", "r2"]
    assert [each.run for each in await store.unheard(limit=2, after=first[-1].id)] == ["r3"]


async def test_what_is_long_over_is_forgotten_with_its_links(store: QuestionStore) -> None:
    for number in range(3):
        asked = replace(QUESTION, id=f"r{number}/approval/0", due=later(NOW, number))
        await store.pose(asked)
        await store.add_link(
            AnswerLink(digest=f"{number}" * 64, question=asked.id, recipient="a@example.org")
        )
    assert await store.prune(due_before=later(NOW, 2), limit=1) == 1
    assert await store.prune(due_before=later(NOW, 2), limit=9) == 1
    assert await store.prune(due_before=later(NOW, 2), limit=9) == 0
    assert [await store.find(f"{number}" * 64) is None for number in range(3)] == [True, True, False]


async def test_a_damaged_question_is_told_by_its_name(tmp_path: Path) -> None:
    shared = share_database(f"sqlite:///{tmp_path / 'eilbote.db'}")
    handle = shared.handle()
    store = QuestionRows(handle)
    try:
        await store.pose(QUESTION)
        for damage in ("{", "[]", '{"text": "x"}', '{"branding": {"accent_colour": "red"}}'):
            await handle.transact(
                lambda db, said=damage: db.execute("UPDATE question SET content = $1", said)
            )
            with pytest.raises(OutboxError, match=QUESTION.id) as caught:
                await store.question(QUESTION.id)
            assert caught.value.remedy
    finally:
        await store.close()
