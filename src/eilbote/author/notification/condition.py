"""Whether an event is one that a subscription wants by its values: a condition in Liquid, such as ``data.total > 1000``.

It sees what titles see: ``data``, and ``event`` with ``kind``, ``severity``, ``summary``, ``detail``, ``organization``, ``at``. One that cannot be
worked out for an event lets it through: rather too loud than not heard.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.wording import values_of
from eilbote.errors import EilboteError, SettingsError, TemplateError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent

LONGEST: Final = 500
_TAGS: Final = ("{%", "%}", "{{", "}}")
_YES: Final = "1"


def read_condition(text: str) -> str:
    """Read a condition; nothing is none.

    Raises:
        SettingsError: It is no condition.
    """
    said = text.strip()
    if not said:
        return ""
    if len(said) > LONGEST or any(tag in said for tag in _TAGS):
        raise SettingsError(
            "this cannot be a condition",
            field="when",
            remedy=f"Give at most {LONGEST} characters without {{%, %}} and braces, such as: data.total > 1000",
        )
    try:
        _template(said)
    except TemplateError as fault:
        raise SettingsError(
            "this cannot be a condition",
            field="when",
            cause=". ".join(part for part in (fault.what, fault.cause) if part),
            remedy="Compare a value of data or event with another, such as: data.total > 1000",
        ) from None
    return said


def holds(condition: str, event: SystemEvent) -> bool:
    """Tell whether a condition holds for an event."""
    try:
        return _template(condition).render(values_of(event)) == _YES
    except EilboteError:
        return True


@lru_cache(maxsize=256)
def _template(condition: str) -> Template:
    return Template(f"{{% if {condition} %}}{_YES}{{% endif %}}", field="when")
