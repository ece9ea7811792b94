"""Any well-structured process comes to its end, and each element has sent exactly as often as its structure says."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from tests.process_player import Player
from tests.properties.structured_drawing import Drawing, drawing
from tests.properties.structured_process import Block, blocks, large_block

from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.check.check import check_process
from eilbote.author.process.finding import Severity
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.written.read_definition import read_definition

_MOST_MESSAGES = 300
_MOST_WAITS = 2_000


def played(drawn: Drawing, *, keeps: bool) -> Player:
    """Do whatever it waits for until it ends: what people do first, then messages, then time."""
    definition = read_definition(write_bundle(Bundle(bpmn=drawn.bpmn, settings=drawn.settings)))
    assert definition.faults == ()
    player = Player(definition, answers=drawn.answers, fails=drawn.fails, keeps=keeps)
    player.begin(drawn.data)
    for _ in range(_MOST_WAITS):
        instance = player.instance
        if instance.status is not InstanceStatus.RUNNING:
            return player
        assert not instance.incidents, instance.incidents
        doable = [each for each in instance.waits.tasks if each.element not in drawn.late]
        if doable:
            player.complete(doable[0].element)
        elif any(each.name == "wait" for each in instance.waits.messages):
            player.message("wait", correlation="k")
        else:
            player.let_time_pass()
    raise AssertionError("it never ends")


def judge(drawn: Drawing, *, keeps: bool) -> None:
    assume(drawn.expected.total() <= _MOST_MESSAGES)
    note(drawn.bpmn)
    note(drawn.settings)
    player = played(drawn, keeps=keeps)
    assert player.instance.status is InstanceStatus.COMPLETED
    assert player.sent == drawn.expected
    if drawn.in_order is not None:
        assert [each.element for each in player.wanted if each.element in drawn.expected] == drawn.in_order
    keys = [each.key for each in player.wanted]
    assert len(keys) == len(set(keys))


@given(blocks(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_structured_process_ends_and_sends_what_its_structure_says(
    block: Block, chance: Random
) -> None:
    judge(drawing(block, chance), keeps=True)


@given(st.integers(0, 2**32), st.integers(10, 60))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_large_ones_do_so_too(seed: int, size: int) -> None:
    chance = Random(seed)
    judge(drawing(large_block(chance, size), chance), keeps=False)


@given(st.integers(0, 2**32), st.integers(2, 30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_structured_process_has_no_faults(seed: int, size: int) -> None:
    chance = Random(seed)
    drawn = drawing(large_block(chance, size), chance)
    definition = read_definition(write_bundle(Bundle(bpmn=drawn.bpmn, settings=drawn.settings)))
    assert [each for each in check_process(definition) if each.severity is Severity.ERROR] == []
