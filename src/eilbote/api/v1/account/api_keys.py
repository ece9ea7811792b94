"""API keys, by which programs say who they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Response
from pydantic import AwareDatetime, BaseModel, Field
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from eilbote.accounts.api_key import ApiKey
from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.changed_fields import changed_fields
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.times import moment_or_none, time_or_none
from eilbote.api.v1.account.user_shapes import Strict
from eilbote.engine.accounts.keys import LONGEST_OVERLAP_SECONDS, OVERLAP_SECONDS, KeyFields, NewKey, no_key
from eilbote.errors import SettingsError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/api-keys", tags=["API keys"])

Lister = Annotated[Acting, Depends(needs(Permission.KEYS_READ, lists=True))]
Reader = Annotated[Acting, Depends(needs(Permission.KEYS_READ))]
Writer = Annotated[Acting, Depends(needs(Permission.KEYS_WRITE))]
Id = Annotated[str, Path(max_length=100, examples=["aB3dE6gH9k"])]
Name = Annotated[str, Field(min_length=1, max_length=200, description="What it is for", examples=["Billing"])]
Permissions = Annotated[
    list[Permission],
    Field(
        min_length=1,
        max_length=len(Permission),
        description="What it may do; not more than whoever makes it",
        examples=[["messages:submit"]],
    ),
]
Senders = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=320)]],
    Field(
        max_length=100,
        description="Addresses and domains it may send from; any when empty",
        examples=[["orders@acme.example", "acme.example"]],
    ),
]


class KeyShape(BaseModel):
    """A key, without its secret."""

    id: str = Field(description="Stands in its text", examples=["aB3dE6gH9k"])
    organization: str = Field(description="On whose behalf it acts; empty for the host", examples=["acme"])
    name: str = Field(examples=["Billing"])
    permissions: list[Permission]
    senders: list[str]
    created_by: str = Field(examples=["anna@acme.example"])
    created: datetime
    expires: datetime | None
    used: datetime | None = Field(description="When it was last used, to the hour")
    is_revoked: bool
    former_until: datetime | None = Field(
        description="Until when the secret before the last rotation is taken as well"
    )
    revision: int


class NewKeyShape(KeyShape):
    """A key with its text."""

    key: str = Field(
        description="What its owner keeps; it is shown this once",
        examples=["eb_live_aB3dE6gH9k_..."],
        json_schema_extra={"format": "password", "readOnly": True},
    )


class KeyInput(Strict):
    """A new key."""

    name: Name
    permissions: Permissions
    senders: Senders = Field(default=[])
    expires: AwareDatetime | None = Field(default=None, description="Not after; never when left out")


class KeyChange(Strict):
    """What is to be other than it is (RFC 7396)."""

    name: Name | None = None
    permissions: Permissions | None = None
    senders: Senders | None = None
    expires: AwareDatetime | None = None
    revision: int | None = Field(
        default=None, description="Which one was seen; when somebody has changed it since, nothing is changed"
    )


class RotationInput(Strict):
    """How a key gets another secret."""

    overlap_seconds: int = Field(
        default=OVERLAP_SECONDS,
        ge=0,
        le=LONGEST_OVERLAP_SECONDS,
        description="How long the former secret is taken beside the new one; 0 refuses it at once",
    )


@router.get("", summary="List API keys", operation_id="list_api_keys")
async def list_api_keys(acting: Lister, limit: Limit = 50, cursor: Cursor = None) -> Page[KeyShape]:
    """Give the keys of an organization, in the order of their ids."""
    found = await acting.eilbote.accounts.keys.page(acting.which, limit=limit + 1, after=behind(cursor) or "")
    return page_of(found, limit, _shape, place=lambda each: each.id)


@router.post("", status_code=HTTP_201_CREATED, summary="Make an API key", operation_id="create_api_key")
async def create_api_key(acting: Writer, given: KeyInput, response: Response) -> NewKeyShape:
    """Make one; its text is in the answer, and nowhere else."""
    made = await acting.eilbote.accounts.keys.create(
        given.name,
        organization=acting.organization,
        permissions=frozenset(given.permissions),
        by=acting.principal,
        senders=given.senders,
        expires=moment_or_none(given.expires),
    )
    after: dict[str, object] = {
        "name": made.key.name,
        "permissions": sorted(made.key.permissions),
        "senders": list(made.key.senders),
    }
    await _note(acting, "api_key.create", made.key, after=after)
    response.headers["Location"] = f"/api/v1/api-keys/{made.key.id}"
    return _new(made)


@router.get("/{id}", summary="Show an API key", operation_id="get_api_key")
async def get_api_key(acting: Reader, id: Id) -> KeyShape:  # noqa: A002 - the name in the path
    """Give one, without its secret."""
    return _shape(await _found(acting, id))


@router.patch("/{id}", summary="Change an API key", operation_id="update_api_key")
async def update_api_key(acting: Writer, id: Id, change: KeyChange) -> KeyShape:  # noqa: A002 - the name in the path
    """Change one; it may do what it says now from the next request on."""
    key = await _found(acting, id)
    said: dict[str, object] = {name: getattr(change, name) for name in change.model_fields_set - {"revision"}}
    for name in ("name", "permissions"):
        if name in said and said[name] is None:
            raise SettingsError(
                f"the {name} cannot be taken away", field=name, remedy="Leave it out, or give another value"
            )
    if "permissions" in said and change.permissions is not None:
        said["permissions"] = frozenset(change.permissions)
    if "senders" in said:
        said["senders"] = change.senders or []
    if "expires" in said:
        said["expires"] = moment_or_none(change.expires)
    changed = await acting.eilbote.accounts.keys.change(
        key, by=acting.principal, revision=change.revision, **cast("KeyFields", said)
    )
    before, after = changed_fields(_shape(key), _shape(changed))
    await _note(acting, "api_key.update", changed, before=before, after=after)
    return _shape(changed)


@router.post("/{id}/rotate", summary="Give an API key another secret", operation_id="rotate_api_key")
async def rotate_api_key(
    acting: Writer,
    id: Id,  # noqa: A002 - the name in the path
    given: RotationInput | None = None,
) -> NewKeyShape:
    """Make another secret; the former one is taken for a day beside it, unless something else is said."""
    key = await _found(acting, id)
    overlap = (given or RotationInput()).overlap_seconds
    made = await acting.eilbote.accounts.keys.rotate(key, by=acting.principal, overlap_seconds=overlap)
    await _note(acting, "api_key.rotate", made.key, after={"key": "***", "overlap_seconds": overlap})
    return _new(made)


@router.post("/{id}/revoke", summary="Revoke an API key", operation_id="revoke_api_key")
async def revoke_api_key(acting: Writer, id: Id) -> KeyShape:  # noqa: A002 - the name in the path
    """Call one back for ever; it is refused at once, and stays in the list."""
    key = await _found(acting, id)
    revoked = await acting.eilbote.accounts.keys.revoke(key)
    if not key.is_revoked:
        await _note(acting, "api_key.revoke", revoked)
    return _shape(revoked)


@router.delete(
    "/{id}", status_code=HTTP_204_NO_CONTENT, summary="Forget an API key", operation_id="delete_api_key"
)
async def delete_api_key(acting: Writer, id: Id) -> None:  # noqa: A002 - the name in the path
    """Forget one; it is refused at once."""
    key = await _found(acting, id)
    await acting.eilbote.accounts.keys.delete(key)
    await _note(acting, "api_key.delete", key, before={"name": key.name})


async def _found(acting: Acting, id_: str) -> ApiKey:
    key = await acting.eilbote.accounts.keys.get(id_)
    if not acting.concerns(key.organization):
        raise no_key(id_)
    return key


async def _note(
    acting: Acting,
    action: str,
    key: ApiKey,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    await acting.note(
        action, f"api_key:{key.id}", organization=key.organization, before=before or {}, after=after or {}
    )


def _new(made: NewKey) -> NewKeyShape:
    return NewKeyShape(**_shape(made.key).model_dump(), key=made.text)


def _shape(key: ApiKey) -> KeyShape:
    return KeyShape(
        id=key.id,
        organization=key.organization,
        name=key.name,
        permissions=sorted(key.permissions),
        senders=list(key.senders),
        created_by=key.created_by,
        created=as_datetime(key.created),
        expires=time_or_none(key.expires),
        used=time_or_none(key.used),
        is_revoked=key.is_revoked,
        former_until=time_or_none(key.former_until),
        revision=key.revision,
    )
