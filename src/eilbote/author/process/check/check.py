"""What can be said about a process before it is published: everything that is wrong with it, at once.

An error keeps it from being published. A warning does not: it runs, and hardly as it was meant. A note says what there is to know,
above all what was written for another engine and is never executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.check.known import NOTHING_KNOWN, Known
from eilbote.author.process.check.messages import check_messages
from eilbote.author.process.check.partners import check_partners
from eilbote.author.process.check.scene import Scene
from eilbote.author.process.check.shape import check_shape
from eilbote.author.process.check.texts import is_literal
from eilbote.author.process.check.times import check_times
from eilbote.author.process.check.ways import check_ways
from eilbote.author.process.check.work import check_work
from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity
from eilbote.errors import EilboteError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from eilbote.author.process.definition import Definition

__all__ = ["Known", "ProcessFinding", "Severity", "check_process"]

_WEIGHTS: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def check_process(definition: Definition, known: Known = NOTHING_KNOWN) -> tuple[ProcessFinding, ...]:
    """Check a process.

    Args:
        definition: The process, as it was read.
        known: What is known around it; what is ``None`` there is not checked.

    Returns:
        What was found: errors, warnings, notes, each in the order of the texts.
    """
    scene = Scene(definition, known)
    scene.found += [*definition.diagram.faults, *definition.faults]
    check_shape(scene)
    check_ways(scene)
    check_messages(scene)
    check_work(scene)
    check_times(scene)
    check_partners(scene)
    _head(scene)
    return tuple(
        sorted(
            dict.fromkeys(scene.found),
            key=lambda each: (_WEIGHTS[each.severity], each.found_in is FoundIn.SETTINGS, each.line),
        )
    )


def _head(scene: Scene) -> None:
    text = scene.definition.correlation
    if not text:
        return
    if is_literal(text):
        scene.warning(
            "",
            f"every instance has the same correlation key, {text[:60]!r}",
            field="correlation",
            remedy='Write a template, such as "{{ order.number }}"',
        )
        return
    try:
        Template(text, field="correlation")
    except EilboteError as fault:
        scene.fault("", fault, field="correlation")
