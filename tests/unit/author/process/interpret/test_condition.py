"""Conditions are Liquid, and what other languages say is only ever shown in Liquid, never executed."""

import pytest

from eilbote.author.process.interpret.condition import condition_template, in_liquid
from eilbote.errors import TemplateError

VALUES = {"order": {"total": 1200, "country": "DE", "items": [1, 2]}, "approved": True, "empty": ""}


@pytest.mark.parametrize(
    "text, holds",
    [
        ("order.total > 1000", True),
        ("order.total > 1000 and order.country == 'AT'", False),
        ("approved", True),
        ("nothing", False),
        ("order.items.size == 2", True),
        ('order.country == "{DE}"', False),
    ],
)
def test_a_condition_is_what_stands_in_an_if(text: str, holds: bool) -> None:
    assert bool(condition_template(text, field="condition").render(VALUES)) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a && b",
        "a = 1",
        "execution.getVariable('a') == 1",
        "T(java.lang.Runtime).getRuntime().exec('id')",
        "__import__('os').system('id')",
        "a %}{% for i in (1..9) %}",
        "a }}{{ b",
        "().__class__",
        "lambda: 1",
    ],
)
def test_code_is_no_condition(text: str) -> None:
    with pytest.raises(TemplateError):
        condition_template(text, field="condition")


def test_the_position_of_a_fault_is_that_in_the_condition() -> None:
    with pytest.raises(TemplateError) as caught:
        condition_template("total & 1", field="condition")
    assert caught.value.position == 6


@pytest.mark.parametrize(
    "text, liquid",
    [
        ("a && b", "a and b"),
        ("a||b", "a or b"),
        ("a eq 1 and b ne 2", "a == 1 and b != 2"),
        ("a gt 1", "a > 1"),
        ("a = true", "a == true"),
        ("a === 'x = y'", "a == 'x = y'"),
        ("a !== 1", "a != 1"),
        ("!approved", "approved == false"),
        ("not approved", "approved == false"),
        ("not(order.paid)", "order.paid == false"),
        ("empty items", "items == blank"),
        ("not empty items", "items != blank"),
        ("a == None", "a == nil"),
        ("items.size() > 3", "items.size > 3"),
        ("items.length > 3 AND a", "items.size > 3 and a"),
        ("order.total > 1", None),
        ("execution.getVariable('a')", None),
        ("(a || b) && c", None),
        ("x" * 501 + " && y", None),
    ],
)
def test_what_other_languages_say_can_be_shown_in_liquid(text: str, liquid: str | None) -> None:
    assert in_liquid(text) == liquid
