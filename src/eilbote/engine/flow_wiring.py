"""Puts together what works flows: the desk, its workers, and everybody who performs what runs ask for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from eilbote.engine.fetch import file_door
from eilbote.engine.flow_connections import FlowConnections
from eilbote.engine.flow_desk import FlowDesk
from eilbote.engine.flow_effects import Effects
from eilbote.engine.flow_files import with_files
from eilbote.engine.flow_mail import FlowMail
from eilbote.engine.flow_web import FlowWeb
from eilbote.engine.flow_worker import FlowWorker, WorkerOptions
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.web_request import request_door
from eilbote.record.log import EventLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.flow.store import FlowStore
    from eilbote.connections.stored_book import StoredBook
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.web_request import Secrets
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report


def flow_desk(
    store: FlowStore,
    *,
    submit: Submit,
    outbox: Callable[[], OutboxStore],
    book: StoredBook,
    egress: EgressPolicy,
    web_ports: frozenset[int] | None,
    secrets: Secrets,
    clock: Clock,
    author: str = "",
    report: Report | None = None,
    options: WorkerOptions | None = None,
) -> FlowDesk:
    """Make the desk of an outbox.

    Args:
        store: Where flows are kept.
        submit: Hands a message to the outbox.
        outbox: Where messages are.
        book: The stored connections; those that stand in flows are kept there.
        egress: Which addresses flows may ask.
        web_ports: At which ports.
        secrets: Where the secrets are that nodes name.
        clock: Tells the time.
        author: Who begins runs, when nobody says so.
        report: Hears what happens; the log when ``None``.
        options: How workers work.
    """
    report = report or EventLog()
    ids = RandomIds()
    effects = Effects(
        mail=FlowMail(
            submit,
            outbox,
            with_files=partial(with_files, door=file_door(egress, web_ports)),
            connections=FlowConnections(book, secrets=secrets, outbox=outbox),
        ),
        web=FlowWeb(door=request_door(egress, web_ports), secrets=secrets),
    )

    def worker(only: Sequence[str] | None, let_go: Callable[[str], None]) -> FlowWorker:
        return FlowWorker(
            store=store,
            outbox=outbox,
            effects=effects,
            clock=clock,
            ids=ids,
            report=report,
            options=options,
            only=only,
            let_go=let_go,
        )

    return FlowDesk(store, worker=worker, clock=clock, ids=ids, report=report, author=author)
