"""Roles and what each of them may do; they are the same everywhere and never change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import GRANTS, HOST_ONLY, Permission, Role
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Page

router = APIRouter(prefix="/roles", tags=["Roles"])

Known = Annotated[Acting, Depends(needs(None))]


class RoleShape(BaseModel):
    """A role."""

    name: Role = Field(examples=["operator"])
    permissions: list[Permission] = Field(description="What it may do in the organization that is acted for")
    can_be_given: bool = Field(description="Whether who asks can give it to somebody there")


@router.get("", summary="List roles", operation_id="list_roles")
async def list_roles(acting: Known) -> Page[RoleShape]:
    """Give the roles of the organization that is acted for, the most powerful first."""
    is_host = acting.organization == HOST
    roles = [role for role in Role if is_host or role is not Role.SYSTEM_ADMINISTRATOR]
    allowed = {role: GRANTS[role] if is_host else GRANTS[role] - HOST_ONLY for role in roles}
    return Page(
        items=[
            RoleShape(
                name=role,
                permissions=sorted(allowed[role]),
                can_be_given=allowed[role] <= acting.principal.permissions,
            )
            for role in roles
        ]
    )
