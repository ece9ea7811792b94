"""The database is locked, the disk full, the key of the secrets gone; and somebody asks on, to learn what the machine looks like inside.

No answer names a path of the machine, what SQLite says, a statement or a traceback; the log has all of it, under the id of the request.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.attacks.api_doors import ACME, MESSAGE, doors

from eilbote.errors import (
    EilboteError,
    OutboxError,
    OutboxSchemaError,
    OutboxUnavailableError,
    SecretKeyError,
)

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
WITHIN = "the outbox /var/lib/eilbote/eilbote.db is locked"
CAUSE = "SQLite says: no such table: entry; SELECT id FROM entry"


@pytest.mark.parametrize("kind", [OutboxError, OutboxUnavailableError, OutboxSchemaError, SecretKeyError])
async def test_what_goes_wrong_within_is_for_the_log(
    tmp_path: Path,
    kind: type[EilboteError],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with doors(tmp_path) as server:

        async def fails(*_: object, **__: object) -> None:
            raise kind(WITHIN, cause=CAUSE, remedy="Look at /var/lib/eilbote")

        monkeypatch.setattr(server.eilbote, "entries", fails)
        with caplog.at_level(logging.ERROR, logger="eilbote"):
            said = await server.ask("GET", "/messages", ACME)
    assert said.status_code == 503
    assert said.headers["Retry-After"]
    for word in ("/var/lib", "SQLite", "SELECT", "Traceback"):
        assert word not in said.text
    assert WITHIN in caplog.text
    assert said.headers["X-Request-Id"] in caplog.text


async def test_what_nobody_has_foreseen_is_for_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with doors(tmp_path) as server:

        async def fails(*_: object, **__: object) -> None:
            raise RuntimeError(WITHIN)

        monkeypatch.setattr(server.eilbote, "entries", fails)
        said = await server.ask("GET", "/messages", ACME)
    assert said.status_code == 500
    assert "/var/lib" not in said.text
    assert "RuntimeError" not in said.text


async def test_nonsense_hears_of_no_path(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        for path in (
            "/messages/..%2F..%2Fetc%2Fpasswd",
            "/nothing",
            "/flows/..%2Fx",
            "/connections/%00",
            "/webhooks/'",
        ):
            said = await server.ask("GET", path, ACME)
            assert said.status_code in {400, 404, 422}, path
            assert str(tmp_path) not in said.text
            assert "site-packages" not in said.text
        for body in (
            b"[" * 100_000,
            b'{"a":' * 70 + b"1" + b"}" * 70,
            b'{"to": NaN}',
            b'{"to": "\\ud800"}',
            b"\xff",
            b"1" * 5000,
        ):
            said = await server.ask(
                "POST", "/messages", ACME, content=body, headers={"Content-Type": "application/json"}
            )
            assert said.status_code in {400, 422}, body[:20]
            assert "Traceback" not in said.text
        said = await server.ask("POST", "/messages", ACME, {**MESSAGE, "to": {"": 1}})
        assert said.status_code == 422
