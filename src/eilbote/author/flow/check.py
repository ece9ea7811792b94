"""What can be said about a flow before it runs: whether it can be read, and whether it will do what its author means.

An error keeps it from being kept. A warning does not: the sample may leave out what is there now and then, and a conversation may
hold what another flow has put there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.check_ways import ways_found
from eilbote.author.flow.definition import faults_in, flow_of
from eilbote.author.flow.kept_values import known_values, names_kept
from eilbote.author.flow.source import FlowTextError, read_source
from eilbote.connections.repository import qualified
from eilbote.errors import EilboteError
from eilbote.model.address import parse_address_list
from eilbote.template.finding import TextFinding, Weight
from eilbote.template.lint import lint_template

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from eilbote.author.flow.definition import Flow, FlowNode
    from eilbote.author.plain.place import Place
    from eilbote.author.plain.source import Source
    from eilbote.template.template import Template

_ADDRESSES: Final = frozenset({"to", "cc", "bcc", "from", "reply_to"})
_CONDITION: Final = "{% if "
_CONDITION_END: Final = " %}1{% endif %}"
"""What a branch puts around its condition."""
_VALUE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_COVER: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
_BUILT_IN: Final = frozenset({"notification", "system"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a flow.

    Attributes:
        severity: How much it weighs.
        field: The node and its field, ``notify.subject``; or a field of the flow; ``None`` when it concerns all of it.
        place: Where it stands; ``None`` when that cannot be said.
        what: What it is, one sentence without the full stop.
        cause: Why, as far as it is known.
        remedy: What to do.
    """

    severity: Weight
    field: str | None
    place: Place | None
    what: str
    cause: str | None = None
    remedy: str | None = None


def check_flow(text: str, *, connections: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Check a flow.

    Args:
        text: The flow, YAML or JSON.
        connections: The names of all connections there are; ``None`` when nobody knows.

    Returns:
        What was found, in the order of the text.
    """
    try:
        source = read_source(text)
    except EilboteError as fault:
        return (_unreadable(fault),)
    try:
        flow = flow_of(source)
    except EilboteError:
        return tuple(map(_unreadable, faults_in(source)))
    found = [*_found(flow, source, connections)]
    order = {name: number for number, name in enumerate(flow.nodes)}
    return tuple(
        sorted(
            found,
            key=lambda each: (
                (each.place.line, each.place.column)
                if each.place
                else (order.get((each.field or "").partition(".")[0], 0), 0)
            ),
        )
    )


def _unreadable(fault: EilboteError) -> Finding:
    place, cause = (fault.place, fault.reason) if isinstance(fault, FlowTextError) else (None, fault.cause)
    return Finding(
        severity=Weight.ERROR,
        field=fault.field,
        place=place,
        what=fault.what,
        cause=cause,
        remedy=fault.remedy,
    )


def _found(flow: Flow, source: Source, connections: Collection[str] | None) -> Iterator[Finding]:
    numbers = {name: number for number, name in enumerate(flow.nodes)}
    known = known_values(flow, source)
    for node in flow.nodes.values():
        path = ("nodes", numbers[node.id])
        for template in node.node.templates():
            for each in lint_template(template, known.anywhere, is_sure=partial(known.is_sure, node.id)):
                yield _placed(each, template, node, source, path)
            if (wrong := _wrong_address(template)) is not None:
                yield _placed(wrong, template, node, source, path)
        if connections is not None and (unknown := _unknown_connection(node, source, path, connections)):
            yield unknown
    for way in ways_found(flow):
        yield Finding(
            severity=way.severity,
            field=way.node,
            place=flow.nodes[way.node].place,
            what=way.what,
            cause=way.cause,
            remedy=way.remedy,
        )
    yield from _unused(flow, source)


def _placed(
    found: TextFinding, template: Template, node: FlowNode, source: Source, path: tuple[str | int, ...]
) -> Finding:
    return Finding(
        severity=found.severity,
        field=f"{node.id}.{found.field}",
        place=source.place_of(
            found.field, *path, position=_position(found, template, source.text_of(found.field, *path))
        ),
        what=found.what,
        cause=found.cause,
        remedy=found.remedy,
    )


def _position(found: TextFinding, template: Template, written: str | None) -> int | None:
    """Give where something stands in what the author wrote, of which a node may have made its templates piece by piece."""
    if found.position is None or written is None:
        return None
    before = len(_CONDITION) if template.text.startswith(_CONDITION) and _CONDITION not in written else 0
    piece = template.text[before:].removesuffix(_CONDITION_END) if before else template.text
    begin = written.find(piece)
    return begin + found.position - before if begin >= 0 else None


def _wrong_address(template: Template) -> TextFinding | None:
    """Give the fault of an address that is written out; one with values in it is read in a run."""
    if template.field not in _ADDRESSES or "{%" in template.text:
        return None
    covered = _VALUE.sub(lambda found: _COVER * len(found[0]), template.text)
    if _COVER in covered and any(mark in covered for mark in '":('):
        return None  # commas in names and groups are no ends of addresses
    begin = 0
    for written in [covered] if _COVER not in covered else re.split(r"[,;]", covered):
        if _COVER not in written:
            try:
                parse_address_list(written, field=template.field)
            except EilboteError as fault:
                return TextFinding(
                    severity=Weight.ERROR,
                    field=template.field,
                    position=None if fault.position is None else begin + fault.position,
                    what=fault.what,
                    cause=fault.cause,
                    remedy=fault.remedy,
                )
        begin += len(written) + 1
    return None


def _unknown_connection(
    node: FlowNode, source: Source, path: tuple[str | int, ...], connections: Collection[str]
) -> Finding | None:
    name = source.at(*path, "connection")
    if not isinstance(name, str) or not name.strip() or "://" in name or name.strip() in _BUILT_IN:
        return None
    try:
        known = qualified(name.strip()) in connections
    except EilboteError:
        known = False
    if known:
        return None
    import difflib

    alike = difflib.get_close_matches(name[:60], sorted(connections), n=1, cutoff=0.5)
    return Finding(
        severity=Weight.WARNING,
        field=f"{node.id}.connection",
        place=source.place_of("connection", *path),
        what=f"no connection is called {name[:60]!r}",
        cause="Whoever runs this flow here gets no mail out by this node",
        remedy=f"Did you mean {alike[0]!r}?"
        if alike
        else f"`eilbote connection add {name[:60]} URI` makes one",
    )


def _unused(flow: Flow, source: Source) -> Iterator[Finding]:
    """Find values that are kept for this run alone, and that nothing in it reads."""
    names = [
        each for each in names_kept(flow, source) if each.path[0] == "input" and each.field == "store_as"
    ]
    if not names:
        return
    read = {
        ".".join(str(part) for part in variable.path)
        for node in flow.nodes.values()
        for template in node.node.templates()
        if not template.is_literal
        for variable in template.variables()
    }
    for kept in names:
        name = ".".join(kept.path)
        if not any(
            each == name or each.startswith((f"{name}.", f"{name}[")) or name.startswith(f"{each}.")
            for each in read
        ):
            yield Finding(
                severity=Weight.HINT,
                field=f"{kept.node}.store_as",
                place=source.place_of("store_as", *kept.where),
                what=f"{name} is kept and never read",
                remedy="Ask for it in a later node, or keep nothing",
            )
