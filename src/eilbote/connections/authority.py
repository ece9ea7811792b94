"""Who hands out the tokens for a mail server: Google, Microsoft, Yahoo, or somebody whose endpoint is given.

The facts about those who are known stand in :mod:`eilbote.oauth2.known`; here is which mail servers are theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.connections.token_endpoint import check_token_url
from eilbote.model.mail_protocol import MailProtocol

if TYPE_CHECKING:
    from eilbote.oauth2 import known

_BY_SERVICE: Final = {
    "Gmail": "google",
    "GmailWorkspace": "google",
    "Hotmail": "microsoft",
    "Outlook365": "microsoft",
    "Yahoo": "yahoo",
}
_BY_HOST: Final = {
    "smtp.gmail.com": "google",
    "smtp-relay.gmail.com": "google",
    "smtp.office365.com": "microsoft",
    "smtp-mail.outlook.com": "microsoft",
    "outlook.office365.com": "microsoft",
    "graph.microsoft.com": "microsoft",
    "smtp.mail.yahoo.com": "yahoo",
}
_TENANT: Final = "{tenant}"
_GRAPH_SCOPES: Final = {
    "refresh_token": "https://graph.microsoft.com/Mail.Send offline_access",
    "client_credentials": "https://graph.microsoft.com/.default",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authorization server (RFC 6749 §1.1), as far as a connection has to do with it.

    Attributes:
        facts: What is known of it; ``None`` of one that is not.
        assumed: Nothing that was said names it.
    """

    facts: known.Authority | None = None
    assumed: bool = False

    @property
    def name(self) -> str:
        """What people call it; empty for one that is not known."""
        return self.facts.title if self.facts else ""

    @property
    def has_tenants(self) -> bool:
        """Whether each organization has an endpoint of its own there."""
        return self.facts is not None and _TENANT in self.facts.token_url

    def token_url(self, tenant: str) -> str:
        """Give the endpoint of a tenant; of everybody's when it is empty."""
        from eilbote.oauth2.known import EVERYBODY

        return self.facts.token_url.replace(_TENANT, tenant or EVERYBODY) if self.facts else ""

    def scope(self, grant: str, protocol: MailProtocol) -> str:
        """Give the scope to ask for; empty leaves it to the server, which then goes by what was consented to."""
        if self.facts is None:
            return ""
        if self.has_tenants and protocol is MailProtocol.GRAPH:
            return _GRAPH_SCOPES.get(grant, "")
        if grant == "refresh_token":
            # One endpoint serves many of Microsoft's services, so it has to be told which one the token is for.
            return self.facts.scopes.get("consent", "") if self.has_tenants else ""
        return self.facts.scopes.get(grant, "")


def authority_of(*, url: str, service: str | None, host: str, protocol: MailProtocol) -> Authority:
    """Give who hands out tokens: by the endpoint if one is given, else by the mail server, else Google is assumed.

    Raises:
        SettingsError: The endpoint's address cannot be used.
    """
    from eilbote.oauth2.known import authorities, authority_at

    if url:
        return Authority(facts=authority_at(check_token_url(url)))
    name = _BY_SERVICE.get(service or "") or _BY_HOST.get(host)
    if name is None and protocol is MailProtocol.GRAPH:
        name = "microsoft"
    facts = next(each for each in authorities() if each.name == (name or "google"))
    return Authority(facts=facts, assumed=name is None)
