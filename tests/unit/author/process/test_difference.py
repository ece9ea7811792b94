"""What is different between two versions of a process, by the parts of BPMN and not by lines."""

from __future__ import annotations

from tests.unit.author.process.written_bpmn import bpmn, defined

from eilbote.author.process.definition import Definition
from eilbote.author.process.difference import ChangeKind, Part, process_difference

BEFORE = """<startEvent id="Start"/>
Start->Check
<userTask id="Check" name="Check"/>
Check->End
<endEvent id="End"/>"""


def changes(before: Definition, after: Definition) -> list[tuple[str, str, str]]:
    """Give what is different, without attributes."""
    found = process_difference(before, after).changes
    return [(each.part.value, each.change.value, each.id) for each in found]


def attributes(before: Definition, after: Definition) -> dict[str, tuple[str, str]]:
    """Give the attributes of the one part that is different."""
    (change,) = process_difference(before, after).changes
    return {each.name: (each.before, each.after) for each in change.attributes}


def test_a_process_is_not_different_from_itself_whatever_order_it_stands_in() -> None:
    other = "\n".join(reversed(BEFORE.splitlines()))
    assert changes(defined(bpmn(BEFORE)), defined(bpmn(other))) == []


def test_what_was_added_and_removed_is_told_with_what_it_says() -> None:
    after = BEFORE.replace("Check->End", "Check->Tell\nTell->End").replace(
        "<endEvent", '<sendTask id="Tell" name="Tell them"/>\n<endEvent'
    )
    before, there = defined(bpmn(BEFORE)), defined(bpmn(after))
    assert changes(before, there) == [
        ("element", "added", "Tell"),
        ("sequence_flow", "added", "Check-Tell"),
        ("sequence_flow", "added", "Tell-End"),
        ("sequence_flow", "removed", "Check-End"),
    ]
    added, arrow, *_ = process_difference(before, there).changes
    assert (added.part, added.change, added.name, added.kind) == (
        Part.ELEMENT,
        ChangeKind.ADDED,
        "Tell them",
        "sendTask",
    )
    assert added.line == 8
    said = {each.name: each.after for each in added.attributes}
    assert (said["name"], said["kind"]) == ("Tell them", "sendTask")
    assert "attached_to" not in said  # as usual
    assert {(each.name, each.before, each.after) for each in arrow.attributes} >= {("target", "", "Tell")}
    assert changes(there, before)[0] == ("sequence_flow", "added", "Check-End")
    assert ("element", "removed", "Tell") in changes(there, before)


def test_a_changed_attribute_is_told_as_it_was_and_as_it_is() -> None:
    before = defined(bpmn(BEFORE))
    assert attributes(before, defined(bpmn(BEFORE.replace('name="Check"', 'name="Look"')))) == {
        "name": ("Check", "Look")
    }
    timed = '<intermediateCatchEvent id="Wait"><timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition></intermediateCatchEvent>'
    assert attributes(defined(bpmn(timed.format("PT15M"))), defined(bpmn(timed.format("PT1H")))) == {
        "timer.text": ("PT15M", "PT1H")
    }
    conditional = BEFORE.replace("Check->End", "Check->End: number > 1")
    assert attributes(before, defined(bpmn(conditional))) == {"condition": ("", "number > 1")}


def test_the_settings_are_compared_by_what_they_mean() -> None:
    before = defined(bpmn(BEFORE), 'process: order\nelements:\n  Check: {title: "Look", wants_text: false}\n')
    same = defined(bpmn(BEFORE), "# a word\nprocess: order\nelements:\n  Check:\n    title: Look\n")
    assert changes(before, same) == []
    after = defined(bpmn(BEFORE), "process: order\nelements:\n  Check: {title: Look well}\n")
    assert attributes(before, after) == {"details.title": ("Look", "Look well")}
    replaced = defined(
        bpmn(BEFORE),
        "process: order\nconditions:\n  Check-End: number > 1\nelements:\n  Check: {title: Look}\n",
    )
    assert attributes(same, replaced) == {"condition": ("", "number > 1")}
    titled = defined(bpmn(BEFORE), "process: order\ntitle: Orders\nelements:\n  Check: {title: Look}\n")
    assert changes(before, titled) == [("settings", "changed", "")]


def test_what_is_only_drawn_elsewhere_is_told_apart() -> None:
    drawn = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane bpmnElement="Order">'
        '<bpmndi:BPMNShape bpmnElement="Check"><dc:Bounds x="{}" y="0" width="100" height="80"/></bpmndi:BPMNShape>'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
    )
    before, after = (
        defined(bpmn(BEFORE).replace("</definitions>", f"{drawn.format(x)}</definitions>")) for x in (10, 20)
    )
    found = process_difference(before, after)
    assert (found.changes, found.moved) == ((), ("Check",))
