"""What people can choose from when a flow asks them, and by which exit each choice leads on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.errors import FlowError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from eilbote.author.flow.fields import Fields
    from eilbote.model.data import Data

GOES_ON: Final = "next"
DECLINED: Final = "declined"
REFUSALS: Final = frozenset({"decline", "declined", "deny", "denied", "no", "refuse", "reject", "rejected"})
"""Values that lead to ``declined`` unless their author says otherwise: a no must never pass for a yes."""
_VALUE: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,39}", re.ASCII)
_MOST: Final = 10
_LONGEST_LABEL: Final = 100
_FIELDS: Final = frozenset({"value", "label", "exit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen.

    Attributes:
        value: What the flow is told.
        label: What people read; the value itself when ``None``.
        by: Through which exit the run goes on.
    """

    value: str
    label: Template | None = None
    by: str = GOES_ON


def read_choices(given: Fields) -> tuple[Choice, ...]:
    """Take the field ``choices``; empty when nothing is said.

    Each is a value, or a table with ``value``, ``label`` and ``exit``.

    Raises:
        FlowError: They cannot be used, with the place of the one at fault.
        TemplateError: A label is no template.
    """
    said = given.data("choices")
    if said is None:
        return ()
    if not isinstance(said, list) or not 1 <= len(said) <= _MOST:
        raise FlowError(
            "these are no choices",
            field="choices",
            remedy=f"Give a list of 1 to {_MOST}, such as [approve, decline]",
        )
    choices = tuple(_choice(each, f"choices[{number}]") for number, each in enumerate(said))
    for number, choice in enumerate(choices):
        if choice.value in (other.value for other in choices[:number]):
            raise FlowError(
                f"two choices have the value {choice.value!r}",
                field=f"choices[{number}]",
                remedy="Give each a value of its own",
            )
    return choices


def _choice(said: Data, field: str) -> Choice:
    table = {"value": said} if isinstance(said, str) else said
    if not isinstance(table, dict):
        raise FlowError(
            "this is no choice",
            field=field,
            cause="Without quotes, yes and no are read as truth values" if isinstance(said, bool) else None,
            remedy='Give a value in quotes, or a table such as {value: approve, label: "Approve"}',
        )
    for name in table:
        if name not in _FIELDS:
            raise FlowError(
                f"a choice has no field {name[:60]!r}", field=field, remedy="It has value, label and exit"
            )
    value, label, by = table.get("value"), table.get("label"), table.get("exit")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise FlowError(
            "this is no value for a choice",
            field=field,
            remedy="Give at most 40 letters, digits, _, - and dots, in quotes",
        )
    if label is not None and not isinstance(label, str):
        raise FlowError("the label of a choice is no text", field=field, remedy="Give a text, in quotes")
    if by is None:
        by = DECLINED if value.lower() in REFUSALS else GOES_ON
    if by not in {GOES_ON, DECLINED}:
        raise FlowError(
            f"no choice can leave by {str(by)[:60]!r}", field=field, remedy=f"Give {GOES_ON} or {DECLINED}"
        )
    return Choice(value=value, label=Template(label, field=field) if label else None, by=str(by))


def label_of(text: str) -> str:
    """Give a label as it is shown: one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LABEL else f"{line[: _LONGEST_LABEL - 1]}…"
