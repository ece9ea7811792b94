"""Telling people of tasks: each once, every day again where that is wanted, and no longer than the task is open."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from tests.unit.engine.process.people_scene import (
    ANNA,
    DAY,
    MAX,
    TASK,
    PeopleScene,
    open_task,
    task_wait,
)

from eilbote.author.process.definition import Definition
from eilbote.author.process.details import TaskDetails
from eilbote.author.process.people.task_names import task_question
from eilbote.author.questions import AnswerLink
from eilbote.engine.answers import AnswerState
from eilbote.errors import (
    AddressError,
    ConnectionNotFoundError,
    NoRecipientsError,
    OutboxUnavailableError,
    ProcessError,
)
from eilbote.model.moment import as_datetime, later

pytestmark = pytest.mark.asyncio


class CrashError(Exception):
    """The process ends here."""


@pytest.fixture
def scene() -> PeopleScene:
    return PeopleScene()


async def test_everybody_gets_a_message_and_a_link_of_their_own(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now, due=later(scene.now, DAY))
    told = await scene.tell(task)
    assert (told.again, told.faults) == (None, ())
    assert list(scene.post.drafts) == [f"task/{TASK}/0", f"task/{TASK}/1"]
    drafts = list(scene.post.drafts.values())
    assert [str(draft.to[0]) for draft in drafts] == [ANNA, MAX]
    assert len(set(scene.post.tokens)) == 2
    for draft in drafts:
        assert draft.subject == "Task: Approve order 4711"
        assert draft.auto_submitted == "auto-generated"
        for words in ("Record: 4711", "Due: January 16, 2026", "Process: Orders", "Approve, Decline"):
            assert words in (draft.text or "")
    assert scene.post.options[f"task/{TASK}/0"].connections == ()
    assert scene.post.options[f"task/{TASK}/0"].organization == "acme"
    assert set(scene.post.authors.values()) == {"process:orders#i1"}


@pytest.mark.parametrize(
    "language, subject, words",
    [
        ("de", "Aufgabe: Approve order 4711", "Genehmigen, Ablehnen"),
        ("ru_RU", "Задача: Approve order 4711", "Согласовать, Отклонить"),
        ("fr", "Task: Approve order 4711", "Approve, Decline"),
    ],
)
async def test_people_are_told_in_their_language(
    scene: PeopleScene, language: str, subject: str, words: str
) -> None:
    await scene.begin(task_wait())
    await scene.tell(open_task(since=scene.now, language=language))
    draft = scene.post.drafts[f"task/{TASK}/0"]
    assert draft.subject == subject
    assert words in (draft.text or "")


async def test_told_again_nobody_gets_anything(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now)
    for _ in range(3):
        await scene.tell(task)
        scene.begin_anew()
    scene.post.drafts.clear()  # the outbox has forgotten them long since
    await scene.tell(task)
    assert not scene.post.drafts


async def test_of_many_who_tell_at_once_each_person_hears_once(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now)
    await asyncio.gather(*(scene.tell(task) for _ in range(8)))
    assert len(scene.post.drafts) == 2


async def test_no_links_are_made_for_messages_that_were_handed_in(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now, reminds=True)
    await scene.tell(task)
    scene.clock.advance(DAY)
    links: list[str] = []
    add_link = scene.questions.add_link

    async def count(link: AnswerLink) -> None:
        links.append(link.recipient)
        await add_link(link)

    scene.questions.add_link = count  # type: ignore[method-assign]
    for _ in range(3):
        scene.begin_anew()
        await scene.tell(task)
    assert links == [ANNA, MAX]


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("number", [0, 1])
async def test_whoever_goes_on_after_a_crash_tells_the_rest(
    scene: PeopleScene, where: str, number: int
) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now)

    def crash(step: str) -> None:
        if step == f"{where} task/{TASK}/{number}":
            raise CrashError

    scene.post.fault = crash
    with pytest.raises(CrashError):
        await scene.tell(task)
    scene.post.fault = lambda _: None
    scene.begin_anew()
    await scene.tell(task)
    assert len(scene.post.drafts) == 2
    for token in scene.post.tokens:
        assert (await scene.answers.look(token)).state is AnswerState.OPEN


async def test_a_database_that_does_not_answer_is_somebody_elses_fault(scene: PeopleScene) -> None:
    await scene.begin(task_wait())

    def fail(_: str) -> None:
        raise OutboxUnavailableError("the database does not answer")

    scene.post.fault = fail
    with pytest.raises(OutboxUnavailableError):
        await scene.tell()


async def test_what_keeps_people_from_being_told_is_told_and_tried_again(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now)

    def fail(_: str) -> None:
        raise ConnectionNotFoundError("there is no connection", field="connection")

    scene.post.fault = fail
    told = await scene.tell(task)
    assert told.again == later(scene.now, 3600)
    assert [type(fault) for fault in told.faults] == [ConnectionNotFoundError]
    scene.post.fault = lambda _: None
    assert (await scene.tell(task)).faults == ()
    assert len(scene.post.drafts) == 2


async def test_a_wrong_address_keeps_nobody_else_from_being_told(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    told = await scene.tell(open_task(since=scene.now, recipients=("nobody", ANNA)))
    assert [type(fault) for fault in told.faults] == [AddressError]
    assert told.again is not None
    assert list(scene.post.drafts) == [f"task/{TASK}/0"]


@pytest.mark.parametrize(
    "recipients, fault",
    [
        (("nobody",), AddressError),
        ((" ",), NoRecipientsError),
        (tuple(f"{n}@x.org" for n in range(101)), ProcessError),
    ],
)
async def test_nobody_or_a_crowd_is_told_to_those_who_run_it(
    scene: PeopleScene, recipients: tuple[str, ...], fault: type[Exception]
) -> None:
    await scene.begin(task_wait())
    told = await scene.tell(open_task(since=scene.now, recipients=recipients))
    assert [type(each) for each in told.faults] == [fault]
    assert not scene.post.drafts


async def test_a_task_without_recipients_is_nobodys_mail(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    told = await scene.tell(open_task(since=scene.now, recipients=(), reminds=True))
    assert (told.again, told.faults) == (None, ())
    assert await scene.questions.question(task_question(TASK)) is None


# -- without an address ----------------------------------------------------------------------------------------


async def test_nobody_is_asked_where_nobody_could_answer() -> None:
    scene = PeopleScene(public_url="")
    await scene.begin(task_wait())
    told = await scene.tell()
    assert not scene.post.drafts
    assert "EILBOTE_PUBLIC_URL" in str(told.faults[0].remedy)


async def test_people_are_told_of_what_is_done_elsewhere_without_an_address() -> None:
    scene = PeopleScene(public_url="")
    await scene.begin(task_wait())
    assert (await scene.tell(open_task(since=scene.now, choices=()))).faults == ()
    assert len(scene.post.drafts) == 2
    assert not scene.post.tokens


async def test_a_link_shows_what_is_done_elsewhere_and_decides_nothing(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    await scene.tell(open_task(since=scene.now, choices=()))
    token = scene.post.tokens[0]
    view = await scene.answers.answer(token, "approve")
    assert (view.state, await scene.happened()) == (AnswerState.OPEN, [])


@pytest.mark.parametrize(
    "public_url, details, is_refused",
    [
        ("", TaskDetails(recipients=(ANNA,), choices=(("approve", ""),)), True),
        ("https://x.example.org", TaskDetails(recipients=(ANNA,), choices=(("approve", ""),)), False),
        ("", TaskDetails(recipients=(), choices=(("approve", ""),)), False),
        ("", TaskDetails(recipients=(ANNA,)), False),
    ],
)
async def test_a_process_that_asks_people_needs_an_address(
    public_url: str, details: TaskDetails, *, is_refused: bool
) -> None:
    scene = PeopleScene(public_url=public_url)
    definition = Definition(
        name="orders",
        title="Orders",
        process="P",
        diagram=None,  # type: ignore[arg-type]
        details={"Approve": details},
        conditions={},
        text="",
    )
    if not is_refused:
        scene.teller.check(definition)
        return
    with pytest.raises(ProcessError) as caught:
        scene.teller.check(definition)
    assert caught.value.field == "Approve"


# -- reminders -------------------------------------------------------------------------------------------------


async def test_people_are_reminded_every_day_until_it_is_done(scene: PeopleScene) -> None:
    """The clock shows 09:30 UTC, 10:30 in Berlin."""
    await scene.begin(task_wait())
    task = open_task(
        since=scene.now,
        due=later(scene.now, DAY),
        reminds=True,
        time_zone="Europe/Berlin",
        recipients=(ANNA,),
    )
    told = await scene.tell(task)
    assert told.again is not None
    assert as_datetime(told.again) == datetime(2026, 1, 16, 6, 0, tzinfo=UTC)
    for day, subject in ((16, "Reminder"), (17, "Overdue"), (18, "Overdue")):
        scene.clock.advance((told.again - scene.now) / 1000)
        told = await scene.tell(task)
        assert told.again is not None
        key = f"task/{TASK}/2026-01-{day}/0"
        assert scene.post.drafts[key].subject == f"{subject}: Approve order 4711"
        assert scene.post.options[key].expires_at == as_datetime(told.again)
        assert as_datetime(told.again) == datetime(2026, 1, day + 1, 6, 0, tzinfo=UTC)
    assert len(scene.post.drafts) == 4
    assert "It was due" in (scene.post.drafts[f"task/{TASK}/2026-01-18/0"].text or "")
    for token in scene.post.tokens:  # the first one and those of all days
        assert (await scene.answers.look(token)).state is AnswerState.OPEN


async def test_a_day_has_one_reminder_however_many_look_and_begin_anew(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now, reminds=True, recipients=(ANNA,))
    await scene.tell(task)
    scene.clock.advance(DAY)
    for _ in range(3):
        await asyncio.gather(*(scene.tell(task) for _ in range(4)))
        scene.begin_anew()
        scene.clock.advance(3600)
    assert list(scene.post.drafts) == [f"task/{TASK}/0", f"task/{TASK}/2026-01-16/0"]


async def test_days_on_which_nothing_was_running_are_not_made_up_for(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now, reminds=True, recipients=(ANNA,))
    await scene.tell(task)
    scene.clock.advance(5 * DAY)
    await scene.tell(task)
    assert list(scene.post.drafts) == [f"task/{TASK}/0", f"task/{TASK}/2026-01-20/0"]


async def test_whoever_does_not_want_reminders_gets_none(scene: PeopleScene) -> None:
    await scene.begin(task_wait())
    task = open_task(since=scene.now)
    assert (await scene.tell(task)).again is None
    scene.clock.advance(DAY)
    await scene.tell(task)
    assert len(scene.post.drafts) == 2


async def test_a_time_zone_that_is_none_is_told_and_nothing_else_stops(scene: PeopleScene) -> None:
    other = "i1/Other/0"
    await scene.begin(task_wait(), task_wait(other))
    told = await scene.tell(
        open_task(since=scene.now, reminds=True, time_zone="Mars/Base"), open_task(other, since=scene.now)
    )
    assert len(told.faults) == 1
    assert list(scene.post.drafts) == [f"task/{other}/0", f"task/{other}/1"]
