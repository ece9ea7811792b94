"""Flows: their drafts and published versions, what a check finds, and what a trial would send."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from eilbote.api.acting import Acting
from eilbote.api.paging import Cursor, Limit, Page
from eilbote.api.problems import problem_response
from eilbote.api.v1.automation import (
    LONGEST_NAME,
    NAME_PATTERN,
    Author,
    Contains,
    Lister,
    Reader,
    Version,
    thing,
)
from eilbote.api.v1.automation_lists import Former, former_version, page_of_names, page_of_versions
from eilbote.api.v1.findings import FindingShape, is_sound, of_flow, problems_of
from eilbote.api.v1.flow.flow_shapes import (
    CheckedFlow,
    DifferenceShape,
    FlowDrafted,
    FlowShape,
    FlowSummary,
    FlowTextShape,
    FlowVersionShape,
    PublishInput,
    draft_of,
    line_of,
    shape_of,
    summary_of,
    text_of,
    version_of,
)
from eilbote.api.v1.written import WRITTEN_ANSWER, WRITTEN_BODY, Written, as_yaml, wants_yaml
from eilbote.author.flow.check import check_flow
from eilbote.author.flow.definition import Flow, read_flow
from eilbote.author.flow.store import DRAFT, FlowVersion, StoredFlow
from eilbote.author.plain.difference import difference
from eilbote.engine.run_flow import flow_of
from eilbote.errors import EilboteError, FlowError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/flows", tags=["Flows"])

Name = Annotated[
    str, Path(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="Its name", examples=["order-ready"])
]


@router.get("", summary="List flows", operation_id="list_flows")
async def list_flows(
    acting: Lister, limit: Limit = 50, cursor: Cursor = None, name: Contains = ""
) -> Page[FlowSummary]:
    """Give the flows, in the order of organizations and names."""
    shown, next_cursor = page_of_names(
        await acting.eilbote.flows.flows(acting.which),
        lambda each: (each.organization, each.name),
        contains=name,
        limit=limit,
        cursor=cursor,
    )
    return Page(
        items=[summary_of(each, await _latest(acting, each)) for each in shown],
        next_cursor=next_cursor,
    )


@router.post(
    "",
    summary="Make a flow",
    operation_id="create_flow",
    status_code=HTTP_201_CREATED,
    response_model=FlowDrafted,
    openapi_extra=WRITTEN_BODY,
)
async def create_flow(acting: Author, request: Request, response: Response, written: Written) -> object:
    """Keep the draft of a new flow, under the name that it gives itself. One that is there already is a conflict."""
    made = await _save(acting, request, written.written(), revision=0)
    if isinstance(made, FlowDrafted):
        response.headers["Location"] = f"/api/v1/flows/{made.name}"
    return made


@router.post("/check", summary="Check a flow", operation_id="check_flow", openapi_extra=WRITTEN_BODY)
async def check(acting: Author, written: Written) -> CheckedFlow:
    """Tell everything that is to be said about a flow, errors, warnings and hints with their places; nothing is kept."""
    text = written.written()
    findings = await _findings(acting, text)
    flow = _readable(text)
    return CheckedFlow(
        is_sound=is_sound(findings),
        name=flow.name if flow else "",
        nodes=len(flow.nodes) if flow else 0,
        findings=findings,
    )


@router.get("/{flow}", summary="Show a flow", operation_id="get_flow")
async def get_flow(acting: Reader, flow: Name) -> FlowShape:
    """Give a flow with what its latest text says: the draft, or else what was published last."""
    stored = await acting.eilbote.flows.stored(flow, organization=acting.organization)
    text = await _latest_text(acting, stored)
    return shape_of(stored, _readable(text), await _findings(acting, text))


@router.delete(
    "/{flow}", summary="Delete a flow", operation_id="delete_flow", status_code=HTTP_204_NO_CONTENT
)
async def delete_flow(acting: Author, flow: Name) -> None:
    """Forget a flow with its draft and all versions; runs that have begun go on with the text they have."""
    stored = await acting.eilbote.flows.stored(flow, organization=acting.organization)
    await acting.eilbote.flows.remove(flow, organization=acting.organization)
    await acting.note("flow.delete", thing("flow", acting, flow), before={"published": stored.published})


@router.get(
    "/{flow}/draft",
    summary="Show a flow's draft",
    operation_id="get_flow_draft",
    response_model=FlowTextShape,
    responses=WRITTEN_ANSWER,
)
async def get_draft(acting: Reader, request: Request, flow: Name) -> object:
    """Give the text that is worked on: with what belongs to it, or alone for `Accept: application/yaml`.

    A flow that was not changed since it was published has no draft: then it is what was published last, with its `version`, from which
    the next draft begins.
    """
    flows = acting.eilbote.flows
    stored = await flows.stored(flow, organization=acting.organization)
    if stored.draft is not None:
        return as_yaml(stored.draft) if wants_yaml(request) else draft_of(stored, stored.draft)
    text, version = await flows.find(flow, organization=acting.organization)
    return as_yaml(text) if wants_yaml(request) else text_of(stored, await _version(acting, flow, version))


@router.put(
    "/{flow}/draft",
    summary="Write a flow's draft",
    operation_id="put_flow_draft",
    response_model=FlowDrafted,
    openapi_extra=WRITTEN_BODY,
)
async def put_draft(acting: Author, request: Request, flow: Name, written: Written) -> object:
    """Keep a text as the draft, of a new flow as well; what was published stays. One with errors is refused, with all of them."""
    return await _save(acting, request, written.written(), revision=written.revision, name=flow)


@router.get("/{flow}/versions", summary="List a flow's versions", operation_id="list_flow_versions")
async def list_versions(
    acting: Reader, flow: Name, limit: Limit = 50, cursor: Cursor = None
) -> Page[FlowVersionShape]:
    """Give what was published, the latest first."""
    found = await acting.eilbote.flows.versions(flow, organization=acting.organization)
    shown, next_cursor = page_of_versions(found, limit=limit, cursor=cursor)
    latest = found[0].version if found else 0
    return Page(items=[version_of(each, latest=latest) for each in shown], next_cursor=next_cursor)


@router.post(
    "/{flow}/versions",
    summary="Publish a flow",
    operation_id="publish_flow",
    status_code=HTTP_201_CREATED,
)
async def publish_flow(
    acting: Author, response: Response, flow: Name, what: PublishInput | None = None
) -> FlowVersionShape:
    """Make the draft the next version: runs begin with it from now on, and those that have begun keep theirs."""
    seen = what.revision if what else None
    version = await acting.eilbote.flows.publish(flow, organization=acting.organization, revision=seen)
    await acting.note("flow.publish", thing("flow", acting, flow), after={"version": version.version})
    response.headers["Location"] = f"/api/v1/flows/{flow}/versions/{version.version}"
    return version_of(version, latest=version.version)


@router.get(
    "/{flow}/versions/{version}",
    summary="Show a version of a flow",
    operation_id="get_flow_version",
    response_model=FlowTextShape,
    responses=WRITTEN_ANSWER,
)
async def get_version(acting: Reader, request: Request, flow: Name, version: Version) -> object:
    """Give what was published; version 0 is the draft."""
    text, _ = await acting.eilbote.flows.find(flow, organization=acting.organization, version=version)
    if wants_yaml(request):
        return as_yaml(text)
    stored = await acting.eilbote.flows.stored(flow, organization=acting.organization)
    if version == DRAFT:
        return draft_of(stored, text)
    return text_of(stored, await _version(acting, flow, version))


@router.get(
    "/{flow}/versions/{version}/difference",
    summary="Compare two versions of a flow",
    operation_id="compare_flow_versions",
)
async def compare(
    acting: Reader,
    flow: Name,
    version: Version,
    before: Former = None,
) -> DifferenceShape:
    """Tell line by line how a version is different from another one; of the draft, from what was published last."""
    flows = acting.eilbote.flows
    stored = await flows.stored(flow, organization=acting.organization)
    before = former_version(before, version, published=stored.published)
    former, _ = await flows.find(flow, organization=acting.organization, version=before)
    latter, _ = await flows.find(flow, organization=acting.organization, version=version)
    lines = await asyncio.to_thread(difference, former, latter)
    return DifferenceShape(
        before=before, after=version, is_same=not lines, lines=[line_of(each) for each in lines]
    )


# -- within ----------------------------------------------------------------------------------------------------


async def _save(
    acting: Acting, request: Request, text: str, *, revision: int | None, name: str | None = None
) -> object:
    """Keep a draft; gives a problem with every fault of one that cannot run."""
    findings = await _findings(acting, text)
    try:
        if is_sound(findings) and name is not None and (said := read_flow(text).name) != name:
            raise FlowError(
                f"the flow calls itself {said!r}",
                field="name",
                cause=f"It is to be kept as {name[:60]!r}",
                remedy="Write the same name into the text, or keep it under the other one",
            )
        stored = await acting.eilbote.flows.save(text, organization=acting.organization, revision=revision)
    except FlowError as fault:
        return problem_response(request, fault, errors=problems_of(request, findings))
    await acting.note(
        "flow.save",
        thing("flow", acting, stored.name),
        before={"revision": stored.revision - 1},
        after={"revision": stored.revision},
    )
    return FlowDrafted(
        organization=stored.organization,
        name=stored.name,
        published=stored.published,
        revision=stored.revision,
        changed=as_datetime(stored.changed),
        findings=findings,
    )


async def _findings(acting: Acting, text: str) -> list[FindingShape]:
    known = await acting.eilbote.connections.names_for(acting.organization)
    return of_flow(await asyncio.to_thread(check_flow, text, connections=known))


async def _version(acting: Acting, flow: str, version: int) -> FlowVersion:
    found = await acting.eilbote.flows.store.version(acting.organization, flow, version)
    if found is None:  # somebody has just deleted it
        raise FlowError(f"the flow {flow!r} has no version {version}", field="version")
    return found


async def _latest_text(acting: Acting, stored: StoredFlow) -> str:
    if stored.draft is not None:
        return stored.draft
    found = await acting.eilbote.flows.store.version(stored.organization, stored.name)
    return found.text if found else ""


async def _latest(acting: Acting, stored: StoredFlow) -> Flow | None:
    return _readable(await _latest_text(acting, stored))


def _readable(text: str) -> Flow | None:
    try:
        return flow_of(text)
    except EilboteError:
        return None
