"""What is measured against whom, and what is aimed at: data, nothing is run here."""

from dataclasses import dataclass, replace
from enum import StrEnum

from benchmarks import clients
from benchmarks.clients import Client


class Receiver(StrEnum):
    """Who takes the messages."""

    NOBODY = "composed only"
    SMTP_SINK = "smtp-sink"
    FAST = "fast sink"
    CHUNKING = "fast sink with CHUNKING"


@dataclass(frozen=True, slots=True)
class Target:
    """Be at least `factor` times as fast as a peer."""

    client: Client
    peer: Client
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One comparison: the same work for every client."""

    name: str
    title: str
    receiver: Receiver
    shape: str
    clients: tuple[Client, ...]
    sessions: int = 1
    delayed: bool = False
    every_core: bool = False
    """Whether clients may use the sink's core as well: a relay of many processes wants them all."""
    first_count: int
    """Messages of the discarded first round, which also tells how many make up a measured one."""
    targets: tuple[Target, ...] = ()


SLOW = (clients.AIOSMTPLIB, clients.SMTPLIB)
"""Peers that a quick run leaves out: `email.message` alone keeps them below 400 messages a second."""


def without_slow_peers(case: Case) -> Case:
    """Leave them out."""
    return replace(case, clients=tuple(client for client in case.clients if client not in SLOW))


PIPELINED = (clients.EILBOTE, clients.EILBOTE_ASYNCIO)
OTHERS = (clients.NODEMAILER, clients.SMTP_SOURCE, *SLOW)

SMALL_TARGETS = (
    Target(clients.EILBOTE, clients.NODEMAILER, 20),
    Target(clients.EILBOTE, clients.SMTP_SOURCE, 1),
    Target(clients.EILBOTE_ASYNCIO, clients.NODEMAILER, 10),
)

SENDING = (
    *(
        Case(
            name=f"S-{sessions}",
            title=f"Text and HTML, 1.8 KB, {sessions} session{'s' * (sessions > 1)}",
            receiver=Receiver.SMTP_SINK,
            shape="S",
            sessions=sessions,
            clients=PIPELINED + OTHERS,
            first_count=400,
            targets=SMALL_TARGETS if sessions > 1 else (),
        )
        for sessions in (1, 4, 16)
    ),
    Case(
        name="M-4",
        title="HTML of 30 KB, 4 sessions",
        receiver=Receiver.FAST,
        shape="M",
        sessions=4,
        clients=PIPELINED + OTHERS,
        first_count=120,
        targets=(
            Target(clients.EILBOTE, clients.NODEMAILER, 10),
            Target(clients.EILBOTE, clients.SMTP_SOURCE, 1),
        ),
    ),
    Case(
        name="L-4",
        title="Attachment of 1 MB, 4 sessions",
        receiver=Receiver.FAST,
        shape="L",
        sessions=4,
        clients=(clients.EILBOTE, clients.EILBOTE_MANY, *OTHERS),
        first_count=12,
        targets=(
            Target(clients.EILBOTE, clients.NODEMAILER, 4),
            Target(clients.EILBOTE_MANY, clients.NODEMAILER, 15),
        ),
    ),
    Case(
        name="many-16",
        title="One draft for many recipients, 1.8 KB, 16 sessions",
        receiver=Receiver.FAST,
        shape="S",
        sessions=16,
        clients=(clients.EILBOTE_MANY, clients.EILBOTE, clients.NODEMAILER, clients.SMTP_SOURCE),
        first_count=400,
        targets=(Target(clients.EILBOTE_MANY, clients.NODEMAILER, 60),),
    ),
    Case(
        name="chunking-16",
        title="CHUNKING server, 1.8 KB, 16 sessions",
        receiver=Receiver.CHUNKING,
        shape="S",
        sessions=16,
        clients=(
            *(clients.EILBOTE_WINDOW, clients.EILBOTE_MANY_WINDOW, clients.EILBOTE),
            clients.NODEMAILER,
        ),
        first_count=400,
        targets=(
            Target(clients.EILBOTE_WINDOW, clients.NODEMAILER, 40),
            Target(clients.EILBOTE_MANY_WINDOW, clients.NODEMAILER, 60),
        ),
    ),
    Case(
        name="far-1",
        title="Round trip of 50 ms, 1.8 KB, 1 session",
        receiver=Receiver.FAST,
        shape="S",
        clients=(clients.EILBOTE, clients.NODEMAILER, clients.SMTPLIB),
        delayed=True,
        first_count=6,
        targets=(Target(clients.EILBOTE, clients.NODEMAILER, 2),),
    ),
    Case(
        name="far-chunking-1",
        title="Round trip of 50 ms, CHUNKING server, 1.8 KB, 1 session",
        receiver=Receiver.CHUNKING,
        shape="S",
        clients=(clients.EILBOTE_WINDOW, clients.EILBOTE, clients.NODEMAILER),
        delayed=True,
        first_count=6,
        targets=(Target(clients.EILBOTE_WINDOW, clients.NODEMAILER, 40),),
    ),
)

RELAYING = (
    Case(
        name="relay",
        title="Durable: handed in, on the disk, delivered, 1.8 KB, 16 sessions, both cores",
        receiver=Receiver.FAST,
        shape="S",
        sessions=16,
        clients=(clients.EILBOTE_RELAY, clients.POSTFIX_RELAY),
        first_count=400,
        every_core=True,
        targets=(Target(clients.EILBOTE_RELAY, clients.POSTFIX_RELAY, 6),),
    ),
)

COMPOSING = tuple(
    Case(
        name=f"compose-{shape}",
        title=f"Composition alone: {words}",
        receiver=Receiver.NOBODY,
        shape=shape,
        clients=(
            *(clients.EILBOTE_COMPOSER, clients.EILBOTE_SERIES_COMPOSER),
            *(clients.EMAIL_MESSAGE, clients.NODEMAILER_COMPOSER),
        ),
        first_count=first_count,
        targets=targets,
    )
    for shape, words, first_count, targets in (
        (
            *("S", "text and HTML, 1.8 KB", 200),
            (
                Target(clients.EILBOTE_COMPOSER, clients.EMAIL_MESSAGE, 20),
                Target(clients.EILBOTE_COMPOSER, clients.NODEMAILER_COMPOSER, 3),
            ),
        ),
        ("M", "HTML of 30 KB", 60, (Target(clients.EILBOTE_COMPOSER, clients.EMAIL_MESSAGE, 10),)),
        ("L", "attachment of 1 MB", 8, (Target(clients.EILBOTE_COMPOSER, clients.EMAIL_MESSAGE, 3),)),
    )
)
