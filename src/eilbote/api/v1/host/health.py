"""How the machine is: what waits and since when, which connections rest, which tokens and certificates end, how large everything is.

It is for administrators of the host; load balancers ask ``/readyz``.
"""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.remedies import for_clients
from eilbote.api.times import time_or_none
from eilbote.api.v1.host.connection_health import ConnectionHealth, connections_health
from eilbote.errors import ConfigurationError
from eilbote.model.credentials import AccessToken
from eilbote.model.moment import Moment, as_datetime, moment_of
from eilbote.model.oauth2 import OAuth2
from eilbote.model.version import __version__
from eilbote.oauth2.token import token_key
from eilbote.outbox.store import OutboxFigures

router = APIRouter(prefix="/health", tags=["Health"])

Operator = Annotated[Acting, Depends(needs(Permission.HOST_OPERATE))]
LATE_SECONDS: Final = 900.0
"""How long something may be due before somebody should look."""
SOON_DAYS: Final = 14.0
"""How long before its end a certificate, or a token that nobody renews, is worth a word."""
LEAST_FREE: Final = 1024 * 1024 * 1024
_MOST_SHOWN: Final = 100


class HealthState(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look before it does not."""
    FAILING = "failing"
    """Mail stands still somewhere."""


class CheckShape(BaseModel):
    """Something that was looked at."""

    name: str = Field(
        description="`queue`, `connection:NAME`, `token:NAME`, `certificate:NAME` or `disk`",
        examples=["queue"],
    )
    state: HealthState
    text: str = Field(description="What is so, for people")
    remedy: str = ""
    until: datetime | None = Field(default=None, description="When it ends, or is tried again")


class QueueShape(BaseModel):
    """What is to be delivered."""

    waiting: int = Field(description="Messages that are not finished")
    states: dict[str, int] = Field(description="Messages in each state")
    oldest_due: datetime | None = Field(description="Since when the oldest waits that should have gone out")
    oldest_due_seconds: float | None = None
    in_doubt: int = Field(description="Recipients of whom nobody knows whether they got it")


class HealthShape(BaseModel):
    """How the machine is."""

    state: HealthState = Field(description="The worst of all checks")
    version: str
    at: datetime
    queue: QueueShape
    database_octets: int = Field(
        description="Room that the whole database takes: the file with its log, or what PostgreSQL says of it; large parts that lie in "
        "files beside it are not counted"
    )
    messages_octets: int = Field(description="What the messages in it weigh, large parts included")
    free_octets: int | None = Field(description="Room that is left in the data folder")
    checks: list[CheckShape] = Field(description="What is not well first")
    connections: list[ConnectionHealth] = Field(
        description="What does not work first, then where most waits; at most a hundred"
    )


@router.get("", summary="Tell how the machine is", operation_id="get_health")
async def get_health(acting: Operator) -> HealthShape:
    """Look at queue, connections, tokens, certificates and disk; nothing is contacted."""
    eilbote = acting.eilbote
    now = moment_of(eilbote.clock.now())
    figures = await eilbote.figures()
    free = await asyncio.to_thread(_free, eilbote.config.data_dir)
    checks = [
        _queue_check(figures, now),
        *await _connection_checks(acting),
        *await _token_checks(acting, now),
        *await asyncio.to_thread(_certificate_checks, acting, now),
    ]
    if free is not None:
        checks.append(_disk_check(free))
    order = {HealthState.FAILING: 0, HealthState.WARNING: 1, HealthState.OK: 2}
    checks.sort(key=lambda check: order[check.state])
    return HealthShape(
        state=checks[0].state,
        version=__version__,
        at=as_datetime(now),
        queue=QueueShape(
            waiting=sum(figures.by_connection.values()),
            states={state.value: number for state, number in figures.entries.items()},
            oldest_due=time_or_none(figures.oldest_due),
            oldest_due_seconds=None if figures.oldest_due is None else _seconds(figures.oldest_due, now),
            in_doubt=figures.in_doubt,
        ),
        database_octets=await eilbote.octets(),
        messages_octets=figures.octets,
        free_octets=free,
        checks=checks[:_MOST_SHOWN],
        connections=await connections_health(acting, now),
    )


# -- within ----------------------------------------------------------------------------------------------------


def _seconds(since: Moment, now: Moment) -> float:
    return max(0.0, (as_datetime(now) - as_datetime(since)).total_seconds())


def _queue_check(figures: OutboxFigures, now: Moment) -> CheckShape:
    waits = 0.0 if figures.oldest_due is None else _seconds(figures.oldest_due, now)
    if waits >= LATE_SECONDS:
        return CheckShape(
            name="queue",
            state=HealthState.FAILING,
            text=f"Something has been due for {waits / 60:,.0f} minutes",
            remedy="See whether a courier runs, and which connections rest",
        )
    return CheckShape(name="queue", state=HealthState.OK, text="What is due goes out")


async def _connection_checks(acting: Acting) -> list[CheckShape]:
    found = [
        CheckShape(
            name=f"connection:{pause.connection}",
            state=HealthState.FAILING,
            text=f"It rests: {for_clients(pause.reason)}",
            remedy=f"POST /api/v1/connections/{pause.connection.rpartition('/')[2]}/resume when it is mended",
            until=as_datetime(pause.until),
        )
        for pause in await acting.eilbote.pauses()
    ]
    return found[:_MOST_SHOWN]


async def _token_checks(acting: Acting, now: Moment) -> list[CheckShape]:
    """Look at tokens that a person has to see to; those that renew themselves are nobody's business."""
    found: list[CheckShape] = []
    for name in (await acting.eilbote.connections.names())[:1000]:
        try:
            credentials = (await acting.eilbote.connections.find(name)).credentials
        except ConfigurationError:
            continue  # told where connections are listed
        if isinstance(credentials, OAuth2):
            record = await acting.eilbote.records.tokens.read(token_key(credentials))
            if record is not None and record.refusal:
                found.append(
                    CheckShape(
                        name=f"token:{name}",
                        state=HealthState.FAILING,
                        text="The provider gives no more tokens",
                        remedy=f"GET /api/v1/connections/{name.rpartition('/')[2]} tells why; consent again",
                    )
                )
        elif isinstance(credentials, AccessToken) and credentials.expires is not None:
            check = _ending(f"token:{name}", as_datetime(credentials.expires), now)
            found += [check] if check.state is not HealthState.OK else []
    return found


def _certificate_checks(acting: Acting, now: Moment) -> list[CheckShape]:
    file = acting.eilbote.config.relay.tls_certificate
    if not file:
        return []
    from cryptography.x509 import load_pem_x509_certificate

    try:
        certificate = load_pem_x509_certificate(Path(file).read_bytes())
    except (OSError, ValueError) as fault:
        return [
            CheckShape(
                name="certificate:relay",
                state=HealthState.FAILING,
                text=f"The certificate of the relay cannot be read: {type(fault).__name__}",
                remedy="See whether relay.tls_certificate names a PEM file that this user may read",
            )
        ]
    return [_ending("certificate:relay", certificate.not_valid_after_utc, now)]


def _ending(name: str, end: datetime, now: Moment) -> CheckShape:
    days = (end - as_datetime(now)).total_seconds() / 86_400
    state = HealthState.FAILING if days <= 0 else HealthState.WARNING if days <= SOON_DAYS else HealthState.OK
    word = "ended" if days <= 0 else "ends"
    return CheckShape(
        name=name,
        state=state,
        text=f"It {word} at {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        remedy="" if state is HealthState.OK else "Put another one in its place",
        until=end,
    )


def _disk_check(free: int) -> CheckShape:
    if free < LEAST_FREE:
        return CheckShape(
            name="disk",
            state=HealthState.WARNING,
            text=f"{free / 1024 / 1024:,.0f} MiB are left in the data folder",
            remedy="Make room: nothing is accepted any more when it is full",
        )
    return CheckShape(name="disk", state=HealthState.OK, text="There is room in the data folder")


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
