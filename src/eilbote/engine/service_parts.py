"""What the desks of a host are made of: where everything is kept, what tells the time, and what the settings say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from eilbote.accounts.store import AccountStore
    from eilbote.author.flow.store import FlowStore
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.process.store import ProcessStore
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.accounts.openid_provider import OpenIdSettings
    from eilbote.engine.process.reply_keys import ReplyKeys
    from eilbote.engine.submit import Submitter
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.token import TokenStore
    from eilbote.oauth2.waiting_consent import ConsentStore
    from eilbote.outbox.store import BlobStore, OutboxStore
    from eilbote.record.suppression import SuppressionStore
    from eilbote.record.webhook_store import WebhookStore
    from eilbote.settings.endpoint_book import EndpointBook


class Shelves(Protocol):
    """Where everything is that is kept beside the outbox; each is opened when it is first asked something."""

    @property
    def accounts(self) -> AccountStore:
        """Organizations, people, keys, sessions, and the book of who did what."""
        ...

    @property
    def webhooks(self) -> WebhookStore:
        """Webhooks and their deliveries."""
        ...

    @property
    def suppressions(self) -> SuppressionStore:
        """Who gets no mail from us."""
        ...

    @property
    def notifications(self) -> NotificationStore:
        """What has happened, and who is told."""
        ...

    @property
    def flows(self) -> FlowStore:
        """Flows and their runs."""
        ...

    @property
    def processes(self) -> ProcessStore:
        """Processes, routes and instances."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParts:
    """What the desks are made of.

    Attributes:
        beside: Where everything is that is kept beside the outbox.
        outbox: Gives the outbox, open.
        blobs: Where large parts of messages are.
        submitter: Hands messages to the outbox.
        connections: All connections.
        settings: What host and organizations say about looks and languages.
        tokens: What is known of access tokens.
        consents: Where consents of people wait.
        egress: Which addresses organizations may reach.
        web_ports: At which ports web servers may be asked.
        public_url: Under which address people reach the server; empty when they cannot.
        openid: A provider of single sign-on; ``None`` without one.
        certificates: PEM files of certificates that eilbote itself shows, by what they are for.
        leaving_keys: What links are signed with by which somebody unsubscribes.
        captures: Whether mail is kept to be looked at in place of being sent.
        released_to: Addresses and domains to which somebody may have it sent after all.
        enters_refused: Whether addresses that a server does not know get nothing any more.
        enters_bounced: Whether addresses whose mail came back for good get nothing any more.
        suppression_days: For how long; 0 for ever.
        bounce_address: Our own address for returned mail; empty without one.
        return_keys: What return paths are signed with.
        environment: Where keys may be.
        data_dir: The folder of the outbox.
        is_in_memory: Whether nothing is kept longer than this process.
        retention_seconds: How long what is over is kept.
        clock: Tells the time.
        author: Who acts, when nobody says so.
    """

    beside: Shelves
    outbox: Callable[[], OutboxStore]
    blobs: BlobStore
    submitter: Submitter
    connections: KnownConnections
    settings: EndpointBook
    tokens: TokenStore
    consents: ConsentStore
    egress: EgressPolicy
    web_ports: frozenset[int]
    public_url: str
    openid: OpenIdSettings | None
    certificates: Mapping[str, str]
    leaving_keys: ReplyKeys
    captures: bool = False
    released_to: tuple[str, ...] = ()
    enters_refused: bool
    enters_bounced: bool
    suppression_days: float
    bounce_address: str
    return_keys: ReplyKeys
    environment: Mapping[str, str]
    data_dir: Path
    is_in_memory: bool
    retention_seconds: float
    clock: Clock
    author: str
