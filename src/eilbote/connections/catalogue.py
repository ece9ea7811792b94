"""The catalogue of well-known services: read once, when first asked for, from ``providers.toml``."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from eilbote.connections.service import Service, ServiceLimits
from eilbote.errors import ProviderNotFoundError, SettingsError
from eilbote.model.kinds import check_kind, shown
from eilbote.model.tls import Security

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_KEY = 60
_NOT_IN_A_KEY = re.compile(r"[^a-z0-9.-]")


@cache
def services() -> tuple[Service, ...]:
    """Give all services in the order of the catalogue."""
    import tomllib
    from importlib.resources import files

    text = files("eilbote.connections").joinpath("providers.toml").read_text("utf-8")
    return tuple(_read(table) for table in tomllib.loads(text)["service"])


def find(text: str) -> Service | None:
    """Give the service of a name, an alias, a mail domain or a whole address, or ``None``.

    Case, blanks and punctuation other than ``.`` and ``-`` do not matter: ``"google mail"`` finds Gmail.
    """
    return _index().get(_key(text))


def lookup_service(text: str) -> Service:
    """Give the service of a name, an alias, a mail domain or a whole address.

    Raises:
        ProviderNotFoundError: The catalogue has none; the remedy names those that look alike.
        SettingsError: It is no text.
    """
    check_kind(text, (str,), field="service", fault=SettingsError)
    service = find(text)
    if service is None:
        raise ProviderNotFoundError(
            f"no service is called {shown(text)}",
            field="service",
            remedy=f"{_alike(text)}Leave the service empty and give the host, for any other SMTP server",
        )
    return service


def service_of_address(addr_spec: str) -> Service | None:
    """Guess the service of an address from its domain; nothing is looked up in the DNS.

    Unlike :func:`find` this goes by mail domains only, because ``anna@126`` is nobody's address.
    """
    return _domains().get(addr_spec.rpartition("@")[2].strip().rstrip(".>").lower())


def keys() -> Mapping[str, Service]:
    """Give every key that finds a service, in the form they are compared in."""
    return MappingProxyType(_index())


def _key(text: str) -> str:
    return _NOT_IN_A_KEY.sub("", text.rpartition("@")[2].lower())


@cache
def _index() -> dict[str, Service]:
    return {
        _key(name): service
        for service in services()
        for name in (service.name, *service.aliases, *service.domains)
    }


@cache
def _domains() -> dict[str, Service]:
    return {domain.lower(): service for service in services() for domain in service.domains}


def _alike(text: str) -> str:
    import difflib

    found = difflib.get_close_matches(_key(text)[:_LONGEST_KEY], _index(), n=3, cutoff=0.7)
    names = list(dict.fromkeys(_index()[key].name for key in found))
    return f"Did you mean {' or '.join(names)}? " if names else ""


def _read(table: dict[str, Any]) -> Service:
    security, limits = Security(table.pop("security")), table.pop("limits", None)
    aliases, domains = tuple(table.pop("aliases", ())), tuple(table.pop("domains", ()))
    return Service(
        **table,
        security=security,
        aliases=aliases,
        domains=domains,
        limits=ServiceLimits(**limits) if limits else None,
    )
