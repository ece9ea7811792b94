"""A template is written by one person, its values come from another, and neither may reach what runs it.

In template languages that know attributes, ``''.__class__.__mro__`` has led to commands on the server more than once.
"""

from __future__ import annotations

import pytest

from eilbote.errors import TemplateError
from eilbote.template.template import Template

PAYLOADS = [
    "{{ x.__class__ }}",
    "{{ x.__class__.__mro__ }}",
    "{{ x['__class__'] }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ x.__init__.__globals__ }}",
    "{{ x.format }}",
    "{{ x | map: '__class__' }}",
    "{{ l | map: '__class__' | first }}",
    "{{ l | where: '__class__' | json }}",
    "{{ l | sort: '__class__' | first }}",
    "{{ l | sum: '__class__' }}",
    "{{ config }}{{ self }}{{ request }}{{ settings }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ 7*7 }}",
    "{% include '/etc/passwd' %}",
    "{% render '/etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
    "{% layout '/etc/passwd' %}",
    "{% macro a %}{% endmacro %}{% call a %}",
    "{% import os %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{ x.size.__class__ }}",
    "{{ d.items }}{{ d.keys }}{{ d.values }}{{ d.get }}{{ d.pop }}",
    "{{ 'x' | script_tag }}",
    "{{ x | t }}",
    "{{  locale }}{{ ' locale' }}",
]


class _Canary(str):
    """A text that brings something along."""

    __slots__ = ()

    secret = "canary-5d0f"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_template_reaches_nothing_but_its_values(payload: str) -> None:
    values = {"x": _Canary("value"), "l": [{"a": 1}, {"a": 2}], "d": {"b": "c"}}
    try:
        text = Template(payload).render(values)
    except TemplateError as refused:
        text = str(refused)
    for trace in (
        "canary-5d0f",
        "<class",
        "<built-in",
        "<function",
        "<bound",
        "root:",
        "uid=",
        "49",
        "object at 0x",
    ):
        assert trace not in text.replace(payload, ""), text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_value_that_looks_like_a_template_stays_what_it_is(payload: str) -> None:
    assert Template("{{ x }}").render({"x": payload}) == payload
