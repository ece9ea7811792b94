"""Diagrams come from strangers: none may open a file, ask the network, or take the memory, whatever is written in it.

Each is read in a process of its own, whose time and memory are counted (:mod:`tests.attacks.diagram_reader`). Files that an attack names are named pipes into which
nobody writes, so whoever opens one hangs; a port that it names is listened at.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eilbote.author.process.bpmn.reading import read_bpmn
from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.written.read_definition import read_definition
from eilbote.errors import EilboteError, ProcessError

CPU_SECONDS = 2.0
MOST_OCTETS = 100 * 1024 * 1024
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
HEAD = f'<definitions xmlns="{MODEL}" xmlns:xi="http://www.w3.org/2001/XInclude" targetNamespace="x"'
SOUND = f'{HEAD}><process id="p"><startEvent id="s"/></process></definitions>'


@dataclass(frozen=True)
class Outcome:
    """What became of an attack."""

    said: str
    seconds: float
    octets: int


@dataclass(frozen=True)
class Trap:
    """What must not be touched: a pipe that nobody writes into, and a port that is listened at."""

    pipe: Path
    listener: socket.socket

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def was_called(self) -> bool:
        self.listener.setblocking(False)
        try:
            self.listener.accept()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    pipe = tmp_path / "secret"
    os.mkfifo(pipe)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Trap(pipe, listener)


class Reader:
    """Has diagrams read, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "diagram.bpmn"
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.diagram_reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def __call__(self, xml: bytes) -> Outcome:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._file.write_bytes(xml)
        self._child.stdin.write(f"{self._file}\n")
        self._child.stdin.flush()
        ready, _, _ = select.select([self._child.stdout], [], [], 60)
        assert ready, "it never came back: something was opened that nobody writes into"
        answer = self._child.stdout.readline().strip()
        assert answer, "it was ended for taking too much"
        assert self._child.stdout.readline() == "\n"
        return Outcome(**json.loads(answer))

    def close(self) -> None:
        self._child.kill()
        self._child.communicate()


@pytest.fixture(scope="module")
def attempt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(tmp_path_factory.mktemp("diagrams"))
    yield reader
    reader.close()


def doctype(subset: str, name: str = "definitions") -> bytes:
    return f"<!DOCTYPE {name} {subset}>\n{SOUND}".encode()


def laughs() -> str:
    lines = ['<!ENTITY a "ha">']
    lines += [f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)]
    return f"[{''.join(lines)}]"


DECLARED = {
    "a file as an entity": '[<!ENTITY x SYSTEM "file://{pipe}">]',
    "a file as a parameter entity": '[<!ENTITY % x SYSTEM "file://{pipe}"> %x;]',
    "a document type of a server": 'SYSTEM "http://127.0.0.1:{port}/x.dtd"',
    "a document type with a public name": 'PUBLIC "-//X//EN" "http://127.0.0.1:{port}/x.dtd"',
    "a server as an entity": '[<!ENTITY x SYSTEM "http://127.0.0.1:{port}/">]',
    "an entity that names another one": "[<!ENTITY % a \"<!ENTITY x SYSTEM 'file://{pipe}'>\"> %a;]",
    "a billion laughs": laughs(),
    "one long entity, many times": f'[<!ENTITY a "{"a" * 50_000}">]',
    "default attributes": '[<!ATTLIST process isExecutable CDATA "true">]',
    "nothing but its name": "",
}


@pytest.mark.parametrize("subset", DECLARED.values(), ids=DECLARED)
def test_a_document_type_is_refused_before_anything_in_it_is_read(
    subset: str, trap: Trap, attempt: Reader
) -> None:
    subset = subset.replace("{pipe}", str(trap.pipe)).replace("{port}", str(trap.port))
    text = doctype(subset).replace(b'id="s"', b'id="s" name="&x;&a;&j;"')
    outcome = attempt(text)
    assert outcome.said.startswith("refused: the diagram has a document type (DOCTYPE).")
    assert "It stands in line 1, column 1." in outcome.said
    assert not trap.was_called()
    assert_cheap(outcome)


@pytest.mark.parametrize("before", ["<?xml version='1.0'?>", "<!-- a --> <?x y?>\n", "\ufeff", " \t\n"])
def test_nothing_in_front_of_a_document_type_hides_it(before: str) -> None:
    with pytest.raises(ProcessError, match="document type"):
        read_bpmn(f"{before}<!DOCTYPE x>{SOUND}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037", "hz"])
def test_no_encoding_hides_a_document_type(encoding: str, trap: Trap, attempt: Reader) -> None:
    """Filters that look for a text in octets see nothing in these."""
    declared = f'<?xml version="1.0" encoding="{encoding.upper()}"?>'
    text = f'{declared}<!DOCTYPE definitions SYSTEM "file://{trap.pipe}">{SOUND}'
    outcome = attempt(text.encode(encoding))
    assert outcome.said.startswith("refused: ")
    assert_cheap(outcome)


def test_utf_7_is_not_read_though_all_of_it_is_ascii() -> None:
    disguised = SOUND.replace("<definitions", "+ADwAIQ-DOCTYPE x+AD4-<definitions", 1)
    with pytest.raises(ProcessError, match="is written in 'utf-7'"):
        read_bpmn(f'<?xml version="1.0" encoding="UTF-7"?>{disguised}'.encode())


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "us-ascii"]
)
def test_what_modelers_write_is_read(encoding: str) -> None:
    name = encoding.removesuffix("-sig").upper()
    text = f'<?xml version="1.0" encoding="{name}"?>\n{SOUND}'
    assert "s" in read_bpmn(text.encode(encoding)).elements


def test_a_file_that_is_not_in_the_encoding_it_names_is_told_with_its_line() -> None:
    with pytest.raises(ProcessError, match="an octet is no UTF-8") as caught:
        read_bpmn(SOUND.encode().replace(b'<process id="p">', b'\n<process id="p" name="Pr\xfcfung">'))
    assert "line 2" in str(caught.value)


INERT = {
    "an inclusion": '<xi:include href="{pipe}" parse="text"/><xi:include href="http://127.0.0.1:{port}/"/>',
    "an import": '<import namespace="x" location="{pipe}" importType="{model}"/>'
    '<import namespace="x" location="http://127.0.0.1:{port}/a.bpmn" importType="{model}"/>',
}


@pytest.mark.parametrize("text", INERT.values(), ids=INERT)
def test_what_points_at_other_files_is_told_and_not_followed(text: str, trap: Trap, attempt: Reader) -> None:
    text = text.format(pipe=trap.pipe, port=trap.port, model=MODEL)
    outcome = attempt(SOUND.replace("<process", f"{text}<process", 1).encode())
    assert outcome.said.startswith("read: ")
    assert "Nothing outside of the diagram is opened" in outcome.said
    assert str(trap.pipe) in outcome.said
    assert not trap.was_called()


HARMLESS = {
    "an instruction": '<?xml-stylesheet type="text/xsl" href="{pipe}"?>' + SOUND,
    "an instruction within": SOUND.replace("<process", '<?xml-stylesheet href="{pipe}"?><process', 1),
    "a place of a schema": SOUND.replace(
        "<definitions",
        '<definitions xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="x http://127.0.0.1:{port}/x.xsd" xsi:noNamespaceSchemaLocation="{pipe}"',
        1,
    ),
    "a base": SOUND.replace("<definitions", '<definitions xml:base="http://127.0.0.1:{port}/"', 1),
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_other_readers_would_follow_is_passed_over(text: str, trap: Trap, attempt: Reader) -> None:
    outcome = attempt(text.replace("{pipe}", str(trap.pipe)).replace("{port}", str(trap.port)).encode())
    assert outcome.said.startswith("read: ")
    assert not trap.was_called()
    assert_cheap(outcome)


def many(text: str) -> bytes:
    return SOUND.replace("</process>", f"{text}</process>").encode()


EXHAUSTING = {
    "nested without end": (
        b"<definitions>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</definitions>",
        "nested more than 64 deep",
    ),
    "sub-processes in sub-processes": (
        many('<subProcess id="x">' * 30_000 + "</subProcess>" * 30_000),
        "nested more than 64 deep",
    ),
    "nested a little too deep": (many("<a>" * 100 + "</a>" * 100), "nested more than 64 deep"),
    "more tasks than are read": (
        many("".join(f'<task id="t{n}"/>' for n in range(2_001))),
        "At most 2,000 are read",
    ),
    "very many elements": (many("<a/>" * 400_000), "more than 20,000 XML elements"),
    "very many attributes": (
        many("<task " + " ".join(f'a{n}="x"' for n in range(100_000)) + "/>"),
        "more than 200 attributes",
    ),
    "very many namespaces": (many("<task " + " ".join(f'xmlns:a{n}="x"' for n in range(60_000)) + "/>"), ""),
    "more than two MiB": (many(f'<task id="t" name="{"a" * 2_200_000}"/>'), "At most 2,097,152 are read"),
    "one huge attribute": (many(f'<task id="t" name="{"a" * 2_000_000}"/>'), ""),
    "one huge text": (many(f"<documentation>{'a' * 2_000_000}</documentation>"), ""),
    "a huge id": (many(f'<task id="{"a" * 2_000_000}"/>'), "cannot be kept"),
    "a comment without end": (b"<!--" + b"-" * 2_000_000, "never closed"),
    "blanks without end": (b" " * 2_000_000, "the diagram is empty"),
    "an instruction without end": (b"<?" + b"x" * 2_000_000, "never closed"),
    "comments without end": (b"<!---->" * 250_000, "the diagram is empty"),
    "ids that all stand twice": (many('<task id="t"/>' * 19_000), "18,999 faults"),
    "arrows that all lead nearly somewhere": (
        many(
            "".join(f'<task id="task-{n}"/>' for n in range(1900))
            + "".join(f'<sequenceFlow id="f{n}" sourceRef="s" targetRef="tisk-{n}"/>' for n in range(4900))
        ),
        "which is not in the diagram",
    ),
    "very many processes": (
        SOUND.replace(
            "<process", "".join(f'<process id="x{n}"/>' for n in range(9_000)) + "<process", 1
        ).encode(),
        "At most 100 are read",
    ),
    "a ring of all elements": (
        many(
            "".join(f'<task id="t{n}"/>' for n in range(1_900))
            + '<sequenceFlow id="f" sourceRef="s" targetRef="t0"/>'
            + "".join(
                f'<sequenceFlow id="f{n}" sourceRef="t{n}" targetRef="t{(n + 1) % 1_900}"/>'
                for n in range(1_900)
            )
        ),
        "no way leads out again",
    ),
    "boundary events that hang at one another": (
        many("".join(f'<boundaryEvent id="b{n}" attachedToRef="b{n + 1}"/>' for n in range(1_900))),
        "",
    ),
    "gateways that all lead to all": (
        many(
            "".join(f'<exclusiveGateway id="g{n}"/>' for n in range(70))
            + '<sequenceFlow id="f" sourceRef="s" targetRef="g0"/>'
            + "".join(
                f'<sequenceFlow id="f{a}-{b}" sourceRef="g{a}" targetRef="g{b}"/>'
                for a in range(70)
                for b in range(70)
            )
        ),
        "has no condition",
    ),
    "a condition of blanks": (
        many(
            '<exclusiveGateway id="g"/><task id="t"/><sequenceFlow id="a" sourceRef="s" targetRef="g"/>'
            '<sequenceFlow id="b" sourceRef="g" targetRef="t"><conditionExpression>a'
            f"{' ' * 1_900_000}&amp;</conditionExpression></sequenceFlow>"
        ),
        "is not Liquid",
    ),
    "conditions by the thousand, in other languages": (
        many(
            "".join(f'<exclusiveGateway id="g{n}"/><endEvent id="e{n}"/>' for n in range(900))
            + "".join(
                f'<sequenceFlow id="f{n}" sourceRef="{f"g{n - 1}" if n else "s"}" targetRef="g{n}"/>'
                f'<sequenceFlow id="e{n}-" sourceRef="g{n}" targetRef="e{n}">'
                "<conditionExpression>${a &amp;&amp; not(b) || !c}</conditionExpression></sequenceFlow>"
                for n in range(900)
            )
        ),
        "is not Liquid",
    ),
    "message flows by the thousand": (
        SOUND.replace(
            "<process",
            '<collaboration id="c">'
            + "".join(f'<messageFlow id="m{n}" sourceRef="x{n}" targetRef="y{n}"/>' for n in range(4_900))
            + "</collaboration><process",
            1,
        ).encode(),
        "which is not in the diagram",
    ),
}


@pytest.mark.parametrize("xml, expected", EXHAUSTING.values(), ids=EXHAUSTING)
def test_what_would_take_too_much_is_refused_in_time(xml: bytes, expected: str, attempt: Reader) -> None:
    outcome = attempt(xml)
    assert outcome.said.startswith(("refused: ", "read: ")), outcome.said[:300]
    assert expected in outcome.said
    assert_cheap(outcome)


OTHERS = {
    "nothing": (b"", "the diagram is empty"),
    "a web page": (b"<!doctype html><html><body>Sign in</body></html>", "document type"),
    "a web page without a type": (
        b"<html><body>Sign in</body></html>",
        "this is a web page, not a BPMN diagram",
    ),
    "XML of another kind": (b"<order xmlns='x'/>", "this is no BPMN diagram"),
    "decision tables": (
        b"<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>",
        "this is decision tables (DMN), not a BPMN diagram",
    ),
    "definitions of nothing": (b"<definitions/>", "definitions of another kind"),
    "a drawing of draw.io": (b"<mxfile><diagram/></mxfile>", "this is a drawing of draw.io"),
    "an archive": (b"PK\x03\x04abc", "this is an archive, not a BPMN diagram"),
    "JSON": (b'{"elements": []}', "this is JSON, not a BPMN diagram"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "this is a picture, not a BPMN diagram"),
    "words": (b"Dear Sir or Madam", "the diagram is no XML"),
    "a NUL": (SOUND.replace("process", "pro\x00cess").encode(), "the character U+0000 stands in the diagram"),
    "half a surrogate": (SOUND.replace('"x"', '"&#xD800;"').encode(), "cannot be read as XML"),
    "an entity that nobody declared": (SOUND.replace('"x"', '"&nbsp;"').encode(), "cannot be read as XML"),
    "no end": (SOUND.removesuffix("</definitions>").encode(), "cannot be read as XML"),
    "two roots": (SOUND.encode() * 2, "cannot be read as XML"),
    "an attribute twice": (SOUND.replace('id="p"', 'id="p" id="q"').encode(), "cannot be read as XML"),
    "a prefix that nobody declared": (
        SOUND.replace("<startEvent", "<y:startEvent").encode(),
        "cannot be read",
    ),
    "no process": (f"{HEAD}/>".encode(), "the diagram holds no process"),
}


@pytest.mark.parametrize("xml, expected", OTHERS.values(), ids=OTHERS)
def test_what_is_no_diagram_is_told_in_plain_words(xml: bytes, expected: str) -> None:
    with pytest.raises(ProcessError) as caught:
        read_bpmn(xml)
    assert expected in str(caught.value)
    assert caught.value.remedy


def test_two_octets_a_letter_need_a_mark() -> None:
    with pytest.raises(ProcessError, match=r"is written in 'UTF-16 or UTF-32'\. It has no byte order mark"):
        read_bpmn(SOUND.encode("utf-16-le"))


def test_a_line_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ProcessError) as caught:
        read_bpmn("<?xml version='1.0'?>\n<!-- two\nthree -->\n" + SOUND.replace("<process", "\n<process <"))
    assert "line 5" in str(caught.value)


def test_the_rules_of_yaml_hold_for_settings_as_well() -> None:
    """Anchors make a gigabyte of a page, and tags make objects."""
    for settings in ("a: &a [x]\nb: [*a, *a]", "process: !!python/object/apply:os.system [true]"):
        with pytest.raises(EilboteError):
            read_definition(write_bundle(Bundle(bpmn=SOUND, settings=settings)))


def assert_cheap(outcome: Outcome) -> None:
    assert outcome.seconds < CPU_SECONDS
    assert outcome.octets < MOST_OCTETS


def test_settings_speak_of_no_more_than_a_diagram_has() -> None:
    for settings, expected in (
        (
            "elements:\n" + "".join(f" t{n}: {{a: 1}}\n" for n in range(2_001)),
            "the settings speak of 2,001 elements",
        ),
        (
            "conditions:\n" + "".join(f" f{n}: a\n" for n in range(5_001)),
            "the settings speak of 5,001 conditions",
        ),
    ):
        with pytest.raises(ProcessError, match=expected):
            read_definition(write_bundle(Bundle(bpmn=SOUND, settings=settings)))
    fields = "elements:\n  s: {" + ", ".join(f"f{n}: 1" for n in range(101)) + "}"
    (fault,) = read_definition(write_bundle(Bundle(bpmn=SOUND, settings=fields))).faults
    assert str(fault).startswith("s (settings line 2): 101 fields are said of 's'. Say at most 100")
