"""All resources of the API, in the order of its reference."""

from __future__ import annotations

from functools import cache
from typing import Final

from fastapi import APIRouter, Depends

from eilbote.api.known_query import check_query
from eilbote.api.v1.api_keys import router as api_keys
from eilbote.api.v1.audit import router as audit
from eilbote.api.v1.bounces import router as bounces
from eilbote.api.v1.captured import router as captured
from eilbote.api.v1.connection_tests import router as connection_tests
from eilbote.api.v1.connections import router as connections
from eilbote.api.v1.consents import router as consents
from eilbote.api.v1.conversations import router as conversations
from eilbote.api.v1.event_types import router as event_types
from eilbote.api.v1.events import router as events
from eilbote.api.v1.flow_kinds import router as flow_kinds
from eilbote.api.v1.flow_trials import router as flow_trials
from eilbote.api.v1.flows import router as flows
from eilbote.api.v1.health import router as health
from eilbote.api.v1.instances import router as instances
from eilbote.api.v1.invitations import router as invitations
from eilbote.api.v1.me import router as me
from eilbote.api.v1.message_content import router as message_content
from eilbote.api.v1.message_wishes import router as message_wishes
from eilbote.api.v1.messages import router as messages
from eilbote.api.v1.notifications import router as notifications
from eilbote.api.v1.organizations import router as organizations
from eilbote.api.v1.own_subscriptions import router as own_subscriptions
from eilbote.api.v1.processes import router as processes
from eilbote.api.v1.recovery import router as recovery
from eilbote.api.v1.roles import router as roles
from eilbote.api.v1.routes import router as routes
from eilbote.api.v1.runs import router as runs
from eilbote.api.v1.services import router as services
from eilbote.api.v1.session import router as session
from eilbote.api.v1.settings import router as settings
from eilbote.api.v1.snapshots import router as snapshots
from eilbote.api.v1.statistics import router as statistics
from eilbote.api.v1.subscriptions import router as subscriptions
from eilbote.api.v1.suppressions import router as suppressions
from eilbote.api.v1.tasks import router as tasks
from eilbote.api.v1.templates import router as templates
from eilbote.api.v1.users import router as users
from eilbote.api.v1.webhooks import router as webhooks

PREFIX: Final = "/api/v1"
RESOURCES: Final[tuple[APIRouter, ...]] = (
    messages,
    message_wishes,
    message_content,
    events,
    captured,
    statistics,
    suppressions,
    bounces,
    connections,
    connection_tests,
    consents,
    services,
    settings,
    templates,
    session,
    me,
    users,
    roles,
    organizations,
    api_keys,
    invitations,
    recovery,
    audit,
    notifications,
    subscriptions,
    own_subscriptions,
    event_types,
    webhooks,
    flow_kinds,
    flow_trials,
    flows,
    runs,
    conversations,
    health,
    processes,
    instances,
    tasks,
    routes,
    snapshots,
)


@cache
def v1_router() -> APIRouter:
    """Give every operation of the API; put together once, however many applications serve it."""
    router = APIRouter(prefix=PREFIX, dependencies=[Depends(check_query)])
    for resource in RESOURCES:
        router.include_router(resource)
    return router
