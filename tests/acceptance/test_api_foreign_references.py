"""What belongs to another organization is named in bodies, in queries, in headers and by cursors: it is as though nobody had it.

Each reference is sent twice, once with a thing that acme has and once with one that nobody has, by an administrator of globex. The answers are the
same to the letter but for the name, and of acme nothing has changed. Which fields are references follows from the description, so that a
field that is added tomorrow is either in the table below or has a reason.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from tests.acceptance.api_scene import Operation, Scene, api_scene, operations
from tests.acceptance.untouched import check, dump, heard, is_untouched, missing
from tests.unit.api.processes_at_hand import DIAGRAM, ROUTE, SETTINGS

from eilbote.accounts.role import GRANTS, Role
from eilbote.api.description import description_alone

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]
WHO = "organization_administrator@globex"
OWN = {each.value for each in GRANTS[Role.ORGANIZATION_ADMINISTRATOR]} | {"signed-in"}
"""Permissions of whoever tries."""
MESSAGE = {"from": "a@example.org", "to": "max@example.org", "subject": "x", "text": "y"}
FLOW = """name: stranger
nodes:
  - {id: mail, kind: email_notification, to: max@example.org, subject: x, text: y, connection: THING}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A place where a thing is named: ``THING`` stands for it.

    Attributes:
        operation: Its id.
        field: The field of the body, or the parameter, as the description calls it.
        thing: What is named there, as the scene knows it.
        body: What is sent.
        params: The query.
    """

    operation: str
    field: str
    thing: str
    body: object = None
    params: Mapping[str, str] = field(default_factory=dict)


def _query(operation: str, name: str, thing: str, text: str = "THING") -> Reference:
    return Reference(operation=operation, field=name, thing=thing, params={name: text})


_SUBSCRIBE = {"event": "flow.*", "to": ["max@example.org"]}
REFERENCES = (
    Reference(
        operation="submit_message",
        field="connections",
        thing="connections/name",
        body={**MESSAGE, "connections": ["THING"]},
    ),
    Reference(
        operation="submit_message",
        field="connections",
        thing="connections/name",
        body={**MESSAGE, "connections": ["acme/THING"]},
    ),
    Reference(
        operation="submit_messages",
        field="messages.*.connections",
        thing="connections/name",
        body={"messages": [{**MESSAGE, "connections": ["THING"]}]},
    ),
    Reference(
        operation="send_message_again",
        field="connections",
        thing="connections/name",
        body={"connections": ["THING"]},
    ),
    Reference(
        operation="bulk_messages",
        field="ids",
        thing="messages/message",
        body={"action": "cancel", "ids": ["THING"]},
    ),
    Reference(
        operation="create_subscription",
        field="replaces",
        thing="subscriptions/id",
        body={**_SUBSCRIBE, "replaces": "THING"},
    ),
    Reference(
        operation="create_subscription",
        field="to",
        thing="users/id",
        body={**_SUBSCRIBE, "to": ["user:THING"]},
    ),
    Reference(
        operation="update_subscription",
        field="replaces",
        thing="subscriptions/id",
        body={"replaces": "THING"},
    ),
    Reference(operation="update_subscription", field="to", thing="users/id", body={"to": ["user:THING"]}),
    Reference(operation="begin_run", field="flow", thing="flows/flow", body={"flow": "THING"}),
    Reference(
        operation="begin_run",
        field="session",
        thing="conversations/session",
        body={"flow": "globex-1", "session": "THING"},
    ),
    Reference(operation="try_flow", field="flow", thing="flows/flow", body={"flow": "THING"}),
    Reference(
        operation="begin_instance", field="process", thing="processes/process", body={"process": "THING"}
    ),
    Reference(
        operation="give_message",
        field="instance",
        thing="instances/instance",
        body={"name": "payment", "instance": "THING"},
    ),
    Reference(operation="create_snapshot", field="flows", thing="flows/flow", body={"flows": ["THING"]}),
    Reference(
        operation="raise_notification",
        field="id",
        thing="notifications/id",
        body={"event": "globex.event", "summary": "x", "id": "THING"},
    ),
    Reference(operation="check_flow", field="text", thing="connections/name", body={"text": FLOW}),
    Reference(operation="put_flow_draft", field="text", thing="connections/name", body={"text": FLOW}),
    Reference(
        operation="check_route",
        field="text",
        thing="connections/name",
        body={"text": ROUTE.replace("connection: office", "connection: THING")},
    ),
    Reference(
        operation="put_route",
        field="text",
        thing="connections/name",
        body={"text": ROUTE.replace("connection: office", "connection: THING")},
    ),
    Reference(
        operation="check_process",
        field="settings",
        thing="routes/route",
        body={"bpmn": DIAGRAM, "settings": SETTINGS.replace("route: order-ready", "route: THING")},
    ),
    _query("preview_subscriptions", "user", "users/id"),
    _query("preview_subscriptions", "address", "users/address"),
    _query("list_users", "address", "users/address"),
    _query("list_suppressions", "address", "suppressions/address"),
    _query("list_runs", "flow", "flows/flow"),
    _query("list_runs", "session", "conversations/session"),
    _query("list_runs", "q", "runs/run"),
    _query("list_instances", "process", "processes/process"),
    _query("list_instances", "q", "instances/instance"),
    _query("get_statistics", "connection", "connections/name"),
    _query("list_flows", "name", "flows/flow"),
    _query("list_processes", "name", "processes/process"),
    _query("list_routes", "name", "routes/route"),
    _query("list_messages", "q", "flows/flow", "to:THING@example.org"),
    _query("count_messages", "q", "flows/flow", "to:THING@example.org"),
    _query("list_messages", "q", "connections/name", "connection:THING"),
    _query("list_audit_records", "thing", "connections/name", "connection:THING"),
    _query("list_audit_records", "who", "users/id"),
    _query("export_audit", "thing", "connections/name", "connection:THING"),
    _query("export_audit", "who", "users/id"),
)
NAMES = frozenset(
    [
        "connection",
        "connections",
        "flow",
        "flows",
        "route",
        "process",
        "instance",
        "instance_id",
        "run",
        "run_id",
        "session",
        "user",
        "replaces",
        "ids",
        "id",
        "message",
        "thing",
        "who",
    ]
)
"""What a field is called that names a thing."""
NO_REFERENCES = {
    ("give_message", "id"): "the sender's own name for a message, and its instance keeps it",
    ("try_flow", "session"): "nothing is kept of a trial, and no conversation is read",
}
"""Fields of such names that name no thing of an organization, and why."""
SHARED = (
    Reference(
        operation="begin_run", field="run_id", thing="runs/run", body={"flow": "globex-1", "run_id": "THING"}
    ),
    Reference(
        operation="begin_instance",
        field="instance_id",
        thing="instances/instance",
        body={
            "process": "order-globex-1",
            "instance_id": "THING",
            "data": {"number": "77", "email": "a@example.org"},
        },
    ),
)
"""Ids that whoever begins something may choose, and of which all organizations have one stock: one that is taken is told to be, and nothing else."""


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with api_scene(tmp_path) as made:
        for organization in ("acme", "globex"):
            made.things[organization]["users/address"] = f"viewer@{organization}.example"
        yield made


async def test_every_field_that_names_a_thing_is_tried() -> None:
    known = {(each.operation, each.field) for each in (*REFERENCES, *SHARED)} | NO_REFERENCES.keys()
    check("neither tried nor explained", [f"{each}" for each in sorted(set(_fields()) - known)])
    said = set(_fields()) | {(each.id, name) for each in operations() for name in each.parameters}
    check("of no operation any more", [f"{each}" for each in sorted(NO_REFERENCES.keys() - said)])


def _fields() -> Iterator[tuple[str, str]]:
    """Give the fields that name a thing, of operations that are not refused before anybody looks at them."""
    for operation in operations():
        if operation.needs not in OWN:
            continue
        for name, told in operation.parameters.items():
            if told["in"] == "query" and name in NAMES:
                yield operation.id, name
        content = operation.told.get("requestBody", {}).get("content", {}).get("application/json", {})
        for path in _paths(content.get("schema", {}), (), frozenset()):
            if path[-1] in NAMES and path != ("settings", "user"):  # who signs in to a server of theirs
                yield operation.id, ".".join(path)


@cache
def _schemas() -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = description_alone()["components"]["schemas"]
    return schemas


def _paths(
    schema: Mapping[str, Any], at: tuple[str, ...], within: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in within:
            yield from _paths(_schemas()[name], at, within | {name})
        return
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _paths(each, at, within)
    for name, told in schema.get("properties", {}).items():
        yield (*at, name)
        yield from _paths(told, (*at, name), within)
    if isinstance(schema.get("items"), Mapping):
        yield from _paths(schema["items"], (*at, "*"), within)


def _by_id(name: str) -> Operation:
    return next(each for each in operations() if each.id == name)


async def _tried(scene: Scene, reference: Reference, value: str) -> httpx2.Response:
    operation = _by_id(reference.operation)
    sent = json.loads(json.dumps([reference.body, dict(reference.params)]).replace("THING", value))
    content = {} if sent[0] is None else {"json": sent[0]}
    return await scene.client.request(
        operation.method,
        scene.path_of(operation, "globex"),
        params=sent[1],
        headers={"Authorization": f"Bearer {scene.keys[WHO]}"},
        **content,
    )


async def test_what_is_named_and_anothers_is_as_though_nobody_had_it(scene: Scene) -> None:
    before = dump(scene.database)
    wrong: list[str] = []
    for reference in REFERENCES:
        value = scene.things["acme"][reference.thing]
        other = missing(value)
        said, absent = [await _tried(scene, reference, each) for each in (value, other)]
        answer = heard(said, value)
        if answer[0] >= 500 or answer != heard(absent, other):
            wrong.append(
                f"{reference.operation} {reference.field} {value}: {said.status_code} {said.text} / {absent.status_code} {absent.text}"
            )
    check("another organization's things were found by their names", wrong)
    is_untouched(before, dump(scene.database))


async def test_an_id_that_another_organization_has_taken_is_told_to_be_taken_and_no_more(
    scene: Scene,
) -> None:
    """Neither by whom nor for what; and of what has it nothing is seen or changed."""
    before = dump(scene.database)
    for reference in SHARED:
        value = scene.things["acme"][reference.thing]
        said = await _tried(scene, reference, value)
        assert (said.status_code, said.json()["field"]) == (422, reference.field)
        assert "acme" not in said.text.replace(value, "THING")
    is_untouched(before, dump(scene.database))
