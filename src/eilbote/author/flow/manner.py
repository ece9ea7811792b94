"""In which language and zone a flow speaks: as it says itself, or as each visit's values say.

A value nobody knows, such as a language that was misspelt in some database, gives English and UTC: a mail in another language is
better than none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.errors import TemplateError
from eilbote.template.localized import known_locale, read_time_zone
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Final = "en"
UNIVERSAL: Final = "UTC"


def locale_of(said: str, values: Mapping[str, object]) -> str:
    """Give the language of a visit."""
    template = _template(said)
    return said if template is None else known_locale(_made(template, values), otherwise=ENGLISH)


def time_zone_of(said: str, values: Mapping[str, object]) -> str:
    """Give the time zone of a visit."""
    template = _template(said)
    if template is None:
        return said
    try:
        return read_time_zone(_made(template, values))
    except TemplateError:
        return UNIVERSAL


def _made(template: Template, values: Mapping[str, object]) -> str:
    try:
        return template.render(values).strip()
    except TemplateError:
        return ""


@lru_cache(maxsize=256)
def _template(said: str) -> Template | None:
    template = Template(said, field="locale")
    return None if template.is_literal else template
