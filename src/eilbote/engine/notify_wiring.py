"""Puts together what tells people: the desk, its workers, and what they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.notify import Notifier
from eilbote.engine.notify_acknowledging import Acknowledging
from eilbote.engine.notify_desk import NotifyDesk
from eilbote.engine.notify_leaving import Leaving
from eilbote.engine.notify_people import AccountPeople
from eilbote.engine.random_ids import RandomIds
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from eilbote.accounts.store import AccountStore
    from eilbote.author.flow.store import FlowStore
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.process.store import ProcessStore
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.notify_worker import NotifyWorker
    from eilbote.engine.process.reply_keys import ReplyKeys
    from eilbote.model.clock import Clock
    from eilbote.oauth2.token import TokenStore
    from eilbote.outbox.store import OutboxStore, Pause
    from eilbote.record.report import Report
    from eilbote.settings.endpoint_book import EndpointBook
    from eilbote.template.branding import Branding


def notify_desk(
    store: NotificationStore,
    *,
    accounts: Callable[[], AccountStore],
    outbox: Callable[[], OutboxStore],
    certificates: Mapping[str, str],
    leaving_keys: ReplyKeys,
    public_url: str,
    submit: Submit,
    pauses: Callable[[], Awaitable[Sequence[Pause]]],
    connections: KnownConnections,
    tokens: TokenStore,
    settings: EndpointBook,
    flows: Callable[[], FlowStore],
    processes: Callable[[], ProcessStore],
    clock: Clock,
    retention_seconds: float,
    author: str = "",
    report: Report | None = None,
) -> NotifyDesk:
    """Make the desk of an outbox.

    Args:
        store: Where events, subscriptions and tellings are.
        accounts: Gives where people are who can be told by their roles.
        outbox: Gives the outbox, open.
        certificates: PEM files of certificates that eilbote itself shows, by what they are for.
        leaving_keys: What links are signed with by which somebody unsubscribes, or acknowledges an event.
        public_url: Under which address people reach the server; empty when they cannot.
        submit: Hands a message to the outbox.
        pauses: Gives the connections that rest.
        connections: Every connection by its name.
        tokens: What is known of tokens.
        settings: How notifications look.
        flows: Gives where runs are kept; asked by those who look for runs that have failed.
        processes: Gives where instances are kept; asked by those who look for instances that stand still.
        clock: Tells the time.
        retention_seconds: How long events are kept.
        author: Who raises events, when nobody says so.
        report: Hears when somebody cannot be told; the log when ``None``.
    """
    ids = RandomIds()

    def nudge() -> None:
        desk.nudge()

    async def branding(organization: str) -> Branding:
        from eilbote.engine.flow_branding import branding_or_usual

        return await branding_or_usual(settings, organization)

    directory = AccountPeople(accounts, clock=clock)
    leaving = Leaving(store, keys=leaving_keys, public_url=public_url)
    acknowledging = Acknowledging(
        store, keys=leaving_keys, public_url=public_url, now=lambda: moment_of(clock.now())
    )
    notifier = Notifier(
        store,
        submit,
        clock=clock,
        ids=ids,
        branding=branding,
        people=directory,
        leaving=leaving.link,
        acknowledging=acknowledging.link,
        on_raised=nudge,
    )

    def worker() -> NotifyWorker:
        # who only lists or subscribes tells nobody, and looks at no runs
        from eilbote.engine.notify_health import HealthWatch
        from eilbote.engine.notify_watch import NotifyWatch
        from eilbote.engine.notify_worker import NotifyWorker
        from eilbote.record.log import EventLog

        return NotifyWorker(
            notifier,
            NotifyWatch(
                notifier,
                pauses=pauses,
                connections=connections,
                tokens=tokens,
                flows=flows(),
                processes=processes(),
            ),
            health=HealthWatch(notifier, outbox=outbox, connections=connections, certificates=certificates),
            clock=clock,
            report=report or EventLog(),
            retention_seconds=retention_seconds,
        )

    desk = NotifyDesk(
        notifier, worker=worker, ids=ids, leaving=leaving, acknowledging=acknowledging, source=author
    )
    return desk
