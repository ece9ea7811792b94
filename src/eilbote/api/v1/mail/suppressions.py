"""The suppression list: who gets no mail any more, and why. That of the host counts for every organization."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Cursor, Limit, Page, cursor_at, read_cursor
from eilbote.api.times import time_or_none
from eilbote.errors import NotFoundError
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import as_datetime
from eilbote.record.suppression import Suppression, SuppressionReason

router = APIRouter(prefix="/suppressions", tags=["Suppressions"])

Reader = Annotated[Acting, Depends(needs(Permission.SUPPRESSIONS_READ))]
Lister = Annotated[Acting, Depends(needs(Permission.SUPPRESSIONS_READ, lists=True))]
Writer = Annotated[Acting, Depends(needs(Permission.SUPPRESSIONS_WRITE))]
Address = Annotated[
    str, Path(max_length=320, description="The address, in any letter case", examples=["max@example.com"])
]


class SuppressionInput(BaseModel):
    """An address that is to get nothing."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(max_length=320, description="The address", examples=["max@example.com"])
    reason: SuppressionReason = Field(default=SuppressionReason.MANUAL, description="Why")
    detail: str = Field(
        default="", max_length=1000, description="Your own words", examples=["Has left the company"]
    )
    expires: AwareDatetime | None = Field(default=None, description="Until when; for ever without")


class SuppressionShape(BaseModel):
    """An address that gets nothing."""

    organization: str = Field(description="From whom; empty for the host, whose list counts for everybody")
    address: str = Field(description="In small letters")
    reason: SuppressionReason = Field(
        description="`hard_bounce`: its mail came back for good; `refused`: its server does not know it; `complaint`: its owner has "
        "complained; `unsubscribed`: its owner wants no more mail; `manual`: somebody has entered it"
    )
    detail: str = Field(description="What a server has said, or somebody's own words")
    message: str | None = Field(description="The message it came of, if any")
    created: datetime
    expires: datetime | None = Field(description="Until when; null for ever")


@router.get("", summary="List suppressed addresses", operation_id="list_suppressions")
async def list_suppressions(
    acting: Lister,
    limit: Limit = 50,
    cursor: Cursor = None,
    address: Annotated[str, Query(max_length=320, description="Only those that contain this")] = "",
) -> Page[SuppressionShape]:
    """Give them in the order of organization and address."""
    place = read_cursor(cursor, str, str)
    found = await acting.eilbote.suppressions.list(
        acting.which,
        address=address,
        limit=limit + 1,
        after=("", "") if place is None else (str(place[0]), str(place[1])),
    )
    page = found[:limit]
    return Page(
        items=[_shape(each) for each in page],
        next_cursor=cursor_at(page[-1].organization, page[-1].address) if len(found) > limit else None,
    )


@router.post("", status_code=201, summary="Suppress an address", operation_id="add_suppression")
async def add_suppression(acting: Writer, given: SuppressionInput, response: Response) -> SuppressionShape:
    """Enter an address, in place of what was entered for it before. Mail that waits for it is not delivered either."""
    made = await acting.eilbote.suppressions.add(
        acting.organization, given.address, given.reason, detail=given.detail, expires=given.expires
    )
    await acting.note(
        "suppression.add",
        f"suppression:{made.address}",
        after={"address": made.address, "reason": made.reason.value, "detail": made.detail},
    )
    response.headers["Location"] = f"/api/v1/suppressions/{quote(made.address, safe='@')}"
    return _shape(made)


@router.get("/{address}", summary="Show a suppressed address", operation_id="get_suppression")
async def get_suppression(acting: Reader, address: Address) -> SuppressionShape:
    """Give one of the organization's own list."""
    found = await acting.eilbote.suppressions.show(acting.organization, address)
    if found is None:
        raise _unknown(address)
    return _shape(found)


@router.delete(
    "/{address}", status_code=204, summary="Let an address get mail again", operation_id="remove_suppression"
)
async def remove_suppression(acting: Writer, address: Address) -> Response:
    """Take an address off the list."""
    if not await acting.eilbote.suppressions.remove(acting.organization, address):
        raise _unknown(address)
    await acting.note("suppression.remove", f"suppression:{address}", before={"address": address})
    return Response(status_code=204)


def _unknown(address: str) -> NotFoundError:
    return NotFoundError(f"{address[:100]!r} is not on the suppression list", field="address")


def _shape(one: Suppression) -> SuppressionShape:
    return SuppressionShape(
        organization=one.organization,
        address=one.address,
        reason=one.reason,
        detail=one.detail,
        message=None if one.entry is None else entry_id_text(one.entry),
        created=as_datetime(one.created),
        expires=time_or_none(one.expires),
    )
