"""Expressions as other engines write them, with their wrapping taken off; what is in it is not translated.

Camunda 7, Flowable and Activiti write ``${...}`` or ``#{...}`` (the Unified Expression Language), Camunda 8 writes ``=...`` (FEEL),
SpiffWorkflow writes Python, in which a text stands in quotes.
"""

from __future__ import annotations

import re
from typing import Final

_WRAPPED: Final = re.compile(r"[$#]\{([^{}]*)\}")
_PATH: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])*")
_FEEL_TIME: Final = re.compile(r'(?:duration|date and time|date|cycle)\(\s*"([^"]*)"\s*\)')
_QUOTED: Final = re.compile(r"""(["'])([^"']*)\1""")


def bare_expression(written: str) -> str:
    """Give an expression without the wrapping of its engine."""
    text = written.strip()
    if (found := _WRAPPED.fullmatch(text)) is not None:
        return found[1].strip()
    if text.startswith("=") and not text.startswith("=="):
        return text[1:].strip()
    if text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1:
        return text[2:-2].strip()
    return text


def bare_template(written: str) -> str:
    """Give a text, such as a timer's, as a template: a wrapped path becomes ``{{ path }}``, quotes of other languages go."""
    text = written.strip()
    if "{{" in text or "{%" in text:
        return text
    inside = bare_expression(text)
    if inside != text and (time := _FEEL_TIME.fullmatch(inside)) is not None:
        return time[1].strip()
    if (quoted := _QUOTED.fullmatch(inside)) is not None:
        return quoted[2].strip()
    if inside != text and _PATH.fullmatch(inside):
        return f"{{{{ {inside} }}}}"
    return text
