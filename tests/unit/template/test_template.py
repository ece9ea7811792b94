from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from eilbote.errors import TemplateError
from eilbote.template.template import Markup, Missing, Template

WHEN = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)


def rendered(text: str, markup: Markup = Markup.TEXT, **values: object) -> str:
    return Template(text, markup=markup).render(values)


def refusal(text: str, **values: object) -> TemplateError:
    with pytest.raises(TemplateError) as refused:
        Template(text, field="subject").render(values)
    return refused.value


def test_values_are_put_in() -> None:
    text = "Dear {{ input.name }}, {% for item in input.items %}{{ item.count }} x {{ item.title }}; {% endfor %}bye"
    values = {
        "input": {"name": "Anna", "items": [{"count": 2, "title": "Pen"}, {"count": 1.5, "title": "Ink"}]}
    }
    assert Template(text).render(values) == "Dear Anna, 2 x Pen; 1.5 x Ink; bye"


def test_a_value_is_never_read_as_a_template() -> None:
    """A customer called {{ 7 | times: 7 }} gets no 49, and no other customer's data."""
    assert (
        rendered("{{ a }}{{ b }}", a="{{ 7 | times: 7 }}", b="{% if x %}") == "{{ 7 | times: 7 }}{% if x %}"
    )


def test_html_escapes_what_is_put_in_and_nothing_else() -> None:
    text = '<p title="{{ a }}">{{ a | upcase }} {{ "<i>" }}</p>'
    shown = Template(text, markup=Markup.HTML).render({"a": "\"><script>x('&')</script>"})
    assert "<script>" not in shown
    assert "<SCRIPT>" not in shown
    assert "&quot;" in shown or "&#34;" in shown
    assert shown.startswith('<p title="')
    assert Template("{{ a }}", markup=Markup.TEXT).render({"a": "<b>"}) == "<b>"


def test_a_missing_value_is_empty_or_named() -> None:
    assert rendered("[{{ a }}{{ b.c.d }}]") == "[]"
    with pytest.raises(TemplateError) as refused:
        Template("Dear {{ customer.name }}", missing=Missing.ERROR, field="body").render({"customer": {}})
    assert "customer.name has no value" in refused.value.what
    assert refused.value.field == "body"
    assert refused.value.position == 8
    assert '{{ customer.name | default: "" }}' in (refused.value.remedy or "")


def test_false_and_zero_are_values_and_nothing_is_none() -> None:
    assert rendered("{{ a }}|{{ b }}|{{ c }}", a=False, b=0, c=None) == "false|0|"


@pytest.mark.parametrize(
    "text, position, remedy",
    [
        ("Hi {{ input.name || 'you' }}", 17, "{{ input.name | default: 'you' }}"),
        ("{{ input.name.toUpperCase() }}", 25, "{{ input.name | upcase }}"),
        ("{{ a ? 'x' : 'y' }}", 5, "{% if a %}{{ 'x' }}{% else %}{{ 'y' }}{% endif %}"),
        ("{{ 'a' + input.b }}", 7, "{{ 'a' | append: input.b }}"),
        ("{{ JSON.stringify(input.b) }}", 17, "{{ input.b | json }}"),
        ("{% if input.a = 'x=1' %}1{% endif %}", 14, "Write input.a == 'x=1'"),
        ("{% if a !== 1 && b || c %}1{% endif %}", 14, "Write a != 1 and b or c"),
        ("{% if a <= 3 b %}1{% endif %}", 13, "reference"),
        ("{{ x | nothing }}", 7, None),
        ("{% include 'other' %}", 3, None),
        ("{{ a | safe }}", 7, None),
    ],
)
def test_what_is_not_liquid_is_refused_with_its_place_and_the_liquid_form(
    text: str, position: int, remedy: str | None
) -> None:
    refused = refusal(text)
    assert refused.field == "subject"
    assert refused.position == position
    if remedy is not None:
        assert remedy in (refused.remedy or "")


@pytest.mark.parametrize(
    "text",
    ["{% if a %}", "{{", "{% endif %}", "{% for x of y %}{% endfor %}", "{% if a and and b %}{% endif %}"],
)
def test_an_unfinished_template_is_refused(text: str) -> None:
    assert refusal(text).field == "subject"


@pytest.mark.parametrize(
    "text, what, remedy",
    [
        ("{{ input.when | datetime }}", "nothing is no time", "Give a time as"),
        ("{{ when | datetime }}", "'tomorrow' is no time", "Give a time as"),
        ("{{ input.total | currency: 'EUR' }}", "nothing is no number", "{% if %}"),
        ("{{ when | decimal }}", "'tomorrow' is no number", "leave the filter out"),
    ],
)
def test_a_value_that_a_filter_cannot_write_is_shown(text: str, what: str, remedy: str) -> None:
    refused = refusal(text, input={}, when="tomorrow")
    assert refused.what == what
    assert remedy in (refused.remedy or "")
    assert (refused.cause is not None) == what.startswith("nothing")


@pytest.mark.parametrize(
    "locale, expected",
    [
        ("en", "€1,234.50|1,234,567.891|Nov 22, 2026, 9:05:00\N{NARROW NO-BREAK SPACE}AM|January 2, 2026"),
        ("de", "1.234,50\N{NO-BREAK SPACE}€|1.234.567,891|22.11.2026, 09:05:00|2. Januar 2026"),
        (
            "ru",
            (
                "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€|1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,891"
                "|22 нояб. 2026\N{NARROW NO-BREAK SPACE}г., 09:05:00|2 января 2026\N{NARROW NO-BREAK SPACE}г."
            ),
        ),
    ],
)
def test_numbers_money_and_times_follow_the_language(locale: str, expected: str) -> None:
    text = '{{ a | currency: "EUR" }}|{{ n | decimal }}|{{ t | datetime }}|{{ d | datetime: "long" }}'
    values = {"a": 1234.5, "n": 1234567.891, "t": WHEN, "d": date(2026, 1, 2)}
    assert Template(text).render(values, locale=locale, time_zone="Europe/Berlin") == expected


@pytest.mark.parametrize(
    "text, said",
    [
        ("{{ a | currency: 'XYZW' }}", "currency"),
        ("{{ 'x' | decimal }}", "no number"),
        ("{{ 'x' | datetime }}", "no time"),
        ("{{ 1 | datetime: 'huge' }}", "no style"),
        ("{{ 1 | divided_by: 0 }}", "divide"),
        ("{{ '1e9999999' | ceil }}", "filter"),
        ("{% if 'a' < 1 %}x{% endif %}", "support"),
    ],
)
def test_a_filter_that_cannot_use_its_value_says_so(text: str, said: str) -> None:
    refused = refusal(text, a=1)
    assert said in refused.what + (refused.cause or "")
    assert refused.field == "subject"
    assert refused.remedy


def test_a_language_or_zone_that_nobody_knows_is_refused() -> None:
    with pytest.raises(TemplateError) as refused:
        Template("x").render({}, locale="tlh-XX-no")
    assert refused.value.field == "locale"
    with pytest.raises(TemplateError) as refused:
        Template("{{ t | datetime }}").render({"t": WHEN}, time_zone="../etc/passwd")
    assert refused.value.field == "time_zone"


def test_a_template_tells_which_values_it_asks_for() -> None:
    text = "{{ input.a[0].b }}{% for i in context['the list'] %}{{ i.x }}{{ input[context.k].z }}{% endfor %}"
    variables = Template(text).variables()
    assert [str(variable) for variable in variables] == [
        "input.a[0].b",
        "context.the list",
        "input",
        "context.k",
    ]
    assert [text[variable.position :].startswith(str(variable.path[0])) for variable in variables] == [
        True
    ] * 4


def test_an_unreadable_kind_of_value_is_named_by_its_place() -> None:
    with pytest.raises(TemplateError) as refused:
        Template("x").render({"order": {"lines": [1, object()]}})
    assert refused.value.field == "values.order.lines[1]"
    with pytest.raises(TemplateError) as refused:
        Template("x").render({"order": {1: "x"}})
    assert refused.value.field == "values.order"
    with pytest.raises(TemplateError) as refused:
        Template("x").render({"order": float("nan")})
    assert refused.value.field == "values.order"


def test_numbers_are_shown_as_people_write_them() -> None:
    assert rendered("{{ a }} {{ b }}", a=0.1, b=Decimal("2.50")) == "0.1 2.50"
