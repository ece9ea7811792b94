from __future__ import annotations

import re

from eilbote.author.flow.report_id import report_id, tells_of_run
from eilbote.author.flow.step import Scene
from eilbote.model.moment import Moment


def scene(run: str = "order-4711-anna", turn: int = 0) -> Scene:
    return Scene(run=run, node="mail", turn=turn, values={}, now=Moment(0))


def test_an_id_has_two_times_24_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{24}-[0-9a-f]{24}", report_id(scene()))


def test_each_message_has_its_own_and_all_of_a_run_lead_to_it() -> None:
    first, second, other = report_id(scene()), report_id(scene(turn=1)), report_id(scene("another"))
    assert len({first, second, other}) == 3
    assert tells_of_run(first, "order-4711-anna")
    assert tells_of_run(f" {second.upper()}\n", "order-4711-anna")
    assert not tells_of_run(other, "order-4711-anna")
