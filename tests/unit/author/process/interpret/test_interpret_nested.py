"""Sub-processes, called processes, and activities that are done several times."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.author.process.drawn import (
    END,
    HOUR,
    NOW,
    START,
    E,
    K,
    all_sent,
    began,
    done,
    element,
    mail,
    on,
    process,
    standing,
    worked,
)

from eilbote.author.process.details import TaskDetails
from eilbote.author.process.diagram import Element, Loop
from eilbote.author.process.instance import (
    MOST_TURNS,
    DeedDone,
    IncidentDecided,
    InstanceStatus,
    PassageKind,
    SendOverRoute,
    TaskCompleted,
)
from eilbote.author.process.interpret.interpret import give, settle
from eilbote.model.moment import Moment

COMPLETED = InstanceStatus.COMPLETED


SUB = process(
    [
        START,
        END,
        element("sub", K.SUB_PROCESS),
        element("in", K.START_EVENT, scope="sub"),
        element("ask", K.USER_TASK, scope="sub"),
        element("out", K.END_EVENT, scope="sub"),
        element("oops", K.END_EVENT, E.ERROR, scope="sub", error="no-stock"),
        element("which", K.EXCLUSIVE_GATEWAY, scope="sub", default="which-out"),
        element("caught", K.BOUNDARY_EVENT, E.ERROR, error="no-stock", at="sub"),
        element("late", K.BOUNDARY_EVENT, at="sub", timer="PT1H"),
        element("told", K.SEND_TASK),
    ],
    "start > sub > end",
    "in > ask > which > out",
    "which > oops if bad",
    "caught > told > end",
    "late > told",
    details={"told": mail("told")},
)


def test_what_is_inside_of_a_sub_process_ends_before_the_token_goes_on() -> None:
    instance = began(SUB)
    assert standing(instance) == ["sub", "ask"]
    assert worked(SUB, instance, "ask").status is COMPLETED


def test_an_error_from_inside_is_caught_at_the_border() -> None:
    instance = worked(SUB, began(SUB), "ask", bad=True)
    assert standing(instance) == ["told"]
    assert isinstance(instance.data["error"], dict)
    assert instance.data["error"]["code"] == "no-stock"
    assert [each.element for each in instance.passages if each.kind is PassageKind.CANCELLED] == ["sub"]


def test_a_time_at_the_border_takes_everything_inside_away() -> None:
    instance = on(SUB, began(SUB), now=Moment(NOW + HOUR))
    assert standing(instance) == ["told"]
    assert not instance.waits.tasks
    assert instance.waits.due is None
    cancelled = [each.element for each in instance.passages if each.kind is PassageKind.CANCELLED]
    assert cancelled == ["ask", "sub"]


def test_a_token_passes_a_sub_process_with_nothing_inside_and_begins_where_nothing_leads_to() -> None:
    empty = process([START, element("sub", K.SUB_PROCESS), END], "start > sub > end")
    assert began(empty).status is COMPLETED
    bare = process(
        [
            START,
            element("sub", K.SUB_PROCESS),
            element("a", K.SEND_TASK, scope="sub"),
            element("b", K.SEND_TASK, scope="sub"),
            element("c", K.SEND_TASK, scope="sub"),
            END,
        ],
        "start > sub > end",
        "a > b",
        details={each: mail(each) for each in "abc"},
    )
    instance, keys = all_sent(bare, began(bare))
    assert keys == ["i/a/0", "i/c/0", "i/b/0"]
    assert instance.status is COMPLETED


def test_a_terminate_event_ends_its_own_sub_process_alone() -> None:
    drawn = process(
        [
            START,
            element("sub", K.SUB_PROCESS),
            element("in", K.START_EVENT, scope="sub"),
            element("a", K.USER_TASK, scope="sub"),
            element("stop", K.END_EVENT, E.TERMINATE, scope="sub"),
            element("told", K.SEND_TASK),
            END,
        ],
        "start > sub > told > end",
        "in > a",
        "in > stop",
        details={"told": mail("told")},
    )
    assert standing(began(drawn)) == ["told"]


def test_a_process_of_the_same_file_is_called() -> None:
    drawn = process(
        [
            START,
            element("call", K.CALL_ACTIVITY, called="Q"),
            END,
            element("begin", K.START_EVENT, scope="Q"),
            element("tell", K.SEND_TASK, scope="Q"),
        ],
        "start > call > end",
        "begin > tell",
        details={"tell": mail("tell")},
        called=("Q",),
    )
    instance, keys = all_sent(drawn, began(drawn))
    assert keys == ["i/tell/0"]
    assert instance.status is COMPLETED


def test_a_process_that_is_not_there_is_an_incident() -> None:
    drawn = process([START, element("call", K.CALL_ACTIVITY, called="Q"), END], "start > call > end")
    (incident,) = began(drawn).incidents
    assert "not in the diagram" in str(incident.error["message"])


def test_a_process_that_calls_itself_without_an_end_is_stopped() -> None:
    drawn = process([START, element("call", K.CALL_ACTIVITY, called="P"), END], "start > call > end")
    stopped = began(drawn)
    (incident,) = stopped.incidents
    assert "deep" in str(incident.error["message"])
    skipped = give(drawn, stopped, IncidentDecided(key=incident.key, retries=False, by="me"), now=NOW)
    assert on(drawn, skipped).status is COMPLETED


# -- several times ----------------------------------------------------------------------------------------------


def several(loop: Loop) -> list[Element]:
    """Draw a message that is sent several times."""
    return [START, element("tell", K.SEND_TASK, loop=loop), END]


def test_one_message_for_each_item_one_after_the_other() -> None:
    drawn = process(
        several(Loop(is_sequential=True, collection="people", item="person")),
        "start > tell > end",
        details={"tell": mail("tell", mapping={"To": "{{ person.mail }}", "No": "{{ loop.index }}"})},
    )
    instance = began(drawn, {"people": [{"mail": "a@x"}, {"mail": "b@x"}, {"mail": "c@x"}]})
    for turn, to in enumerate(("a@x", "b@x", "c@x")):
        (wanted,) = instance.wanted
        assert wanted.key == f"i/tell/{turn}"
        assert isinstance(wanted.deed, SendOverRoute)
        assert wanted.deed.values == {"To": to, "No": turn}
        instance = done(drawn, instance, wanted.key)
    assert instance.status is COMPLETED
    assert instance.mails == 3
    assert instance.taken == {"start-tell": 1, "tell-end": 1}
    assert "person" not in instance.data


def test_one_message_for_each_item_all_at_once_in_any_order() -> None:
    drawn = process(
        several(Loop(is_sequential=False, cardinality="{{ count }}")),
        "start > tell > end",
        details={"tell": mail("tell")},
    )
    instance = began(drawn, {"count": 3})
    assert [each.key for each in instance.wanted] == ["i/tell/0", "i/tell/1", "i/tell/2"]
    for turn in (1, 2, 0):
        assert instance.status is InstanceStatus.RUNNING
        instance = done(drawn, instance, f"i/tell/{turn}")
    assert instance.status is COMPLETED


@pytest.mark.parametrize("said", ["0", "none.size"])
def test_nothing_is_done_for_no_items(said: str) -> None:
    drawn = process(
        several(Loop(is_sequential=False, cardinality=said)),
        "start > tell > end",
        details={"tell": mail("tell")},
    )
    assert began(drawn, {"none": []}).status is COMPLETED


def test_what_people_answer_becomes_a_list_and_ends_the_turns_early() -> None:
    drawn = process(
        [
            START,
            element(
                "ask",
                K.USER_TASK,
                loop=Loop(is_sequential=False, collection="bosses", item="boss", until='vote.answer == "no"'),
            ),
            END,
        ],
        "start > ask > end",
        details={
            "ask": TaskDetails(title="{{ boss }}", choices=(("yes", "Yes"), ("no", "No")), result="vote")
        },
    )
    instance = began(drawn, {"bosses": ["a", "b", "c"]})
    assert [task.title for task in instance.waits.tasks] == ["a", "b", "c"]
    yes = TaskCompleted(key="i/ask/2", by="c", answer="yes")
    instance = on(drawn, give(drawn, instance, yes, now=NOW))
    assert "vote" not in instance.data
    no = TaskCompleted(key="i/ask/1", by="b", answer="no")
    instance = on(drawn, give(drawn, instance, no, now=NOW))
    assert instance.status is COMPLETED
    votes = instance.data["vote"]
    assert isinstance(votes, list)
    assert [vote["by"] for vote in votes if isinstance(vote, dict)] == ["b", "c"]
    assert [each.iteration for each in instance.passages if each.kind is PassageKind.CANCELLED] == [0]


def test_a_sub_process_for_each_item_sees_its_own() -> None:
    drawn = process(
        [
            START,
            element("sub", K.SUB_PROCESS, loop=Loop(is_sequential=False, collection="orders", item="order")),
            element(
                "each",
                K.SEND_TASK,
                scope="sub",
                loop=Loop(is_sequential=True, collection="order.lines", item="line"),
            ),
            END,
        ],
        "start > sub > end",
        details={"each": mail("each", mapping={"What": "{{ order.no }}/{{ line }}/{{ loop.index }}"})},
    )
    data = {"orders": [{"no": 1, "lines": ["a", "b"]}, {"no": 2, "lines": ["c"]}]}
    instance = began(drawn, data)  # type: ignore[arg-type]
    said: list[object] = []
    while instance.wanted:
        wanted = instance.wanted[0]
        assert isinstance(wanted.deed, SendOverRoute)
        said.append(wanted.deed.values["What"])
        instance = done(drawn, instance, wanted.key)
    assert sorted(map(str, said)) == ["1/a/0", "1/b/1", "2/c/0"]
    assert instance.status is COMPLETED


def test_an_error_in_a_turn_ends_the_activity() -> None:
    drawn = process(
        [
            *several(Loop(is_sequential=False, cardinality="3")),
            element("caught", K.BOUNDARY_EVENT, E.ERROR, at="tell"),
            element("look", K.USER_TASK),
        ],
        "start > tell > end",
        "caught > look > end",
        details={"tell": mail("tell")},
    )
    error = {"code": "x", "message": "", "cause": "", "remedy": "", "field": ""}
    failed = settle(drawn, began(drawn), "i/tell/1", DeedDone(error=error, catchable=True), now=NOW)
    instance = on(drawn, failed)
    assert standing(instance) == ["look"]
    assert not instance.wanted


@pytest.mark.parametrize(
    "loop, data, what",
    [
        (Loop(is_sequential=False, cardinality="1000000000"), {}, "1,000,000,000 times"),
        (Loop(is_sequential=True, cardinality="n"), {"n": MOST_TURNS + 1}, "1,001 times"),
        (Loop(is_sequential=False, cardinality="9" * 400), {}, "no whole number"),
        (Loop(is_sequential=False, cardinality="many"), {"many": "-1"}, "no whole number"),
        (Loop(is_sequential=False, cardinality="(1..1000000000)"), {}, "number"),
        (Loop(is_sequential=False, collection="people"), {}, "there is no"),
        (Loop(is_sequential=False, collection="people"), {"people": "Anna"}, "is no list"),
        (Loop(is_sequential=False, collection="__import__('os')"), {}, ""),
    ],
)
def test_too_many_turns_or_none_that_can_be_counted_wait_for_a_decision(
    loop: Loop, data: dict[str, object], what: str
) -> None:
    drawn = process(several(loop), "start > tell > end", details={"tell": mail("tell")})
    stopped = began(drawn, data)  # type: ignore[arg-type]
    (incident,) = stopped.incidents
    assert what in str(incident.error["message"])
    assert not stopped.wanted
    skipped = give(drawn, stopped, IncidentDecided(key=incident.key, retries=False, by="me"), now=NOW)
    assert on(drawn, skipped).status is COMPLETED


def test_a_collection_that_was_mended_is_looked_up_again() -> None:
    drawn = process(
        several(Loop(is_sequential=False, collection="people")),
        "start > tell > end",
        details={"tell": mail("tell", mapping={"To": "{{ item }}"})},
    )
    stopped = began(drawn)
    mended = replace(stopped, data={"people": ["a"]})
    (incident,) = stopped.incidents
    again = give(drawn, mended, IncidentDecided(key=incident.key, retries=True, by="me"), now=NOW)
    (wanted,) = on(drawn, again).wanted
    assert isinstance(wanted.deed, SendOverRoute)
    assert wanted.deed.values == {"To": "a"}
