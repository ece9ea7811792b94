"""The interpreter: every element that is supported, each instance written down and read again between any two steps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

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
    kept,
    mail,
    on,
    process,
    standing,
    worked,
)

from eilbote.author.process.definition import Definition
from eilbote.author.process.details import CatchDetails, Destination, FlowDetails, HttpDetails, TaskDetails
from eilbote.author.process.diagram import Element
from eilbote.author.process.instance import (
    MAIL_FAILED,
    MOST_MAILS,
    Announce,
    CallHttp,
    DeedDone,
    IncidentDecided,
    InstanceStatus,
    MessageArrived,
    PassageKind,
    RunFlow,
    SendMessage,
    SendOverRoute,
    TaskCompleted,
)
from eilbote.author.process.interpret.interpret import begin, cancel, give, go_on, settle
from eilbote.errors import ProcessError
from eilbote.model.data import Data
from eilbote.model.moment import Moment

RUNNING, COMPLETED = InstanceStatus.RUNNING, InstanceStatus.COMPLETED

THIN = process(
    [
        START,
        element("big", K.EXCLUSIVE_GATEWAY, default="big-end"),
        element("tell", K.THROW_EVENT, E.MESSAGE),
        element("look", K.USER_TASK),
        END,
    ],
    "start > big",
    "tell > look > end",
    "big > tell if total > 10",
    "big > end",
    details={
        "tell": mail("order-ready", mapping={"Customer": "{{ customer.name }}", "Total": "{{ total }}"}),
        "look": TaskDetails(title="Look at {{ customer.name }}", result="decision"),
    },
)


def test_a_token_goes_from_the_start_over_a_message_and_a_person_to_the_end() -> None:
    instance = began(THIN, {"customer": {"name": "Anna"}, "total": 12})
    assert standing(instance) == ["tell"]
    (wanted,) = instance.wanted
    assert wanted.key == "i/tell/0"
    assert isinstance(wanted.deed, SendOverRoute)
    assert wanted.deed.values == {"Customer": "Anna", "Total": 12}
    assert instance.mails == 1
    instance = done(THIN, instance, wanted.key, entry="0000000000001")
    assert instance.state == "after order-ready"
    (task,) = instance.waits.tasks
    assert (task.key, task.title) == ("i/look/0", "Look at Anna")
    instance = on(THIN, give(THIN, instance, TaskCompleted(key=task.key, by="boss", answer="yes"), now=NOW))
    assert instance.status is COMPLETED
    assert instance.data["decision"] == {"answer": "yes", "text": "", "by": "boss"}
    assert instance.taken == {"start-big": 1, "big-tell": 1, "tell-look": 1, "look-end": 1}
    assert instance.steps == 5
    assert [each.entry for each in instance.passages if each.element == "tell"] == ["", "0000000000001"]
    assert instance.passages[-1].element == "end"
    assert instance.passages[-1].kind is PassageKind.LEFT


# -- gateways -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, number, sent",
    [
        (K.EXCLUSIVE_GATEWAY, 12, ["a"]),
        (K.EXCLUSIVE_GATEWAY, 7, ["b"]),
        (K.EXCLUSIVE_GATEWAY, 1, ["c"]),
        (K.INCLUSIVE_GATEWAY, 12, ["a", "b"]),
        (K.INCLUSIVE_GATEWAY, 7, ["b"]),
        (K.INCLUSIVE_GATEWAY, 1, ["c"]),
        (K.TASK, 12, ["a", "b"]),
        (K.TASK, 1, ["c"]),
    ],
)
def test_a_token_leaves_by_the_conditions_that_hold(kind: K, number: int, sent: list[str]) -> None:
    drawn = process(
        [
            START,
            element("split", kind, default="split-c"),
            *(element(each, K.SEND_TASK) for each in "abc"),
            END,
        ],
        "start > split",
        "split > a if n > 10",
        "split > b if n > 5",
        "split > c",
        "a > end",
        "b > end",
        "c > end",
        details={each: mail(each) for each in "abc"},
    )
    instance, keys = all_sent(drawn, began(drawn, {"n": number}))
    assert keys == [f"i/{each}/0" for each in sent]
    assert instance.status is COMPLETED


def test_without_a_way_on_a_person_decides() -> None:
    drawn = process(
        [START, element("which", K.EXCLUSIVE_GATEWAY), element("a", K.SEND_TASK), END],
        "start > which",
        "which > a if n > 10",
        "which > end if n > 5",
        "a > end",
        details={"a": mail("a")},
    )
    stopped = began(drawn, {"n": 1})
    (incident,) = stopped.incidents
    assert incident.element == "which"
    assert "no condition holds" in str(incident.error["message"])
    assert stopped.status is RUNNING
    again = on(drawn, give(drawn, stopped, IncidentDecided(key=incident.key, retries=True, by="me"), now=NOW))
    assert [each.key for each in again.incidents] == [incident.key]
    mended = replace(stopped, data={"n": 7})
    mended = give(drawn, mended, IncidentDecided(key=incident.key, retries=True, by="me"), now=NOW)
    assert on(drawn, mended).status is COMPLETED
    skipped = give(drawn, stopped, IncidentDecided(key=incident.key, retries=False, by="me"), now=NOW)
    assert [each.element for each in on(drawn, skipped).wanted] == ["a"]


def test_tokens_wait_for_one_another_at_a_parallel_gateway() -> None:
    drawn = process(
        [
            START,
            element("fork", K.PARALLEL_GATEWAY),
            element("a", K.USER_TASK),
            element("b", K.USER_TASK),
            element("join", K.PARALLEL_GATEWAY),
            element("last", K.SEND_TASK),
            END,
        ],
        "start > fork > a > join > last > end",
        "fork > b > join",
        details={"last": mail("last")},
    )
    instance = began(drawn)
    assert sorted(task.element for task in instance.waits.tasks) == ["a", "b"]
    instance = worked(drawn, instance, "b")
    assert standing(instance) == ["a"]
    instance = worked(drawn, instance, "a")
    assert [each.key for each in instance.wanted] == ["i/last/0"]
    assert instance.taken["join-last"] == 1


def test_a_second_token_on_a_flow_waits_for_the_next_round() -> None:
    drawn = process(
        [
            START,
            element("fork", K.PARALLEL_GATEWAY),
            element("two", K.PARALLEL_GATEWAY),
            element("merge", K.EXCLUSIVE_GATEWAY),
            element("a", K.USER_TASK),
            element("join", K.PARALLEL_GATEWAY),
            element("told", K.SEND_TASK),
            END,
        ],
        "start > fork > two > merge > join > told > end",
        "two > merge",
        "fork > a > join",
        details={"told": mail("told")},
    )
    instance = began(drawn)
    assert not instance.wanted
    instance = worked(drawn, instance, "a")
    assert len(instance.wanted) == 1
    instance, _ = all_sent(drawn, instance)
    (incident,) = instance.incidents  # the other one waits for somebody who can never come
    assert incident.element == "join"
    assert "never come" in str(incident.error["message"])
    instance = give(drawn, instance, IncidentDecided(key=incident.key, retries=True, by="me"), now=NOW)
    instance, keys = all_sent(drawn, on(drawn, instance))
    assert keys == ["i/told/1"]
    assert instance.status is COMPLETED


def test_a_parallel_gateway_joins_again_in_each_turn_of_a_loop() -> None:
    drawn = process(
        [
            START,
            element("again", K.EXCLUSIVE_GATEWAY),
            element("fork", K.PARALLEL_GATEWAY),
            element("a", K.USER_TASK),
            element("b", K.SEND_TASK),
            element("join", K.PARALLEL_GATEWAY),
            element("which", K.EXCLUSIVE_GATEWAY, default="which-end"),
            END,
        ],
        "start > again > fork > a > join > which > end",
        "fork > b > join",
        "which > again if left.more",
        details={"a": TaskDetails(result="left"), "b": mail("b")},
    )
    instance = began(drawn)
    for turn in range(3):
        assert [each.key for each in instance.wanted] == [f"i/b/{turn}"]
        instance, _ = all_sent(drawn, instance)
        assert standing(instance) == ["a"]
        instance = worked(drawn, instance, "a", more=turn < 2)
    assert instance.status is COMPLETED


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_an_inclusive_gateway_waits_for_those_that_can_still_come(order: tuple[str, str]) -> None:
    drawn = process(
        [
            START,
            element("split", K.INCLUSIVE_GATEWAY),
            *(element(each, K.USER_TASK) for each in "abc"),
            element("join", K.INCLUSIVE_GATEWAY),
            element("last", K.SEND_TASK),
            END,
        ],
        "start > split",
        "split > a if n > 1",
        "split > b if n > 0",
        "split > c if n > 9",
        "a > join > last > end",
        "b > join",
        "c > join",
        details={"last": mail("last")},
    )
    instance = worked(drawn, began(drawn, {"n": 5}), order[0])
    assert not instance.wanted
    instance = worked(drawn, instance, order[1])
    assert [each.key for each in instance.wanted] == ["i/last/0"]
    assert [each.key for each in worked(drawn, began(drawn, {"n": 1}), "b").wanted] == ["i/last/0"]


def test_an_inclusive_gateway_goes_on_when_the_missing_token_has_ended_elsewhere() -> None:
    drawn = process(
        [
            START,
            element("split", K.INCLUSIVE_GATEWAY),
            element("a", K.TASK),
            element("b", K.USER_TASK),
            element("which", K.EXCLUSIVE_GATEWAY, default="which-join"),
            element("join", K.INCLUSIVE_GATEWAY),
            element("last", K.SEND_TASK),
            END,
            element("gone", K.END_EVENT),
        ],
        "start > split > a > join > last > end",
        "split > b > which > join",
        "which > gone if stops",
        details={"last": mail("last")},
    )
    instance = began(drawn, {"stops": True})
    assert standing(instance) == ["b"]
    instance = worked(drawn, instance, "b")
    assert [each.key for each in instance.wanted] == ["i/last/0"]


def test_an_inclusive_gateway_waits_for_those_that_can_come_from_a_border_only() -> None:
    drawn = process(
        [
            START,
            element("split", K.PARALLEL_GATEWAY),
            element("a", K.USER_TASK),
            element("b", K.USER_TASK),
            element("late", K.BOUNDARY_EVENT, at="a", timer="PT1H"),
            element("join", K.INCLUSIVE_GATEWAY),
            element("last", K.SEND_TASK),
            END,
            element("gone", K.END_EVENT),
        ],
        "start > split > a > gone",
        "split > b > join > last > end",
        "late > join",
        details={"last": mail("last")},
    )
    waiting = worked(drawn, began(drawn), "b")
    assert standing(waiting) == ["a"]
    late = on(drawn, waiting, now=Moment(NOW + HOUR))
    assert [each.key for each in late.wanted] == ["i/last/0"]
    in_time = worked(drawn, waiting, "a")
    assert [each.key for each in in_time.wanted] == ["i/last/0"]


def test_the_first_event_behind_a_gateway_wins() -> None:
    drawn = process(
        [
            START,
            element("race", K.EVENT_BASED_GATEWAY),
            element("paid", K.CATCH_EVENT, message="payment"),
            element("late", K.CATCH_EVENT, timer="PT1H"),
            element("thanks", K.SEND_TASK),
            element("remind", K.SEND_TASK),
            END,
        ],
        "start > race > paid > thanks > end",
        "race > late > remind > end",
        details={
            "thanks": mail("thanks"),
            "remind": mail("remind"),
            "paid": CatchDetails(correlation="{{ order }}", result="payment"),
        },
    )
    waiting = began(drawn, {"order": "A-7"})
    (awaited,) = waiting.waits.messages
    assert (awaited.element, awaited.name, awaited.correlation) == ("paid", "payment", "A-7")
    assert waiting.waits.due == NOW + HOUR
    arrived = MessageArrived(name="payment", correlation="A-7", data={"amount": Decimal("1.50")})
    paid = on(drawn, give(drawn, waiting, arrived, now=NOW))
    assert [each.element for each in paid.wanted] == ["thanks"]
    assert paid.data["payment"] == {"amount": Decimal("1.50")}
    assert paid.taken["race-paid"] == 1
    assert paid.waits.due is None
    late = on(drawn, waiting, now=Moment(NOW + HOUR))
    assert [each.element for each in late.wanted] == ["remind"]
    assert not late.waits.messages
    with pytest.raises(ProcessError, match="nothing waits"):
        give(drawn, late, arrived, now=NOW)


# -- messages, people, services ---------------------------------------------------------------------------------


def test_messages_find_an_instance_by_name_and_key() -> None:
    drawn = process(
        [START, element("wait", K.RECEIVE_TASK, message="payment"), END],
        "start > wait > end",
        correlation="order-{{ order }}",
    )
    waiting = began(drawn, {"order": 7})
    assert waiting.correlation == "order-7"
    (awaited,) = waiting.waits.messages
    assert (awaited.key, awaited.correlation) == ("i/wait/0", "order-7")
    for wrong in (
        MessageArrived(name="payment", correlation="order-8"),
        MessageArrived(name="refund", correlation="order-7"),
        MessageArrived(name="payment", key="i/wait/1"),
    ):
        with pytest.raises(ProcessError, match="nothing waits"):
            give(drawn, waiting, wrong, now=NOW)
    right = MessageArrived(name="payment", key="i/wait/0", data={"amount": 3})
    ended = on(drawn, give(drawn, waiting, right, now=NOW))
    assert ended.status is COMPLETED
    assert ended.data["amount"] == 3
    with pytest.raises(ProcessError, match="is completed"):
        give(drawn, ended, right, now=NOW)


def test_an_instance_begins_at_a_message_or_at_a_named_event() -> None:
    drawn = process(
        [
            START,
            element("order", K.START_EVENT, message="order"),
            element("daily", K.START_EVENT, timer="R/P1D"),
            *(element(each, K.SEND_TASK) for each in "abc"),
            END,
        ],
        "start > a > end",
        "order > b > end",
        "daily > c > end",
        details={each: mail(each) for each in "abc"} | {"order": CatchDetails(result="order")},
    )
    assert [each.element for each in began(drawn).wanted] == ["a"]
    by_message = began(drawn, {"number": 7}, message="order")
    assert [each.element for each in by_message.wanted] == ["b"]
    assert by_message.data == {"order": {"number": 7}}
    assert [each.element for each in began(drawn, element="daily").wanted] == ["c"]
    with pytest.raises(ProcessError, match="does not begin"):
        began(drawn, message="nothing")
    with pytest.raises(ProcessError, match="does not begin"):
        began(drawn, element="a")


def test_people_are_asked_and_their_choice_is_one_of_those() -> None:
    details = TaskDetails(
        title="Check {{ order }}",
        record="Order {{ order }}",
        recipients=("{{ boss }}", "{{ nobody }}"),
        due="P2D",
        choices=(("approve", "Yes"), ("decline", "No")),
        result="decision",
    )
    drawn = process([START, element("ask", K.USER_TASK), END], "start > ask > end", details={"ask": details})
    waiting = began(drawn, {"order": 7, "boss": "boss@example.org"})
    (task,) = waiting.waits.tasks
    assert (task.title, task.record, task.due) == ("Check 7", "Order 7", NOW + 48 * HOUR)
    assert task.details.recipients == ("boss@example.org",)
    for answer in ("", "maybe"):
        with pytest.raises(ProcessError, match="chosen"):
            give(drawn, waiting, TaskCompleted(key=task.key, by="b", answer=answer), now=NOW)
    said = TaskCompleted(key=task.key, by="b", answer="approve", text="fine", data={"limit": 5})
    ended = on(drawn, give(drawn, waiting, said, now=NOW))
    assert ended.data["decision"] == {"answer": "approve", "text": "fine", "by": "b", "limit": 5}
    with pytest.raises(ProcessError, match="no task is open"):
        give(drawn, replace(waiting, waits=replace(waiting.waits, tasks=())), said, now=NOW)


def test_what_services_answer_is_put_into_the_data() -> None:
    drawn = process(
        [START, element("ask", K.SERVICE_TASK), element("run", K.SERVICE_TASK), END],
        "start > ask > run > end",
        details={
            "ask": HttpDetails(
                method="POST",
                url="https://crm.example.org/{{ id }}",
                headers={"X-Id": "{{ id }}"},
                body={"lines": "{{ lines }}"},
                result="answer",
                seconds=2.5,
            ),
            "run": FlowDetails(flow="tell", input={"status": "{{ answer.status }}"}, result="told"),
        },
    )
    instance = began(drawn, {"id": 7, "lines": [1, 2]})
    (wanted,) = instance.wanted
    assert isinstance(wanted.deed, CallHttp)
    http = wanted.deed.details
    assert (http.url, http.headers, http.body) == (
        "https://crm.example.org/7",
        {"X-Id": "7"},
        {"lines": [1, 2]},
    )
    instance = done(drawn, instance, wanted.key, result={"status": 200})
    (wanted,) = instance.wanted
    assert isinstance(wanted.deed, RunFlow)
    assert wanted.deed.details.input == {"status": 200}
    instance = done(drawn, instance, wanted.key, result={"ok": True})
    assert instance.data["answer"] == {"status": 200}
    assert instance.data["told"] == {"ok": True}


def test_what_became_of_a_message_is_put_into_the_data_also_where_it_failed() -> None:
    drawn = process(
        [
            START,
            element("tell", K.SEND_TASK),
            element("lost", K.BOUNDARY_EVENT, E.ERROR, at="tell"),
            element("look", K.USER_TASK),
            END,
        ],
        "start > tell > end",
        "lost > look > end",
        details={"tell": mail("tell", result="told")},
    )
    accepted: dict[str, Data] = {"id": "0000000000001", "queued": True}
    assert done(drawn, began(drawn), "i/tell/0", result=accepted).data == {"told": accepted}
    refused: dict[str, Data] = {"status": "failed", "recipients": [{"address": "a@x", "response": "550 no"}]}
    failed = DeedDone(result=refused, error=FAILED, catchable=True)
    instance = on(drawn, settle(drawn, began(drawn), "i/tell/0", failed, now=NOW))
    assert standing(instance) == ["look"]
    assert instance.data == {"told": refused, "error": FAILED}
    assert "told" not in done(THIN, began(THIN, {"total": 12}), "i/tell/0", result=accepted).data


def test_messages_to_processes_and_notifications() -> None:
    drawn = process(
        [
            START,
            element("a", K.THROW_EVENT, message="order"),
            element("b", K.THROW_EVENT, message="paid"),
            element("c", K.END_EVENT, message="told"),
        ],
        "start > a > b > c",
        details={
            "a": mail("a", destination=Destination.START, message="order", mapping={"n": "{{ n }}"}),
            "b": mail("b", destination=Destination.INTERMEDIATE, message="paid", instance="i-{{ n }}"),
            "c": mail(
                "c",
                destination=Destination.NOTIFICATION,
                title="Order {{ n }}",
                text="It is done",
                duration="P1D",
            ),
        },
    )
    instance = began(drawn, {"n": 7})
    assert instance.wanted[0].deed == SendMessage(name="order", begins=True, data={"n": 7})
    instance = done(drawn, instance, "i/a/0")
    assert instance.wanted[0].deed == SendMessage(name="paid", begins=False, instance="i-7", data={})
    instance = done(drawn, instance, "i/b/0")
    deed = instance.wanted[0].deed
    assert isinstance(deed, Announce)
    assert (deed.title, deed.duration_seconds) == ("Order 7", 86_400)
    instance = done(drawn, instance, "i/c/0")
    assert instance.status is COMPLETED
    assert instance.mails == 0
    assert instance.state == "after c"


# -- ends -------------------------------------------------------------------------------------------------------


def test_a_terminate_event_takes_all_other_tokens_away() -> None:
    drawn = process(
        [
            START,
            element("fork", K.PARALLEL_GATEWAY),
            element("a", K.USER_TASK),
            element("b", K.USER_TASK),
            element("stop", K.END_EVENT, E.TERMINATE),
            END,
        ],
        "start > fork > a > end",
        "fork > b > stop",
    )
    instance = worked(drawn, began(drawn), "b")
    assert instance.status is COMPLETED
    assert not instance.waits.tasks
    assert [each.element for each in instance.passages if each.kind is PassageKind.CANCELLED] == ["a"]


def test_an_error_that_nobody_catches_fails_the_instance() -> None:
    drawn = process([START, element("oops", K.END_EVENT, E.ERROR, error="no-stock")], "start > oops")
    instance = began(drawn)
    assert instance.status is InstanceStatus.FAILED
    assert instance.error is not None
    assert instance.error["code"] == "no-stock"


def test_an_instance_is_called_back() -> None:
    instance = began(THIN, {"customer": {"name": "Anna"}, "total": 12})
    gone = cancel(instance, now=NOW)
    assert gone.status is InstanceStatus.CANCELLED
    assert not gone.wanted
    assert gone.passages[-1].element == "tell"
    assert gone.passages[-1].kind is PassageKind.CANCELLED
    kept(THIN, gone)
    assert cancel(gone, now=NOW) is gone
    assert go_on(THIN, gone, now=NOW) is gone
    with pytest.raises(ProcessError, match="is cancelled"):
        settle(THIN, gone, "i/tell/0", DeedDone(), now=NOW)


# -- deeds that fail --------------------------------------------------------------------------------------------

FAILED: dict[str, Data] = {
    "code": MAIL_FAILED,
    "message": "nobody is there",
    "cause": "",
    "remedy": "",
    "field": "",
}


def caught(*boundaries: Element) -> Definition:
    """Send, with boundary events that catch errors and lead to ends of their own."""
    return process(
        [START, element("tell", K.SEND_TASK), END, *boundaries]
        + [element(f"after-{each.id}", K.USER_TASK) for each in boundaries],
        "start > tell > end",
        *(f"{each.id} > after-{each.id}" for each in boundaries),
        details={"tell": mail("tell")},
    )


def test_an_error_is_caught_by_its_code_before_one_that_catches_any() -> None:
    drawn = caught(
        element("any", K.BOUNDARY_EVENT, E.ERROR, at="tell"),
        element("other", K.BOUNDARY_EVENT, E.ERROR, error="other", at="tell"),
        element("lost", K.BOUNDARY_EVENT, E.ERROR, error=MAIL_FAILED, at="tell"),
    )
    failed = settle(drawn, began(drawn), "i/tell/0", DeedDone(error=FAILED, catchable=True), now=NOW)
    instance = on(drawn, failed)
    assert standing(instance) == ["after-lost"]
    assert instance.data["error"] == FAILED
    drawn = caught(element("any", K.BOUNDARY_EVENT, E.ERROR, at="tell"))
    failed = settle(drawn, began(drawn), "i/tell/0", DeedDone(error=FAILED, catchable=True), now=NOW)
    assert standing(on(drawn, failed)) == ["after-any"]


def test_a_failure_that_may_be_caught_and_is_not_fails_the_instance() -> None:
    drawn = caught(element("other", K.BOUNDARY_EVENT, E.ERROR, error="other", at="tell"))
    failed = settle(drawn, began(drawn), "i/tell/0", DeedDone(error=FAILED, catchable=True), now=NOW)
    assert failed.status is InstanceStatus.FAILED
    assert failed.error == FAILED


def test_a_service_that_fails_without_an_event_that_catches_it_waits_for_a_decision() -> None:
    drawn = process(
        [START, element("ask", K.SERVICE_TASK), END],
        "start > ask > end",
        details={"ask": HttpDetails(url="https://x")},
    )
    failed = settle(drawn, began(drawn), "i/ask/0", DeedDone(error=FAILED, catchable=True), now=NOW)
    assert failed.status is RUNNING
    assert [each.key for each in failed.incidents] == ["i/ask/0"]


def test_too_many_messages_wait_for_a_decision() -> None:
    drawn = process(
        [START, element("more", K.SEND_TASK), element("last", K.SEND_TASK), END],
        "start > more > last > end",
        details={each: mail(each) for each in ("more", "last")},
    )
    instance = begin(drawn, {}, instance_id="i", now=NOW)
    assert not on(drawn, replace(instance, mails=MOST_MAILS - 1)).incidents
    stopped = on(drawn, replace(instance, mails=MOST_MAILS))
    (incident,) = stopped.incidents
    assert (incident.element, incident.error["code"]) == ("more", "too_many_mails")
    decided = IncidentDecided(key=incident.key, retries=True, by="me")
    retried, keys = all_sent(drawn, on(drawn, give(drawn, stopped, decided, now=NOW)))
    assert keys == ["i/more/0", "i/last/0"]
    assert retried.status is COMPLETED
    skipped = on(drawn, give(drawn, stopped, replace(decided, retries=False), now=NOW))
    assert [each.element for each in skipped.incidents] == ["last"]


def test_templates_may_name_the_process() -> None:
    drawn = process(
        [START, element("tell", K.SEND_TASK), END],
        "start > tell > end",
        details={
            "tell": mail(
                "tell",
                mapping={
                    "X": "{{ process.id }} {{ process.name }} {{ process.version }} {{ process.correlation }}"
                },
            )
        },
    )
    instance = on(drawn, begin(drawn, {}, instance_id="i", now=NOW, correlation="k", version=3))
    deed = instance.wanted[0].deed
    assert isinstance(deed, SendOverRoute)
    assert deed.values == {"X": "i drawn 3 k"}


def test_a_correlation_key_that_no_store_can_keep_waits_for_a_decision() -> None:
    drawn = process(
        [START, element("wait", K.RECEIVE_TASK, message="go"), END],
        "start > wait > end",
        details={"wait": CatchDetails(correlation="{{ long }}")},
    )
    (incident,) = began(drawn, {"long": "x" * 201}).incidents
    assert incident.error["field"] == "wait.correlation"


@pytest.mark.parametrize("in_doubt", [True, False])
def test_a_failure_that_may_not_be_caught_is_an_incident(*, in_doubt: bool) -> None:
    drawn = caught(element("any", K.BOUNDARY_EVENT, E.ERROR, at="tell"))
    told = DeedDone(error=FAILED, catchable=in_doubt, in_doubt=in_doubt, entry="0000000000001")
    stopped = on(drawn, settle(drawn, began(drawn), "i/tell/0", told, now=NOW))
    (incident,) = stopped.incidents
    assert (incident.key, incident.in_doubt) == ("i/tell/0", in_doubt)
    assert not stopped.wanted
    decided = IncidentDecided(key=incident.key, retries=True, by="me")
    again = on(drawn, give(drawn, stopped, decided, now=NOW))
    assert [each.key for each in again.wanted] == ["i/tell/0.1"]  # the old key would give the old message
    assert done(drawn, again, "i/tell/0.1").status is COMPLETED
    skipped = give(drawn, stopped, replace(decided, retries=False), now=NOW)
    assert on(drawn, skipped).status is COMPLETED
    with pytest.raises(ProcessError, match="no incident is open"):
        give(drawn, again, decided, now=NOW)


def test_what_cannot_be_rendered_is_an_incident_and_is_tried_again_with_mended_data() -> None:
    drawn = process(
        [START, element("tell", K.SEND_TASK), END],
        "start > tell > end",
        details={"tell": mail("tell", mapping={"When": "{{ day | datetime }}"})},
    )
    stopped = began(drawn, {"day": "some day"})
    (incident,) = stopped.incidents
    assert incident.error["field"] == "tell.mapping.When"
    assert stopped.mails == 0
    mended = replace(stopped, data={"day": "2026-12-24T18:00:00Z"})
    again = give(drawn, mended, IncidentDecided(key=incident.key, retries=True, by="me"), now=NOW)
    (wanted,) = on(drawn, again).wanted
    assert wanted.key == "i/tell/0"  # nothing was wanted under it yet


def test_nothing_is_settled_twice() -> None:
    drawn = caught()
    instance = began(drawn)
    settled = settle(drawn, instance, "i/tell/0", DeedDone(), now=NOW)
    with pytest.raises(ProcessError, match="nothing is wanted"):
        settle(drawn, settled, "i/tell/0", DeedDone(), now=NOW)


def test_what_is_unsupported_is_told_and_skipped_only_by_a_person() -> None:
    drawn = process([START, element("script", K.UNSUPPORTED), END], "start > script > end")
    stopped = began(drawn)
    (incident,) = stopped.incidents
    assert "not executed" in str(incident.error["message"])
    skipped = give(drawn, stopped, IncidentDecided(key=incident.key, retries=False, by="me"), now=NOW)
    assert on(drawn, skipped).status is COMPLETED


def test_an_instance_that_has_enough_is_due_at_once() -> None:
    instance = begin(THIN, {"total": 1}, instance_id="i", now=NOW)
    assert instance.waits.due == NOW
    instance = go_on(THIN, instance, now=Moment(NOW + 5), is_enough=lambda: True)
    assert instance.waits.due == NOW + 5
    assert standing(instance) == ["big"]
