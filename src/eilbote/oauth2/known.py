"""Authorization servers whose ways are known: Google, Microsoft, Yahoo; the facts are in ``authorities.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from eilbote.model.mail_protocol import MailProtocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_TENANT = "{tenant}"
EVERYBODY = "common"
"""What Microsoft calls the tenant of whoever signs in."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


class ClientAuthentication(StrEnum):
    """How an application proves itself to the token endpoint (RFC 6749 §2.3.1)."""

    BASIC = "basic"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authorization server.

    Attributes:
        name: Ours for it.
        title: What people call it.
        token_url: The token endpoint, with ``{tenant}`` where the tenant stands.
        authorize_url: The page at which a person consents; the same way.
        device_url: The device authorization endpoint (RFC 8628 §3.1); empty where mail cannot be had by it.
        hosts: The hosts its endpoints have.
        services: Its mail services, by the names of the catalogue.
        mail_hosts: The hosts of its mail servers.
        authentication: How an application proves itself.
        scope_in_assertion: Whether the scope of an assertion stands inside it only.
        scopes: What to ask for to send over SMTP, by grant; ``consent`` is what a person agrees to.
        graph_scopes: The same for Microsoft Graph.
        authorize: What else the address of the consent page needs.
    """

    name: str
    title: str
    token_url: str
    authorize_url: str
    hosts: tuple[str, ...]
    services: tuple[str, ...] = ()
    mail_hosts: tuple[str, ...] = ()
    device_url: str = ""
    authentication: ClientAuthentication = ClientAuthentication.POST
    scope_in_assertion: bool = False
    scopes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    graph_scopes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    authorize: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def has_tenants(self) -> bool:
        """Whether each organization has endpoints of its own there."""
        return _TENANT in self.token_url

    def at(self, url: str, tenant: str) -> str:
        """Give one of its addresses for a tenant; for everybody's when it is empty."""
        return url.replace(_TENANT, tenant or EVERYBODY)

    def scope(self, grant: str, protocol: MailProtocol) -> str:
        """Give the scope to ask for; empty leaves it to the server."""
        scopes = self.graph_scopes if protocol is MailProtocol.GRAPH else self.scopes
        return scopes.get(grant, "")


@cache
def authorities() -> tuple[Authority, ...]:
    """Give all that are known."""
    text = files("eilbote.oauth2").joinpath("authorities.toml").read_text(encoding="utf-8")
    return tuple(
        Authority(
            name=name,
            title=facts["title"],
            token_url=facts["token_url"],
            authorize_url=facts["authorize_url"],
            hosts=tuple(facts["hosts"]),
            services=tuple(facts["services"]),
            mail_hosts=tuple(facts["mail_hosts"]),
            device_url=facts.get("device_url", ""),
            authentication=ClientAuthentication(facts["authentication"]),
            scope_in_assertion=facts.get("scope_in_assertion", False),
            scopes=MappingProxyType(facts["scopes"]),
            graph_scopes=MappingProxyType(facts.get("graph_scopes", {})),
            authorize=MappingProxyType(facts.get("authorize", {})),
        )
        for name, facts in tomllib.loads(text).items()
    )


def authority_at(url: str) -> Authority | None:
    """Give whose endpoint a URL is; ``None`` when nobody's that is known."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:  # no URL at all, which is somebody else's to say
        return None
    return next((each for each in authorities() if host in each.hosts), None)


def authority_of(*, service: str | None, host: str, protocol: MailProtocol) -> Authority | None:
    """Give who hands out the tokens for a mail server; ``None`` when nobody that is known."""
    if protocol is MailProtocol.GRAPH:
        host = "graph.microsoft.com"
    return next(
        (each for each in authorities() if service in each.services or host.lower() in each.mail_hosts), None
    )


def authority_called(name: str) -> Authority:
    """Give an authority by our name for it; for names that stand in code."""
    return next(each for each in authorities() if each.name == name)
