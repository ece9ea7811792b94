"""What stands in elements that eilbote never executes: code, listeners and settings of other engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.bpmn.names import ENGINES, XSI, extensions, part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.bpmn.xml_document import XmlElement

_READ: Final = frozenset(
    {
        "collection",
        "elementVariable",
        "loopCharacteristics",
        "subscription",
        "calledElement",
        "properties",
        "messageRef",
    }
)
"""What is read elsewhere, or only describes."""
_LOOPS: Final = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def foreign_parts(node: XmlElement) -> tuple[str, ...]:
    """Give what other engines would do with an element, each in words: ``camunda:executionListener``."""
    return tuple(dict.fromkeys(_found(node)))


def _found(node: XmlElement) -> Iterator[str]:
    places = [node, *(each for name in _LOOPS if (each := part(node, name)) is not None)]
    places += [each for each in node.children if each.name.endswith("EventDefinition")]
    for place in places:
        for space, name in place.qualified:
            if (engine := ENGINES.get(space)) is not None and name not in _READ and space != XSI:
                yield f"{engine}:{name}"
        for said in extensions(place):
            if (engine := ENGINES.get(said.namespace)) is not None and said.name not in _READ:
                yield f"{engine}:{said.name}"
    if node.name == "scriptTask":
        yield "script"
