"""Expressions of other template languages, told apart so that their authors learn how to say the same here."""

from __future__ import annotations

import re
from typing import Final

_CALLS: Final = {
    "toUpperCase": "upcase",
    "toLowerCase": "downcase",
    "trim": "strip",
    "toString": "",
    "join": 'join: ", "',
    "reverse": "reverse",
    "toFixed": "round: 2",
    "split": 'split: ","',
    "replace": 'replace: "old", "new"',
    "slice": "slice: 0, 10",
    "substring": "slice: 0, 10",
}
_PATH = r"[A-Za-z_$][\w$.\[\]'\"-]*"
_IF: Final = re.compile(r"(?:if|elsif|unless)\s+(?P<condition>.+)", re.DOTALL)
_CONDITION_SIGNS: Final = (
    (re.compile(r"===?"), "=="),
    (re.compile(r"!==?"), "!="),
    (re.compile(r"(?<![=!<>])=(?!=)"), "=="),
    (re.compile(r"<>"), "!="),
    (re.compile(r"\s*&&\s*"), " and "),
    (re.compile(r"\s*\|\|\s*"), " or "),
)
"""How other languages compare and join, and how Liquid does."""
_QUOTED: Final = re.compile(r"""("[^"]*"|'[^']*')""")
_HINTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(rf"(?P<a>{_PATH})\s*\|\|\s*(?P<b>.+)"), "{{{{ {a} | default: {b} }}}}"),
    (re.compile(rf"(?P<a>{_PATH})\s*\?\?\s*(?P<b>.+)"), "{{{{ {a} | default: {b} }}}}"),
    (
        re.compile(r"(?P<a>[^?]+?)\s*\?\s*(?P<b>[^:]+?)\s*:\s*(?P<c>.+)"),
        "{{% if {a} %}}{{{{ {b} }}}}{{% else %}}{{{{ {c} }}}}{{% endif %}}",
    ),
    (re.compile(rf"(?P<a>{_PATH})\.length"), "{{{{ {a} | size }}}}"),
    (re.compile(rf"JSON\.stringify\((?P<a>{_PATH})\)"), "{{{{ {a} | json }}}}"),
    (re.compile(r"new Date\(\).*|Date\.now\(\).*"), '{{{{ "now" | date: "%Y-%m-%d" }}}}'),
    (re.compile(rf"(?P<a>{_PATH}|'[^']*'|\"[^\"]*\")\s*\+\s*(?P<b>.+)"), "{{{{ {a} | append: {b} }}}}"),
    (re.compile(rf"#(?:if|each)\s+(?P<a>{_PATH}).*"), "{{% if {a} %}}...{{% endif %}}"),
    (re.compile(rf"if\s+(?P<a>{_PATH})"), "{{% if {a} %}}...{{% endif %}}"),
)
_CALL: Final = re.compile(rf"(?P<a>{_PATH})\.(?P<name>\w+)\(.*\)")


def liquid_form(expression: str) -> str | None:
    """Give the Liquid form of a JavaScript-like expression as chat and automation products use it, or ``None``.

    It is a hint for a person and is not executed; parts that need one's own words stand as examples.
    """
    text = expression.strip()
    if (condition := _IF.fullmatch(text)) is not None and (said := _condition(condition[1])) != condition[1]:
        return said
    if (call := _CALL.fullmatch(text)) is not None and call["name"] in _CALLS:
        name = _CALLS[call["name"]]
        return f"{{{{ {call['a']} | {name} }}}}" if name else f"{{{{ {call['a']} }}}}"
    for pattern, form in _HINTS:
        if (found := pattern.fullmatch(text)) is not None:
            return form.format(**{name: part.strip() for name, part in found.groupdict().items()})
    return None


def _condition(text: str) -> str:
    """Give a condition with the signs that Liquid has for comparing and joining; what stands in quotes is left alone."""
    pieces = _QUOTED.split(text)
    for number in range(0, len(pieces), 2):
        for pattern, sign in _CONDITION_SIGNS:
            pieces[number] = pattern.sub(sign, pieces[number])
    return "".join(pieces)
