"""How connections are: which rest, what waits for each and since when, and how near they are to the limits of their servers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from eilbote.api.v1.connection.connection_shapes import PauseShape
from eilbote.api.v1.connection.connection_use import LastUseShape, Use, use_of
from eilbote.api.v1.connection.connection_views import pause_shape
from eilbote.connections.repository import qualified_name, split_name
from eilbote.errors import ConfigurationError
from eilbote.model.moment import as_datetime, later
from eilbote.settings.endpoints import Endpoint

if TYPE_CHECKING:
    from eilbote.api.acting import Acting
    from eilbote.connections.limits import Limits
    from eilbote.model.moment import Moment

MOST_LOOKED_AT: Final = 1000
MOST_SHOWN: Final = 100
_MINUTE: Final = 60.0
_DAY: Final = 86_400.0


class ConnectionState(StrEnum):
    """How a connection is."""

    BROKEN = "broken"
    """What is said about it makes no connection."""
    PAUSED = "paused"
    """It rests after failures; a single probe is made when its rest ends."""
    SWITCHED_OFF = "switched_off"
    """Somebody has switched it off; mail for it waits."""
    IN_USE = "in_use"
    NOT_SET_UP = "not_set_up"
    """An endpoint, which is always there, of which nobody has said where it leads."""


class RateShape(BaseModel):
    """How much of what a server allows is used up."""

    per_second: float | None = Field(
        default=None, description="Messages a second at most; null without a limit"
    )
    per_minute: int | None = Field(default=None, description="Messages a minute at most")
    per_day: int | None = Field(default=None, description="Messages in any 24 hours at most")
    last_minute: int | None = Field(
        default=None, description="Begun in the last minute; null without that limit"
    )
    last_day: int | None = Field(
        default=None, description="Begun in the last 24 hours; null without that limit"
    )
    sessions: int = Field(description="Sessions at the same time at most")


class ConnectionHealth(BaseModel):
    """How one connection is."""

    name: str = Field(examples=["office"])
    organization: str = Field(description="Whose; empty for the host's")
    state: ConnectionState = Field(
        description="`broken` (it cannot be used as it is written), `paused` (it rests after failures), `switched_off`, `in_use`, or `not_set_up` (an "
        "endpoint of which nobody has said where it leads)"
    )
    paused: PauseShape | None = Field(default=None, description="Until when it rests, and why")
    error: str = Field(default="", description="Why it is broken")
    waiting: int = Field(description="Messages for it that are queued or deferred")
    oldest_waiting: datetime | None = Field(description="When the oldest of them was accepted")
    oldest_seconds: float = Field(description="How long ago that is; 0 when nothing waits")
    last_use: LastUseShape | None = Field(default=None, description="The latest attempt")
    rate: RateShape | None = Field(default=None, description="Null when nothing goes through it")


async def connections_health(acting: Acting, now: Moment) -> list[ConnectionHealth]:
    """Tell of every connection: those that do not work first, then those for which most waits; at most a hundred."""
    names = (await acting.eilbote.connections.names())[:MOST_LOOKED_AT]
    use = await use_of(acting, names)
    looked_at = [await _health(acting, name, use, now) for name in names]
    order = {state: place for place, state in enumerate(ConnectionState)}
    looked_at.sort(
        key=lambda each: (order[each[0].state], -each[0].waiting, each[0].organization, each[0].name)
    )
    return [
        shown
        if limits is None
        else shown.model_copy(update={"rate": await _rate(acting, shown, limits, now)})
        for shown, limits in looked_at[:MOST_SHOWN]
    ]


async def _health(acting: Acting, name: str, use: Use, now: Moment) -> tuple[ConnectionHealth, Limits | None]:
    """Tell of one, and give the limits of one through which mail goes."""
    book = acting.eilbote.connections
    organization, own = split_name(name)
    label = await book.stored.label(name)
    pause = use.pauses.get(name)
    backlog = use.backlog.get(name)
    limits, error = None, ""
    try:
        limits = (await book.find(name)).limits
    except ConfigurationError as fault:
        error = fault.what
    is_off = label is not None and not label.enabled
    if is_off:
        state = ConnectionState.SWITCHED_OFF
    elif error:
        is_set_up = own not in set(Endpoint) or await _is_said(acting, Endpoint(own), organization)
        state = ConnectionState.BROKEN if is_set_up else ConnectionState.NOT_SET_UP
    else:
        state = ConnectionState.IN_USE if pause is None else ConnectionState.PAUSED
    health = ConnectionHealth(
        name=own,
        organization=organization,
        state=state,
        paused=None if pause is None else pause_shape(pause, tells=True),
        error=error if state is ConnectionState.BROKEN else "",
        waiting=0 if backlog is None else backlog.waiting,
        oldest_waiting=None if backlog is None else as_datetime(backlog.oldest),
        oldest_seconds=0.0 if backlog is None else max(0.0, (now - backlog.oldest) / 1000),
        last_use=use.last_use(name),
    )
    return health, limits if state in {ConnectionState.PAUSED, ConnectionState.IN_USE} else None


async def _is_said(acting: Acting, endpoint: Endpoint, organization: str) -> bool:
    try:
        return not (await acting.eilbote.settings.effective(endpoint, organization)).is_empty
    except ConfigurationError:
        return True


async def _rate(acting: Acting, shown: ConnectionHealth, limits: Limits, now: Moment) -> RateShape:
    statistics = acting.eilbote.statistics
    name = qualified_name(shown.organization, shown.name)
    return RateShape(
        per_second=limits.messages_per_second,
        per_minute=limits.messages_per_minute,
        per_day=limits.messages_per_day,
        last_minute=None
        if limits.messages_per_minute is None
        else await statistics.attempts_since(name, later(now, -_MINUTE)),
        last_day=None
        if limits.messages_per_day is None
        else await statistics.attempts_since(name, later(now, -_DAY)),
        sessions=limits.max_sessions,
    )
