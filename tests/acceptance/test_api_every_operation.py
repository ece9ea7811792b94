"""Every operation of the API with values that somebody else makes up from its description, good ones and bad ones.

Whatever is sent, nothing goes wrong that nobody has foreseen, and what comes back is as the description tells: the status, the media type,
the shape. The same values are drawn in every run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.acceptance.api_scene import METHODS, Scene, api_scene, described, fill

EXAMPLES = 3
"""For each operation, each key, and each of good and bad values."""
LEFT_OUT = {
    "stream_events": "its answer never ends; a test of its own reads it on a real connection",
    "test_new_connection": "it would look up the servers whose names are made up; tests of connections do so where there is a server",
    "test_connection": "the same",
    "test_settings": "the same",
    "test_webhook": "the same",
}
"""Operations that are not tried here, and why."""
WHO = ("system_administrator@", "organization_administrator@acme", "author@acme")
CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@schemathesis.serializer("message/rfc822")
def _octets(_context: schemathesis.SerializationContext, value: Any) -> bytes:  # noqa: ANN401 - generated
    """Hand in a message that came back as whatever was made up for it."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


SCHEMA = schemathesis.openapi.from_dict(deepcopy(described()))
OPERATIONS = [
    (method.upper(), path, told["operationId"])
    for path, found in described()["paths"].items()
    for method, told in found.items()
    if method in METHODS and told["operationId"] not in LEFT_OUT
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.AbstractEventLoop, Scene]]:
    loop = asyncio.new_event_loop()
    opened = api_scene(tmp_path_factory.mktemp("api"))
    scene = loop.run_until_complete(opened.__aenter__())
    yield loop, scene
    loop.run_until_complete(opened.__aexit__(None, None, None))
    loop.close()


def _sent(case: Any, scene: Scene, who: str) -> httpx2.Request:  # noqa: ANN401 - generated
    prepared = requests.Request(
        **{
            name: value
            for name, value in case.as_transport_kwargs(base_url="http://eilbote.test").items()
            if name in {"method", "url", "headers", "files", "data", "json", "params", "auth", "cookies"}
        }
    ).prepare()
    headers = {
        name: value
        for name, value in prepared.headers.items()
        if name.lower() not in {"authorization", "cookie", "accept-encoding", "content-length"}
    }
    body = prepared.body
    return httpx2.Request(
        str(prepared.method),
        str(prepared.url),
        headers={**headers, "Authorization": f"Bearer {scene.keys[who]}"},
        content=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
    )


@pytest.mark.parametrize("method, path, name", OPERATIONS, ids=[name for _, _, name in OPERATIONS])
def test_an_operation_answers_as_it_is_described(
    asked: tuple[asyncio.AbstractEventLoop, Scene], method: str, path: str, name: str
) -> None:
    loop, scene = asked
    operation = SCHEMA[path][method]
    rules = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    known = fill(path, scene.things["acme"]).split("/")
    real = {name: known[path.split("/").index(f"{{{name}}}")] for name in names} or None
    told = operation.definition.raw
    takes_something = bool(told.get("parameters") or told.get("requestBody"))
    for mode in (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if takes_something else [])):

        @rules
        @given(
            case=operation.as_strategy(
                mode, path_parameters=real if mode is GenerationMode.POSITIVE else None
            )
        )
        def answers(case: Any) -> None:  # noqa: ANN401 - generated
            for who in WHO:
                sent = scene.client.send(_sent(case, scene, who))
                said = loop.run_until_complete(asyncio.wait_for(sent, 30))
                case.validate_response(said, checks=list(CHECKS))

        answers()
