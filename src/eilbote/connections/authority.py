"""Who hands out the tokens for a mail server: Google, Microsoft, or somebody whose endpoint is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.connections.token_endpoint import check_token_url, url_host
from eilbote.model.mail_protocol import MailProtocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authorization server (RFC 6749 §1.1) and what it calls the right to send mail.

    Attributes:
        name: What people call it; empty for one that is not known.
        url: Its token endpoint, with ``{tenant}`` where the tenant stands.
        has_tenants: Whether each organization has an endpoint of its own there.
        scopes: What to ask for, by grant and protocol.
        assumed: Nothing that was said names it.
    """

    name: str = ""
    url: str = ""
    has_tenants: bool = False
    scopes: Mapping[tuple[str, MailProtocol], str] = field(default_factory=lambda: MappingProxyType({}))
    assumed: bool = False

    def token_url(self, tenant: str) -> str:
        """Give the endpoint of a tenant; of everybody's when it is empty."""
        return self.url.replace("{tenant}", tenant or "common")

    def scope(self, grant: str, protocol: MailProtocol) -> str:
        """Give the scope to ask for; empty leaves it to the server."""
        return self.scopes.get((grant, protocol), "")


_MAIL = "https://mail.google.com/"
_GOOGLE: Final = Authority(
    name="Google",
    url="https://oauth2.googleapis.com/token",
    scopes=MappingProxyType({("service_account", MailProtocol.SMTP): _MAIL}),
)
_MICROSOFT: Final = Authority(
    name="Microsoft",
    url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    has_tenants=True,
    scopes=MappingProxyType(
        {
            (
                "refresh_token",
                MailProtocol.SMTP,
            ): "https://outlook.office.com/SMTP.Send offline_access",
            ("refresh_token", MailProtocol.GRAPH): "https://graph.microsoft.com/Mail.Send offline_access",
            ("client_credentials", MailProtocol.SMTP): "https://outlook.office365.com/.default",
            ("client_credentials", MailProtocol.GRAPH): "https://graph.microsoft.com/.default",
        }
    ),
)
_UNKNOWN: Final = Authority()
_BY_SERVICE: Final = {
    "Gmail": _GOOGLE,
    "GmailWorkspace": _GOOGLE,
    "Hotmail": _MICROSOFT,
    "Outlook365": _MICROSOFT,
}
_BY_HOST: Final = {
    "smtp.gmail.com": _GOOGLE,
    "smtp-relay.gmail.com": _GOOGLE,
    "oauth2.googleapis.com": _GOOGLE,
    "accounts.google.com": _GOOGLE,
    "www.googleapis.com": _GOOGLE,
    "smtp.office365.com": _MICROSOFT,
    "smtp-mail.outlook.com": _MICROSOFT,
    "outlook.office365.com": _MICROSOFT,
    "graph.microsoft.com": _MICROSOFT,
    "login.microsoftonline.com": _MICROSOFT,
}


def authority_of(*, url: str, service: str | None, host: str, protocol: MailProtocol) -> Authority:
    """Give who hands out tokens: by the endpoint if one is given, else by the mail server, else Google is assumed.

    Raises:
        SettingsError: The endpoint's address cannot be used.
    """
    if url:
        return _BY_HOST.get(url_host(check_token_url(url)), _UNKNOWN)
    known = _BY_SERVICE.get(service or "") or _BY_HOST.get(host)
    if known is None and protocol is MailProtocol.GRAPH:
        return _MICROSOFT
    return known or Authority(name=_GOOGLE.name, url=_GOOGLE.url, assumed=True)
