"""Timers must fire, several instances must end, and arrows that lead back must lead out again."""

import pytest
from tests.unit.author.process.written_bpmn import bpmn, errors, found, others

TIMED = '<startEvent id="s"/>\n<intermediateCatchEvent id="w" name="Wait">{}</intermediateCatchEvent>\ns->w'
DURATION = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"


@pytest.mark.parametrize("text", ["PT15M", "P1DT12H", "{{ order.wait }}", "${order.wait}", '"PT5M"'])
def test_durations_are_sound(text: str) -> None:
    assert found(bpmn(TIMED.format(DURATION.format(text)))) == ()


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            "5 minutes",
            "w.timer (diagram line 4): the time of the intermediate catch event 'Wait' cannot be read: '5 minutes' is",
        ),
        (
            "=duration(x)",
            "w.timer (diagram line 4): the time of the intermediate catch event 'Wait' cannot be read: ",
        ),
        ("{{ x", "w.timer (diagram line 4): expected"),
    ],
)
def test_durations_that_cannot_be_read_are_told(text: str, expected: str) -> None:
    (said,) = errors(bpmn(TIMED.format(DURATION.format(text))))
    assert said.startswith(expected)


def test_a_timer_of_the_settings_is_told_with_its_line_there() -> None:
    (said,) = errors(bpmn(TIMED.format(DURATION.format("x"))), "elements:\n  w: {timer: {duration: soon}}")
    assert said.startswith(
        "w.timer (settings line 2): the time of the intermediate catch event 'Wait' cannot be read: 'soon'"
    )


def test_a_timer_without_a_time_is_told() -> None:
    (said,) = errors(bpmn(TIMED.format("<timerEventDefinition/>")))
    assert said.startswith(
        "w.timer (diagram line 4): the intermediate catch event 'Wait' does not say when. Give a duration"
    )


@pytest.mark.parametrize(
    "cycle, expected",
    [
        ("R/P1D", None),
        ("R3/2026-12-24T18:00:00Z/PT1H", None),
        ("0 0 9 * * ?", "Cron expressions are not understood"),
        ("R/PT0.001S", "turns without a pause"),
        ("{{ when }}", "is a template, and nothing is known yet when an instance begins"),
    ],
)
def test_timers_that_begin_instances(cycle: str, expected: str | None) -> None:
    event = f'<startEvent id="s"><timerEventDefinition><timeCycle>{cycle}</timeCycle></timerEventDefinition></startEvent>'
    said = errors(bpmn(event))
    assert said == [] if expected is None else expected in said[0]


def several(inside: str) -> str:
    task = f'<userTask id="t" name="Ask"><multiInstanceLoopCharacteristics {inside}</multiInstanceLoopCharacteristics></userTask>'
    return bpmn(f'<startEvent id="s"/>\n{task}\ns->t')


@pytest.mark.parametrize(
    "inside",
    [
        "><loopCardinality>1000</loopCardinality>",
        "><loopCardinality>${order.copies}</loopCardinality>",
        (
            'camunda:collection="order.items" camunda:elementVariable="item">'
            "<completionCondition>loop.index == 2</completionCondition>"
        ),
    ],
)
def test_activities_that_end_are_sound(inside: str) -> None:
    assert found(several(inside)) == ()


@pytest.mark.parametrize(
    "inside, expected",
    [
        (
            ">",
            "t.loop (diagram line 4): the user task 'Ask' is done several times, and nothing says how often.",
        ),
        (
            "><loopCardinality>1001</loopCardinality>",
            "t.loop.cardinality (diagram line 4): the user task 'Ask' is to be done 1001 times. At most 1,000 are done.",
        ),
        ("><loopCardinality>${list.get()}</loopCardinality>", "t.loop.cardinality (diagram line 4): "),
        (
            'camunda:collection="x" camunda:elementVariable="an item">',
            "t.loop.item (diagram line 4): 'an item' cannot be the name of an item.",
        ),
        (
            "><loopCardinality>3</loopCardinality><completionCondition>${a &amp;&amp; b}</completionCondition>",
            (
                "t.loop.until (diagram line 4): the condition 'a && b', by which the user task 'Ask' ends early, is not Liquid. "
                "Unexpected '&'. Write a and b."
            ),
        ),
    ],
)
def test_activities_that_do_not_end_are_told(inside: str, expected: str) -> None:
    (said,) = errors(several(inside))
    assert said.startswith(expected)


def test_counters_of_other_engines_are_told() -> None:
    (said,) = others(
        several(
            "><loopCardinality>3</loopCardinality><completionCondition>${nrOfCompletedInstances == 2}</completionCondition>"
        )
    )
    assert said.startswith(
        "t.loop.until (diagram line 4): 'nrOfCompletedInstances' means nothing here, so the user task 'Ask'"
    )


def ring(element: str, back: str) -> str:
    return bpmn(
        f'<startEvent id="s"/>\n<exclusiveGateway id="g" default="g-e"/>\n{element}\n<endEvent id="e"/>\n'
        f"s->x\nx->g\ng->e\n{back}"
    )


def test_a_ring_without_a_way_out_is_an_error() -> None:
    xml = bpmn('<startEvent id="s"/>\n<task id="a" name="Go"/>\n<task id="b"/>\ns->a\na->b\nb->a')
    (said,) = errors(xml)
    assert said.startswith(
        "a (diagram line 4): an arrow leads back to the task 'Go', and no way leads out again. Tokens go round for ever: a, b."
    )


def test_an_element_that_leads_to_itself_is_a_ring() -> None:
    assert len(errors(bpmn('<startEvent id="s"/>\n<task id="a"/>\ns->a\na->a'))) == 1


def test_a_ring_with_a_way_out_is_sound() -> None:
    assert errors(ring('<task id="x"/>', "g->x: again")) == []


def test_a_ring_that_sends_without_waiting_is_a_warning() -> None:
    settings = "elements: {x: {system_name: x, state: x, route: x}}"
    xml = ring('<sendTask id="x" name="Tell"/>', "g->x: again")
    (said,) = others(xml, settings)
    assert said.startswith(
        "g (diagram line 4): an arrow leads back to the exclusive gateway, and each turn sends a message"
    )
    waiting = ring('<sendTask id="x" name="Tell"/>\n<userTask id="u" name="Look"/>\ng->u: again', "u->x")
    assert others(waiting, settings) == []


def test_a_ring_that_a_person_or_a_timer_interrupts_is_sound() -> None:
    assert errors(bpmn('<startEvent id="s"/>\n<userTask id="a" name="Go"/>\ns->a\na->a')) == []
