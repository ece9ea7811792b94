"""Diagrams as texts, with only what a test is about written out."""

from __future__ import annotations

from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.check.check import check_process
from eilbote.author.process.check.known import NOTHING_KNOWN, Known
from eilbote.author.process.definition import Definition
from eilbote.author.process.finding import ProcessFinding, Severity
from eilbote.author.process.written.read_definition import read_definition

SPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:flowable="http://flowable.org/bpmn" '
    'xmlns:activiti="http://activiti.org/bpmn" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:signavio="http://www.signavio.com" '
    'xmlns:eilbote="https://eilbote.dev/bpmn/1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def bpmn(inside: str, *, beside: str = "", process: str = 'id="Order" isExecutable="true"') -> str:
    """Give a file with one process, of which every line is a line of the text.

    Args:
        inside: What the process holds; arrows may be written as ``a->b``, one a line.
        beside: What stands beside the process.
        process: The attributes of the process.
    """
    lines = [_arrow(line.strip()) for line in inside.strip().splitlines()]
    return "\n".join(
        [f"<definitions {SPACES}>{beside}", f"<process {process}>", *lines, "</process></definitions>"]
    )


def _arrow(line: str) -> str:
    """Write ``a->b`` as a sequence flow, and ``a->b: condition`` as one with a condition."""
    if "->" not in line or line.startswith("<"):
        return line
    ends, _, condition = line.partition(":")
    source, _, target = ends.partition("->")
    inner = f"<conditionExpression><![CDATA[{condition.strip()}]]></conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def defined(xml: str, settings: str = "") -> Definition:
    """Read a process."""
    return read_definition(write_bundle(Bundle(bpmn=xml, settings=settings)))


def found(xml: str, settings: str = "", known: Known = NOTHING_KNOWN) -> tuple[ProcessFinding, ...]:
    """Check a process."""
    return check_process(defined(xml, settings), known)


def errors(xml: str, settings: str = "", known: Known = NOTHING_KNOWN) -> list[str]:
    """Check a process, and give what keeps it from being published, each in one line."""
    return [str(each) for each in found(xml, settings, known) if each.severity is Severity.ERROR]


def others(xml: str, settings: str = "", known: Known = NOTHING_KNOWN) -> list[str]:
    """Check a process, and give warnings and notes, each in one line."""
    return [str(each) for each in found(xml, settings, known) if each.severity is not Severity.ERROR]
