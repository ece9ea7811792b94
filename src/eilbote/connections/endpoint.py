"""Which server a set of settings means, when a service, a host, a port and a mode may each be given.

A service fixes host, port and mode. What contradicts it is never dropped in silence: another host is refused,
because a password would go to one of two servers; another port or mode is left unused and named in a warning.
A service on this machine fixes nothing, its host and port are only where it starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.connections.catalogue import lookup_service
from eilbote.connections.host import is_loopback, read_host
from eilbote.connections.security import HTTPS_PORT, default_port, security_of
from eilbote.errors import SettingsError
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.tls import Security

if TYPE_CHECKING:
    from eilbote.connections.service import Service
    from eilbote.connections.stated import Stated

_GRAPH_HOST = "graph.microsoft.com"
_ON_GRAPH = frozenset({"Outlook365", "Hotmail"})
_NO_SERVICE = frozenset({"", "other", "other smtp service"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server and how to speak to it.

    Attributes:
        host: Name or address.
        port: TCP port.
        security: Protection of the session.
        service: The service it is, if it came from the catalogue.
        unused: What was said and is not used, one sentence each.
    """

    host: str
    port: int
    security: Security
    service: Service | None = None
    unused: tuple[str, ...] = ()


def endpoint_of(stated: Stated) -> Endpoint:
    """Decide on the server.

    Raises:
        ProviderNotFoundError: The catalogue has no such service.
        SettingsError: There is neither a service nor a host, the host is not one, or both contradict each other.
    """
    if stated.protocol is MailProtocol.GRAPH:
        return _graph(stated)
    if stated.service.strip().lower() in _NO_SERVICE:
        return _own_server(stated)
    service = lookup_service(stated.service)
    if service.is_local:
        return _local_service(service, stated)
    if stated.host and read_host(stated.host) != service.host:
        raise SettingsError(
            f"the host {stated.host!r} contradicts the service {service.name}, which is at {service.host}",
            field="host",
            remedy="Clear the host to use the service, or clear the service to use the host",
        )
    return Endpoint(
        host=service.host,
        port=service.port,
        security=service.security,
        service=service,
        unused=tuple(_unused(service, stated)),
    )


def _graph(stated: Stated) -> Endpoint:
    """Give where Microsoft Graph is; national clouds and tests name their host."""
    service = None
    if stated.service.strip().lower() not in _NO_SERVICE:
        service = lookup_service(stated.service)
        if service.name not in _ON_GRAPH:
            raise SettingsError(
                f"{service.name} takes no mail through Microsoft Graph",
                field="protocol",
                remedy="Clear the protocol, or clear the service if the mailbox is one of Microsoft 365",
            )
    host = read_host(stated.host) if stated.host.strip() else _GRAPH_HOST
    security = stated.security
    if security is None or (security is Security.STARTTLS) or not is_loopback(host):
        security = Security.TLS
    unused = (
        ()
        if stated.security in (None, security)
        else (f"security '{stated.security}' is not used: Microsoft Graph is spoken to over https.",)
    )
    return Endpoint(
        host=host, port=stated.port or HTTPS_PORT, security=security, service=service, unused=unused
    )


def _own_server(stated: Stated) -> Endpoint:
    if not stated.host.strip():
        raise SettingsError(
            "there is no server to send to",
            field="host",
            cause="Neither a service nor a host is given",
            remedy="Name a service of the catalogue, or give the host of your SMTP server",
        )
    host = read_host(stated.host)
    security = stated.security or security_of(host=host, port=stated.port, allowed=stated.allowed)
    return Endpoint(host=host, port=stated.port or default_port(security), security=security)


def _local_service(service: Service, stated: Stated) -> Endpoint:
    return Endpoint(
        host=read_host(stated.host) if stated.host else service.host,
        port=stated.port or service.port,
        security=stated.security or _local_security(service, stated),
        service=service,
    )


def _local_security(service: Service, stated: Stated) -> Security:
    if service.security in stated.allowed:
        return service.security
    return security_of(host=service.host, port=stated.port, allowed=stated.allowed)


def _unused(service: Service, stated: Stated) -> list[str]:
    uses = f"{service.name} takes mail on port {service.port} with security '{service.security}'"
    instead = f"to decide yourself, clear the service and give the host {service.host}"
    found: list[str] = []
    if stated.security not in (None, service.security):
        found.append(f"security '{stated.security}' is not used: {uses}; {instead}.")
    elif service.security not in stated.allowed:
        said = " or ".join(f"'{mode}'" for mode in sorted(stated.allowed))
        found.append(f"the switches for security mean {said} and are not used: {uses}; {instead}.")
    if stated.port not in (None, service.port):
        found.append(f"port {stated.port} is not used: {uses}; {instead}.")
    return found
