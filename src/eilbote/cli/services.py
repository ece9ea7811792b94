"""``eilbote services``: the services eilbote knows by name, and what people stumble over there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from eilbote.cli.options import Json
from eilbote.cli.screen import Screen

if TYPE_CHECKING:
    from eilbote.connections.service import Service


def services(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORD",
            help="Show only services whose name, alias, domain or host holds each word; an address finds its service.",
            show_default=False,
        ),
    ] = None,
    json: Json = None,
) -> None:
    """List the services that --service knows, or search them.

    Exit code 3 when none is found.
    """
    from eilbote.connections.catalogue import lookup_service, service_of_address
    from eilbote.connections.catalogue import services as all_services

    screen = Screen.of(context, json)
    screen.names |= {"service": "WORD"}
    wanted = [word.lower() for word in words or ()]
    owner = service_of_address(wanted[0]) if len(wanted) == 1 and "@" in wanted[0] else None
    found = [owner] if owner else [service for service in all_services() if _matches(service, wanted)]
    if not found:
        found = [
            lookup_service(" ".join(words or ()))
        ]  # finds what is spelt otherwise, or says what looks alike
    if screen.as_json:
        screen.data([service_data(service) for service in found])
    elif len(found) == 1:
        _show_one(found[0], screen)
    else:
        _show_table(found, screen)


def service_data(service: Service) -> Mapping[str, object]:
    """Give a service as plain data."""
    return {
        "name": service.name,
        "host": service.host,
        "port": service.port,
        "security": service.security.value,
        "aliases": list(service.aliases),
        "domains": list(service.domains),
        "mechanism": service.mechanism,
        "user": service.user,
        "app_password": service.app_password,
        "from_must_equal_user": service.from_must_equal_user,
        "oauth2_only": service.oauth2_only,
        "catcher": service.catcher,
        "unconfirmed": service.unconfirmed,
        "note": service.note,
        "limits": None if service.limits is None else asdict(service.limits),
        "hints": list(hints(service)),
    }


def hints(service: Service) -> tuple[str, ...]:
    """Say in short what to know before using a service."""
    told = (
        (service.oauth2_only, "OAuth2 only"),
        (service.app_password, "app password"),
        (service.from_must_equal_user, "From = user"),
        (service.user is not None, f"user is '{service.user}'"),
        (service.catcher, "delivers nothing"),
        (bool(service.unconfirmed), "unconfirmed"),
    )
    return tuple(text for holds, text in told if holds)


def _matches(service: Service, wanted: list[str]) -> bool:
    """Tell whether each word begins a part of a name or host, so that ``gmail`` does not find DebugMail."""
    names = " ".join((service.name, service.host, *service.aliases, *service.domains)).lower()
    return all(re.search(rf"(?<![a-z0-9]){re.escape(word)}", names) for word in wanted)


def _show_table(found: list[Service], screen: Screen) -> None:
    rows = [
        (service.name, service.host, f"{service.port}", service.security.value, ", ".join(hints(service)))
        for service in found
    ]
    header = ("NAME", "HOST", "PORT", "SECURITY", "TO KNOW")
    name, host, port, security, _ = (max(map(len, column)) for column in zip(header, *rows, strict=True))
    for row in (header, *rows):
        line = f"{row[0]:<{name}}  {row[1]:<{host}}  {row[2]:>{port}}  {row[3]:<{security}}  {row[4]}"
        screen.text(typer.style(line.rstrip(), bold=True) if row is header else line.rstrip())


def _show_one(service: Service, screen: Screen) -> None:
    lines = [
        ("name", ", ".join((service.name, *service.aliases))),
        ("server", f"{service.host}:{service.port} ({service.security.value})"),
        ("domains", ", ".join(service.domains)),
        ("to know", ", ".join(hints(service))),
        ("note", " ".join(part for part in (service.note, service.unconfirmed) if part)),
        ("limits", _limits(service)),
        (
            "try",
            f"eilbote connection test --service {shlex.quote(service.name)} --user YOU --password-file FILE",
        ),
    ]
    for label, text in lines:
        if text:
            screen.text(f"{label:<9}{text}")


def _limits(service: Service) -> str:
    limits = service.limits
    if limits is None:
        return ""
    told = (
        (limits.recipients_per_message, "recipients a message"),
        (limits.recipients_per_day, "recipients a day"),
        (limits.messages_per_day, "messages a day"),
        (limits.messages_per_minute, "messages a minute"),
        (limits.sessions, "sessions"),
        (limits.message_size, "octets a message"),
    )
    text = ", ".join(f"{number:,} {what}" for number, what in told if number is not None)
    return f"{text} ({'unconfirmed; ' if limits.unconfirmed else ''}{limits.source})"
