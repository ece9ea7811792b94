"""Processes as the API tells them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from eilbote.api.v1.findings import FindingShape
from eilbote.author.process.bundle import read_bundle
from eilbote.author.process.definition import Definition
from eilbote.author.process.details import MessageDetails
from eilbote.author.process.diagram import ElementKind, EventKind
from eilbote.author.process.kept import ProcessVersion, StoredProcess
from eilbote.model.moment import as_datetime


class ProcessSummary(BaseModel):
    """A process in a list."""

    organization: str = Field(description="Whose; empty for the host's")
    name: str = Field(examples=["order-ready"])
    title: str = Field(description="What people read", examples=["Order ready"])
    published: int = Field(description="The latest published version; 0 when there is none")
    has_draft: bool = Field(description="Whether there is a text beside it that is worked on")
    elements: int = Field(description="How many elements its latest text has")
    changed: datetime = Field(description="When draft or version were last changed")
    revision: int = Field(description="Grows with each change; to be handed in with the next one")


class ElementShape(BaseModel):
    """An element of a diagram."""

    id: str
    name: str = Field(description="What stands beside it; may be empty")
    kind: str = Field(description="BPMN's own name for it", examples=["userTask"])
    event: str = Field(
        description="For events: `none`, `message`, `timer`, `error`, `terminate`, `unsupported`"
    )
    message: str = Field(description="The name of the message that it catches or throws")
    route: str = Field(description="Over which communication route it sends; empty when over none")
    line: int = Field(description="Where it stands in the diagram's text")


class StartShape(BaseModel):
    """A start event, and what begins an instance there."""

    element: str
    begins: str = Field(description="`none` (by hand), `message` or `timer`")
    message: str = Field(description="The name of the message")


class ProcessShape(ProcessSummary):
    """A process."""

    correlation: str = Field(description="The template of the key by which messages find an instance")
    starts: list[StartShape]
    elements_listed: list[ElementShape] = Field(description="Every element, in the order of the diagram")
    routes: list[str] = Field(description="The communication routes over which it sends")
    running: int = Field(description="How many instances run, up to 1,000")
    with_incidents: int = Field(description="How many of them have incidents, up to 1,000")
    findings: list[FindingShape] = Field(description="What a check of its latest text has found")


class ProcessTextShape(BaseModel):
    """The texts of a process."""

    organization: str
    name: str
    version: int = Field(description="0 for the draft; the number of what was published")
    bpmn: str = Field(description="The diagram")
    settings: str = Field(description="What eilbote is told beside it, YAML")
    changed: datetime = Field(description="When it was published, or the draft last changed")
    revision: int = Field(description="Of the process, to be handed in with the next change")


class ProcessDrafted(BaseModel):
    """A draft that was kept."""

    organization: str
    name: str
    published: int = Field(description="The version that stays published beside it; 0 for none")
    revision: int
    changed: datetime
    is_sound: bool = Field(description="Whether it can be published as it is")
    findings: list[FindingShape] = Field(description="Everything that is to be said about it")


class ProcessVersionShape(BaseModel):
    """A published version in a list."""

    version: int
    published: datetime
    is_latest: bool = Field(description="Whether instances begin with it")


class CheckedProcess(BaseModel):
    """What a check has found."""

    is_sound: bool = Field(description="Whether it can be published")
    name: str = Field(description="What the process is called; empty when it cannot be read")
    title: str
    elements: int
    findings: list[FindingShape]


class ProcessChange(BaseModel):
    """A change of a draft: what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    bpmn: str | None = Field(default=None, description="Another diagram")
    settings: str | None = Field(default=None, description="Other settings")
    revision: int | None = Field(default=None, ge=0, le=2**31 - 1, description="The revision that was seen")


def summary_of(stored: StoredProcess, definition: Definition | None) -> ProcessSummary:
    """Give a process for a list.

    Args:
        stored: As it is kept.
        definition: Its latest text; ``None`` when that cannot be read.
    """
    return ProcessSummary(
        organization=stored.organization,
        name=stored.name,
        title=definition.title if definition else "",
        published=stored.published,
        has_draft=stored.draft is not None,
        elements=len(definition.diagram.elements) if definition else 0,
        changed=as_datetime(stored.changed),
        revision=stored.revision,
    )


def shape_of(
    stored: StoredProcess,
    definition: Definition | None,
    findings: list[FindingShape],
    *,
    running: int,
    with_incidents: int,
) -> ProcessShape:
    """Give a process."""
    listed = elements_of(definition) if definition else []
    return ProcessShape(
        **summary_of(stored, definition).model_dump(),
        correlation=definition.correlation if definition else "",
        starts=_starts(definition) if definition else [],
        elements_listed=listed,
        routes=sorted({each.route for each in listed if each.route}),
        running=running,
        with_incidents=with_incidents,
        findings=findings,
    )


def elements_of(definition: Definition) -> list[ElementShape]:
    """Give the elements of a process."""
    return [
        ElementShape(
            id=each.id,
            name=each.name,
            kind=each.kind.value,
            event=each.event.value,
            message=each.message,
            route=details.route
            if isinstance(details := definition.details.get(each.id), MessageDetails)
            else "",
            line=each.line,
        )
        for each in definition.diagram.elements.values()
    ]


def draft_of(stored: StoredProcess, text: str) -> ProcessTextShape:
    """Give a draft."""
    bundle = read_bundle(text)
    return ProcessTextShape(
        organization=stored.organization,
        name=stored.name,
        version=0,
        bpmn=bundle.bpmn,
        settings=bundle.settings,
        changed=as_datetime(stored.changed),
        revision=stored.revision,
    )


def text_of(stored: StoredProcess, version: ProcessVersion) -> ProcessTextShape:
    """Give a published version."""
    bundle = read_bundle(version.text)
    return ProcessTextShape(
        organization=stored.organization,
        name=stored.name,
        version=version.version,
        bpmn=bundle.bpmn,
        settings=bundle.settings,
        changed=as_datetime(version.published),
        revision=stored.revision,
    )


def version_of(version: ProcessVersion, *, latest: int) -> ProcessVersionShape:
    """Give a version for a list."""
    return ProcessVersionShape(
        version=version.version,
        published=as_datetime(version.published),
        is_latest=version.version == latest,
    )


def _starts(definition: Definition) -> list[StartShape]:
    begins = {EventKind.MESSAGE: "message", EventKind.TIMER: "timer"}
    return [
        StartShape(element=each.id, begins=begins.get(each.event, "none"), message=each.message)
        for each in definition.diagram.elements.values()
        if each.kind is ElementKind.START_EVENT and each.scope == definition.process
    ]
