"""Process instances: begun, watched, given messages and data, decided, called back."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.status import HTTP_202_ACCEPTED

from eilbote.api.acting import Acting
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.times import moment_or_none
from eilbote.api.v1.automation import (
    ID_PATTERN,
    LONGEST_NAME,
    NAME_PATTERN,
    Lister,
    Reader,
    Runner,
    author_of,
    on_behalf_of,
    thing,
    who,
)
from eilbote.api.v1.automation_lists import Before, Search, Since
from eilbote.api.v1.flow.run_shapes import WaitInput
from eilbote.api.v1.process.instance_shapes import (
    DataChange,
    IncidentInput,
    InstanceInput,
    InstanceMessageInput,
    InstanceShape,
    InstanceSummary,
    MessageGivenShape,
    TaskDone,
    shape_of,
    summary_of,
)
from eilbote.api.v1.process.processes import SVG, picture
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter
from eilbote.engine.process.instance_mails import mails_of
from eilbote.engine.process.instance_picture import instance_picture
from eilbote.engine.process.process_view import ProcessInstance
from eilbote.errors import ConflictError

router = APIRouter(prefix="/instances", tags=["Instances"])

Id = Annotated[str, Path(max_length=100, pattern=ID_PATTERN, description="Its id", examples=["order-4711"])]


@router.get("", summary="List instances", operation_id="list_instances")
async def list_instances(
    acting: Lister,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    process: Annotated[
        str | None, Query(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="Of this process")
    ] = None,
    status: Annotated[InstanceStatus | None, Query(description="Standing so")] = None,
    correlation: Annotated[
        str | None, Query(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="With this key")
    ] = None,
    has_incident: Annotated[bool | None, Query(description="With open incidents, or without")] = None,
    held_back: Annotated[bool | None, Query(description="Restored from a backup and not let go on")] = None,
    since: Since = None,
    before: Before = None,
    q: Search = "",
) -> Page[InstanceSummary]:
    """Give the instances, the latest first, without what they know and where they have been."""
    which = InstanceFilter(
        organization=acting.which,
        process=process,
        status=status,
        correlation=correlation,
        has_incident=has_incident,
        held_back=held_back,
        since=moment_or_none(since),
        before=moment_or_none(before),
        holding=q,
    )
    found = await acting.eilbote.processes.instances(which, limit=limit + 1, after=behind(cursor))
    return page_of(found, limit, summary_of, place=lambda each: each.id)


@router.post("", summary="Begin an instance", operation_id="begin_instance", status_code=HTTP_202_ACCEPTED)
async def begin_instance(acting: Runner, response: Response, what: InstanceInput) -> InstanceShape:
    """Begin an instance; it is on the disk when this answers, and outlives crashes and restarts.

    With `instance_id` the same request may be sent again: it runs once, and the earlier instance is told.
    """
    instance = await acting.eilbote.processes.start(
        what.process,
        what.data,
        organization=acting.organization,
        instance_id=what.instance_id,
        correlation=what.correlation,
        version=what.version,
        author=author_of(acting),
        wait_seconds=what.wait or None,
    )
    await acting.note(
        "instance.begin",
        thing("instance", acting, instance.id),
        after={"process": instance.process, "version": instance.version},
    )
    response.headers["Location"] = f"/api/v1/instances/{instance.id}"
    return await _told(acting, instance)


@router.post(
    "/messages", summary="Give a message", operation_id="give_message", status_code=HTTP_202_ACCEPTED
)
async def give_message(
    acting: Runner, response: Response, message: InstanceMessageInput
) -> MessageGivenShape:
    """Give a message to the instance that has waited longest for it; when none does, begin one where a process begins with it."""
    given = await acting.eilbote.processes.message(
        message.name,
        message.data,
        organization=acting.organization,
        correlation=message.correlation,
        instance=message.instance,
        id=message.id,
        author=author_of(acting),
    )
    await acting.note(
        "instance.message", thing("instance", acting, given.instance), after={"name": message.name}
    )
    response.headers["Location"] = f"/api/v1/instances/{given.instance}"
    return MessageGivenShape(instance=given.instance, begun=given.begun, is_new=given.is_new)


@router.get("/{instance}", summary="Show an instance", operation_id="get_instance")
async def get_instance(acting: Reader, instance: Id) -> InstanceShape:
    """Give an instance with its data, what it waits for, what it has sent, and where its tokens were."""
    return await _told(acting, await _found(acting, instance))


@router.get(
    "/{instance}/picture",
    summary="Draw an instance",
    operation_id="draw_instance",
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}, "description": "The picture"}},
)
async def draw(acting: Reader, instance: Id) -> Response:
    """Give a picture of how it stands as SVG: where its tokens are, what was passed, what became of its messages."""
    found = await _found(acting, instance)
    mails = await mails_of(acting.eilbote, found)
    return picture(await asyncio.to_thread(instance_picture, found, mails))


@router.post("/{instance}/complete", summary="Complete a task", operation_id="complete_task")
async def complete_task(acting: Runner, instance: Id, done: TaskDone) -> InstanceShape:
    """Say that a task is done, and what came of it; the first who says so counts."""
    found = await _found(acting, instance)
    await acting.eilbote.processes.complete(
        instance, done.task, by=who(acting), answer=done.answer, text=done.text, data=done.data
    )
    return await _noted(acting, found, "instance.complete", {"task": done.task, "answer": done.answer})


@router.post("/{instance}/retry", summary="Try an incident again", operation_id="retry_incident")
async def retry(acting: Runner, instance: Id, which: IncidentInput | None = None) -> InstanceShape:
    """Have done again what failed. One that is in doubt may then be done twice."""
    found, element = await _found(acting, instance), which.element if which else ""
    await acting.eilbote.processes.retry(instance, element, by=who(acting))
    return await _noted(acting, found, "instance.retry", {"element": element})


@router.post("/{instance}/skip", summary="Skip an incident", operation_id="skip_incident")
async def skip(acting: Runner, instance: Id, which: IncidentInput | None = None) -> InstanceShape:
    """Let tokens go on as if what failed had been done."""
    found, element = await _found(acting, instance), which.element if which else ""
    await acting.eilbote.processes.skip(instance, element, by=who(acting))
    return await _noted(acting, found, "instance.skip", {"element": element})


@router.patch("/{instance}/data", summary="Change an instance's data", operation_id="change_instance_data")
async def change_data(acting: Runner, instance: Id, change: DataChange) -> InstanceShape:
    """Merge values into the data of an instance that waits, or stands at an incident; an incident tried again is made of them."""
    found = await _found(acting, instance)
    await acting.eilbote.processes.set_data(instance, change.data, by=who(acting))
    return await _noted(acting, found, "instance.change_data", {"changed": sorted(change.data)})


@router.post("/{instance}/cancel", summary="Call an instance back", operation_id="cancel_instance")
async def cancel(acting: Runner, instance: Id) -> InstanceShape:
    """End an instance before its next step; messages it has handed in stay in the outbox. One that has ended stays as it is."""
    found = await _found(acting, instance)
    if not await acting.eilbote.processes.cancel(instance):
        return await _told(acting, found)
    return await _noted(acting, found, "instance.cancel", {})


@router.post("/{instance}/release", summary="Let an instance go on", operation_id="release_instance")
async def release(acting: Runner, instance: Id, how: WaitInput | None = None) -> InstanceShape:
    """Let an instance go on that was restored from a backup: it may have gone on since that was made, so somebody has to say so."""
    found = await _found(acting, instance)
    if not found.is_held_back:
        raise ConflictError(
            f"the instance {instance!r} is not held back",
            field="instance",
            cause=f"It is {found.status.value}",
            remedy="Only what was restored from a backup waits for this",
        )
    await acting.eilbote.processes.resume(instance, wait_seconds=how.wait if how else 0)
    return await _noted(acting, found, "instance.release", {})


# -- within ----------------------------------------------------------------------------------------------------


async def _found(acting: Acting, instance: str) -> ProcessInstance:
    return await acting.eilbote.processes.get(instance, organization=acting.scope)


async def _noted(
    acting: Acting, before: ProcessInstance, action: str, after: dict[str, object]
) -> InstanceShape:
    owner = on_behalf_of(acting, before.organization)
    await owner.note(action, thing("instance", owner, before.id), after=after)
    return await _told(acting, await _found(acting, before.id))


async def _told(acting: Acting, instance: ProcessInstance) -> InstanceShape:
    return shape_of(instance, await mails_of(acting.eilbote, instance))
