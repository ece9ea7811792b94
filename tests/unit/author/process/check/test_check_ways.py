"""Gateways must know which way to go."""

import pytest
from tests.unit.author.process.written_bpmn import bpmn, errors, found, others


def gateway(kind: str, arrows: str, attributes: str = "") -> str:
    """Give a process whose gateway stands in line 3, and its arrows from line 4 on."""
    ends = dict.fromkeys(line.partition("->")[2].partition(":")[0] for line in arrows.splitlines())
    drawn = "\n".join(f'<endEvent id="{end}"/>' for end in ends)
    return bpmn(
        f'<{kind}Gateway id="g" name="Paid?" {attributes}/>\n{arrows}\n<startEvent id="s"/>\ns->g\n{drawn}'
    )


def test_a_gateway_with_conditions_and_a_default_is_sound() -> None:
    assert found(gateway("exclusive", "g->a: total > 5\ng->b", 'default="g-b"')) == ()
    assert found(gateway("inclusive", "g->a: total > 5\ng->b", 'default="g-b"')) == ()
    assert found(gateway("parallel", "g->a\ng->b")) == ()


def test_an_only_way_out_needs_no_condition() -> None:
    assert found(gateway("exclusive", "g->a")) == ()


def test_a_single_way_without_a_condition_is_taken_when_no_other_is() -> None:
    xml = gateway("exclusive", "g->a: total > 5\ng->b")
    assert errors(xml) == []
    (said,) = others(xml)
    assert said.startswith(
        "g-b (diagram line 5): the sequence flow has no condition, so it is taken when no other way out of the exclusive "
        "gateway 'Paid?' is. Mark it as default"
    )


def test_two_ways_without_conditions_are_errors() -> None:
    first, second = errors(gateway("exclusive", "g->a: total > 5\ng->b\ng->c"))
    assert first == (
        "g-b.condition (diagram line 5): the sequence flow out of the exclusive gateway 'Paid?' has no condition. 2 of its 3 "
        'ways out have none. Write it in the modeler, or into the settings: conditions: {g-b: "order.total > 1000"}.'
    )
    assert second.startswith("g-c.condition (diagram line 6)")


def test_beside_a_default_every_way_needs_a_condition() -> None:
    (said,) = errors(gateway("exclusive", "g->a\ng->b", 'default="g-b"'))
    assert "Only the default flow needs none" in said


def test_a_way_without_a_condition_out_of_an_inclusive_gateway_is_always_taken() -> None:
    assert found(gateway("inclusive", "g->a: total > 5\ng->b")) == ()


def test_a_gateway_whose_conditions_may_all_fail_is_told() -> None:
    (said,) = others(gateway("exclusive", "g->a: x\ng->b: y"))
    assert said.startswith(
        "g (diagram line 3): the exclusive gateway 'Paid?' has no default flow. When none of its"
    )


def test_settings_give_conditions_that_a_drawing_does_not_have() -> None:
    xml = gateway("exclusive", "g->a\ng->b", 'default="g-b"')
    assert errors(xml, 'conditions: {g-a: "total > 5"}') == []


@pytest.mark.parametrize(
    "written, remedy",
    [
        ("${a && b}", 'Write it under conditions in the settings: g-a: "a and b"'),
        (
            "#{order.isPaid()}",
            'Write it under conditions in the settings, such as: g-a: "order.total > 1000"',
        ),
        ('=country = "DE"', "Write it under conditions in the settings: g-a: \"country == 'DE'\""),
        ("__import__('os').system('true')", "Write it under conditions in the settings, such as: g-a:"),
    ],
)
def test_a_condition_in_another_language_is_told_with_what_to_write(written: str, remedy: str) -> None:
    (said,) = errors(gateway("exclusive", f"g->a: {written}\ng->b", 'default="g-b"'))
    assert said.startswith("g-a.condition (diagram line 4): the condition ")
    assert "is not Liquid" in said
    assert remedy in said


def test_a_condition_of_the_settings_is_told_with_its_line_there() -> None:
    (said,) = errors(gateway("exclusive", "g->a: x\ng->b", 'default="g-b"'), "conditions:\n  g-a: a &&& b")
    assert said.startswith("g-a.condition (settings line 2): the condition 'a &&& b'")


@pytest.mark.parametrize(
    "xml, expected",
    [
        (
            gateway("exclusive", "g->a: x\ng->b", 'default="gb"'),
            "g (diagram line 3): the default flow 'gb' does not leave the exclusive gateway 'Paid?'. Did you mean 'g-b'?",
        ),
        (
            gateway("eventBased", "g->a\ng->b"),
            "g-a (diagram line 4): the event-based gateway 'Paid?' leads to the end event, which waits for nothing.",
        ),
    ],
)
def test_ways_that_cannot_be_gone_are_errors(xml: str, expected: str) -> None:
    assert any(each.startswith(expected) for each in errors(xml)), errors(xml)


@pytest.mark.parametrize(
    "xml, expected",
    [
        (
            gateway("exclusive", "g->a: x\ng->b: y", 'default="g-b"'),
            "g-b.condition: a default flow has a condition, which nobody asks. It is taken when no other way",
        ),
        (gateway("exclusive", ""), "g (diagram line 3): nothing follows the exclusive gateway 'Paid?'."),
        (
            gateway("parallel", "g->a: x\ng->b"),
            "g-a.condition (diagram line 4): the sequence flow out of the parallel gateway 'Paid?' has a condition, which",
        ),
        (
            gateway("eventBased", ""),
            "g (diagram line 3): the event-based gateway 'Paid?' has no way out.",
        ),
    ],
)
def test_ways_that_are_hardly_meant_are_warnings(xml: str, expected: str) -> None:
    assert errors(xml) == []
    assert any(each.startswith(expected) for each in others(xml)), others(xml)


def test_an_event_based_gateway_waits_for_what_happens_first() -> None:
    text = (
        '<startEvent id="s"/>\ns->g\n<eventBasedGateway id="g"/>\n<receiveTask id="r" messageRef="m"/>\n<intermediateCatchEvent id="w">'
        "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>\ng->r\ng->w"
    )
    assert errors(bpmn(text, beside='<message id="m" name="paid"/>')) == []
