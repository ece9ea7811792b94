"""All resources of the API, in the order of its reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends

from eilbote.api.known_query import check_query
from eilbote.api.v1.account.api_keys import router as api_keys
from eilbote.api.v1.account.audit import router as audit
from eilbote.api.v1.account.invitations import router as invitations
from eilbote.api.v1.account.me import router as me
from eilbote.api.v1.account.organizations import router as organizations
from eilbote.api.v1.account.recovery import router as recovery
from eilbote.api.v1.account.roles import router as roles
from eilbote.api.v1.account.session import router as session
from eilbote.api.v1.account.users import router as users
from eilbote.api.v1.connection.connection_tests import router as connection_tests
from eilbote.api.v1.connection.connections import router as connections
from eilbote.api.v1.connection.consents import router as consents
from eilbote.api.v1.connection.services import router as services
from eilbote.api.v1.flow.flow_kinds import router as flow_kinds
from eilbote.api.v1.flow.flow_trials import router as flow_trials
from eilbote.api.v1.flow.flows import router as flows
from eilbote.api.v1.flow.runs import router as runs
from eilbote.api.v1.flow.templates import router as templates
from eilbote.api.v1.host.health import router as health
from eilbote.api.v1.host.settings import router as settings
from eilbote.api.v1.host.snapshots import router as snapshots
from eilbote.api.v1.mail.bounces import router as bounces
from eilbote.api.v1.mail.captured import router as captured
from eilbote.api.v1.mail.conversations import router as conversations
from eilbote.api.v1.mail.events import router as events
from eilbote.api.v1.mail.message_content import router as message_content
from eilbote.api.v1.mail.message_wishes import router as message_wishes
from eilbote.api.v1.mail.messages import router as messages
from eilbote.api.v1.mail.statistics import router as statistics
from eilbote.api.v1.mail.suppressions import router as suppressions
from eilbote.api.v1.notification.event_types import router as event_types
from eilbote.api.v1.notification.notifications import router as notifications
from eilbote.api.v1.notification.own_subscriptions import router as own_subscriptions
from eilbote.api.v1.notification.subscriptions import router as subscriptions
from eilbote.api.v1.notification.webhooks import router as webhooks
from eilbote.api.v1.process.instances import router as instances
from eilbote.api.v1.process.process_difference import router as process_difference
from eilbote.api.v1.process.processes import router as processes
from eilbote.api.v1.process.route_messages import router as route_messages
from eilbote.api.v1.process.routes import router as routes
from eilbote.api.v1.process.tasks import router as tasks

if TYPE_CHECKING:
    from fastapi import FastAPI

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
    process_difference,
    instances,
    tasks,
    routes,
    route_messages,
    snapshots,
)


def add_operations(app: FastAPI) -> None:
    """Add every operation of the API to an application.

    Each resource is included by itself: FastAPI asks at each request whether a router has changed, and asks all that are within it.
    """
    for resource in RESOURCES:
        app.include_router(resource, prefix=PREFIX, dependencies=[Depends(check_query)])
