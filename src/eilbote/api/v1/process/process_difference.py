"""What is different between two versions of a process: the parts of its diagram, and the lines of its settings."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, Field

from eilbote.api.v1.automation import Reader, Version
from eilbote.api.v1.automation_lists import Former, former_version
from eilbote.api.v1.flow.flow_shapes import LineShape, line_of
from eilbote.api.v1.process.processes import Name
from eilbote.author.plain.difference import DifferentLine, difference
from eilbote.author.process.bundle import read_bundle
from eilbote.author.process.difference import PartChange, ProcessDifference, process_difference
from eilbote.author.process.written.read_definition import read_definition

router = APIRouter(prefix="/processes", tags=["Processes"])


class AttributeChangeShape(BaseModel):
    """An attribute that is different."""

    name: str = Field(
        description="Its name, with a dot where it stands within another one; `details.` before what the settings say of an element",
        examples=["timer.text"],
    )
    before: str = Field(
        description="What it was, as text or JSON; empty when it said nothing", examples=["PT15M"]
    )
    after: str = Field(description="What it is", examples=["PT1H"])


class PartChangeShape(BaseModel):
    """A part of a process that is different."""

    part: str = Field(
        description="`settings` (title, correlation), `process`, `element`, `sequence_flow`, `message_flow` or `label`",
        examples=["element"],
    )
    change: str = Field(description="`added`, `removed` or `changed`", examples=["changed"])
    id: str = Field(description="Its id in the diagram; empty for the settings", examples=["Remind"])
    name: str = Field(description="What stands beside it", examples=["Remind the customer"])
    kind: str = Field(
        description="Of elements and labels: BPMN's own name for what it is", examples=["boundaryEvent"]
    )
    line: int | None = Field(description="Where it stands in the latter diagram; null when it does not")
    attributes: list[AttributeChangeShape] = Field(
        description="What is different; of what was added or removed, all that is not as usual"
    )


class ProcessDifferenceShape(BaseModel):
    """What is different between two versions of a process."""

    before: int = Field(description="The former version; 0 for the draft")
    after: int = Field(description="The latter version; 0 for the draft")
    is_same: bool = Field(description="Whether they do the same, and look the same")
    changes: list[PartChangeShape] = Field(
        description="The settings first, then in the order of the latter diagram; behind them what was removed"
    )
    moved: list[str] = Field(description="Ids of what is only drawn elsewhere, or in another size")
    settings: list[LineShape] = Field(description="The settings, line by line; empty when they are the same")


@router.get(
    "/{process}/versions/{version}/difference",
    summary="Compare two versions of a process",
    operation_id="compare_process_versions",
)
async def compare(
    acting: Reader,
    process: Name,
    version: Version,
    before: Former = None,
) -> ProcessDifferenceShape:
    """Tell what was added, removed and changed, and in which attributes; of the draft, against what was published last."""
    processes = acting.eilbote.processes
    stored = await processes.stored(process, organization=acting.organization)
    before = former_version(before, version, published=stored.published)
    former = await processes.text(process, organization=acting.organization, version=before)
    latter = await processes.text(process, organization=acting.organization, version=version)
    found, lines = await asyncio.to_thread(_compared, former, latter)
    return ProcessDifferenceShape(
        before=before,
        after=version,
        is_same=not (found.changes or found.moved or lines),
        changes=[_shape(each) for each in found.changes],
        moved=list(found.moved),
        settings=[line_of(each) for each in lines],
    )


def _compared(former: str, latter: str) -> tuple[ProcessDifference, tuple[DifferentLine, ...]]:
    return (
        process_difference(read_definition(former), read_definition(latter)),
        difference(read_bundle(former).settings, read_bundle(latter).settings),
    )


def _shape(change: PartChange) -> PartChangeShape:
    return PartChangeShape(
        part=change.part.value,
        change=change.change.value,
        id=change.id,
        name=change.name,
        kind=change.kind,
        line=change.line or None,
        attributes=[
            AttributeChangeShape(name=each.name, before=each.before, after=each.after)
            for each in change.attributes
        ],
    )
