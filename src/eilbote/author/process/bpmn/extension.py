"""Our extension elements and attributes in a diagram (namespace ``https://eilbote.dev/bpmn/1``).

They say in camel case what the settings beside the diagram say with underscores, and become the same fields here. Modelers that let
their users add properties of their own, but no elements, may say it by those: ``eilbote.route`` with a value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.plain.place import Place
from eilbote.author.plain.source import PlainTextError, read_source
from eilbote.author.process.bpmn.events import References, correlation_of
from eilbote.author.process.bpmn.names import EILBOTE, ENGINES, KINDS, extensions, is_bpmn
from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity
from eilbote.author.process.given_settings import Given, GivenFields, ProcessSettings

if TYPE_CHECKING:
    from eilbote.author.process.bpmn.xml_document import XmlElement
    from eilbote.model.data import Data

_CAPITAL: Final = re.compile(r"(?<!^)([A-Z])")
_PROPERTY: Final = "eilbote."
_FLAT: Final = frozenset({"message", "task", "catch"})
"""Elements whose fields are fields of the element they stand in."""
_NESTED: Final = frozenset({"http", "flow", "timer", "loop"})
"""Elements that are themselves one field, a table."""
_TABLES: Final = {
    "map": ("mapping", "attribute"),
    "header": ("headers", "name"),
    "input": ("input", "name"),
}
"""Elements of which each is one entry of a table: the field, and the attribute that names the entry."""
_CATCHES: Final = frozenset({"receiveTask", "intermediateCatchEvent", "boundaryEvent"})
_DATA: Final = frozenset({"body"})
_RENAMED: Final = {("process", "name"): "process"}


def read_extensions(root: XmlElement) -> ProcessSettings:
    """Take out of a diagram what is said to eilbote."""
    reading = _Reading(References.of(root))
    for node in root.walk():
        if not is_bpmn(node) or not node.get("id"):
            continue
        if node.name == "sequenceFlow":
            reading.condition(node)
        elif node.name == "process" or node.name in KINDS:
            reading.element(node)
    return ProcessSettings(
        elements=reading.elements, conditions=reading.conditions, faults=tuple(reading.found)
    )


class _Reading:
    def __init__(self, references: References) -> None:
        self._references = references
        self.elements: dict[str, GivenFields] = {}
        self.conditions: GivenFields = {}
        self.found: list[ProcessFinding] = []

    def condition(self, node: XmlElement) -> None:
        for said in extensions(node):
            if said.namespace == EILBOTE and said.name == "condition" and said.text:
                self.conditions[node.get("id")] = _given(said.text, said)

    def element(self, node: XmlElement) -> None:
        fields: GivenFields = {}
        if node.name in _CATCHES and (key := correlation_of(node, self._references)):
            fields["correlation"] = _given(key, node)
        for (space, name), value in node.qualified.items():
            if space == EILBOTE:
                fields[_snake(name)] = _given(value, node)
        for said in extensions(node):
            if said.namespace == EILBOTE:
                self._said(node, said, fields)
            elif said.namespace in ENGINES and said.name == "properties":
                for each in said.children:
                    name = each.get("name")
                    if name.startswith(_PROPERTY):
                        self._property(name.removeprefix(_PROPERTY), each, fields)
        if fields:
            self.elements[node.get("id")] = fields

    def _said(self, node: XmlElement, said: XmlElement, fields: GivenFields) -> None:
        if said.name in _FLAT or (said.name == "process" and node.name == "process"):
            fields.update(self._fields(node, said))
        elif said.name in _NESTED:
            below = self._fields(node, said)
            fields[said.name] = Given(
                value={name: each.value for name, each in below.items()},
                line=said.line,
                found_in=FoundIn.DIAGRAM,
                lines={name: each.line for name, each in below.items()},
            )
        elif said.name == "condition":
            self._fault(node, said, "a condition stands in an element that is no sequence flow")
        else:
            self._fault(node, said, f"eilbote knows no extension element {said.name[:60]!r}")

    def _fields(self, node: XmlElement, said: XmlElement) -> GivenFields:
        fields = {
            _RENAMED.get((said.name, name), _snake(name)): _given(value, said)
            for name, value in said.attributes.items()
        }
        tables: dict[str, dict[str, Data]] = {}
        recipients: list[Data] = []
        choices: list[Data] = []
        for each in said.children:
            if each.namespace != EILBOTE:
                continue
            if each.name in _TABLES:
                field, key = _TABLES[each.name]
                tables.setdefault(field, {})[each.get(key)] = self._data(node, each)
                fields[field] = _given(dict(tables[field]), said)
            elif each.name == "recipient":
                recipients.append(each.text)
                fields["recipients"] = _given(list(recipients), said)
            elif each.name == "choice":
                choices.append({"value": each.get("value"), "label": each.get("label") or each.get("value")})
                fields["choices"] = _given(list(choices), said)
            elif each.name in _DATA:
                fields[each.name] = _given(self._data(node, each, always=True), each)
            else:
                fields[_snake(each.name)] = _given(each.text, each)
        return fields

    def _data(self, node: XmlElement, said: XmlElement, *, always: bool = False) -> Data:
        """Give a text, or the plain data that is written in it when it says ``type="data"``."""
        if not said.text or not (always or said.get("type") == "data"):
            return said.text
        try:
            return read_source(said.text, what="extension element").data
        except PlainTextError as fault:
            below = min((fault.place or Place(1, 1)).line, said.text.count("\n") + 1)
            self.found.append(
                ProcessFinding(
                    severity=Severity.ERROR,
                    element=node.get("id"),
                    field=said.name,
                    what=f"what stands in {said.name!r} is neither YAML nor JSON: {fault.what}",
                    cause=fault.reason,
                    remedy=fault.remedy,
                    line=said.line + below - 1,
                )
            )
            return None

    def _property(self, name: str, said: XmlElement, fields: GivenFields) -> None:
        value: Data = said.get("value")
        field, dot, below = name.partition(".")
        if not dot:
            fields[_snake(field)] = _given(value, said)
            return
        table = dict(found) if isinstance(found := _value(fields, field), dict) else {}
        table[below] = value
        fields[field] = _given(table, said)

    def _fault(self, node: XmlElement, said: XmlElement, what: str) -> None:
        self.found.append(
            ProcessFinding(
                severity=Severity.ERROR,
                element=node.get("id"),
                field=said.name,
                what=what,
                remedy="There are message, task, catch, http, flow, timer and loop; process in processes, condition in flows",
                line=said.line,
            )
        )


def _given(value: Data, said: XmlElement) -> Given:
    below = dict.fromkeys(value, said.line) if isinstance(value, dict) else {}
    return Given(value=value, line=said.line, found_in=FoundIn.DIAGRAM, lines=below)


def _value(fields: GivenFields, name: str) -> Data:
    found = fields.get(name)
    return None if found is None else found.value


def _snake(name: str) -> str:
    return _CAPITAL.sub(r"_\1", name).lower()
