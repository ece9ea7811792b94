"""Settings for a foreign diagram: they can be read, nothing in them is wrong, and they say what there is to be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from eilbote.author.process.bpmn.xml_text import decoded
from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.check.check import check_process
from eilbote.author.process.finding import FoundIn, Severity
from eilbote.author.process.written.read_definition import read_definition
from eilbote.author.process.written.skeleton import settings_skeleton
from eilbote.errors import ProcessError

CORPUS = Path(__file__).parents[4] / "corpus" / "bpmn"


def _diagrams() -> list[Path]:
    return sorted(CORPUS.glob("*.bpmn"))


@pytest.mark.parametrize("file", _diagrams(), ids=lambda file: file.stem)
def test_nothing_in_the_settings_is_wrong(file: Path) -> None:
    diagram = decoded(file.read_bytes())
    definition = read_definition(write_bundle(Bundle(bpmn=diagram, settings=settings_skeleton(diagram))))
    errors = [each for each in check_process(definition) if each.severity is Severity.ERROR]
    assert [str(each) for each in errors if each.found_in is FoundIn.SETTINGS] == []


def test_what_a_diagram_lacks_is_there_to_be_filled_in() -> None:
    diagram = decoded((CORPUS / "camunda7-order-ready.bpmn").read_bytes())
    alone = read_definition(write_bundle(Bundle(bpmn=diagram)))
    lacking = {each.field for each in check_process(alone) if each.severity is Severity.ERROR}
    assert {"system_name", "state"} <= lacking
    settings = settings_skeleton(diagram)
    beside = read_definition(write_bundle(Bundle(bpmn=diagram, settings=settings)))
    assert [each for each in check_process(beside) if each.severity is Severity.ERROR] == []
    assert "# Customer told (intermediateThrowEvent)" in settings


def test_words_of_a_diagram_stay_words() -> None:
    hostile = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="no" isExecutable="true">'
        '<startEvent id="s"/><userTask id="on" name="a: [b&#10;c: d\'&quot; #"/><endEvent id="e"/></process></definitions>'
    )
    settings = settings_skeleton(hostile)
    definition = read_definition(write_bundle(Bundle(bpmn=hostile, settings=settings)))
    assert (definition.name, set(definition.details)) == ("no", {"on"})


def test_what_is_no_diagram_has_no_settings() -> None:
    with pytest.raises(ProcessError):
        settings_skeleton("<a")
