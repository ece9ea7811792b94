"""Connections: the servers that mail leaves through, of the host and of organizations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Cursor, Limit, Page, cursor_at, read_cursor
from eilbote.api.v1.connection.connection_shapes import (
    ConnectionChange,
    ConnectionInput,
    ConnectionShape,
    ConnectionSummary,
    Resumed,
)
from eilbote.api.v1.connection.connection_use import use_of, users_of
from eilbote.api.v1.connection.connection_views import (
    STORED,
    details,
    names_seen_by,
    no_connection,
    own_name,
    qualified_for,
    summary,
)
from eilbote.api.v1.named_fields import given_fields
from eilbote.connections.repository import connection_name, qualified_name, split_name
from eilbote.connections.stored import StoredConnection
from eilbote.engine.accounts.told_setup import STARS, differing, told_connection
from eilbote.engine.token_sources import TokenSources
from eilbote.errors import ConfigurationError, ConflictError, SettingsError

router = APIRouter(prefix="/connections", tags=["Connections"])

Reader = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_READ))]
Lister = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_READ, lists=True))]
Writer = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_WRITE))]
Name = Annotated[
    str, Path(min_length=1, max_length=130, description="What it is called", examples=["office"])
]
_MOST_USERS = 5


@router.get("", summary="List connections", operation_id="list_connections")
async def list_connections(
    acting: Lister,
    limit: Limit = 50,
    cursor: Cursor = None,
    *,
    users: Annotated[
        bool,
        Query(description="Tell as well which flows and routes name each; all of them are read for that"),
    ] = False,
) -> Page[ConnectionSummary]:
    """Give the connections that may be used, an organization's own and the host's, with whether each works.

    Each tells how it signs in and until when that works, what waits for it and since when, and when it was used last and how that ended.
    What `default` names is used by messages that name none.
    """
    names = await names_seen_by(acting)
    place = read_cursor(cursor, str)
    if place is not None:
        names = (
            [name for name in names if _order(name) > _order(str(place[0]))]
            if not acting.is_everybody
            else [name for name in names if name > str(place[0])]
        )
    chosen = names[:limit]
    use = await use_of(acting, chosen, users=users)
    return Page(
        items=[await summary(acting, name, use) for name in chosen],
        next_cursor=cursor_at(chosen[-1]) if len(names) > limit else None,
    )


@router.post("", summary="Make a connection", operation_id="create_connection", status_code=HTTP_201_CREATED)
async def create_connection(acting: Writer, wanted: ConnectionInput, response: Response) -> ConnectionShape:
    """Keep a connection under a new name, its secrets encrypted. Nothing is contacted: `POST /connections/{name}/test` does that."""
    book = acting.eilbote.connections
    name = qualified_name(acting.organization, connection_name(wanted.name, field="name"))
    await book.check_free(name)
    if name in await book.names() and split_name(name)[1] not in {"notification", "system"}:
        raise ConflictError(
            f"there is a connection {split_name(name)[1]!r} already",
            field="name",
            remedy="Choose another name, or change it: PATCH /api/v1/connections/{name}",
        )
    changed = await book.stored.add(name, given_fields(wanted.settings))
    if not wanted.enabled:
        await book.stored.switch(name, enabled=False)
    if wanted.is_default:
        await book.stored.make_default(name)
    await acting.eilbote.resume(name)
    await acting.note(
        "connection.create",
        f"connection:{name}",
        after={**told_connection(changed.stored), "enabled": wanted.enabled, "is_default": wanted.is_default},
    )
    response.headers["Location"] = f"/api/v1/connections/{split_name(name)[1]}"
    return await details(acting, name, warnings=changed.warnings)


@router.get("/{name}", summary="Show a connection", operation_id="get_connection")
async def get_connection(acting: Reader, name: Name) -> ConnectionShape:
    """Tell everything about a connection except its secrets: of them only that they are there. Nothing is contacted."""
    return await details(acting, await qualified_for(acting, name))


@router.patch("/{name}", summary="Change a connection", operation_id="update_connection")
async def update_connection(acting: Writer, name: Name, wanted: ConnectionChange) -> ConnectionShape:
    """Change some fields; the others stay. All of the change is made, or nothing.

    A stored secret is used only for the server, protection and user that it was entered for. Who changes one of those gives the
    secret again in the same request; otherwise the answer is 422 and names the secret.
    """
    known, before = await _stored(acting, name)
    if wanted.revision is not None and wanted.revision != before.version:
        raise ConflictError(
            f"somebody has changed the connection {split_name(known)[1]!r} since it was read",
            field="revision",
            cause=f"It is at revision {before.version}",
            remedy="Read it again, and change that",
        )
    changed = await acting.eilbote.connections.stored.change(known, given_fields(wanted.settings))
    if changed.is_new:
        await acting.eilbote.resume(known)
        now = told_connection(changed.stored)
        given = [each for each in given_fields(wanted.settings) if now.get(each) == STARS]
        was, is_ = differing(told_connection(before), now, entered=given)
        await acting.note("connection.update", f"connection:{known}", before=was, after=is_)
    return await details(acting, known, warnings=changed.warnings)


@router.delete(
    "/{name}",
    summary="Remove a connection",
    operation_id="delete_connection",
    status_code=HTTP_204_NO_CONTENT,
)
async def delete_connection(
    acting: Writer,
    name: Name,
    *,
    force: Annotated[
        bool,
        Query(
            description="Also when mail waits for it, which then rests until it is back, or flows and routes name it"
        ),
    ] = False,
) -> None:
    """Forget a connection with its secrets. Refused with 409 while mail waits for it or flows and routes name it, unless forced."""
    known, before = await _stored(acting, name)
    if not force:
        await _check_unused(acting, known)
    await acting.eilbote.connections.remove(known)
    await acting.note("connection.delete", f"connection:{known}", before=told_connection(before))


@router.post("/{name}/enable", summary="Let mail go through a connection", operation_id="enable_connection")
async def enable_connection(acting: Writer, name: Name) -> ConnectionShape:
    """Let mail go through it again; what has waited goes out."""
    return await _switched(acting, name, enabled=True)


@router.post("/{name}/disable", summary="Let mail for a connection wait", operation_id="disable_connection")
async def disable_connection(acting: Writer, name: Name) -> ConnectionShape:
    """Let mail for it wait. Messages for it are accepted, and go out when it is enabled."""
    return await _switched(acting, name, enabled=False)


@router.post("/{name}/default", summary="Use a connection by default", operation_id="make_connection_default")
async def make_connection_default(acting: Writer, name: Name) -> ConnectionShape:
    """Use it for messages of its organization that name no connection."""
    known, _ = await _stored(acting, name)
    if await acting.eilbote.connections.stored.make_default(known):
        await acting.note("connection.make_default", f"connection:{known}", after={"is_default": True})
    return await details(acting, known)


@router.post("/{name}/resume", summary="End the rest of a connection", operation_id="resume_connection")
async def resume_connection(acting: Writer, name: Name) -> Resumed:
    """Use a connection again that rests after failures, without waiting for its next probe; tokens are asked for again as well."""
    known = await own_name(acting, name)
    resumed = await acting.eilbote.resume(known)
    try:
        connection = await acting.eilbote.connections.find(known)
    except ConfigurationError:
        if not resumed:
            raise
    else:
        sources = TokenSources(clock=acting.eilbote.clock, store=acting.eilbote.records.tokens)
        await sources.ask_again(connection)
    if resumed:
        await acting.note("connection.resume", f"connection:{known}")
    return Resumed(resumed=resumed)


# -- within ----------------------------------------------------------------------------------------------------


def _order(name: str) -> tuple[str, str]:
    return (split_name(name)[1], name)


async def _stored(acting: Acting, name: str) -> tuple[str, StoredConnection]:
    """Give a connection that they may change, under its qualified name.

    Raises:
        ConnectionNotFoundError: They have none of that name.
        SettingsError: It is given by something else than the database.
    """
    known = await own_name(acting, name)
    book = acting.eilbote.connections
    await book.check_free(known)
    place = await book.place(known)
    if place != STORED:
        raise SettingsError(
            f"the connection {split_name(known)[1]!r} is not kept with the others, so it is not changed here",
            field="name",
            cause=f"It comes from {place}",
            remedy="PATCH /api/v1/settings changes it" if place == "settings" else "Change it there",
        )
    try:
        found = await book.stored.find(known)
    except ConfigurationError:
        # Damaged, or its key is lost: what can be read of it is enough to replace or remove it.
        label = await book.stored.label(known)
        found = (
            None
            if label is None
            else StoredConnection(
                organization=label.organization,
                name=label.name,
                enabled=label.enabled,
                is_default=label.is_default,
                version=label.version,
            )
        )
    if found is None:
        raise no_connection(name)
    return known, found


async def _switched(acting: Acting, name: str, *, enabled: bool) -> ConnectionShape:
    known, before = await _stored(acting, name)
    is_new = await acting.eilbote.connections.stored.switch(known, enabled=enabled)
    if enabled:
        await acting.eilbote.resume(known)
    if is_new:
        await acting.note(
            f"connection.{'enable' if enabled else 'disable'}",
            f"connection:{known}",
            before={"enabled": before.enabled},
            after={"enabled": enabled},
        )
    return await details(acting, known)


async def _check_unused(acting: Acting, known: str) -> None:
    own = split_name(known)[1]
    waiting = (await acting.eilbote.figures()).by_connection.get(known, 0)
    if waiting:
        raise ConflictError(
            f"mail waits for the connection {own!r}: {waiting:,} messages",
            field="name",
            remedy="Wait, cancel them, or add ?force=true: then they rest until it is back",
        )
    flows, routes = await users_of(acting, of=own)
    users = [*flows.get(known, ()), *(f"route {each}" for each in routes.get(known, ()))]
    if users:
        more = f" and {len(users) - _MOST_USERS:,} more" if len(users) > _MOST_USERS else ""
        raise ConflictError(
            f"{'flows name' if flows.get(known) else 'routes name'} the connection {own!r}",
            field="name",
            cause=f"It stands in {', '.join(users[:_MOST_USERS])}{more}",
            remedy="Give them another connection, or add ?force=true: then no mail of theirs goes out until it is back",
        )
