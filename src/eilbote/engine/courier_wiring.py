"""Puts a courier together from what an outbox has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eilbote.engine.courier import Courier
from eilbote.engine.mail_rules import NO_RULES
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.token_sources import TokenSources
from eilbote.engine.transports import Transports
from eilbote.record.step import StepReport

if TYPE_CHECKING:
    from eilbote.connections.repository import ConnectionBook
    from eilbote.engine.courier_options import CourierOptions
    from eilbote.engine.mail_rules import MailRules
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.token import TokenStore
    from eilbote.outbox.store import BlobStore, OutboxStore
    from eilbote.record.report import Report


class OpenOutbox(Protocol):
    """What a courier needs of an outbox."""

    @property
    def store(self) -> OutboxStore:
        """Where entries are."""
        ...

    @property
    def blobs(self) -> BlobStore:
        """Where their large parts are."""
        ...

    @property
    def connections(self) -> ConnectionBook:
        """Every connection by its name."""
        ...

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        ...


def make_courier(
    outbox: OpenOutbox,
    *,
    tokens: TokenStore,
    egress: EgressPolicy,
    report: Report,
    transports: Transports | None,
    options: CourierOptions,
    rules: MailRules = NO_RULES,
) -> Courier:
    """Make a courier for an open outbox; the caller runs and stops it.

    Args:
        outbox: Whose messages it delivers.
        tokens: What is known of access tokens.
        egress: Where the servers of organizations may be.
        report: Hears what happens.
        transports: The ways out; SMTP when ``None``.
        options: How it works.
        rules: What it keeps to beside what entries and connections say.
    """
    if transports is None:  # and not one that is empty, as every one is at first
        transports = Transports(
            clock=outbox.clock,
            egress=lambda connection: egress if connection.public_only else None,
            tokens=TokenSources(
                clock=outbox.clock,
                store=tokens,
                report=report if isinstance(report, StepReport) else None,
            ),
        )
    return Courier(
        store=outbox.store,
        blobs=outbox.blobs,
        transports=transports,
        connections=outbox.connections,
        clock=outbox.clock,
        ids=RandomIds(),
        report=report,
        options=options,
        rules=rules,
    )
