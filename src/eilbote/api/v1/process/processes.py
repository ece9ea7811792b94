"""Processes: their diagrams and settings, what a check finds, what was published, and pictures of them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
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
from eilbote.api.v1.automation_lists import page_of_names, page_of_versions
from eilbote.api.v1.findings import FindingShape, is_sound, of_process, problems_of
from eilbote.api.v1.flow.flow_shapes import PublishInput
from eilbote.api.v1.process.process_shapes import (
    CheckedProcess,
    ProcessChange,
    ProcessDrafted,
    ProcessShape,
    ProcessSummary,
    ProcessTextShape,
    ProcessVersionShape,
    draft_of,
    shape_of,
    summary_of,
    text_of,
    version_of,
)
from eilbote.api.v1.process.process_texts import PROCESS_ANSWER, PROCESS_BODY, XML, GivenProcess
from eilbote.author.process.bundle import Bundle, read_bundle, write_bundle
from eilbote.author.process.check.unreadable import unreadable
from eilbote.author.process.definition import Definition
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter, StoredProcess
from eilbote.author.process.written.read_definition import read_definition
from eilbote.engine.process.instance_picture import process_picture
from eilbote.engine.process.process_library import DRAFT
from eilbote.engine.process.publish import PublicationError
from eilbote.engine.process.run_process import definition_of
from eilbote.errors import EilboteError, ProcessError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/processes", tags=["Processes"])

Name = Annotated[
    str,
    Path(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="Its name", examples=["order-ready"]),
]
SVG: Final = "image/svg+xml"
PICTURE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
"""A picture is drawn by us, with words of authors in it: should one open it alone, nothing in it runs."""
_MOST_COUNTED: Final = 1000


@router.get("", summary="List processes", operation_id="list_processes")
async def list_processes(
    acting: Lister, limit: Limit = 50, cursor: Cursor = None, name: Contains = ""
) -> Page[ProcessSummary]:
    """Give the processes, in the order of organizations and names."""
    shown, next_cursor = page_of_names(
        await acting.eilbote.processes.processes(acting.which),
        lambda each: (each.organization, each.name),
        contains=name,
        limit=limit,
        cursor=cursor,
    )
    return Page(
        items=[summary_of(each, _readable(await _latest_text(acting, each))) for each in shown],
        next_cursor=next_cursor,
    )


@router.post(
    "",
    summary="Make a process",
    operation_id="create_process",
    status_code=HTTP_201_CREATED,
    openapi_extra=PROCESS_BODY,
)
async def create_process(acting: Author, response: Response, given: GivenProcess) -> ProcessDrafted:
    """Keep the draft of a new process, under the name that it gives itself. One that is there already is a conflict."""
    made = await _save(acting, given.bundle, revision=0)
    response.headers["Location"] = f"/api/v1/processes/{made.name}"
    return made


@router.post("/check", summary="Check a process", operation_id="check_process", openapi_extra=PROCESS_BODY)
async def check(acting: Author, given: GivenProcess) -> CheckedProcess:
    """Tell everything that is to be said about a process, with elements and lines; nothing is kept."""
    text = write_bundle(given.bundle)
    findings = await _findings(acting, text)
    definition = _readable(text)
    return CheckedProcess(
        is_sound=is_sound(findings),
        name=definition.name if definition else "",
        title=definition.title if definition else "",
        elements=len(definition.diagram.elements) if definition else 0,
        findings=findings,
    )


@router.get("/{process}", summary="Show a process", operation_id="get_process")
async def get_process(acting: Reader, process: Name) -> ProcessShape:
    """Give a process with what its latest text says: the draft, or else what was published last."""
    processes = acting.eilbote.processes
    stored = await processes.stored(process, organization=acting.organization)
    text = await _latest_text(acting, stored)
    running = InstanceFilter(organization=acting.organization, process=process, status=InstanceStatus.RUNNING)
    instances = await processes.instances(running, limit=_MOST_COUNTED)
    return shape_of(
        stored,
        _readable(text),
        await _findings(acting, text),
        running=len(instances),
        with_incidents=sum(each.open_incidents > 0 for each in instances),
    )


@router.delete(
    "/{process}", summary="Delete a process", operation_id="delete_process", status_code=HTTP_204_NO_CONTENT
)
async def delete_process(acting: Author, process: Name) -> None:
    """Forget a process with its draft, all versions and what begins it; instances that have begun go on."""
    stored = await acting.eilbote.processes.stored(process, organization=acting.organization)
    await acting.eilbote.processes.drop(process, organization=acting.organization)
    await acting.note(
        "process.delete", thing("process", acting, process), before={"published": stored.published}
    )


@router.get(
    "/{process}/draft",
    summary="Show a process's draft",
    operation_id="get_process_draft",
    response_model=ProcessTextShape,
    responses=PROCESS_ANSWER,
)
async def get_draft(acting: Reader, request: Request, process: Name) -> object:
    """Give the texts that are worked on; the diagram alone for `Accept: application/xml`, the settings for `application/yaml`.

    A process that was not changed since it was published has no draft: then they are those that were published last, with their `version`,
    from which the next draft begins.
    """
    stored = await acting.eilbote.processes.stored(process, organization=acting.organization)
    if stored.draft is not None:
        return _alone(request, stored.draft) or draft_of(stored, stored.draft)
    found = await acting.eilbote.processes.version(process, organization=acting.organization)
    return _alone(request, found.text) or text_of(stored, found)


@router.put(
    "/{process}/draft",
    summary="Write a process's draft",
    operation_id="put_process_draft",
    openapi_extra=PROCESS_BODY,
)
async def put_draft(acting: Author, process: Name, given: GivenProcess) -> ProcessDrafted:
    """Keep diagram and settings as the draft, of a new process as well; what was published stays.

    A draft need not be sound, it has to be readable. What keeps it from being published is told.
    """
    return await _save(acting, given.bundle, revision=given.revision, name=process)


@router.patch("/{process}/draft", summary="Change a process's draft", operation_id="change_process_draft")
async def change_draft(acting: Author, process: Name, change: ProcessChange) -> ProcessDrafted:
    """Put another diagram or other settings into the draft; where there is none, it begins with what was published last."""
    stored = await acting.eilbote.processes.stored(process, organization=acting.organization)
    before = read_bundle(await _latest_text(acting, stored))
    bundle = Bundle(
        bpmn=before.bpmn if change.bpmn is None else change.bpmn,
        settings=before.settings if change.settings is None else change.settings,
    )
    revision = stored.revision if change.revision is None else change.revision
    return await _save(acting, bundle, revision=revision, name=process)


@router.get("/{process}/versions", summary="List a process's versions", operation_id="list_process_versions")
async def list_versions(
    acting: Reader, process: Name, limit: Limit = 50, cursor: Cursor = None
) -> Page[ProcessVersionShape]:
    """Give what was published, the latest first."""
    found = await acting.eilbote.processes.versions(process, organization=acting.organization)
    shown, next_cursor = page_of_versions(found, limit=limit, cursor=cursor)
    latest = found[0].version if found else 0
    return Page(items=[version_of(each, latest=latest) for each in shown], next_cursor=next_cursor)


@router.post(
    "/{process}/versions",
    summary="Publish a process",
    operation_id="publish_process",
    status_code=HTTP_201_CREATED,
    response_model=ProcessVersionShape,
)
async def publish_process(
    acting: Author, request: Request, response: Response, process: Name, what: PublishInput | None = None
) -> object:
    """Make the draft the next version: instances begin with it from now on. One with errors is refused, with all of them."""
    try:
        version = await acting.eilbote.processes.publish(
            process, organization=acting.organization, revision=what.revision if what else None
        )
    except PublicationError as fault:
        return problem_response(request, fault, errors=problems_of(request, of_process(fault.findings)))
    await acting.note(
        "process.publish", thing("process", acting, process), after={"version": version.version}
    )
    response.headers["Location"] = f"/api/v1/processes/{process}/versions/{version.version}"
    return version_of(version, latest=version.version)


@router.get(
    "/{process}/versions/{version}",
    summary="Show a version of a process",
    operation_id="get_process_version",
    response_model=ProcessTextShape,
    responses=PROCESS_ANSWER,
)
async def get_version(acting: Reader, request: Request, process: Name, version: Version) -> object:
    """Give what was published; version 0 is the draft."""
    processes = acting.eilbote.processes
    if version == DRAFT:
        text = await processes.text(process, organization=acting.organization, version=DRAFT)
        stored = await processes.stored(process, organization=acting.organization)
        return _alone(request, text) or draft_of(stored, text)
    found = await processes.version(process, organization=acting.organization, version=version)
    stored = await processes.stored(process, organization=acting.organization)
    return _alone(request, found.text) or text_of(stored, found)


@router.get(
    "/{process}/picture",
    summary="Draw a process",
    operation_id="draw_process",
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}, "description": "The picture"}},
)
async def draw(
    acting: Reader,
    process: Name,
    version: Annotated[
        int | None,
        Query(ge=0, le=2**31 - 1, description="Which version; the latest when left out, 0 for the draft"),
    ] = None,
) -> Response:
    """Give a picture of the diagram as SVG."""
    processes = acting.eilbote.processes
    if version is None:
        text = await _latest_text(
            acting, await processes.stored(process, organization=acting.organization), published=True
        )
    else:
        text = await processes.text(process, organization=acting.organization, version=version)
    return picture(await asyncio.to_thread(process_picture, text))


def picture(svg: str) -> Response:
    """Answer with a picture."""
    return Response(svg, media_type=SVG, headers={"Content-Security-Policy": PICTURE_POLICY})


# -- within ----------------------------------------------------------------------------------------------------


async def _save(
    acting: Acting, bundle: Bundle, *, revision: int | None, name: str | None = None
) -> ProcessDrafted:
    text = write_bundle(bundle)
    said = (await asyncio.to_thread(read_definition, text)).name
    if name is not None and said != name:
        raise ProcessError(
            f"the process calls itself {said[:60]!r}",
            field="name",
            cause=f"It is to be kept as {name[:60]!r}",
            remedy=f"Write 'process: {name[:60]}' into its settings, or keep it under the other name",
        )
    stored = await acting.eilbote.processes.save(text, organization=acting.organization, revision=revision)
    await acting.note(
        "process.save",
        thing("process", acting, stored.name),
        before={"revision": stored.revision - 1},
        after={"revision": stored.revision},
    )
    findings = await _findings(acting, text)
    return ProcessDrafted(
        organization=stored.organization,
        name=stored.name,
        published=stored.published,
        revision=stored.revision,
        changed=as_datetime(stored.changed),
        is_sound=is_sound(findings),
        findings=findings,
    )


async def _findings(acting: Acting, text: str) -> list[FindingShape]:
    try:
        return of_process(await acting.eilbote.processes.check(text, organization=acting.organization))
    except ProcessError as fault:
        return of_process([unreadable(fault)])


async def _latest_text(acting: Acting, stored: StoredProcess, *, published: bool = False) -> str:
    """Give the draft, or else what was published last; the other way round when that is wanted."""
    if stored.draft is not None and not (published and stored.published):
        return stored.draft
    found = await acting.eilbote.processes.store.version(stored.organization, stored.name)
    return found.text if found else ""


def _readable(text: str) -> Definition | None:
    try:
        return definition_of(text)
    except EilboteError:
        return None


def _alone(request: Request, text: str) -> Response | None:
    accepted = request.headers.get("accept", "").lower()
    if "json" in accepted or "*/*" in accepted:
        return None
    bundle = read_bundle(text)
    if "yaml" in accepted:
        return Response(bundle.settings, media_type="application/yaml")
    return Response(bundle.bpmn, media_type=XML) if "xml" in accepted else None
