"""What the tests of the web requests of flows share: a node, its effect, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tests.attacks.fetching import loopback_door

from eilbote.author.flow.effect import HttpRequest
from eilbote.author.flow.nodes.http_request import WebRequest
from eilbote.author.flow.step import Ask, Outcome, Scene
from eilbote.config.flow_secrets import FlowSecrets
from eilbote.engine.web_request import Visit, asked
from eilbote.model.data import Data
from eilbote.model.moment import moment_of
from eilbote.net.http import HttpDoor

SECRET = "Zr8-crm-token-nobody-may-see"
SECRETS = FlowSecrets({"EILBOTE_FLOW_SECRET_CRM": SECRET})
AUTHORIZATION: Data = {"Authorization": {"env": "EILBOTE_FLOW_SECRET_CRM", "before": "Bearer "}}


def scene(**values: Data) -> Scene:
    now = moment_of(datetime(2026, 11, 22, 8, tzinfo=UTC))
    return Scene(run="run1", node="look", turn=0, values={"input": values}, now=now)


def effect(fields: Mapping[str, Data], **values: Data) -> HttpRequest:
    move = WebRequest.read(fields).enter(scene(**values))
    assert isinstance(move, Ask)
    assert isinstance(move.effect, HttpRequest)
    return move.effect


def door(**settings: object) -> HttpDoor:
    return loopback_door(**settings)


async def outcome(fields: Mapping[str, Data], *, to: HttpDoor | None = None, **values: Data) -> Outcome:
    visit = Visit(key="run1/look/0")
    return await asked(effect(fields, **values), visit, door=to or door(), secrets=SECRETS)


def error_of(found: Outcome) -> Mapping[str, Data]:
    assert found.error is not None
    assert SECRET not in str(found)
    assert found.error["remedy"]
    return found.error
