"""Names of BPMN 2.0 (OMG formal/2013-12-09) and of those who extend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.diagram import ElementKind

if TYPE_CHECKING:
    from eilbote.author.process.bpmn.xml_document import XmlElement

MODEL: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_MODELS: Final = frozenset({MODEL, f"{MODEL}/", "http://schema.omg.org/spec/BPMN/2.0"})
"""The last is that of the drafts of BPMN 2.0, which some modelers still write."""
EILBOTE: Final = "https://eilbote.dev/bpmn/1"
"""Our own extension elements and attributes (``docs/reference/eilbote-bpmn.xsd``)."""
XINCLUDE: Final = "http://www.w3.org/2001/XInclude"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

CAMUNDA: Final = "http://camunda.org/schema/1.0/bpmn"
ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
FLOWABLE: Final = "http://flowable.org/bpmn"
ACTIVITI: Final = "http://activiti.org/bpmn"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
DROOLS: Final = "http://www.jboss.org/drools"
ENGINES: Final = {
    CAMUNDA: "camunda",
    ZEEBE: "zeebe",
    FLOWABLE: "flowable",
    ACTIVITI: "activiti",
    SPIFF: "spiffworkflow",
    DROOLS: "drools",
}
"""Other engines, by their namespaces: what they wrote may mean something to the author, and nothing happens by it here."""
JUEL: Final = (CAMUNDA, FLOWABLE, ACTIVITI)
"""Engines that write the same attributes, each in its own namespace."""

KINDS: Final = {
    **{
        kind.value: kind
        for kind in ElementKind
        if kind is not ElementKind.UNSUPPORTED and kind is not ElementKind.USER_TASK
    },
    "userTask": ElementKind.USER_TASK,
    "manualTask": ElementKind.USER_TASK,
    **dict.fromkeys(
        (
            "scriptTask",
            "businessRuleTask",
            "complexGateway",
            "transaction",
            "adHocSubProcess",
            "implicitThrowEvent",
            "callChoreography",
            "choreographyTask",
            "subChoreography",
        ),
        ElementKind.UNSUPPORTED,
    ),
}
"""Flow nodes by their names."""
SCOPES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
"""Flow nodes that hold flow nodes."""
LABELS: Final = frozenset(
    {
        "participant",
        "lane",
        "textAnnotation",
        "group",
        "dataObjectReference",
        "dataStoreReference",
        "dataInput",
        "dataOutput",
    }
)
"""What is drawn and means nothing to the engine."""


def is_bpmn(element: XmlElement) -> bool:
    """Say whether an element is one of BPMN's own."""
    return element.namespace in _MODELS


def parts(element: XmlElement, *names: str) -> list[XmlElement]:
    """Give the elements of BPMN directly in one, with one of these names."""
    return [child for child in element.children if child.name in names and is_bpmn(child)]


def part(element: XmlElement, name: str) -> XmlElement | None:
    """Give the first element of BPMN of that name directly in one."""
    return next(iter(parts(element, name)), None)


def extensions(element: XmlElement) -> tuple[XmlElement, ...]:
    """Give what others than BPMN have said about an element."""
    held = part(element, "extensionElements")
    return () if held is None else held.children


def of_engines(element: XmlElement, name: str) -> str:
    """Give an attribute that Camunda 7, Flowable and Activiti write alike; empty when there is none."""
    for space in JUEL:
        if found := element.qualified.get((space, name), "").strip():
            return found
    return ""


def referred(written: str, known: frozenset[str] | dict[str, XmlElement]) -> str:
    """Give what a reference means: qualified names may carry a prefix, which here never changes anything."""
    if written in known or ":" not in written:
        return written
    bare = written.partition(":")[2]
    return bare if bare in known else written


def words_of(tag: str, name: str) -> str:
    """Say what an element is, for people: ``send task 'Tell Anna'``."""
    words = "".join(f" {each.lower()}" if each.isupper() else each for each in tag)
    words = words.replace("sub process", "sub-process").replace("event based", "event-based")
    shown = " ".join(name.split())[:60]
    return f"{words} {shown!r}" if shown else words
