"""Finds connections on behalf of whoever asks, and tells what they may know of each.

An organization sees its own connections wholly. Of the host's, which it may send through as well, it sees that they are there and whether they work,
and not where they lead. Those of other organizations do not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.api.remedies import for_clients
from eilbote.api.times import time_or_none
from eilbote.api.v1.connection.connection_login import login_of, token_of
from eilbote.api.v1.connection.connection_shapes import (
    ConnectionShape,
    ConnectionSummary,
    PauseShape,
    SecretShape,
)
from eilbote.api.v1.connection.connection_use import Use, use_of
from eilbote.connections.repository import connection_name, qualified_name, split_name
from eilbote.errors import ConfigurationError, ConnectionNotFoundError, SettingsError
from eilbote.model.credentials import Anonymous
from eilbote.model.moment import as_datetime
from eilbote.settings.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.api.acting import Acting
    from eilbote.connections.stored import StoredConnection
    from eilbote.outbox.store import Pause

STORED: Final = "stored"


async def names_seen_by(acting: Acting) -> list[str]:
    """Give the qualified names of what is visible, sorted; the host's behind an organization's own."""
    names = await acting.eilbote.connections.names()
    if acting.is_everybody:
        return sorted(names)
    own = [name for name in names if split_name(name)[0] == acting.organization]
    if not acting.organization:
        return sorted(own)
    theirs = {split_name(name)[1] for name in own}
    # what has the name of an own one is never meant; accounts are the host's own business
    inherited = [name for name in names if "/" not in name and name not in theirs | {"system"}]
    return sorted([*own, *inherited], key=lambda name: (split_name(name)[1], name))


async def qualified_for(acting: Acting, name: str) -> str:
    """Give the qualified name of what somebody means by a name, the host's included.

    Raises:
        ConnectionNotFoundError: There is nothing of that name for them.
    """
    try:
        plain = connection_name(name)
    except SettingsError:
        raise no_connection(name) from None
    own = qualified_name(acting.organization, plain)
    seen = await names_seen_by(acting)
    if own in seen:
        return own
    if plain in seen:
        return plain
    raise _no_account_mail(acting) if plain == Endpoint.SYSTEM else no_connection(name)


async def own_name(acting: Acting, name: str) -> str:
    """Give the qualified name of a connection that they may change.

    Raises:
        ConnectionNotFoundError: They have none of that name; the host's is not theirs.
    """
    found = await qualified_for(acting, name)
    if split_name(found)[0] != acting.organization:
        raise no_connection(name)
    return found


def no_connection(name: str) -> ConnectionNotFoundError:
    """Say that there is none, whoever may have one of that name."""
    return ConnectionNotFoundError(
        f"there is no connection {name[:64]!r}",
        field="name",
        remedy="GET /api/v1/connections lists those there are, POST makes one",
    )


def _no_account_mail(acting: Acting) -> ConnectionNotFoundError:
    """Say why the name of the host's own endpoint leads nowhere; an organization is told the same whether or not it is configured."""
    if acting.organization:
        return ConnectionNotFoundError(
            "there is no connection 'system' for organizations",
            field="name",
            cause="The name stands for where the host's mails about accounts go, which the host alone sees and uses",
            remedy="Send through another one; GET /api/v1/connections lists those there are",
        )
    return ConnectionNotFoundError(
        "the connection 'system' is not configured",
        field="name",
        cause="Nobody has said where mails about accounts go; they take the way of notifications",
        remedy="Say it in the environment of the server; GET /api/v1/settings?endpoint=system shows what holds",
    )


async def summary(acting: Acting, name: str, use: Use) -> ConnectionSummary:
    """Tell of one in a list."""
    book = acting.eilbote.connections
    organization, own = split_name(name)
    place = await book.place(name)
    label = await book.stored.label(name) if place == STORED else None
    is_inherited = not acting.is_everybody and organization != acting.organization
    pause = use.pauses.get(name)
    backlog = use.backlog.get(name)
    shape = ConnectionSummary(
        name=own,
        organization=organization,
        origin="host" if is_inherited else place,
        inherited=is_inherited,
        enabled=label is None or label.enabled,
        is_default=label is not None and label.is_default,
        waiting=(0 if backlog is None else backlog.waiting) if is_inherited else use.unfinished.get(name, 0),
        oldest_waiting=None if backlog is None else as_datetime(backlog.oldest),
        paused=None if pause is None else pause_shape(pause, tells=not is_inherited),
        users=use.users(name),
    )
    if is_inherited:
        return shape
    shape.last_use = use.last_use(name)
    try:
        connection = await book.find(name)
    except ConfigurationError as fault:
        return shape.model_copy(update={"error": fault.what})
    credentials = connection.credentials
    return shape.model_copy(
        update={
            "host": connection.host,
            "port": connection.port,
            "security": connection.security.value,
            "user": None if isinstance(credentials, Anonymous) else credentials.user,
            "default_from": None if connection.default_from is None else str(connection.default_from),
            "login": await login_of(acting, connection),
        }
    )


async def details(acting: Acting, name: str, *, warnings: tuple[str, ...] = ()) -> ConnectionShape:
    """Tell everything of one that may be told to whoever asks."""
    eilbote = acting.eilbote
    use = await use_of(acting, (name,), users=True, of=split_name(name)[1])
    shape = ConnectionShape(**(await summary(acting, name, use)).model_dump())
    if shape.inherited:
        return shape
    told: dict[str, object] = {
        "flows": list(use.flows.get(name, ())),
        "routes": list(use.routes.get(name, ())),
    }
    try:
        stored = await eilbote.connections.stored.find(name)
        connection = await eilbote.connections.find(name)
    except ConfigurationError as fault:
        return shape.model_copy(update={**told, "warnings": _warnings((*warnings, str(fault)))})
    told |= {
        "service": connection.service,
        "protocol": connection.protocol.value,
        "token": await token_of(acting, connection),
        "warnings": _warnings((*warnings, *connection.warnings)),
    }
    if stored is not None:
        told |= _kept(stored)
    return shape.model_copy(update=told)


def _kept(stored: StoredConnection) -> dict[str, object]:
    changed = time_or_none(stored.changed)
    return {
        "settings": dict(stored.plain),
        "secrets": {name: SecretShape(changed=changed) for name in sorted(stored.secrets)},
        "created": time_or_none(stored.created),
        "changed": changed,
        "revision": stored.version,
    }


def pause_shape(pause: Pause, *, tells: bool) -> PauseShape:
    """Tell that a connection rests; why, only to whom its server concerns."""
    return PauseShape(
        since=as_datetime(pause.since),
        until=as_datetime(pause.until),
        failures=pause.failures,
        reason=for_clients(pause.reason)
        if tells
        else "It does not work for now; the host's administrator knows more",
    )


def _warnings(said: Iterable[str]) -> list[str]:
    return [for_clients(each) for each in dict.fromkeys(said)]
