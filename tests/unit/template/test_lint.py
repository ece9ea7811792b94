"""What a template's author hears before anything is sent."""

from __future__ import annotations

import pytest

from eilbote.template.finding import TextFinding, Weight
from eilbote.template.lint import lint
from eilbote.template.template import Markup

SAMPLE = {
    "input": {
        "email": "anna@example.org",
        "number": 4711,
        "nothing": None,
        "lines": [{"name": "Bolt"}, {"price": 2}],
        "orders": [],
    },
    "context": {},
}


def findings(text: str) -> tuple[TextFinding, ...]:
    return lint(text, sample=SAMPLE, field="subject")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "{{ input.email }}",
        "{{ input.email | upcase }} {{ input['email'] }}",
        "{{ input.lines[0].name }} {{ input.lines.first.price }} {{ input.lines | size }} {{ input.lines.size }}",
        "{% for line in input.lines %}{{ line.anything }}{{ forloop.index }}{% endfor %}",
        "{% assign x = input.number %}{{ x }}",
        "{{ input.nothing.below }} {{ input.orders[0].whatever }}",
        "{{ input.email.size }}",
        '{% if input.number > 3 %}a{% elsif input.email == "x" %}b{% endif %}',
        "{ this } and $5 and { that.way }",
    ],
)
def test_what_is_well_is_not_found_fault_with(text: str) -> None:
    assert findings(text) == ()


@pytest.mark.parametrize(
    "text, severity, position, said, remedy",
    [
        ("{{ input.emial }}", Weight.WARNING, 3, "input.emial is not known", "Did you mean 'email'?"),
        ("x {{ input.lines[0].nam }}", Weight.WARNING, 5, "input.lines[0].nam", "Did you mean 'name'?"),
        ("{{ input.email.domain }}", Weight.WARNING, 3, "input.email.domain", "add it to the sample"),
        ("{{ ci.email }}", Weight.ERROR, 3, "ci.email is not known", "Write input"),
        ("{{ email }}", Weight.ERROR, 3, "email is not known", "There are context, input"),
        ("{{ input.lines.length }}", Weight.WARNING, 3, "is empty", "{{ input.lines | size }}"),
        ("{{ input.email || 'x' }}", Weight.ERROR, 15, "expected", "{{ input.email | default: 'x' }}"),
        ("Hi ${input.email}", Weight.HINT, 3, "stays as it is", "{{ input.email }}"),
        ("Hi <%= email %>", Weight.HINT, 3, "stays as it is", "{{ email }}"),
        ("Hi {input.email}", Weight.HINT, 3, "stays as it is", "{{ input.email }}"),
        ("{{ input.email | currency }}", Weight.ERROR, None, "with the sample", "Give a number"),
        ("{{ input.email", Weight.ERROR, 0, "", ""),
    ],
)
def test_what_is_not_well_is_said_with_its_place_and_a_remedy(
    text: str, severity: Weight, position: int | None, said: str, remedy: str
) -> None:
    (found,) = findings(text)
    assert (found.severity, found.field) == (severity, "subject")
    assert position is None or found.position == position
    assert said in found.what
    assert remedy in (found.remedy or "")


def test_an_order_may_have_a_count_when_nobody_knows_what_it_has() -> None:
    assert lint("{{ order.count }} {{ pages.size }}") == ()
    (found,) = lint("{{ order.lines.length }}")
    assert (found.severity, found.remedy) == (Weight.HINT, "Write {{ order.lines | size }}")


def test_without_a_sample_only_the_language_is_checked() -> None:
    assert lint("{{ whatever.there.is }}") == ()
    assert lint("{{ whatever", markup=Markup.HTML)


def test_a_name_of_any_length_is_told_in_a_few_words() -> None:
    (found,) = findings("{{ input." + "x" * 3000 + " }}")
    assert len(f"{found.what}{found.cause}{found.remedy}") < 500
