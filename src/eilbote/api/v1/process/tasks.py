"""Tasks: what people have to do in all instances."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from eilbote.api.paging import Cursor, Limit, Page, cursor_at, read_cursor
from eilbote.api.v1.automation import LONGEST_NAME, NAME_PATTERN, Lister
from eilbote.api.v1.process.instance_shapes import OpenTaskShape, open_task_of
from eilbote.author.process.kept import WaitPlace
from eilbote.model.moment import Moment

router = APIRouter(prefix="/tasks", tags=["Instances"])


@router.get("", summary="List open tasks", operation_id="list_tasks")
async def list_tasks(
    acting: Lister,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    title: Annotated[
        str | None,
        Query(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="With exactly this title"),
    ] = None,
) -> Page[OpenTaskShape]:
    """Give what people have to do, what has waited longest first. A page goes on behind its last task, though that was done meanwhile."""
    place = read_cursor(cursor, int, str, str)
    after = None
    if place is not None:
        since, instance, key = place
        after = WaitPlace(since=Moment(int(since)), instance=str(instance), key=str(key))
    found = await acting.eilbote.processes.tasks(acting.which, title=title, limit=limit + 1, after=after)
    shown = found[:limit]
    return Page(
        items=[open_task_of(each) for each in shown],
        next_cursor=cursor_at(shown[-1].since, shown[-1].instance, shown[-1].wait.key)
        if len(found) > limit
        else None,
    )
