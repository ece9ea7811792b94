"""From the settings of a program to what its desks and its workers are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.config.reply_keys import leaving_keys, return_keys
from eilbote.engine.service_parts import ServiceParts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.author.questions import QuestionStore
    from eilbote.config.config import Config
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.accounts.openid_provider import OpenIdSettings
    from eilbote.engine.flow_wiring import FlowParts
    from eilbote.engine.service_parts import Shelves
    from eilbote.engine.services import Services
    from eilbote.engine.submit import Submitter
    from eilbote.model.clock import Clock
    from eilbote.oauth2.token import TokenStore
    from eilbote.oauth2.waiting_consent import ConsentStore
    from eilbote.outbox.store import BlobStore, OutboxStore
    from eilbote.settings.endpoint_book import EndpointBook

_DAY = 86_400.0


def service_parts(
    config: Config,
    *,
    beside: Shelves,
    outbox: Callable[[], OutboxStore],
    blobs: BlobStore,
    submitter: Submitter,
    connections: KnownConnections,
    settings: EndpointBook,
    tokens: TokenStore,
    consents: ConsentStore,
    environment: Mapping[str, str],
    is_in_memory: bool,
    clock: Clock,
    author: str,
) -> ServiceParts:
    """Give what the desks are made of; see :class:`~eilbote.engine.services.ServiceParts` for what each is."""
    return ServiceParts(
        beside=beside,
        outbox=outbox,
        blobs=blobs,
        submitter=submitter,
        connections=connections,
        settings=settings,
        tokens=tokens,
        consents=consents,
        egress=config.egress.policy,
        web_ports=config.egress.web_ports,
        public_url=config.public_url,
        openid=_openid(config),
        certificates={"relay": config.relay.tls_certificate} if config.relay.tls_certificate else {},
        leaving_keys=leaving_keys(environment, config.data_dir, in_memory=is_in_memory),
        captures=config.capture.enabled,
        released_to=config.capture.released_to,
        enters_refused=config.suppression.refused,
        enters_bounced=config.suppression.bounced,
        suppression_days=config.suppression.days,
        bounce_address=config.bounces.address,
        return_keys=return_keys(environment, config.data_dir, in_memory=is_in_memory),
        environment=environment,
        data_dir=config.data_dir,
        is_in_memory=is_in_memory,
        retention_seconds=config.retention.days * _DAY,
        clock=clock,
        author=author,
    )


def flow_parts(config: Config, services: Services, *, questions: QuestionStore) -> FlowParts:
    """Give what flows, processes and their workers are made of.

    Args:
        config: The settings.
        services: The desks.
        questions: Where questions to people are.
    """
    from eilbote.config.flow_secrets import FlowSecrets
    from eilbote.config.reply_keys import reply_keys
    from eilbote.engine.flow_wiring import FlowParts
    from eilbote.engine.worker import WorkerOptions

    parts = services.parts
    return FlowParts(
        flows=parts.beside.flows,
        processes=lambda: parts.beside.processes,
        reply_keys=reply_keys(parts.environment, parts.data_dir, in_memory=parts.is_in_memory),
        questions=questions,
        notify=services.notify,
        outbox=parts.outbox,
        submit=parts.submitter.submit,
        connections=parts.connections,
        settings=parts.settings,
        egress=parts.egress,
        web_ports=parts.web_ports,
        secrets=FlowSecrets(parts.environment),
        public_url=parts.public_url,
        clock=parts.clock,
        author=parts.author,
        steps=services.steps,
        retention_seconds=parts.retention_seconds,
        options=WorkerOptions(
            lease_seconds=config.courier.lease_seconds, grace_seconds=config.courier.grace_seconds
        ),
    )


def _openid(config: Config) -> OpenIdSettings | None:
    """Give the provider of single sign-on; it is the host's own, so it may be anywhere."""
    if not config.oidc.is_on:
        return None
    from eilbote.engine.accounts.openid_provider import OpenIdSettings
    from eilbote.model.tls import TlsPolicy
    from eilbote.net.http import HttpDoor

    return OpenIdSettings(
        issuer=config.oidc.issuer,
        client_id=config.oidc.client_id,
        client_secret=config.oidc.client_secret,
        scopes=config.oidc.scopes,
        http=HttpDoor(tls=TlsPolicy(ca_file=config.oidc.ca_file or None)),
    )
