"""What stores of processes refuse, and what they cut because it is only shown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest

from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.author.process.kept import WaitKind
from eilbote.author.process.limits import keepable_standing, state_text, trigger_text
from eilbote.errors import ProcessError
from eilbote.model.data import Data
from eilbote.testing.process_exercises.scene import (
    mail_wait,
    message_wait,
    new_instance,
    task_wait,
    trigger,
)


def test_waits_are_in_the_order_of_kinds_and_keys() -> None:
    waits = (task_wait("b", key="2"), message_wait("m"), task_wait("a", key="1"), mail_wait())
    kept = keepable_standing(replace(new_instance("a"), waits=waits)).waits
    assert [(wait.kind, wait.key) for wait in kept] == [
        (WaitKind.MAIL, "send"),
        (WaitKind.MESSAGE, "catch"),
        (WaitKind.TASK, "1"),
        (WaitKind.TASK, "2"),
    ]


def test_the_same_key_may_be_waited_for_in_two_ways() -> None:
    waits = (task_wait("a", key="k"), mail_wait(key="k"))
    assert len(keepable_standing(replace(new_instance("a"), waits=waits)).waits) == 2


@pytest.mark.parametrize("length", [LONGEST_NAME, LONGEST_NAME + 1])
def test_a_title_is_cut_where_it_is_too_long(length: int) -> None:
    [wait] = keepable_standing(replace(new_instance("a"), waits=(task_wait("t" * length),))).waits
    assert len(wait.name) == LONGEST_NAME
    assert wait.name.endswith("…") == (length > LONGEST_NAME)


def test_a_state_that_is_no_json_is_refused() -> None:
    odd = replace(new_instance("a"), state={"price": cast("Data", Decimal("1.5"))})
    with pytest.raises(ProcessError) as caught:
        state_text(odd)
    assert caught.value.field == "state"


def test_what_cannot_be_written_is_found_where_it_is() -> None:
    odd = replace(trigger("t"), data={"order": {"at": cast("Data", object())}})
    with pytest.raises(ProcessError) as caught:
        trigger_text(odd)
    assert caught.value.field == "data.order.at"
