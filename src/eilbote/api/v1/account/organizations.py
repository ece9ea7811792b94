"""Organizations that share the host, and see nothing of each other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from eilbote.accounts.organization import Organization, Quota
from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.changed_fields import changed_fields
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.v1.account.user_shapes import Strict
from eilbote.engine.accounts.organizations import OrganizationFields, no_organization
from eilbote.errors import SettingsError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/organizations", tags=["Organizations"])

Lister = Annotated[Acting, Depends(needs(Permission.ORGANIZATIONS_READ))]
Reader = Annotated[Acting, Depends(needs(Permission.SETTINGS_READ))]
Writer = Annotated[Acting, Depends(needs(Permission.ORGANIZATIONS_WRITE))]
Slug = Annotated[str, Path(max_length=100, examples=["acme"])]
Title = Annotated[str, Field(max_length=200, description="What people call it", examples=["Acme GmbH"])]
Language = Annotated[
    str,
    Field(
        max_length=10, description="Of its people, where they say nothing: `en`, `de`, `ru`", examples=["de"]
    ),
]
Zone = Annotated[
    str, Field(max_length=60, description="Of its people, where they say nothing", examples=["Europe/Berlin"])
]
Many = Annotated[int, Field(ge=0, le=2**53 - 1)]


class QuotaShape(Strict):
    """How much an organization may do; 0 means as much as it likes."""

    messages_per_hour: Many = Field(default=0, description="Submissions in any hour", examples=[1000])
    messages_per_day: Many = Field(default=0, description="Submissions in any 24 hours", examples=[10000])
    waiting: Many = Field(default=0, description="Messages that are not finished", examples=[5000])


class OrganizationShape(BaseModel):
    """An organization."""

    name: str = Field(description="Its name in addresses", examples=["acme"])
    title: str = Field(examples=["Acme GmbH"])
    language: str = Field(examples=["de"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    is_enabled: bool = Field(description="Whether its people and programs are let in")
    quota: QuotaShape
    created: datetime
    changed: datetime
    revision: int = Field(examples=[2])


class OrganizationInput(Strict):
    """A new organization."""

    name: str = Field(
        min_length=1,
        max_length=63,
        description="Small letters, digits and hyphens; never changes",
        examples=["acme"],
    )
    title: Title = ""
    language: Language = "en"
    time_zone: Zone = "UTC"
    quota: QuotaShape = Field(default_factory=QuotaShape)


class QuotaChange(Strict):
    """Which quotas are to be others."""

    messages_per_hour: Many | None = None
    messages_per_day: Many | None = None
    waiting: Many | None = None


class OrganizationChange(Strict):
    """What is to be other than it is (RFC 7396)."""

    title: Title | None = None
    language: Language | None = None
    time_zone: Zone | None = None
    is_enabled: bool | None = Field(
        default=None, description="When it is switched off its people are signed out; its mail goes on"
    )
    quota: QuotaChange | None = Field(default=None, description="null takes all of them away")
    revision: int | None = Field(
        default=None, description="Which one was seen; when somebody has changed it since, nothing is changed"
    )


@router.get("", summary="List organizations", operation_id="list_organizations")
async def list_organizations(
    acting: Lister, limit: Limit = 50, cursor: Cursor = None
) -> Page[OrganizationShape]:
    """Give all of them, in the order of their names."""
    found = await acting.eilbote.accounts.organizations.page(limit=limit + 1, after=behind(cursor) or "")
    return page_of(found, limit, _shape, place=lambda each: each.name)


@router.post(
    "", status_code=HTTP_201_CREATED, summary="Make an organization", operation_id="create_organization"
)
async def create_organization(
    acting: Writer, given: OrganizationInput, response: Response
) -> OrganizationShape:
    """Make one; people and keys come later."""
    made = await acting.eilbote.accounts.organizations.create(
        given.name,
        title=given.title,
        language=given.language,
        time_zone=given.time_zone,
        quota=Quota(**given.quota.model_dump()),
    )
    await acting.note(
        "organization.create",
        f"organization:{made.name}",
        organization=made.name,
        after={"title": made.title},
    )
    response.headers["Location"] = f"/api/v1/organizations/{made.name}"
    return _shape(made)


@router.get("/{name}", summary="Show an organization", operation_id="get_organization")
async def get_organization(acting: Reader, name: Slug) -> OrganizationShape:
    """Give one; those who belong to one see their own."""
    if not acting.principal.can_act_for(name):
        raise no_organization(name, field="name")
    return _shape(await acting.eilbote.accounts.organizations.get(name))


@router.patch("/{name}", summary="Change an organization", operation_id="update_organization")
async def update_organization(acting: Writer, name: Slug, change: OrganizationChange) -> OrganizationShape:
    """Change one. When it is switched off its people are signed out and its keys refused at once; its mail goes on."""
    known = await acting.eilbote.accounts.organizations.get(name)
    said = change.model_dump(exclude_unset=True, exclude={"revision"})
    if "is_enabled" in said and said["is_enabled"] is None:
        raise SettingsError("this cannot be taken away", field="is_enabled", remedy="Give true or false")
    if "quota" in said:
        said["quota"] = _quota(known.quota, said["quota"])
    fields = {key: "" if value is None else value for key, value in said.items()}
    changed = await acting.eilbote.accounts.organizations.change(
        name, revision=change.revision, **cast("OrganizationFields", fields)
    )
    before, after = changed_fields(_shape(known), _shape(changed))
    await acting.note(
        "organization.update", f"organization:{name}", organization=name, before=before, after=after
    )
    return _shape(changed)


@router.delete(
    "/{name}",
    status_code=HTTP_204_NO_CONTENT,
    summary="Forget an organization",
    operation_id="delete_organization",
)
async def delete_organization(acting: Writer, name: Slug) -> None:
    """Forget one that is switched off, with its people and keys; what was written about it in the audit book stays."""
    await acting.eilbote.accounts.organizations.delete(name)
    await acting.note("organization.delete", f"organization:{name}", organization=name)


def _quota(known: Quota, change: dict[str, int | None] | None) -> Quota:
    if change is None:
        return Quota()
    present = {
        "messages_per_hour": known.messages_per_hour,
        "messages_per_day": known.messages_per_day,
        "waiting": known.waiting,
    }
    return Quota(**present | {name: value or 0 for name, value in change.items()})


def _shape(organization: Organization) -> OrganizationShape:
    quota = organization.quota
    return OrganizationShape(
        name=organization.name,
        title=organization.title,
        language=organization.language,
        time_zone=organization.time_zone,
        is_enabled=organization.is_enabled,
        quota=QuotaShape(
            messages_per_hour=quota.messages_per_hour,
            messages_per_day=quota.messages_per_day,
            waiting=quota.waiting,
        ),
        created=as_datetime(organization.created),
        changed=as_datetime(organization.changed),
        revision=organization.revision,
    )
