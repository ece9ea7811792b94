"""The book of who did what: read, proved to be whole, and taken away as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field, JsonValue
from starlette.responses import StreamingResponse

from eilbote.accounts.audit import AuditFilter, AuditRecord
from eilbote.accounts.principal import PrincipalKind
from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Cursor, Limit, Page, page_of, read_cursor
from eilbote.api.times import moment_or_none
from eilbote.engine.accounts.audit_export import CSV, JSON, NDJSON, exported, record_data
from eilbote.errors import EilboteError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/audit", tags=["Audit"])

Reader = Annotated[Acting, Depends(needs(Permission.AUDIT_READ, lists=True))]
Host = Annotated[Acting, Depends(needs(Permission.HOST_OPERATE))]
Action = Annotated[
    str,
    Query(
        max_length=100,
        description="Deeds whose name begins with this, or ends with this when it begins with a dot",
        examples=["user.", "user.sign_in", ".delete"],
    ),
]
Thing = Annotated[
    str,
    Query(
        max_length=400,
        description="Concerning this thing, or anything of a kind when it ends with a colon",
        examples=["user:2b36b98a8ee8ac04", "connection:"],
    ),
]
Who = Annotated[
    str,
    Query(
        max_length=320,
        description="Done by this user or key, by its id, or by the address that a user has now",
    ),
]
Format = Annotated[
    Literal["ndjson", "json", "csv"], Query(description="One JSON object a line, one array of them, or CSV")
]
Since = Annotated[AwareDatetime | None, Query(description="At this time or later")]
Before = Annotated[AwareDatetime | None, Query(description="Before this time")]
_KINDS: Final = {"ndjson": NDJSON, "json": JSON, "csv": CSV}


class RecordShape(BaseModel):
    """Something that somebody did."""

    sequence: int = Field(description="Its place in the book of the host", examples=[17])
    at: datetime
    organization: str = Field(description="Whom it concerns; empty for the host", examples=["acme"])
    kind: PrincipalKind = Field(description="What kind of somebody did it", examples=["user"])
    who: str = Field(description="Id of the user or the key", examples=["2b36b98a8ee8ac04"])
    name: str = Field(description="For people", examples=["anna@acme.example"])
    action: str = Field(description="What", examples=["api_key.create"])
    thing: str = Field(description="To which thing", examples=["api_key:aB3dE6gH9k"])
    before: dict[str, JsonValue] = Field(description="What it was, as far as it changed; secrets as `***`")
    after: dict[str, JsonValue] = Field(description="What it is, the same way")
    door: str = Field(description="`api`, `portal`, `relay` or `cli`", examples=["api"])
    address: str = Field(description="Whence", examples=["192.0.2.7"])
    request: str = Field(description="The id of the request, as in the log")
    hash: str = Field(description="SHA-256 over the hash before it and this")


class VerificationShape(BaseModel):
    """Whether the book hangs together."""

    is_whole: bool = Field(description="Whether every record follows from the one before it")
    records: int = Field(description="How many do", examples=[1042])
    last: str = Field(description="The hash of the latest of them; worth being noted elsewhere")
    broken_at: int | None = Field(description="The first record that does not, or is missing at the end")


@router.get("", summary="Read the audit book", operation_id="list_audit_records")
async def list_audit_records(
    acting: Reader,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    action: Action = "",
    thing: Thing = "",
    who: Who = "",
    since: Since = None,
    before: Before = None,
) -> Page[RecordShape]:
    """Give records, the latest first."""
    after = read_cursor(cursor, int)
    found = await acting.eilbote.audit.records(
        await _filter(acting, action=action, thing=thing, who=who, since=since, before=before),
        limit=limit + 1,
        after=int(after[0]) if after else None,
    )
    return page_of(found, limit, _shape, place=lambda each: each.sequence)


@router.get("/verification", summary="Prove that the audit book is whole", operation_id="verify_audit")
async def verify_audit(acting: Host) -> VerificationShape:
    """Look the whole book of the host over: whether anything was changed, put in or taken out, also at its end."""
    verified = await acting.eilbote.audit.verify()
    return VerificationShape(
        is_whole=verified.broken_at is None,
        records=verified.records,
        last=verified.last,
        broken_at=verified.broken_at,
    )


@router.get(
    "/export",
    summary="Take the audit book away",
    operation_id="export_audit",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "All records that are meant, the latest first",
            "content": {
                NDJSON: {"schema": {"type": "string"}},
                JSON: {"schema": {"type": "array", "items": {"type": "object"}}},
                CSV: {"schema": {"type": "string"}},
            },
        }
    },
)
async def export_audit(
    acting: Reader,
    *,
    format: Format = "ndjson",  # noqa: A002 - the word in the query
    action: Action = "",
    thing: Thing = "",
    who: Who = "",
    since: Since = None,
    before: Before = None,
) -> StreamingResponse:
    """Give all records that are meant as one file."""
    which = await _filter(acting, action=action, thing=thing, who=who, since=since, before=before)
    kind = _KINDS[format]
    return StreamingResponse(
        exported(acting.eilbote.audit, which, kind=kind),
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="audit.{format}"'},
    )


async def _filter(
    acting: Acting, *, action: str, thing: str, who: str, since: datetime | None, before: datetime | None
) -> AuditFilter:
    return AuditFilter(
        organization=acting.which,
        action=action,
        thing=thing,
        who=await _actor(acting, who),
        since=moment_or_none(since),
        before=moment_or_none(before),
    )


async def _actor(acting: Acting, who: str) -> str:
    """Give the id of somebody who was named by an address; of whom nothing may be known, the address itself, which is nobody's id."""
    if "@" not in who:
        return who
    try:
        user = await acting.eilbote.accounts.users.at(who)
    except EilboteError:
        return who
    return user.id if acting.which in {None, user.organization} else who


def _shape(record: AuditRecord) -> RecordShape:
    data = record_data(record)
    data["at"] = as_datetime(record.deed.at)
    return RecordShape.model_validate(data)
