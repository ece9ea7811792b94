"""One template must not keep the others waiting: each of these costs a sandboxed template language seconds or gigabytes.

Nothing here is stopped by a clock. Every limit counts, so the refusal is the same on every machine.
"""

from __future__ import annotations

import resource

import pytest

from eilbote.errors import TemplateError
from eilbote.template.template import Template

_CPU_SECONDS = 2.0

GROWING = {
    "turns": "{% for i in (1..100000000) %}{% endfor %}",
    "turns in turns": "{% for i in (1..5000) %}{% for j in (1..5000) %}{% endfor %}{% endfor %}",
    "a table": "{% tablerow i in (1..100000000) %}x{% endtablerow %}",
    "a range in one word": "{{ (1..100000000) | join: ',' | size }}",
    "a range that is only counted": "{{ (1..100000000) | size }}",
    "a range backwards": "{{ (1..100000000) | reverse | first }}",
    "text doubled": "{% assign a = 'xxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
    "text captured": "{% capture a %}{% for i in (1..9999) %}{{ x }}{{ x }}{% endfor %}{% endcapture %}{{ a | size }}",
    "replacing": "{{ x | replace: 'a', x | replace: 'a', x }}",
    "replacing the empty": "{% assign e = '' %}{{ x | replace: e, x }}",
    "joining": "{{ l | join: x }}",
    "numbers squared": "{% assign n = 10 %}{% for i in (1..60) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
    "numbers from outside": "{{ big | times: big | times: big }}",
    "a power of ten": "{{ '1e999999999' | plus: 1 | ceil }}",
    "nested blocks": "{% if a %}" * 5000 + "{% endif %}" * 5000,
    "a long condition": "{% if " + "a and " * 20_000 + "a %}x{% endif %}",
    "brackets": "{% if " + "(" * 20_000 + "a" + ")" * 20_000 + " %}x{% endif %}",
    "a long path": "{{ "
    + "a." * 50_000
    + "b }}{{ x | append: x | append: x }}{% for i in (1..10001) %}{% endfor %}",
    "many filters": "{{ x" + " | append: x" * 20_000 + " }}",
    "a long template": "x" * 300_000,
    "output": "{% for i in (1..9999) %}{{ x }}{% endfor %}",
    "splitting": "{{ x | split: '' | join: x }}",
    "capitals again and again": "{% for i in (1..9999) %}{% assign y = long | upcase %}{% endfor %}",
    "sorting again and again": "{% for i in (1..9999) %}{% assign y = l | sort %}{% endfor %}",
    "comparing each with each": "{% for i in (1..20) %}{% assign y = different | uniq %}{% endfor %}",
    "looking into a text again and again": "{% for i in (1..9999) %}{% if long contains 'ab' %}{% endif %}{% endfor %}",
    "comparing lists again and again": "{% for i in (1..9999) %}{% if l == m %}{% endif %}{% endfor %}",
    "a date with a long pattern": "{% for i in (1..9999) %}{% assign y = '2026-01-01' | date: years %}{% endfor %}",
    "parts that write nothing": "{% for i in (1..9999) %}"
    + "{% if true %}{% endif %}" * 300
    + "{% endfor %}",
    "concatenating": "{% assign l = x | split: '' %}{% for i in (1..20) %}{% assign l = l | concat: l %}{% endfor %}{{ l | size }}",
}


@pytest.mark.parametrize("text", GROWING.values(), ids=GROWING)
def test_what_would_take_too_much_is_refused_in_time(text: str) -> None:
    values = {
        "x": "a" * 4000,
        "l": ["y"] * 4000,
        "m": ["y"] * 4000,
        "big": 10**70,
        "long": "a" * 1_000_000,
        "different": [str(number) for number in range(4000)],
        "years": "%Y" * 2000,
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(TemplateError) as refused:
        Template(text, field="body").render(values)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < _CPU_SECONDS
    assert refused.value.field == "body"
    assert len(str(refused.value)) < 1000
