"""What ``eilbote connection list|show`` tell about connections; never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.named_connection import read_qualified
from eilbote.cli.outbox_data import pause_data
from eilbote.cli.printable import printable
from eilbote.cli.table import show_table
from eilbote.cli.times import distance_text
from eilbote.connections.repository import connection_name, split_name
from eilbote.engine.flow_users import users_of_connections
from eilbote.errors import ConfigurationError
from eilbote.model.credentials import AccessToken, Anonymous, Credentials, Password
from eilbote.model.moment import as_datetime, moment_of
from eilbote.model.oauth2 import (
    ClientCredentialsGrant,
    OAuth2,
    ProvidedToken,
    RefreshTokenGrant,
    ServiceAccountGrant,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection
    from eilbote.connections.stored import StoredConnection
    from eilbote.errors import EilboteError
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import Pause


_MOST_FLOWS: Final = 5
_WITH_A_LINE = frozenset(
    {
        *("host", "port", "security", "service", "protocol", "user", "default_from", "from_name"),
        *("client_id", "issuer", "access_url"),
    }
)
"""Fields that are told in words, with whatever else holds."""


def list_connections(screen: Screen, *, data_dir: Path | None, org: str | None) -> None:
    """Write every connection by name.

    Raises:
        EilboteError: The file of connections, or the outbox, cannot be read.
    """
    organization = None if org is None else connection_name(org, field="organization")

    async def work(eilbote: Eilbote) -> None:
        now = moment_of(eilbote.clock.now())
        pauses = {pause.connection: pause for pause in await eilbote.pauses()}
        waiting = (await eilbote.figures()).by_connection
        names = sorted({*await eilbote.connections.names(), *pauses, *waiting})
        users = await users_of_connections(eilbote.flow_store, eilbote.connections)
        rows: list[tuple[str, ...]] = []
        for name in names:
            if organization is not None and split_name(name)[0] != organization:
                continue
            data = await _described(eilbote, name, pauses.get(name), waiting.get(name, 0))
            data["flows"] = [str(each) for each in users.get(name, ())]
            if screen.as_json:
                screen.line(data)
            else:
                rows.append(_row(data, pauses.get(name), now))
        if rows:
            show_table(("NAME", "SERVER", "SECURITY", "USER", "FROM WHERE", "NOTE"), rows, screen)
        elif not screen.as_json:
            screen.note("no connection is known; `eilbote connection add NAME URI` keeps one")

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def show(name: str, screen: Screen, *, data_dir: Path | None, org: str | None) -> None:
    """Write everything about one connection.

    Raises:
        ConnectionNotFoundError: There is none.
        OutboxError: The outbox cannot be read.
    """
    known = read_qualified(name, org)

    async def work(eilbote: Eilbote) -> Mapping[str, object]:
        pauses = {pause.connection: pause for pause in await eilbote.pauses()}
        waiting = (await eilbote.figures()).by_connection.get(known, 0)
        data = await _described(eilbote, known, pauses.get(known), waiting)
        own = split_name(known)[1]
        users = await users_of_connections(eilbote.flow_store, eilbote.connections, of=own)
        data["flows"] = [str(each) for each in users.get(known, ())]
        if data["origin"] == "":
            await eilbote.connections.find(known)  # tells that there is none
        return data | await _details(eilbote, known)

    data = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data(data)
        return
    lines = _lines(data)
    width = max(len(label) for label, _ in lines) + 2
    for label, text in lines:
        screen.text(f"{typer.style(f'{label:<{width}}', bold=True)}{printable(text, longest=400)}")


# -- what is known --------------------------------------------------------------------------------------------


async def _described(eilbote: Eilbote, name: str, pause: Pause | None, waiting: int) -> dict[str, object]:
    book = eilbote.connections
    place = await book.place(name)
    stored = await book.stored.label(name) if place == "stored" else None
    data: dict[str, object] = {
        "name": name,
        "host": None,
        "port": None,
        "security": None,
        "user": None,
        "from": None,
        "origin": place,
        "enabled": stored is None or stored.enabled,
        "default": stored is not None and stored.is_default,
        "waiting": waiting,
        "flows": [],
        "paused": None if pause is None else pause_data(pause),
        "error": None,
    }
    try:
        connection = await book.find(name)
    except ConfigurationError as fault:
        return data | {"error": fault.what}
    credentials = connection.credentials
    return data | {
        "host": connection.host,
        "port": connection.port,
        "security": connection.security.value,
        "user": None if isinstance(credentials, Anonymous) else credentials.user,
        "from": None if connection.default_from is None else str(connection.default_from),
    }


async def _details(eilbote: Eilbote, name: str) -> dict[str, object]:
    stored, fault = await _readable(eilbote, name)
    details: dict[str, object] = {
        "organization": split_name(name)[0] or None,
        "fields": {} if stored is None else dict(stored.plain),
        "secrets": _secrets(stored),
        "created": None if stored is None else _time(stored.created),
        "changed": None if stored is None else _time(stored.changed),
        "version": None if stored is None else stored.version,
        "service": None,
        "protocol": None,
        "sign_in": None,
        "access_url": None,
        "client_id": None,
        "token": None,
        "warnings": [] if fault is None else [f"{fault.what}. {fault.remedy or ''}".rstrip()],
    }
    if fault is not None:
        return details
    try:
        connection = await eilbote.connections.find(name)
    except ConfigurationError:
        return details
    return details | {
        "service": connection.service,
        "protocol": connection.protocol.value,
        "sign_in": _sign_in(connection.credentials),
        "access_url": connection.credentials.token_url
        if isinstance(connection.credentials, OAuth2)
        else None,
        "client_id": _application(connection.credentials),
        "token": await _token(eilbote, connection),
        "warnings": list(connection.warnings),
    }


async def _readable(eilbote: Eilbote, name: str) -> tuple[StoredConnection | None, EilboteError | None]:
    """Give what is kept, or why it cannot be read any more."""
    try:
        return await eilbote.connections.stored.find(name), None
    except ConfigurationError as fault:
        return None, fault


def _secrets(stored: StoredConnection | None) -> dict[str, object]:
    """Tell which secrets are kept, and since when at the latest; nothing else is told of one."""
    if stored is None:
        return {}
    return {name: {"kept": True, "changed": _time(stored.changed)} for name in sorted(stored.secrets)}


def _sign_in(credentials: Credentials) -> str:
    match credentials:
        case Anonymous():
            return "anonymous"
        case Password():
            return "password"
        case AccessToken():
            return "access token"
        case ProvidedToken():
            return "tokens of the program"
        case OAuth2(grant=RefreshTokenGrant()):
            return "refresh token"
        case OAuth2(grant=ClientCredentialsGrant()):
            return "client credentials"
        case _:
            return "service account"


def _application(credentials: Credentials) -> str | None:
    """Tell as which application tokens are asked for; that is no secret."""
    match credentials:
        case OAuth2(grant=RefreshTokenGrant(client_id=name) | ClientCredentialsGrant(client_id=name)):
            return name
        case OAuth2(grant=ServiceAccountGrant(issuer=name)):
            return name
        case _:
            return None


async def _token(eilbote: Eilbote, connection: Connection) -> dict[str, object] | None:
    """Tell until when the present token is valid, and whether somebody has to act."""
    credentials = connection.credentials
    if isinstance(credentials, AccessToken):
        return {"valid_until": _time(credentials.expires), "fetched": None, "refusal": None}
    if not isinstance(credentials, OAuth2):
        return None
    from eilbote.oauth2.token import token_key

    record = await eilbote.records.tokens.read(token_key(credentials))
    if record is None:
        return {"valid_until": _time(credentials.expires), "fetched": None, "refusal": None}
    return {
        "valid_until": None if record.token is None else _time(record.token.expires),
        "fetched": _time(record.refreshed),
        "refusal": record.refusal or None,
    }


def _time(moment: Moment | None) -> str | None:
    return None if moment is None else as_datetime(moment).isoformat(timespec="seconds")


# -- for people -----------------------------------------------------------------------------------------------


def _lines(data: Mapping[str, object]) -> list[tuple[str, str]]:
    """Give labels and texts; what is not known is left out."""
    server = f"{data['host']}:{data['port']}, {data['security']}" if data["host"] else ""
    states = [
        "" if data["enabled"] else "disabled: mail for it waits",
        "the default" if data["default"] else "",
    ]
    found = [
        ("name", str(data["name"])),
        ("from where", str(data["origin"] or "-")),
        ("state", ", ".join(filter(None, states)) or "enabled"),
        ("server", server),
        ("service", str(data["service"] or "")),
        ("protocol", "" if data["protocol"] in (None, "smtp") else str(data["protocol"])),
        ("user", str(data["user"] or "")),
        ("sign-in", str(data["sign_in"] or "")),
        ("client id", str(data["client_id"] or "")),
        ("access URL", str(data["access_url"] or "")),
        ("From", str(data["from"] or "")),
        ("token", _token_line(data["token"])),
        ("waiting", f"{data['waiting']:,}" if data["waiting"] else ""),
        ("used by", _used_by(data["flows"])),
        ("problem", str(data["error"] or "")),
        ("changed", str(data["changed"] or "")),
    ]
    found += _other_fields(data["fields"])
    secrets = data["secrets"]
    if isinstance(secrets, dict):
        found += [("secret", f"{name} is kept") for name in secrets]  # pyright: ignore[reportUnknownVariableType]
    warnings = data["warnings"]
    if isinstance(warnings, list):
        found += [("note", str(warning)) for warning in warnings]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [(label, text) for label, text in found if text]


def _used_by(flows: object) -> str:
    """Name the flows that name a connection; of many, some and how many more."""
    names = cast("list[str]", flows)
    more = len(names) - _MOST_FLOWS
    return f"{', '.join(names[:_MOST_FLOWS])} and {more:,} more" if more > 0 else ", ".join(names)


def _other_fields(fields: object) -> list[tuple[str, str]]:
    """Give what is kept and has no line of its own, such as the tenant."""
    if not isinstance(fields, dict):
        return []
    known = cast("dict[str, object]", fields)
    return [(name.replace("_", " "), str(value)) for name, value in known.items() if name not in _WITH_A_LINE]


def _token_line(token: object) -> str:
    if not isinstance(token, dict):
        return ""
    known = cast("dict[str, object]", token)
    if known["refusal"]:
        from eilbote.oauth2.renewal import remembered

        error = remembered(str(known["refusal"]))
        return "refused: " + "; ".join(filter(None, (error.what, error.cause, error.remedy)))
    if known["valid_until"]:
        return f"valid until {known['valid_until']}"
    return "none yet" if known["fetched"] is None else "until when it is valid nobody said"


def _row(data: Mapping[str, object], pause: Pause | None, now: Moment) -> tuple[str, ...]:
    server = f"{data['host']}:{data['port']}" if data["host"] else "-"
    notes = [str(data["error"])] if data["error"] else []
    if data["default"]:
        notes.append("the default")
    if not data["enabled"]:
        notes.append("disabled")
    if pause is not None:
        notes.append(f"rests, next try {distance_text(pause.until, now)}: {pause.reason}")
    if data["waiting"]:
        notes.append(f"{data['waiting']:,} waiting")
    if data["flows"]:
        notes.append(f"used by {_used_by(data['flows'])}")
    cells = (data["name"], server, data["security"] or "-", data["user"] or "-", data["origin"] or "-")
    return (*(printable(str(cell)) for cell in cells), printable("; ".join(notes)))
