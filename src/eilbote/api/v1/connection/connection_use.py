"""What goes through connections: what waits, which of them rest, when each was used last and how that ended, and who names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from eilbote.api.remedies import ForClients
from eilbote.connections.repository import qualified_name
from eilbote.engine.flow_users import users_of_connections
from eilbote.engine.route_users import routes_of_connections
from eilbote.model.moment import as_datetime
from eilbote.model.status import RecipientStatus

if TYPE_CHECKING:
    from eilbote.api.acting import Acting
    from eilbote.model.attempt import Attempt
    from eilbote.outbox.statistics import Backlog
    from eilbote.outbox.store import Pause

# For a connection, not for a recipient: what was refused for good may be one recipient's fault, what was put off is the way's as a rule.
_WORST_FIRST: Final = (
    RecipientStatus.IN_DOUBT,
    RecipientStatus.DEFERRED,
    RecipientStatus.FAILED,
    RecipientStatus.ACCEPTED,
)


class LastUseShape(BaseModel):
    """The latest attempt through a connection."""

    at: datetime
    seconds: float = Field(description="How long it took")
    outcome: str = Field(
        description="`accepted` when the server took everybody; otherwise `in_doubt`, `deferred` or `failed`, the first of them that happened to anybody",
        examples=["accepted"],
    )
    stage: str = Field(
        description="How far it came: `dns`, `connect`, `tls`, `greeting`, `ehlo`, `auth`, `mail`, `rcpt`, `data` or `content`",
        examples=["content"],
    )
    server: str = Field(
        description="Which server was reached; empty when none was", examples=["smtp.example.org:465"]
    )
    reply: ForClients = Field(description="What it said to the content, or why it was not asked")


class UsersShape(BaseModel):
    """Who names a connection."""

    flows: list[str] = Field(
        description="Flows, with the version that names it", examples=[["invoice (version 3)"]]
    )
    routes: list[str] = Field(description="Routes of processes", examples=[["order-confirmed"]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What goes through connections, by their qualified names.

    Attributes:
        pauses: Those that rest.
        unfinished: How many messages are not finished.
        backlog: What waits, and since when, of those who ask.
        latest: The latest attempt.
        flows: Which flows name each.
        routes: Which routes do.
        tells_users: Whether somebody has asked for these two.
    """

    pauses: Mapping[str, Pause]
    unfinished: Mapping[str, int]
    backlog: Mapping[str, Backlog]
    latest: Mapping[str, Attempt]
    flows: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    routes: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    tells_users: bool = False

    def last_use(self, name: str) -> LastUseShape | None:
        """Tell of the latest attempt through one."""
        attempt = self.latest.get(name)
        if attempt is None:
            return None
        statuses = {outcome.status for outcome in attempt.outcomes}
        worst = next((each for each in _WORST_FIRST if each in statuses), None)
        return LastUseShape(
            at=as_datetime(attempt.started),
            seconds=attempt.seconds,
            outcome="" if worst is None else worst.value,
            stage=attempt.stage,
            server=attempt.server,
            reply=attempt.reply,
        )

    def users(self, name: str) -> UsersShape | None:
        """Tell who names one; ``None`` when nobody asked."""
        if not self.tells_users:
            return None
        return UsersShape(flows=list(self.flows.get(name, ())), routes=list(self.routes.get(name, ())))


async def use_of(acting: Acting, names: Sequence[str], *, users: bool = False, of: str | None = None) -> Use:
    """Look what goes through connections.

    Args:
        acting: On whose behalf: of the host's connections, an organization is told what waits of its own alone.
        names: Their qualified names.
        users: Whether it is told who names them, for which flows and routes are read.
        of: The own name of the only one that matters to that.
    """
    eilbote = acting.eilbote
    flows, routes = await users_of(acting, of=of) if users else ({}, {})
    return Use(
        pauses={pause.connection: pause for pause in await eilbote.pauses()},
        unfinished=(await eilbote.figures()).by_connection,
        backlog={each.connection: each for each in await eilbote.statistics.backlog(acting.scope)},
        latest=await eilbote.statistics.newest_attempts(names),
        flows=flows,
        routes=routes,
        tells_users=users,
    )


async def users_of(
    acting: Acting, *, of: str | None = None
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Tell which flows and which routes name connections: of those whom whoever asks may see."""
    eilbote = acting.eilbote
    flows = await users_of_connections(eilbote.flow_store, eilbote.connections, of=of)
    routes = await routes_of_connections(eilbote.routes, eilbote.connections, of=of)
    return (
        {
            name: [str(use) for use in uses if acting.concerns(use.organization)]
            for name, uses in flows.items()
        },
        {
            name: [
                qualified_name(each.organization, each.message_name)
                for each in found
                if acting.concerns(each.organization)
            ]
            for name, found in routes.items()
        },
    )
