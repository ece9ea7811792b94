"""An unfinished template is refused with what finishes it."""

import pytest

from eilbote.errors import TemplateError
from eilbote.template.template import Template


@pytest.mark.parametrize(
    "text, remedy",
    [
        ("{% for x in y %}", "Write {% endfor %} where what began with {% for %} ends"),
        ("{% if a %}x", "{% endif %}"),
        ("{{ a", "Write }}"),
        ("{{ a }", "Write }}"),
        ("{% if a", "Write %}"),
        ("{{ }}", "input.name"),
        ("{% endif %}", "write the {% if %} that it ends"),
        ("{% if a %}{% endfor %}", "write the {% for %} that it ends"),
        ("{% else %}", "between the beginning and the end"),
        ("{% fro x in y %}", "Did you mean {% for %}?"),
        ("{% esle %}", "Did you mean {% else %}?"),
        ("{% include 'a' %}", "reference of Liquid"),
    ],
)
def test_the_remedy_says_what_is_missing(text: str, remedy: str) -> None:
    with pytest.raises(TemplateError) as refused:
        Template(text)
    assert remedy in (refused.value.remedy or "")
