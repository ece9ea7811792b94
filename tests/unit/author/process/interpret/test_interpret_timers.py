"""Times in processes: they are counted from the moment that is handed in, and from nothing else."""

from __future__ import annotations

import pytest
from tests.unit.author.process.drawn import (
    END,
    HOUR,
    NOW,
    START,
    K,
    began,
    element,
    mail,
    on,
    process,
    standing,
    worked,
)

from eilbote.author.process.definition import Definition
from eilbote.author.process.instance import (
    IncidentDecided,
    InstanceStatus,
    MessageArrived,
    PassageKind,
    TaskCompleted,
)
from eilbote.author.process.interpret.interpret import give
from eilbote.model.moment import Moment

COMPLETED = InstanceStatus.COMPLETED


def at(hours: float) -> Moment:
    return Moment(NOW + round(hours * HOUR))


def wait(timer: str) -> Definition:
    return process([START, element("wait", K.CATCH_EVENT, timer=timer), END], "start > wait > end")


@pytest.mark.parametrize(
    "timer, due",
    [
        ("PT1H", at(1)),
        ("P1DT30M", at(24.5)),
        ("{{ pause }}", at(2)),
        ("2027-01-15T09:00:00Z", at(1)),
        ("2027-01-15T10:00:00+01:00", at(1)),
        ("R3/PT1H", at(1)),
    ],
)
def test_a_token_waits_until_its_time(timer: str, due: Moment) -> None:
    drawn = wait(timer)
    waiting = began(drawn, {"pause": "PT2H"})
    assert waiting.waits.due == due
    assert on(drawn, waiting, now=Moment(due - 1)) == waiting
    assert on(drawn, waiting, now=due).status is COMPLETED


def test_a_time_that_has_passed_fires_at_once() -> None:
    assert began(wait("2020-01-01T00:00:00Z")).status is COMPLETED
    assert began(wait("PT0S")).status is COMPLETED


@pytest.mark.parametrize(
    "timer, what",
    [
        ("{{ nothing }}", "is no duration"),
        ("tomorrow", "is no duration"),
        ("P", "is no duration"),
        ("PT", "is no duration"),
        ("P1000Y", "hundred years"),
        ("2026-13-01", "is no date"),
        ("R/PT0S", "without a pause"),
        ("R0/PT1H", "is no cycle"),
        ("R3/soon", "is no cycle"),
        ("__import__('os').system('touch /tmp/x')", "is no duration"),
        ("PT1H if True else exec('1')", "is no duration"),
    ],
)
def test_a_time_that_cannot_be_read_waits_for_a_decision(timer: str, what: str) -> None:
    drawn = wait(timer)
    (incident,) = began(drawn).incidents
    assert what in str(incident.error["message"])
    assert incident.error["field"] == "wait.timer"


def reminded(timer: str) -> Definition:
    return process(
        [
            START,
            element("ask", K.USER_TASK),
            element("late", K.BOUNDARY_EVENT, at="ask", timer=timer, interrupting=False),
            element("remind", K.SEND_TASK),
            element("enough", K.END_EVENT),
            END,
        ],
        "start > ask > end",
        "late > remind > enough",
        details={"remind": mail("remind")},
    )


def test_a_cycle_at_the_border_reminds_so_many_times() -> None:
    drawn = reminded("R2/PT1H")
    instance = began(drawn)
    instance = on(drawn, instance, now=at(1))
    assert [each.key for each in instance.wanted] == ["i/remind/0"]
    assert instance.waits.tasks
    assert instance.waits.due == at(2)
    instance = on(drawn, instance, now=at(2))
    assert [each.key for each in instance.wanted] == ["i/remind/0", "i/remind/1"]
    assert instance.waits.due is None
    assert on(drawn, instance, now=at(99)) == instance


def test_turns_of_a_cycle_that_were_missed_are_made_up_for_once() -> None:
    drawn = reminded("R/PT1H")
    instance = on(drawn, began(drawn), now=at(5.5))
    assert [each.key for each in instance.wanted] == ["i/remind/0"]
    assert instance.waits.due == at(6)


def test_an_activity_that_is_done_in_time_is_not_late() -> None:
    drawn = reminded("R/PT1H")
    instance = worked(drawn, began(drawn), "ask")
    assert instance.status is COMPLETED
    assert instance.waits.due is None


def test_a_time_at_the_border_ends_the_activity() -> None:
    drawn = process(
        [
            START,
            element("ask", K.USER_TASK),
            element("late", K.BOUNDARY_EVENT, at="ask", timer="PT1H"),
            element("boss", K.USER_TASK),
            END,
        ],
        "start > ask > end",
        "late > boss > end",
    )
    instance = on(drawn, began(drawn), now=at(1))
    assert standing(instance) == ["boss"]
    assert [each.element for each in instance.passages if each.kind is PassageKind.CANCELLED] == ["ask"]
    assert [task.key for task in instance.waits.tasks] == ["i/boss/0"]


def test_messages_at_the_border_come_again_and_again_until_one_interrupts() -> None:
    drawn = process(
        [
            START,
            element("ask", K.USER_TASK),
            element("more", K.BOUNDARY_EVENT, at="ask", message="more", interrupting=False),
            element("stop", K.BOUNDARY_EVENT, at="ask", message="stop"),
            element("note", K.SEND_TASK),
            END,
        ],
        "start > ask > end",
        "more > note > end",
        "stop > end",
        details={"note": mail("note", mapping={"n": "{{ n }}"})},
    )
    instance = began(drawn)
    assert {each.name for each in instance.waits.messages} == {"more", "stop"}
    for turn in range(2):
        arrived = MessageArrived(name="more", correlation="i", data={"n": turn})
        instance = on(drawn, give(drawn, instance, arrived, now=NOW))
        assert len(instance.wanted) == turn + 1
    instance = on(drawn, give(drawn, instance, MessageArrived(name="stop", correlation="i"), now=NOW))
    assert not instance.waits.tasks
    assert not instance.waits.messages
    assert len(instance.wanted) == 2
    assert instance.status is InstanceStatus.RUNNING


def test_a_time_that_falls_due_while_a_deed_is_on_its_way_takes_it_away() -> None:
    drawn = process(
        [
            START,
            element("tell", K.SEND_TASK),
            element("late", K.BOUNDARY_EVENT, at="tell", timer="PT1H"),
            element("look", K.USER_TASK),
            END,
        ],
        "start > tell > end",
        "late > look > end",
        details={"tell": mail("tell")},
    )
    instance = on(drawn, began(drawn), now=at(1))
    assert not instance.wanted
    assert standing(instance) == ["look"]


def test_times_at_the_border_do_not_begin_anew_with_a_retry() -> None:
    drawn = process(
        [
            START,
            element("ask", K.USER_TASK),
            element("late", K.BOUNDARY_EVENT, at="ask", timer="PT1H"),
            END,
        ],
        "start > ask > end",
        "late > end",
        details={},
    )
    unreadable = process(
        [
            START,
            element("call", K.CALL_ACTIVITY, called="gone"),
            element("late", K.BOUNDARY_EVENT, at="call", timer="PT1H"),
            END,
        ],
        "start > call > end",
        "late > end",
    )
    stopped = began(unreadable)
    (incident,) = stopped.incidents
    decided = IncidentDecided(key=incident.key, retries=True, by="me")
    later = on(unreadable, give(unreadable, stopped, decided, now=at(0.5)), now=at(0.5))
    assert later.waits.due == at(1)
    ended = on(unreadable, later, now=at(1))
    assert not ended.incidents
    assert ended.status is COMPLETED
    assert began(drawn).waits.due == at(1)


def test_a_loop_without_a_pause_is_stopped_after_so_many_steps() -> None:
    drawn = process(
        [START, element("again", K.EXCLUSIVE_GATEWAY), element("now", K.CATCH_EVENT, timer="PT0S")],
        "start > again > now > again",
    )
    from eilbote.author.process.instance import MOST_STEPS
    from eilbote.author.process.interpret.interpret import begin, go_on

    stopped = go_on(drawn, begin(drawn, {}, instance_id="i", now=NOW), now=NOW)
    (incident,) = stopped.incidents
    assert incident.error["code"] == "too_many_steps"
    assert stopped.steps == MOST_STEPS + 1
    assert len(stopped.passages) <= 2000
    decided = IncidentDecided(key=incident.key, retries=True, by="me")
    again = go_on(drawn, give(drawn, stopped, decided, now=NOW), now=NOW)
    assert again.steps > 2 * MOST_STEPS
    assert len(again.incidents) == 1


def test_an_open_task_is_overdue_by_its_own_time() -> None:
    from eilbote.author.process.details import TaskDetails

    drawn = process(
        [START, element("ask", K.USER_TASK), END],
        "start > ask > end",
        details={"ask": TaskDetails(due="P1M")},
    )
    (task,) = began(drawn).waits.tasks
    assert task.due == NOW + 31 * 24 * HOUR
    assert began(drawn).waits.due is None
    ended = give(drawn, began(drawn), TaskCompleted(key=task.key, by="me"), now=at(9999))
    assert on(drawn, ended).status is COMPLETED


def test_a_choice_of_events_that_is_tried_anew_waits_once_for_each() -> None:
    choice = process(
        [
            START,
            element("choice", K.EVENT_BASED_GATEWAY),
            element("paid", K.CATCH_EVENT, message="payment"),
            element("late", K.CATCH_EVENT, timer="{{ patience }}"),
            END,
        ],
        "start > choice",
        "choice > paid > end",
        "choice > late > end",
    )
    instance = on(choice, began(choice, {"patience": "for ever"}))
    (incident,) = instance.incidents
    decided = IncidentDecided(key=incident.key, retries=True, by="chief")
    instance = on(choice, give(choice, instance, decided, now=NOW))
    assert [each.element for each in instance.waits.messages] == ["paid"]
