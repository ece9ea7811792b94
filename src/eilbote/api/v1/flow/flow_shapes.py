"""Flows as the API tells them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from eilbote.api.v1.automation import Json, told_table
from eilbote.api.v1.findings import FindingShape
from eilbote.api.v1.written import definition_of_text
from eilbote.author.flow.definition import Flow
from eilbote.author.flow.store import FlowVersion, StoredFlow
from eilbote.author.plain.difference import DifferentLine
from eilbote.model.moment import as_datetime


class FlowSummary(BaseModel):
    """A flow in a list."""

    organization: str = Field(description="Whose; empty for the host's")
    name: str = Field(examples=["order-ready"])
    description: str = Field(description="What it is for, as its latest text says")
    published: int = Field(description="The latest published version; 0 when there is none", examples=[3])
    has_draft: bool = Field(description="Whether there is a text beside it that is worked on")
    nodes: int = Field(description="How many nodes its latest text has")
    changed: datetime = Field(description="When draft or version were last changed")
    revision: int = Field(description="Grows with each change; to be handed in with the next one")


class FlowShape(FlowSummary):
    """A flow."""

    locale: str = Field(description="In which language it writes", examples=["en"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    sample: Json = Field(description="An input as its runs get it")
    kinds: list[str] = Field(description="The kinds of nodes in it", examples=[["ask", "email_notification"]])
    findings: list[FindingShape] = Field(description="What a check of its latest text has found")


class FlowTextShape(BaseModel):
    """A text of a flow."""

    organization: str
    name: str
    version: int = Field(description="0 for the draft; the number of what was published")
    text: str = Field(description="As it was written")
    definition: Json | None = Field(description="The same as a table; null when it is none")
    changed: datetime = Field(description="When it was published, or the draft last changed")
    revision: int = Field(description="Of the flow, to be handed in with the next change")


class FlowVersionShape(BaseModel):
    """A published version in a list."""

    version: int
    published: datetime
    is_latest: bool = Field(description="Whether runs begin with it")


class FlowDrafted(BaseModel):
    """A draft that was kept."""

    organization: str
    name: str
    published: int = Field(description="The version that stays published beside it; 0 for none")
    revision: int
    changed: datetime
    findings: list[FindingShape] = Field(description="What is worth knowing about it; no errors")


class PublishInput(BaseModel):
    """What is published."""

    model_config = ConfigDict(extra="forbid")

    revision: int | None = Field(default=None, ge=0, le=2**31 - 1, description="The revision that was seen")


class CheckedFlow(BaseModel):
    """What a check has found."""

    is_sound: bool = Field(description="Whether it can run")
    name: str = Field(description="What it calls itself; empty when it cannot be read")
    nodes: int
    findings: list[FindingShape]


class LineShape(BaseModel):
    """A line of a difference."""

    kind: str = Field(description="`same`, `removed`, `added`, or `left_out` for some that are the same")
    text: str
    before: int | None = Field(description="Its number in the former text")
    after: int | None = Field(description="Its number in the latter text")
    count: int = Field(description="For how many lines it stands")


class DifferenceShape(BaseModel):
    """What is different between two texts."""

    before: int = Field(description="The former version; 0 for the draft")
    after: int = Field(description="The latter version; 0 for the draft")
    is_same: bool
    lines: list[LineShape]


def summary_of(stored: StoredFlow, flow: Flow | None) -> FlowSummary:
    """Give a flow for a list.

    Args:
        stored: As it is kept.
        flow: Its latest text; ``None`` when that cannot be read.
    """
    return FlowSummary(
        organization=stored.organization,
        name=stored.name,
        description=flow.description if flow else "",
        published=stored.published,
        has_draft=stored.draft is not None,
        nodes=len(flow.nodes) if flow else 0,
        changed=as_datetime(stored.changed),
        revision=stored.revision,
    )


def shape_of(stored: StoredFlow, flow: Flow | None, findings: list[FindingShape]) -> FlowShape:
    """Give a flow."""
    return FlowShape(
        **summary_of(stored, flow).model_dump(),
        locale=flow.locale if flow else "en",
        time_zone=flow.time_zone if flow else "UTC",
        sample=told_table(flow.sample) if flow else {},
        kinds=sorted({node.kind for node in flow.nodes.values()}) if flow else [],
        findings=findings,
    )


def draft_of(stored: StoredFlow, text: str) -> FlowTextShape:
    """Give a flow's draft."""
    return FlowTextShape(
        organization=stored.organization,
        name=stored.name,
        version=0,
        text=text,
        definition=definition_of_text(text, what="flow"),
        changed=as_datetime(stored.changed),
        revision=stored.revision,
    )


def text_of(stored: StoredFlow, version: FlowVersion) -> FlowTextShape:
    """Give a published version."""
    return FlowTextShape(
        organization=stored.organization,
        name=stored.name,
        version=version.version,
        text=version.text,
        definition=definition_of_text(version.text, what="flow"),
        changed=as_datetime(version.published),
        revision=stored.revision,
    )


def line_of(line: DifferentLine) -> LineShape:
    """Give a line of a difference."""
    return LineShape(
        kind=line.kind.value, text=line.text, before=line.before, after=line.after, count=line.count
    )


def version_of(version: FlowVersion, *, latest: int) -> FlowVersionShape:
    """Give a version for a list."""
    return FlowVersionShape(
        version=version.version, published=as_datetime(version.published), is_latest=version.version == latest
    )
