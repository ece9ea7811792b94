"""The interpreter: every element that is supported, each instance written down and read again between any two steps."""

from __future__ import annotations

import pytest

from eilbote.author.process.details import CatchDetails, Destination, FlowDetails, HttpDetails, TaskDetails
from eilbote.author.process.instance import (
    Announce,
    CallHttp,
    DeedDone,
    InstanceStatus,
    MessageArrived,
    PassageKind,
    RunFlow,
    SendMessage,
    SendOverRoute,
    TaskCompleted,
)
from eilbote.author.process.interpret import begin, cancel, give, go_on, settle
from eilbote.errors import ProcessError
from tests.unit.author.process.drawn import (
    END,
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
)

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
