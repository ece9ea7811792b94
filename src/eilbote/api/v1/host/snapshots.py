"""Snapshots: flows, connections, settings and subscriptions in one file, made, looked into, brought back.

The file goes in as it came out, ``application/octet-stream``. Its passphrase stands in a header of its own, ``X-Snapshot-Passphrase``, in
UTF-8 and base64, so that it is in no address and no log; it is kept nowhere.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.status import HTTP_201_CREATED, HTTP_415_UNSUPPORTED_MEDIA_TYPE

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.v1.automation import LONGEST_NAME
from eilbote.engine.snapshot_archive import LARGEST
from eilbote.engine.snapshot_contents import Contents
from eilbote.engine.snapshot_plan import Doing, Kind
from eilbote.errors import SettingsError, ThrottledError
from eilbote.model.moment import as_datetime
from eilbote.model.secret import Secret

router = APIRouter(prefix="/snapshots", tags=["Snapshots"])

FILE: Final = "application/octet-stream"
_FILES: Final = frozenset({FILE, "application/zip"})
_AT_ONCE: Final = 2
"""How many are made or opened side by side: deriving a key from a passphrase takes half a second and 128 MiB."""

Looker = Annotated[Acting, Depends(needs(Permission.SNAPSHOTS_READ, lists=True))]
Restorer = Annotated[Acting, Depends(needs(Permission.SNAPSHOTS_WRITE, lists=True))]


class SnapshotInput(BaseModel):
    """What goes into a snapshot."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"flows": ["order-ready"]}})

    flows: list[Annotated[str, Field(max_length=LONGEST_NAME)]] = Field(
        default=[],
        max_length=1000,
        description="Only these flows and the stored connections that they name; everything when left out",
    )
    passphrase: SecretStr | None = Field(
        default=None,
        min_length=12,
        max_length=1000,
        description="Secrets come along, sealed with it; without one they are left out",
        examples=["five words nobody puts together"],
    )


class SnapshotItem(BaseModel):
    """Something in a snapshot."""

    kind: Kind
    organization: str
    name: str = Field(description="Empty for settings")
    detail: str = Field(description="Something about it, for people")
    secrets: list[str] = Field(description="The secrets it has, by their names")


class SnapshotShape(BaseModel):
    """What is in a snapshot."""

    created: datetime
    octets: int
    has_secrets: bool = Field(description="Whether secrets are sealed in it")
    items: list[SnapshotItem]


class RestoredShape(BaseModel):
    """What is done with an item."""

    kind: Kind
    organization: str
    name: str
    doing: Doing = Field(
        description="`add`, `replace`, `skip` (another one is there and stays), `same` (it is there as it is in the snapshot)"
    )
    missing: list[str] = Field(description="Secrets that somebody has to enter")
    notes: list[str]


class RestoredSnapshot(BaseModel):
    """What came of restoring a snapshot."""

    is_dry: bool = Field(description="Whether nothing was written, because it was only asked")
    items: list[RestoredShape]


class _Going:
    """How many snapshots are worked on in this process."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        if self.count >= _AT_ONCE:
            fault = ThrottledError(
                f"{_AT_ONCE} snapshots are worked on already", remedy="Try again when one of them is done"
            )
            fault.retry_after = 5.0
            raise fault
        self.count += 1

    def __exit__(self, *_: object) -> None:
        self.count -= 1


_GOING: Final = _Going()


async def _file(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _FILES:
        raise HTTPException(HTTP_415_UNSUPPORTED_MEDIA_TYPE)
    body = await request.body()
    if len(body) > LARGEST:
        raise SettingsError(
            f"the file has {len(body):,} octets",
            field="file",
            cause=f"A snapshot has at most {LARGEST:,}",
            remedy="Send the file as it was made",
        )
    return body


def _passphrase(
    said: Annotated[
        str | None,
        Header(
            alias="X-Snapshot-Passphrase",
            max_length=6000,
            description="What the snapshot was made with, in UTF-8 and base64; without it everything but the secrets is read",
        ),
    ] = None,
) -> Secret | None:
    if said is None:
        return None
    try:
        return Secret(base64.b64decode(said, validate=True).decode("utf-8"))
    except (binascii.Error, ValueError):
        raise SettingsError(
            "this is no passphrase",
            field="X-Snapshot-Passphrase",
            cause="It is not base64 of a text in UTF-8",
            remedy="Send it as: printf %s 'the passphrase' | base64",
        ) from None


File = Annotated[bytes, Depends(_file)]
Passphrase = Annotated[Secret | None, Depends(_passphrase)]
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {FILE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "",
    summary="Make a snapshot",
    operation_id="create_snapshot",
    status_code=HTTP_201_CREATED,
    response_class=Response,
    responses={
        201: {
            "content": {FILE: {"schema": {"type": "string", "format": "binary"}}},
            "description": "The file; `X-Snapshot-Tokens` tells how many access tokens are fetched anew",
        }
    },
)
async def create_snapshot(acting: Looker, what: SnapshotInput | None = None) -> Response:
    """Pack what people have set up into one file. Only a passphrase brings secrets along, sealed.

    With secrets it needs the permission to restore as well. Those of the host get everybody's with `organization=*`.
    """
    what = what or SnapshotInput()
    passphrase = what.passphrase.get_secret_value() if what.passphrase else None
    if passphrase is not None:
        acting.principal.must(Permission.SNAPSHOTS_WRITE)
    with _GOING:
        made = await acting.eilbote.snapshots.create(
            organization=acting.which,
            flows=what.flows,
            passphrase=passphrase,
            with_hosts=acting.principal.is_host,
        )
    contents = made.contents
    await acting.note(
        "snapshot.create",
        after={
            "flows": len(contents.flows),
            "connections": len(contents.connections),
            "has_secrets": contents.has_secrets,
        },
    )
    at = as_datetime(contents.created)
    name = f"eilbote-{acting.organization or ('all' if acting.is_everybody else 'host')}-{at:%Y%m%d-%H%M%S}.snapshot"
    safe = "".join(each if each.isascii() and (each.isalnum() or each in "-.") else "_" for each in name)
    return Response(
        made.octets,
        status_code=HTTP_201_CREATED,
        media_type=FILE,
        headers={
            "Content-Disposition": f'attachment; filename="{safe}"',
            "X-Snapshot-Tokens": str(made.tokens),
        },
    )


@router.post("/contents", summary="Look into a snapshot", operation_id="read_snapshot", openapi_extra=_BODY)
async def read_contents(acting: Looker, file: File, passphrase: Passphrase) -> SnapshotShape:
    """Tell what is in a file, as far as it concerns the organization; nothing is changed, and nothing in it executed."""
    with _GOING:
        contents = await asyncio.to_thread(acting.eilbote.snapshots.read, file, passphrase=passphrase)
    return SnapshotShape(
        created=as_datetime(contents.created),
        octets=len(file),
        has_secrets=contents.has_secrets,
        items=[each for each in _items(contents) if acting.which in {None, each.organization}],
    )


@router.post(
    "/restorations", summary="Restore a snapshot", operation_id="restore_snapshot", openapi_extra=_BODY
)
async def restore(
    acting: Restorer,
    file: File,
    passphrase: Passphrase,
    *,
    dry_run: Annotated[bool, Query(description="Say only what would be done")] = False,
    replace: Annotated[
        bool, Query(description="What is there in another form gives way; else it stays")
    ] = False,
) -> RestoredSnapshot:
    """Bring back what belongs to the organization: all that is new, and with `replace` what is there in another form.

    Everything is checked before anything is written, and all of it is written in one transaction.
    """
    with _GOING:
        restored = await acting.eilbote.snapshots.restore(
            file, passphrase=passphrase, organization=acting.which, replace=replace, dry_run=dry_run
        )
    if not restored.is_dry:
        changed = [each for each in restored.items if each.doing in {Doing.ADD, Doing.REPLACE}]
        await acting.note(
            "snapshot.restore",
            after={
                "changed": [f"{each.kind.value}:{each.organization}/{each.name}" for each in changed[:100]],
                "replace": replace,
            },
        )
    return RestoredSnapshot(
        is_dry=restored.is_dry,
        items=[
            RestoredShape(
                kind=each.kind,
                organization=each.organization,
                name=each.name,
                doing=each.doing,
                missing=list(each.missing),
                notes=list(each.notes),
            )
            for each in restored.items
        ],
    )


# -- within ----------------------------------------------------------------------------------------------------


def _items(contents: Contents) -> list[SnapshotItem]:
    return [
        *(
            SnapshotItem(
                kind=Kind.FLOW,
                organization=each.organization,
                name=each.name,
                detail=f"{len(each.texts)} versions" + (" and a draft" if each.draft is not None else ""),
                secrets=[],
            )
            for each in contents.flows
        ),
        *(
            SnapshotItem(
                kind=Kind.CONNECTION,
                organization=each.organization,
                name=each.name,
                detail="enabled" if each.enabled else "disabled",
                secrets=sorted(each.secret_names),
            )
            for each in contents.connections
        ),
        *(
            SnapshotItem(
                kind=Kind.SETTINGS,
                organization=each.organization,
                name="",
                detail=", ".join(sorted(each.plain)),
                secrets=sorted(each.secret_names),
            )
            for each in contents.settings
        ),
        *(
            SnapshotItem(
                kind=Kind.SUBSCRIPTION,
                organization=each.organization,
                name=str(each.id),
                detail="",
                secrets=[],
            )
            for each in contents.subscriptions
        ),
    ]
