"""The desks of those who run a host: accounts, the book of who did what, webhooks, suppressions, statistics, and who is told.

Each is put together when it is first used, and loads what it needs then: who only submits mail pays for none of them.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from eilbote.engine.author_desks import AuthorDesks
from eilbote.record.step import Steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.store import AccountStore
    from eilbote.engine.accounts.accounts_desk import AccountsDesk
    from eilbote.engine.accounts.audit_book import AuditBook
    from eilbote.engine.bounces import BounceDesk
    from eilbote.engine.capture import CaptureShelf
    from eilbote.engine.consent_desk import ConsentDesk
    from eilbote.engine.events_feed import EventsFeed
    from eilbote.engine.everybody import Desk
    from eilbote.engine.mail_rules import MailRules
    from eilbote.engine.notify_desk import NotifyDesk
    from eilbote.engine.quotas import Quotas
    from eilbote.engine.return_paths import ReturnPaths
    from eilbote.engine.service_parts import ServiceParts
    from eilbote.engine.statistics_desk import StatisticsDesk
    from eilbote.engine.submission_gate import SubmissionGate
    from eilbote.engine.suppression_desk import SuppressionDesk
    from eilbote.engine.webhooks.webhook_desk import WebhookDesk
    from eilbote.record.report import Report
    from eilbote.record.suppression import SuppressionStore
    from eilbote.record.webhook_store import WebhookStore


class Services:
    """All desks of one program.

    Args:
        parts: What they are made of.

    Attributes:
        steps: Passes on what those do who work beside the courier.
    """

    def __init__(self, parts: ServiceParts) -> None:
        self.parts = parts
        self.steps = Steps()

    # -- where things are kept -----------------------------------------------------------------------------------

    @property
    def account_store(self) -> AccountStore:
        """Organizations, people, keys, sessions, and the book of who did what."""
        return self.parts.beside.accounts

    @property
    def webhook_store(self) -> WebhookStore:
        """Webhooks and their deliveries."""
        return self.parts.beside.webhooks

    @property
    def suppression_store(self) -> SuppressionStore:
        """Who gets no mail from us."""
        return self.parts.beside.suppressions

    # -- desks ---------------------------------------------------------------------------------------------------

    @cached_property
    def audit(self) -> AuditBook:
        """The book of who did what."""
        from eilbote.engine.accounts.audit_book import AuditBook

        return AuditBook(self.account_store, clock=self.parts.clock)

    @cached_property
    def accounts(self) -> AccountsDesk:
        """Organizations, people and programs, and how they come in."""
        from eilbote.engine.accounts.accounts_desk import AccountsDesk

        parts = self.parts
        return AccountsDesk(
            self.account_store,
            book=self.audit,
            teller=self.notify,
            clock=parts.clock,
            public_url=parts.public_url,
            openid=parts.openid,
        )

    @cached_property
    def notify(self) -> NotifyDesk:
        """What has happened, and who is told of it."""
        from eilbote.engine.notify_wiring import notify_desk

        parts = self.parts
        return notify_desk(
            parts.beside.notifications,
            accounts=lambda: self.account_store,
            outbox=parts.outbox,
            certificates=parts.certificates,
            leaving_keys=parts.leaving_keys,
            public_url=parts.public_url,
            submit=parts.submitter.submit,
            pauses=parts.submitter.store.pauses,
            connections=parts.connections,
            tokens=parts.tokens,
            settings=parts.settings,
            flows=lambda: parts.beside.flows,
            processes=lambda: parts.beside.processes,
            clock=parts.clock,
            retention_seconds=parts.retention_seconds,
            author=parts.author,
        )

    @cached_property
    def webhooks(self) -> WebhookDesk:
        """Who is told over HTTP of what happens."""
        from eilbote.engine.webhooks.wiring import webhook_desk
        from eilbote.record.log import EventLog
        from eilbote.record.report import Reports

        parts = self.parts
        return webhook_desk(
            self.webhook_store,
            outbox=parts.outbox,
            notifications=lambda: parts.beside.notifications,
            notifier=lambda: self.notify.notifier,
            egress=parts.egress,
            ports=parts.web_ports,
            clock=parts.clock,
            retention_seconds=parts.retention_seconds,
            report=Reports(EventLog(), self.steps),
        )

    @cached_property
    def consents(self) -> ConsentDesk:
        """People who let connections sign in on their behalf."""
        from eilbote.engine.consent_desk import ConsentDesk

        parts = self.parts
        return ConsentDesk(parts.connections, store=parts.consents, clock=parts.clock, egress=parts.egress)

    @cached_property
    def quotas(self) -> Quotas:
        """How much an organization may hand in."""
        from eilbote.engine.quotas import Quotas

        return Quotas(lambda: self.account_store, self.parts.outbox, clock=self.parts.clock)

    @cached_property
    def gate(self) -> SubmissionGate:
        """Where messages come in of those who must be let in."""
        from eilbote.engine.submission_gate import SubmissionGate

        return SubmissionGate(self.parts.submitter, self.quotas)

    @cached_property
    def suppressions(self) -> SuppressionDesk:
        """Who gets no mail from us."""
        from eilbote.engine.suppression_desk import SuppressionDesk

        return SuppressionDesk(
            lambda: self.suppression_store,
            clock=self.parts.clock,
            days=self.parts.suppression_days,
            tell=lambda event: self.webhooks.tell(event),  # noqa: PLW0108 - loaded when there is something to tell
        )

    @cached_property
    def return_paths(self) -> ReturnPaths | None:
        """Where what cannot be delivered returns to; ``None`` without an address of ours."""
        if not self.parts.bounce_address:
            return None
        from eilbote.engine.return_paths import ReturnPaths

        return ReturnPaths(self.parts.bounce_address, self.parts.return_keys)

    @cached_property
    def bounces(self) -> BounceDesk:
        """Takes returned mail, and finds out whose it is."""
        from eilbote.engine.bounces import BounceDesk

        return BounceDesk(
            self.parts.outbox,
            self.suppressions,
            return_paths=self.return_paths,
            enters_bounced=self.parts.enters_bounced,
            clock=self.parts.clock,
        )

    @property
    def mail_rules(self) -> MailRules:
        """What couriers keep to."""
        from eilbote.engine.mail_rules import MailRules

        return MailRules(
            suppressions=self.suppressions,
            enters_refused=self.parts.enters_refused,
            return_paths=self.return_paths,
        )

    @cached_property
    def statistics(self) -> StatisticsDesk:
        """What was accepted and what waits, in numbers."""
        from eilbote.engine.statistics_desk import StatisticsDesk

        return StatisticsDesk(self.parts.outbox, clock=self.parts.clock)

    @cached_property
    def events_feed(self) -> EventsFeed:
        """What happens in the outbox, to those who listen."""
        from eilbote.engine.events_feed import EventsFeed

        return EventsFeed(self.parts.outbox)

    @cached_property
    def captured(self) -> CaptureShelf | None:
        """What is kept in place of being sent; ``None`` where mail is sent."""
        if not self.parts.captures:
            return None
        from eilbote.engine.capture import CaptureShelf

        return CaptureShelf(clock=self.parts.clock, released_to=self.parts.released_to)

    # -- who works beside the courier ------------------------------------------------------------------------------

    def workers(self, report: Report | None = None) -> Sequence[Desk]:
        """Give the desks whose workers run beside the courier; a report hears what they do, if it wants to."""
        from eilbote.engine.service_upkeep import ServiceUpkeep

        upkeep = ServiceUpkeep(
            (
                lambda now: self.account_store.prune(now=now),
                lambda now: self.suppression_store.prune(now=now),
                lambda now: self.parts.consents.prune(now=now),
            ),
            clock=self.parts.clock,
        )
        self.steps.tell(report)
        return self.webhooks, upkeep


class ServiceDesks(AuthorDesks):
    """An outbox with every desk there is."""

    @property
    @abstractmethod
    def services(self) -> Services:
        """The desks of those who run a host."""

    @property
    def audit(self) -> AuditBook:
        """The book of who did what: it is written by every change, and can be proved to be whole."""
        return self.services.audit

    @property
    def accounts(self) -> AccountsDesk:
        """Organizations, people and programs, and how they come in."""
        return self.services.accounts

    @property
    def notify(self) -> NotifyDesk:
        """What has happened, and who is told of it."""
        return self.services.notify

    @property
    def webhooks(self) -> WebhookDesk:
        """Who is told over HTTP of what happens, and what became of each delivery."""
        return self.services.webhooks

    @property
    def quotas(self) -> Quotas:
        """How much an organization may hand in: asked by every door by which messages come."""
        return self.services.quotas

    @property
    def gate(self) -> SubmissionGate:
        """Where messages come in of those who must be let in: in whose name, and how much."""
        return self.services.gate

    @property
    def suppressions(self) -> SuppressionDesk:
        """Who gets no mail from us any more, and why."""
        return self.services.suppressions

    @property
    def bounces(self) -> BounceDesk:
        """Takes returned mail: finds the entry it belongs to, and enters who cannot be reached."""
        return self.services.bounces

    @property
    def statistics(self) -> StatisticsDesk:
        """What was accepted and what waits, in numbers."""
        return self.services.statistics

    @property
    def events_feed(self) -> EventsFeed:
        """What happens in the outbox, to those who listen; closed before the server is."""
        return self.services.events_feed

    @property
    def captured(self) -> CaptureShelf | None:
        """Mail that is kept to be looked at in place of being sent; ``None`` where mail is sent."""
        return self.services.captured
