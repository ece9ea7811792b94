"""Diagrams as modelers of many vendors export them: each is read whole, checked, drawn and, where settings say how, run to its end.

A diagram ``NAME.bpmn`` lies in ``tests/corpus/bpmn`` with ``NAME.expected.yaml``: what a check finds, and what comes of running it;
and often with ``NAME.settings.yaml``, by which it can run although nothing in the diagram was changed for eilbote.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from tests.process_player import Player

from eilbote.author.process.bpmn.reading import read_bpmn
from eilbote.author.process.bpmn.xml_text import decoded
from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.check.check import check_process
from eilbote.author.process.definition import Definition
from eilbote.author.process.finding import ProcessFinding, Severity
from eilbote.author.process.instance import InstanceStatus, SendOverRoute
from eilbote.author.process.picture.picture import draw
from eilbote.author.process.written.read_definition import read_definition
from eilbote.errors import ProcessError

CORPUS = Path(__file__).parents[1] / "corpus" / "bpmn"
MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}"
NODE = re.compile(
    r".*[eE]vent|.*Gateway|task|(send|receive|user|manual|service|script|businessRule)Task"
    r"|subProcess|transaction|adHocSubProcess|callActivity"
)
NAMES = sorted(each.stem for each in CORPUS.glob("*.bpmn"))


@dataclass(frozen=True)
class Exported:
    """A diagram of the corpus and what lies beside it."""

    name: str

    @property
    def octets(self) -> bytes:
        return (CORPUS / f"{self.name}.bpmn").read_bytes()

    @property
    def settings(self) -> str:
        beside = CORPUS / f"{self.name}.settings.yaml"
        return beside.read_text(encoding="utf-8") if beside.exists() else ""

    @property
    def expected(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = yaml.safe_load(
            (CORPUS / f"{self.name}.expected.yaml").read_text(encoding="utf-8")
        )
        return found

    @property
    def root(self) -> ET.Element:
        """Give the file as the standard library reads it."""
        return ET.fromstring(self.octets)  # noqa: S314 - files of our own

    def definition(self, settings: str) -> Definition:
        return read_definition(write_bundle(Bundle(bpmn=decoded(self.octets), settings=settings)))


RUNS = [(name, title) for name in NAMES for title in Exported(name).expected.get("runs", {})]


# -- read -------------------------------------------------------------------------------------------------------


def test_the_corpus_is_large_and_nothing_in_it_lies_alone() -> None:
    assert len(NAMES) >= 40
    for each in CORPUS.glob("*.yaml"):
        assert each.name.split(".")[0] in NAMES, each


@pytest.mark.parametrize("name", NAMES)
def test_every_element_arrow_and_shape_is_read(name: str) -> None:
    exported = Exported(name)
    diagram = read_bpmn(exported.octets)
    nodes = [
        each
        for each in exported.root.iter()
        if each.tag.startswith(MODEL) and NODE.fullmatch(each.tag.removeprefix(MODEL))
    ]
    assert [(each.id, each.name.split()) for each in diagram.elements.values()] == [
        (each.attrib["id"], (each.get("name") or "").split()) for each in nodes
    ]
    assert [each.tag for each in diagram.elements.values()] == [
        each.tag.removeprefix(MODEL) for each in nodes
    ]
    assert list(diagram.flows) == [each.attrib["id"] for each in exported.root.iter(f"{MODEL}sequenceFlow")]
    assert {each.id for each in diagram.message_flows} == {
        each.attrib["id"] for each in exported.root.iter(f"{MODEL}messageFlow")
    }
    shapes = {each.get("bpmnElement") for each in exported.root.iter(f"{DRAWING}BPMNShape")}
    assert shapes == set(diagram.shapes)
    assert diagram.exporter == " ".join(
        each for each in (exported.root.get("exporter"), exported.root.get("exporterVersion")) if each
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_script_of_another_engine_is_among_what_is_read(name: str) -> None:
    """Listeners, scripts and connectors are told by their names; what is in them is not even kept."""
    read = repr(read_bpmn(Exported(name).octets))
    for script in ("corpus-was-executed", "java.lang", "println", "get_current_user", "mailDelegate"):
        assert script not in read


@pytest.mark.parametrize("name", [name for name in NAMES if Exported(name).expected.get("names")])
def test_names_come_through_every_encoding(name: str) -> None:
    exported = Exported(name)
    elements = read_bpmn(exported.octets).elements
    for element, said in exported.expected["names"].items():
        assert elements[element].name == said


# -- checked ------------------------------------------------------------------------------------------------------


def told(findings: tuple[ProcessFinding, ...]) -> list[str]:
    return sorted(" ".join(filter(None, (each.severity, each.element, each.field))) for each in findings)


@pytest.mark.parametrize("name", NAMES)
def test_a_check_finds_exactly_what_is_to_be_found(name: str) -> None:
    exported = Exported(name)
    findings = check_process(exported.definition(exported.settings))
    assert told(findings) == sorted(exported.expected["findings"])
    for each in findings:
        assert each.what
        assert each.severity is Severity.NOTE or each.remedy, each


@pytest.mark.parametrize("name", [name for name in NAMES if Exported(name).settings])
def test_without_its_settings_a_diagram_is_told_what_it_lacks(name: str) -> None:
    exported = Exported(name)
    if exported.expected["bare"] == "refused":
        with pytest.raises(ProcessError, match="diagram_process"):
            exported.definition("")
    else:
        assert told(check_process(exported.definition(""))) == sorted(exported.expected["bare"])


# -- drawn --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_shows_every_element_and_runs_nothing(name: str) -> None:
    diagram = read_bpmn(Exported(name).octets)
    picture = draw(diagram, title=name)
    root = ET.fromstring(picture)  # noqa: S314 - what we drew
    drawn = " ".join("".join(root.itertext()).split())
    for element in diagram.elements.values():
        assert all(word in drawn for word in element.name.split()[:1]), element
    assert not [each.tag for each in root.iter() if each.tag.endswith(("script", "foreignObject", "style"))]
    attributes = [name for each in root.iter() for name in each.attrib]
    assert not [each for each in attributes if each.startswith("on") or each.endswith("href")]


# -- run ----------------------------------------------------------------------------------------------------------


def play(exported: Exported, title: str) -> Player:
    case = exported.expected["runs"][title]
    definition = exported.definition(exported.settings)
    assert definition.faults == ()
    player = Player(
        definition,
        answers={element: [answer] for element, answer in case.get("answers", {}).items()},
        fails=case.get("fails", {}),
    )
    player.begin(case["data"], element=case.get("element", ""), message=case.get("message", ""))
    for step in case.get("then", []):
        assert player.instance.status is InstanceStatus.RUNNING
        match step:
            case {"complete": element, **given}:
                player.complete(element, answer=given.get("answer", ""), data=given.get("data", {}))
            case {"message": message, **given}:
                player.message(message, correlation=given["correlation"], data=given.get("data", {}))
            case {"time": "passes"}:
                player.let_time_pass()
            case _:
                raise AssertionError(step)
    return player


@pytest.mark.parametrize("name, title", RUNS)
def test_a_process_runs_to_its_end_and_sends_what_it_should(name: str, title: str) -> None:
    exported = Exported(name)
    player = play(exported, title)
    case = exported.expected["runs"][title]
    assert player.instance.incidents == ()
    assert player.instance.status is InstanceStatus.COMPLETED
    assert player.sent == Counter(case["sent"])
    if "state" in case:
        assert player.instance.state == case["state"]
    if "values" in case:
        sent = [each.deed for each in player.wanted if isinstance(each.deed, SendOverRoute)]
        assert sent[0].values == case["values"]
