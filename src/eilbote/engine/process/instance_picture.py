"""Pictures of processes: of a text as it is drawn, and of an instance as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.bundle import read_bundle
from eilbote.author.process.picture.picture import draw
from eilbote.author.process.picture.state import state_of
from eilbote.author.process.written.read_definition import read_definition
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.process.diagram import Diagram
    from eilbote.engine.process.instance_mails import ElementMail
    from eilbote.engine.process.process_view import ProcessInstance


def process_picture(text: str) -> str:
    """Draw what a process says, as SVG; the diagram alone when its settings cannot be read.

    Raises:
        ProcessError: The diagram cannot be read.
    """
    diagram, title = _readable(text)
    return draw(diagram, title=title)


def instance_picture(instance: ProcessInstance, mails: Sequence[ElementMail]) -> str:
    """Draw an instance as it stands, as SVG.

    Raises:
        ProcessError: The diagram cannot be read.
    """
    diagram, _ = _readable(instance.text)
    state = state_of(
        instance.passages,
        taken=instance.taken,
        incidents=[
            (each.element, str(each.error.get("message") or each.error.get("code") or ""))
            for each in instance.incidents
        ],
        mails=[(each.element, each.mark) for each in mails],
        tokens=instance.tokens,
    )
    said = [f"version {instance.version}", instance.id, instance.status.value]
    if instance.stage:
        said.append(instance.stage)
    return draw(diagram, title=instance.process, subtitle=" · ".join(said), state=state)


def _readable(text: str) -> tuple[Diagram, str]:
    try:
        definition = read_definition(text)
    except ProcessError:
        from eilbote.author.process.bpmn.reading import read_bpmn

        diagram = read_bpmn(read_bundle(text).bpmn)
        return diagram, next((plan.name for plan in diagram.processes if plan.name), "")
    return definition.diagram, definition.title
