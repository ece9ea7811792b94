"""People of an organization, or of the host: invited, changed, locked out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field
from starlette.status import HTTP_201_CREATED, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from eilbote.accounts.role import Permission, Role
from eilbote.accounts.user import User
from eilbote.api.acting import Acting, needs
from eilbote.api.changed_fields import changed_fields
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.v1.account.user_shapes import Address, Language, Name, Strict, UserShape, Zone, user_shape
from eilbote.engine.accounts.users import UserFields, no_user
from eilbote.errors import NotFoundError, SettingsError

router = APIRouter(prefix="/users", tags=["Users"])

Lister = Annotated[Acting, Depends(needs(Permission.USERS_READ, lists=True))]
Reader = Annotated[Acting, Depends(needs(Permission.USERS_READ))]
Writer = Annotated[Acting, Depends(needs(Permission.USERS_WRITE))]
Id = Annotated[str, Path(max_length=100, examples=["2b36b98a8ee8ac04"])]


class InvitationInput(Strict):
    """Somebody who is to be invited."""

    address: Address
    name: Name = ""
    role: Role = Field(default=Role.VIEWER, description="What they will be", examples=["author"])
    language: Language = ""
    time_zone: Zone = ""


class InvitedShape(UserShape):
    """Somebody to whom a link was sent."""

    link: str = Field(
        default="",
        description="The path of the link that lets them in, where nobody has said under which address people reach the server, so that it "
        "cannot be mailed; empty otherwise",
    )


class UserChange(Strict):
    """What is to be other than it is (RFC 7396); what is left out stays."""

    address: Address | None = None
    name: Name | None = None
    role: Role | None = None
    language: Language | None = None
    time_zone: Zone | None = None
    is_enabled: bool | None = Field(default=None, description="Whether they are let in")
    revision: int | None = Field(
        default=None, description="Which one was seen; when somebody has changed it since, nothing is changed"
    )


@router.get("", summary="List people", operation_id="list_users")
async def list_users(
    acting: Lister,
    limit: Limit = 50,
    cursor: Cursor = None,
    address: Annotated[
        str | None, Query(max_length=320, description="Only who has this address, in any letter case")
    ] = None,
) -> Page[UserShape]:
    """Give the people of an organization, in the order of their ids."""
    after = behind(cursor) or ""
    if address is not None:
        found: list[User] = []
        with suppress(NotFoundError):
            found.append(await acting.eilbote.accounts.users.at(address))
        return Page(items=[user_shape(each) for each in found if acting.which in {None, each.organization}])
    users = await acting.eilbote.accounts.users.page(acting.which, limit=limit + 1, after=after)
    return page_of(users, limit, user_shape, place=lambda each: each.id)


@router.post("", status_code=HTTP_201_CREATED, summary="Invite somebody", operation_id="create_user")
async def create_user(acting: Writer, given: InvitationInput, response: Response) -> InvitedShape:
    """Invite somebody: they get a link by mail, good for a week, and choose a password of their own.

    Nobody can give a role that allows more than they may do themselves.
    """
    invited = await acting.eilbote.accounts.invitations.invite(
        given.address,
        organization=acting.organization,
        by=acting.principal,
        name=given.name,
        role=given.role.value,
        language=given.language,
        time_zone=given.time_zone,
    )
    shape = user_shape(invited.user)
    after = {"address": shape.address, "name": shape.name, "role": shape.role.value}
    await _note(acting, "user.create", invited.user, after=after)
    response.headers["Location"] = f"/api/v1/users/{invited.user.id}"
    return InvitedShape(**shape.model_dump(), link=invited.path)


@router.get("/{id}", summary="Show somebody", operation_id="get_user")
async def get_user(acting: Reader, id: Id) -> UserShape:  # noqa: A002 - the name in the path
    """Give somebody by their id."""
    return user_shape(await _found(acting, id))


@router.patch("/{id}", summary="Change somebody", operation_id="update_user")
async def update_user(acting: Writer, id: Id, change: UserChange) -> UserShape:  # noqa: A002 - the name in the path
    """Change somebody. A new role or address, and being locked out, end their sessions at once.

    A new address and being locked out let every link lapse that they were sent: whoever was invited is invited once more then.
    """
    user = await _found(acting, id)
    said = change.model_dump(exclude_unset=True, mode="json", exclude={"revision"})
    for name in ("address", "role", "is_enabled"):
        if name in said and said[name] is None:
            raise SettingsError(
                f"the {name} cannot be taken away", field=name, remedy="Leave it out, or give another one"
            )
    fields = {name: "" if value is None else value for name, value in said.items()}
    changed = await acting.eilbote.accounts.users.change(
        user, by=acting.principal, revision=change.revision, **cast("UserFields", fields)
    )
    before, after = changed_fields(user_shape(user), user_shape(changed))
    await _note(acting, "user.update", changed, before=before, after=after)
    return user_shape(changed)


@router.delete(
    "/{id}", status_code=HTTP_204_NO_CONTENT, summary="Forget somebody", operation_id="delete_user"
)
async def delete_user(acting: Writer, id: Id) -> None:  # noqa: A002 - the name in the path
    """Forget somebody with their sessions; what they did stays in the audit book."""
    user = await _found(acting, id)
    await acting.eilbote.accounts.users.delete(user, by=acting.principal)
    await _note(acting, "user.delete", user, before={"address": user.address, "role": user.role.value})


@router.post(
    "/{id}/invitation",
    status_code=HTTP_202_ACCEPTED,
    summary="Invite somebody once more",
    operation_id="invite_user_again",
)
async def invite_user_again(acting: Writer, id: Id) -> InvitedShape:  # noqa: A002 - the name in the path
    """Send the link once more to somebody who has not come yet; the one before lapses."""
    user = await _found(acting, id)
    invited = await acting.eilbote.accounts.invitations.again(user, by=acting.principal)
    await _note(acting, "user.invite", user)
    return InvitedShape(**user_shape(invited.user).model_dump(), link=invited.path)


@router.delete(
    "/{id}/invitation",
    status_code=HTTP_204_NO_CONTENT,
    summary="Take an invitation back",
    operation_id="revoke_invitation",
)
async def revoke_invitation(acting: Writer, id: Id) -> None:  # noqa: A002 - the name in the path
    """Take the invitation back of somebody who has not come yet: the link leads nowhere, and they are forgotten."""
    user = await _found(acting, id)
    await acting.eilbote.accounts.invitations.revoke(user, by=acting.principal)
    before = {"address": user.address, "role": user.role.value}
    await _note(acting, "user.revoke_invitation", user, before=before)


@router.post(
    "/{id}/recovery",
    status_code=HTTP_202_ACCEPTED,
    summary="Send somebody a link for a new password",
    operation_id="recover_user",
)
async def recover_user(acting: Writer, id: Id) -> InvitedShape:  # noqa: A002 - the name in the path
    """Send it to their address; their password stays until they have set another one."""
    user = await _found(acting, id)
    path = await acting.eilbote.accounts.recovery.send(user, by=acting.principal)
    await _note(acting, "user.recovery_sent", user)
    return InvitedShape(**user_shape(user).model_dump(), link=path)


@router.delete(
    "/{id}/sessions",
    status_code=HTTP_204_NO_CONTENT,
    summary="Sign somebody out",
    operation_id="delete_user_sessions",
)
async def delete_user_sessions(acting: Writer, id: Id) -> None:  # noqa: A002 - the name in the path
    """End every session of somebody, in all browsers."""
    user = await _found(acting, id)
    await acting.eilbote.accounts.users.sign_out(user, by=acting.principal)
    await _note(acting, "user.sign_out_everywhere", user)


async def _found(acting: Acting, id_: str) -> User:
    user = await acting.eilbote.accounts.users.get(id_)
    if not acting.concerns(user.organization):
        raise no_user(id_)
    return user


async def _note(
    acting: Acting,
    action: str,
    user: User,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    await acting.note(
        action, f"user:{user.id}", organization=user.organization, before=before or {}, after=after or {}
    )
