"""What is different between two versions of a process: what was added, removed and changed, and in which attributes (pure).

Lines of XML say little: a modeler writes the same diagram in another order, and a shape that was moved a little fills a page. So what was
read is compared, by the ids of BPMN. Something that got another id was removed and added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.diagram import Diagram

_NEVER_TOLD: Final = frozenset({"id", "line"})
"""The id tells which it is, and a line is where it stands, not what it is."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Part(StrEnum):
    """What of a process is different."""

    SETTINGS = "settings"
    """What holds for all of it: its title, which process begins, its correlation key."""
    PROCESS = "process"
    """One of the processes of the diagram."""
    ELEMENT = "element"
    SEQUENCE_FLOW = "sequence_flow"
    """An arrow that tokens follow."""
    MESSAGE_FLOW = "message_flow"
    LABEL = "label"
    """A participant, a lane, a note: what means nothing to the engine."""


class ChangeKind(StrEnum):
    """What became of a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeChange:
    """An attribute that is different.

    Attributes:
        name: Which, with a dot where it stands within another one: ``timer.text``; what eilbote is told beside the diagram has
            ``details`` before it: ``details.route``.
        before: What it was, as text or JSON; empty when it said nothing.
        after: What it is.
    """

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """A part that is different.

    Attributes:
        part: What it is.
        change: What became of it.
        id: Its id in the diagram; empty for the settings.
        name: What stands beside it; of what was removed what stood there.
        kind: Of elements and labels: BPMN's own name for what it is.
        attributes: What is different; of what was added or removed, everything that is not as usual.
        line: Where it stands in the latter diagram, from 1 on; 0 when it does not, or that is not known.
    """

    part: Part
    change: ChangeKind
    id: str = ""
    name: str = ""
    kind: str = ""
    attributes: tuple[AttributeChange, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDifference:
    """What is different between two versions of a process.

    Attributes:
        changes: The settings first, then in the order of the latter diagram; behind them what was removed.
        moved: Ids of what is drawn elsewhere or in another size; that changes nothing but the picture.
    """

    changes: tuple[PartChange, ...]
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A part as it is compared."""

    name: str
    kind: str
    line: int
    whole: Mapping[str, str]
    """All its attributes."""
    unusual: Mapping[str, str]
    """Those that are not as they are where nobody says anything."""


def process_difference(before: Definition, after: Definition) -> ProcessDifference:
    """Give what is different between two versions of a process."""
    former, latter = dict(_parts(before)), dict(_parts(after))
    changes = [_change(place, former.get(place), seen) for place, seen in latter.items()]
    changes += [_change(place, seen, None) for place, seen in former.items() if place not in latter]
    return ProcessDifference(
        changes=tuple(each for each in changes if each is not None),
        moved=tuple(_moved(before.diagram, after.diagram)),
    )


# -- within ------------------------------------------------------------------------------------------------------


def _change(place: tuple[Part, str], former: _Seen | None, latter: _Seen | None) -> PartChange | None:
    part, name = place
    shown = latter or former
    if shown is None:
        return None
    if former is None or latter is None:
        change = ChangeKind.ADDED if former is None else ChangeKind.REMOVED
        said = _NOTHING if former is None else former.unusual
        says = _NOTHING if latter is None else latter.unusual
    else:
        change, said, says = ChangeKind.CHANGED, former.whole, latter.whole
    attributes = tuple(
        AttributeChange(name=each, before=said.get(each, ""), after=says.get(each, ""))
        for each in dict.fromkeys((*says, *said))
        if said.get(each, "") != says.get(each, "")
    )
    if change is ChangeKind.CHANGED and not attributes:
        return None
    return PartChange(
        part=part,
        change=change,
        id=name,
        name=shown.name,
        kind=shown.kind,
        attributes=attributes,
        line=latter.line if latter else 0,
    )


def _parts(definition: Definition) -> Iterator[tuple[tuple[Part, str], _Seen]]:
    diagram = definition.diagram
    said = {
        "title": definition.title,
        "process": definition.process,
        "correlation": definition.correlation,
    }
    yield (Part.SETTINGS, ""), _Seen(definition.title, "", 0, said, said)
    for plan in diagram.processes:
        yield (Part.PROCESS, plan.id), _seen(plan, name=plan.name, line=plan.line)
    for element in diagram.elements.values():
        details = definition.details.get(element.id)
        seen = _seen(element, details, name=element.name, kind=element.kind.value, line=element.line)
        yield (Part.ELEMENT, element.id), seen
    for flow in diagram.flows.values():
        seen = _seen(flow, name=flow.name, line=flow.line)
        condition = definition.conditions.get(flow.id)
        if condition is not None:  # the settings' word, in place of the diagram's
            whole, unusual = ({**each, "condition": condition} for each in (seen.whole, seen.unusual))
            seen = _Seen(seen.name, seen.kind, seen.line, whole, unusual)
        yield (Part.SEQUENCE_FLOW, flow.id), seen
    for message_flow in diagram.message_flows:
        yield (Part.MESSAGE_FLOW, message_flow.id), _seen(message_flow, name=message_flow.name)
    for label in diagram.labels:
        yield (Part.LABEL, label.id), _seen(label, name=label.text, kind=label.kind)


def _seen(noun: object, details: object = None, *, name: str, kind: str = "", line: int = 0) -> _Seen:
    told = [*_attributes(noun), *_attributes(details, "details.")]
    whole = {field: text for field, text, _ in told}
    unusual = {field: text for field, text, is_usual in told if not is_usual}
    return _Seen(name, kind, line, whole, unusual)


def _attributes(noun: object, before: str = "", *, is_usual: bool = False) -> Iterator[tuple[str, str, bool]]:
    """Give the fields of a noun of ours, and whether each is as usual; those of nouns in it under both names."""
    if not is_dataclass(noun):
        return
    for field in fields(noun):
        value: object = getattr(noun, field.name)
        usual: object = field.default
        if usual is MISSING and field.default_factory is not MISSING:
            usual = field.default_factory()
        if field.name in _NEVER_TOLD:
            continue
        name = f"{before}{field.name}"
        if is_dataclass(value):
            yield from _attributes(value, f"{name}.", is_usual=is_usual or value == usual)
        else:
            yield name, _text(value), is_usual or value == usual


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> object:
    match value:
        case Mapping():
            table = cast("Mapping[str, object]", value)
            return {name: _plain(each) for name, each in table.items()}
        case list() | tuple():
            return [_plain(each) for each in cast("list[object]", value)]
        case str() | bool() | int() | float() | None:
            return value
        case _:
            return str(value)


def _moved(before: Diagram, after: Diagram) -> Iterator[str]:
    for name, shape in after.shapes.items():
        if before.shapes.get(name, shape) != shape:
            yield name
    for name, edge in after.edges.items():
        if before.edges.get(name, edge) != edge:
            yield name
