"""Tasks: what people have to do in all instances."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from eilbote.api.paging import Page
from eilbote.api.v1.automation import LONGEST_NAME, NAME_PATTERN, Lister
from eilbote.api.v1.process.instance_shapes import OpenTaskShape, open_task_of

router = APIRouter(prefix="/tasks", tags=["Instances"])


@router.get("", summary="List open tasks", operation_id="list_tasks")
async def list_tasks(
    acting: Lister,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most")] = 100,
    title: Annotated[
        str | None,
        Query(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="With exactly this title"),
    ] = None,
) -> Page[OpenTaskShape]:
    """Give what people have to do, what has waited longest first. It is one page: whoever has done some sees the next ones."""
    found = await acting.eilbote.processes.tasks(acting.which, title=title, limit=limit)
    return Page(items=[open_task_of(each) for each in found])
