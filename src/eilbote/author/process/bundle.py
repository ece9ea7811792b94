"""The text of a process as it is kept: its diagram and the settings beside it, in one JSON object.

What is published must be one thing that never changes, and a process consists of two texts; so they are written as one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.plain.source import cause_with_place
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from eilbote.author.plain.place import Place

MOST_OCTETS: Final = 2 * 1024 * 1024
"""Of a diagram, and of the text that holds it with its settings, in UTF-8."""
_FIELDS: Final = frozenset({"bpmn", "settings"})


class ProcessTextError(ProcessError):
    """A text of a process cannot be used, and it is known where; ``cause`` ends with the place.

    Attributes:
        place: Where; ``None`` when that cannot be said.
        reason: Why, without the place.
    """

    def __init__(
        self,
        what: str,
        *,
        place: Place | None = None,
        field: str | None = None,
        cause: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what, field=field, cause=cause_with_place(cause, place), remedy=remedy)
        self.place = place
        self.reason = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything that a process is written in.

    Attributes:
        bpmn: The diagram, BPMN 2.0 XML as its modeler wrote it.
        settings: What eilbote is told beside it, YAML; empty when the diagram says everything itself.
    """

    bpmn: str
    settings: str = ""


def write_bundle(bundle: Bundle) -> str:
    """Write both texts as one.

    Raises:
        ProcessError: They are too large to be kept.
    """
    text = json.dumps({"bpmn": bundle.bpmn, "settings": bundle.settings}, ensure_ascii=False)
    _check_size(text)
    return text


def read_bundle(text: str) -> Bundle:
    """Read what :func:`write_bundle` wrote.

    Raises:
        ProcessError: It was not written by that, or is too large.
    """
    _check_size(text)
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _no_bundle("it is no JSON object")
    table = cast("dict[str, object]", found)
    bpmn, settings = table.get("bpmn"), table.get("settings", "")
    if not isinstance(bpmn, str) or not isinstance(settings, str) or table.keys() - _FIELDS:
        raise _no_bundle("it does not consist of the texts bpmn and settings")
    return Bundle(bpmn=bpmn, settings=settings)


def _check_size(text: str) -> None:
    octets = len(text.encode("utf-8", "surrogatepass"))
    if octets > MOST_OCTETS:
        raise ProcessError(
            f"diagram and settings have {octets:,} octets together",
            cause=f"At most {MOST_OCTETS:,} are kept",
            remedy="Leave pictures and attachments out of the diagram, or take it apart into several processes",
        )


def _no_bundle(cause: str) -> ProcessError:
    return ProcessError(
        "this is not the text of a process",
        cause=cause.capitalize(),
        remedy="Give the diagram and its settings as two texts; they are put together when they are saved",
    )
