"""Looks up whether receivers will believe the From address of a connection; nothing here fails a test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from eilbote.connections.sender_check import SenderCheck, SenderReview
from eilbote.errors import SettingsError
from eilbote.model.credentials import Anonymous
from eilbote.net.resolve import ascii_host

if TYPE_CHECKING:
    from eilbote.connections.connection import Connection
    from eilbote.model.text_records import TextRecords


class Names(Protocol):
    """Whoever can be asked for TXT records (:class:`eilbote.net.dns.NameServers`)."""

    async def text_records(self, name: str) -> TextRecords:
        """Give the TXT records of a name; never raises for what is or is not in the DNS."""
        ...


async def look_at_sender(connection: Connection, sender: str, *, names: Names) -> SenderReview:
    """Check a From address against the DNS and against the account.

    Args:
        connection: Through which it sends.
        sender: The addr-spec of From.
        names: Whom to ask.
    """
    domain = _ascii(sender.rpartition("@")[2])
    if not domain:
        return SenderReview(seen=f"{sender} has no domain that can be looked up")
    own = _of_a_provider(connection, sender, domain)
    if own is not None:
        return own
    check = SenderCheck(domain, server=connection.host, account_domain=_account_domain(connection))
    while questions := check.questions():
        answers = await asyncio.gather(*map(names.text_records, questions))
        check.take(dict(zip(questions, answers, strict=True)))
    found = check.review()
    return SenderReview(seen=found.seen, warnings=(*_account_advice(connection, sender), *found.warnings))


def _of_a_provider(connection: Connection, sender: str, domain: str) -> SenderReview | None:
    """Settle addresses of a mail provider's own domains, whose records are the provider's business and in order."""
    from eilbote.connections.catalogue import service_of_address

    provider = service_of_address(sender)
    if provider is None:
        return None
    advice = _account_advice(connection, sender)
    if provider.host == connection.host:
        return SenderReview(seen=f"{domain} is {provider.name}'s own domain", warnings=advice)
    warning = (
        f"{domain} is {provider.name}'s own domain, and {connection.host} is another provider's server: many receivers "
        f"refuse such mail or take it for spam. Send through {provider.name}, or from a domain of your own."
    )
    return SenderReview(seen=f"{domain} is {provider.name}'s own domain", warnings=(*advice, warning))


def _account_domain(connection: Connection) -> str:
    credentials = connection.credentials
    if isinstance(credentials, Anonymous) or "@" not in credentials.user:
        return ""
    return _ascii(credentials.user.rpartition("@")[2])


def _account_advice(connection: Connection, sender: str) -> tuple[str, ...]:
    """Say that a service sends from the account's address only; of its default From the connection warns itself."""
    default = connection.default_from
    credentials = connection.credentials
    if connection.service is None or isinstance(credentials, Anonymous) or "@" not in credentials.user:
        return ()
    if default is not None and default.addr_spec.lower() == sender.lower():
        return ()
    from eilbote.connections.catalogue import lookup_service

    service = lookup_service(connection.service)
    if not service.from_must_equal_user or credentials.user.lower() == sender.lower():
        return ()
    return (
        (
            f"{service.name} sends only from the account's own address: From {sender} should be {credentials.user}, or an "
            "alias of it that the provider knows."
        ),
    )


def _ascii(domain: str) -> str:
    try:
        return ascii_host(domain) if domain else ""
    except SettingsError:
        return ""
