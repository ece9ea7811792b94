"""The published schema and the reference of settings say what is read: no field more, no field less."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from lxml import etree
from tests.docs.pages import blocks
from tests.unit.author.process.written_bpmn import SPACES, bpmn, defined

from eilbote.author.process.bpmn.names import EILBOTE
from eilbote.author.process.details import (
    CatchDetails,
    Destination,
    FlowDetails,
    HttpDetails,
    Importance,
    MessageDetails,
    OnFailure,
    TaskDetails,
)

DOCS = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (DOCS / "process-settings.md").read_text()
XSD = "{http://www.w3.org/2001/XMLSchema}"
SCHEMA = etree.parse(str(DOCS / "eilbote-bpmn.xsd"))
NESTED = {
    "mapping": "map",
    "recipients": "recipient",
    "choices": "choice",
    "headers": "header",
    "flow": "name",
}
"""Fields that are elements, or called otherwise, in a diagram."""


def declared(element: str) -> set[str]:
    """Give the attributes and elements of an extension element, with underscores."""
    (found,) = [each for each in SCHEMA.getroot().findall(f"{XSD}element") if each.get("name") == element]
    names = {
        str(each.get("name"))
        for each in found.iter(f"{XSD}attribute", f"{XSD}element")
        if each is not found and each.getparent().getparent().get("name") != "choice"
    }
    return {re.sub(r"(?=[A-Z])", "_", name).lower() for name in names}


@pytest.mark.parametrize(
    "element, noun",
    [
        ("message", MessageDetails),
        ("task", TaskDetails),
        ("http", HttpDetails),
        ("flow", FlowDetails),
    ],
)
def test_the_schema_has_every_field_that_is_read(element: str, noun: type) -> None:
    known = {NESTED.get(each.name, each.name) for each in fields(noun)}
    assert declared(element) == known


def test_the_schema_has_the_message_of_what_waits() -> None:
    assert declared("catch") == {each.name for each in fields(CatchDetails)} | {"message"}


@pytest.mark.parametrize(
    "name, words", [("destination", Destination), ("onFailure", OnFailure), ("importance", Importance)]
)
def test_the_schema_has_every_word(name: str, words: type[Destination | OnFailure | Importance]) -> None:
    (found,) = [each for each in SCHEMA.getroot().findall(f"{XSD}simpleType") if each.get("name") == name]
    assert [each.get("value") for each in found.iter(f"{XSD}enumeration")] == [str(word) for word in words]


def test_the_reference_names_every_field() -> None:
    for noun in (MessageDetails, TaskDetails, HttpDetails, CatchDetails):
        for each in fields(noun):
            assert f"`{each.name}`" in PAGE or f"{each.name}:" in PAGE, f"{noun.__name__}.{each.name}"


EVERYTHING = f"""<definitions {SPACES}><process id="p"><extensionElements>
<eilbote:process name="n" title="t" correlation="{{{{ n }}}}"/></extensionElements>
<sendTask id="a"><extensionElements><eilbote:message systemName="a" state="s" destination="external" route="r"
 onFailure="error" message="m" instance="i" correlation="c" title="t" duration="P1D" importance="low" result="x">
<eilbote:description>d</eilbote:description><eilbote:text>x</eilbote:text>
<eilbote:map attribute="A">v</eilbote:map><eilbote:map attribute="B" type="data">[1]</eilbote:map></eilbote:message>
</extensionElements></sendTask>
<userTask id="b"><extensionElements><eilbote:task title="t" record="r" due="P1D" reminds="true" language="de"
 timeZone="UTC" wantsText="false" result="x"><eilbote:recipient>a@example.org</eilbote:recipient>
<eilbote:choice value="v" label="l"/></eilbote:task><eilbote:loop cardinality="3" collection="c" item="i" until="u"
 sequential="true"/></extensionElements></userTask>
<serviceTask id="c"><extensionElements><eilbote:http method="POST" url="https://x" result="x" seconds="5">
<eilbote:header name="X">y</eilbote:header><eilbote:body>{{"a": 1}}</eilbote:body></eilbote:http></extensionElements></serviceTask>
<serviceTask id="d"><extensionElements><eilbote:flow name="f" result="x"><eilbote:input name="n">v</eilbote:input>
</eilbote:flow></extensionElements></serviceTask>
<receiveTask id="e"><extensionElements><eilbote:catch message="m" correlation="c" result="x"/></extensionElements></receiveTask>
<intermediateCatchEvent id="f"><extensionElements><eilbote:timer duration="PT1H"/></extensionElements></intermediateCatchEvent>
<sequenceFlow id="g" sourceRef="a" targetRef="b"><extensionElements><eilbote:condition>a</eilbote:condition>
</extensionElements></sequenceFlow></process></definitions>"""


def test_what_the_schema_allows_is_read_without_a_fault() -> None:
    schema = etree.XMLSchema(SCHEMA)
    said = [
        each
        for each in etree.fromstring(EVERYTHING).iter(f"{{{EILBOTE}}}*")
        if each.getparent().tag.endswith("}extensionElements")
    ]
    assert {str(etree.QName(each).localname) for each in said} == {
        str(each.get("name")) for each in SCHEMA.getroot().findall(f"{XSD}element")
    }
    for each in said:
        schema.assertValid(each)
    definition = defined(EVERYTHING)
    assert [str(each) for each in definition.faults] == []
    assert (definition.name, definition.title, definition.correlation) == ("n", "t", "{{ n }}")
    assert definition.conditions == {"g": "a"}


@pytest.mark.parametrize(
    "wrong", ['<message xmlns="{}" rout="x"/>', '<task xmlns="{}"><choice/></task>', '<mesage xmlns="{}"/>']
)
def test_the_schema_refuses_what_is_not_read(wrong: str) -> None:
    assert not etree.XMLSchema(SCHEMA).validate(etree.fromstring(wrong.format(EILBOTE)))


def test_the_examples_of_the_reference_can_be_read() -> None:
    inside = '<throw id="x"/>' + "".join(
        f'<{tag} id="{name}"/>'
        for tag, name in (
            ("endEvent", "Event_ready"),
            ("userTask", "Task_check"),
            ("serviceTask", "Service_crm"),
            ("serviceTask", "Service_tell"),
        )
    )
    flow = '<sequenceFlow id="Flow_big" sourceRef="Task_check" targetRef="Event_ready"/>'
    examples = [each for each in blocks(PAGE) if each.language == "yaml"]
    for each in examples:
        definition = defined(bpmn(f"{inside}\n{flow}", process='id="Process_1"'), each.text)
        assert [str(fault) for fault in definition.faults] == []
        assert yaml.safe_load(each.text)["elements"].keys() <= definition.details.keys()
    assert len(examples) == 2


def test_the_example_of_extension_elements_can_be_read() -> None:
    (example,) = [each for each in blocks(PAGE) if each.language == "xml"]
    text = example.text.replace("bpmn:", "").replace("\n", " ")
    details = defined(bpmn(text)).details["Task_tell"]
    assert isinstance(details, MessageDetails)
    assert (details.system_name, details.route, list(details.mapping)) == (
        "order_ready",
        "order-ready",
        ["Customer", "Invoice"],
    )
