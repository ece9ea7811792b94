"""Tests of connections, step by step: what works, how long it takes, where and why it stops. No mail is sent.

With ``Accept: application/x-ndjson`` or ``text/event-stream`` each step is told when it is over. On behalf of an organization only public addresses are
connected to, and what is told says nothing about the network of the host.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.streaming import as_it_comes, stream_kind, streamed
from eilbote.api.v1.connection.connection_views import own_name
from eilbote.api.v1.connection.probe_shapes import (
    ConnectionProbeWish,
    NewProbeWish,
    ProbeShape,
    ProbeStep,
    ProbeWish,
    fault_shape,
    probe_shape,
    step_shape,
)
from eilbote.api.v1.named_fields import given_fields
from eilbote.connections.change import with_fields
from eilbote.connections.connection import Connection
from eilbote.connections.repository import split_name
from eilbote.connections.stored import StoredConnection
from eilbote.engine.probe_kept import probe_kept
from eilbote.errors import DeliveryTimeoutError, EilboteError, SettingsError, ThrottledError
from eilbote.model.envelope import check_path
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from eilbote.engine.probe_findings import Step

router = APIRouter(prefix="/connections", tags=["Connections"])

Tester = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_TEST))]
Writer = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_WRITE))]
Name = Annotated[
    str, Path(min_length=1, max_length=130, description="What it is called", examples=["office"])
]
MOST_AT_ONCE: Final = 4
"""Tests that an organization may run at a time: each holds a connection for up to a minute or two."""
SECONDS: Final = 120.0
_RETRY_SECONDS: Final = 5.0
_running: Counter[tuple[int, str]] = Counter()
_STREAMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "What was found. As a stream, each step by itself first, and this in the end",
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/event-stream": {"schema": {"type": "string"}},
        },
    }
}


@router.post(
    "/test",
    summary="Test a connection that is not kept",
    operation_id="test_new_connection",
    response_model=ProbeShape,
    responses=_STREAMS,
)
async def try_new_connection(acting: Writer, wanted: NewProbeWish, request: Request) -> Response | ProbeShape:
    """Try fields out before they are kept, as a form does. Nothing is kept of them."""
    changed = with_fields(
        StoredConnection(organization=acting.organization, name="test"),
        given_fields(wanted.settings),
        now=moment_of(acting.eilbote.clock.now()),
    )
    return await probed(acting, changed.connection, wanted, request)


@router.post(
    "/{name}/test",
    summary="Test a connection",
    operation_id="test_connection",
    response_model=ProbeShape,
    responses=_STREAMS,
)
async def try_connection(
    acting: Tester, name: Name, request: Request, wanted: ConnectionProbeWish | None = None
) -> Response | ProbeShape:
    """Try a connection with the secrets and tokens that are kept for it; also one that is disabled.

    Other fields may be tried beside those that are kept, by who may change connections. A stored secret is used only for the server, protection and
    user that it was entered for.
    """
    wanted = wanted or ConnectionProbeWish()
    if wanted.settings is None:
        # What an organization may send through it may test; where the host's leads is told to the host alone.
        connection = await acting.eilbote.connections.find(await own_name(acting, name))
    else:
        acting.principal.must(Permission.CONNECTIONS_WRITE)
        known = await own_name(acting, name)
        stored = await acting.eilbote.connections.stored.find(known)
        if stored is None:
            raise SettingsError(
                f"the connection {split_name(known)[1]!r} is not kept with the others",
                field="settings",
                remedy="Test it as it is, or try the fields as a new one: POST /api/v1/connections/test",
            )
        now = moment_of(acting.eilbote.clock.now())
        connection = with_fields(stored, given_fields(wanted.settings), now=now).connection
    return await probed(acting, connection, wanted, request)


async def probed(
    acting: Acting, connection: Connection, wanted: ProbeWish, request: Request
) -> Response | ProbeShape:
    """Run a test and answer with it, at its end or step by step.

    Raises:
        AddressError: Something asked about is no address.
        ThrottledError: The organization runs too many tests already.
    """
    for address in (*wanted.verify, *([wanted.mail_from] if wanted.mail_from else [])):
        check_path(address, field="verify" if address in wanted.verify else "mail_from")
    is_guarded = connection.public_only or bool(acting.organization)
    eilbote = acting.eilbote

    async def work(tell: Callable[[Step], None] | None) -> ProbeShape:
        async with _room(acting), _patience(connection):
            found = await probe_kept(
                connection,
                clock=eilbote.clock,
                tokens=eilbote.records.tokens,
                egress=eilbote.config.egress.policy if is_guarded else None,
                mail_from=wanted.mail_from,
                verify=tuple(wanted.verify),
                suggest=wanted.suggest and not is_guarded,
                check_sender=wanted.check_sender,
                on_step=tell,
            )
        return probe_shape(found, is_guarded=is_guarded)

    kind = stream_kind(request)
    if kind is None:
        return await work(None)

    async def parts() -> AsyncGenerator[tuple[str, BaseModel]]:
        async def told(tell: Callable[[BaseModel], None]) -> BaseModel:
            return await work(lambda step: tell(step_shape(step, is_guarded=is_guarded)))

        try:
            async for part in as_it_comes(told):
                yield ("step" if isinstance(part, ProbeStep) else "result"), part
        except EilboteError as fault:
            yield "error", fault_shape(fault, is_guarded=is_guarded)

    _check_room(acting)  # while an answer can still say so
    return streamed(parts(), kind)


@asynccontextmanager
async def _patience(connection: Connection) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except TimeoutError:
        raise DeliveryTimeoutError(
            f"the test has not ended within {SECONDS:.0f} seconds",
            field="host",
            server=f"{connection.host}:{connection.port}",
            remedy="Try again; a server that is that slow will delay mail as well",
        ) from None


def _check_room(acting: Acting) -> tuple[int, str]:
    key = (id(acting.eilbote), acting.organization)
    if _running[key] >= MOST_AT_ONCE:
        error = ThrottledError(
            f"{MOST_AT_ONCE} tests are running already", remedy="Wait until one of them has ended"
        )
        error.retry_after = _RETRY_SECONDS
        raise error
    return key


@asynccontextmanager
async def _room(acting: Acting) -> AsyncGenerator[None]:
    key = _check_room(acting)
    _running[key] += 1
    try:
        yield
    finally:
        _running[key] -= 1
        if not _running[key]:
            del _running[key]
