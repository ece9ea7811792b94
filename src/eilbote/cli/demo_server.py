"""The server of the demonstration: everything in a folder that is taken away again, listening on this machine alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Permission
from eilbote.api.application import application
from eilbote.api.house import house_for
from eilbote.api.server import serving
from eilbote.app import Eilbote
from eilbote.cli.account_desk import this_principal
from eilbote.config.reading import read_config
from eilbote.connections.connection import Connection
from eilbote.connections.known import DEFAULT, NOTIFICATION
from eilbote.errors import SettingsError
from eilbote.net.http import HttpDoor
from eilbote.net.listening import listen
from eilbote.testing.catcher import Catcher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    import httpx2

_HOST: Final = "127.0.0.1"
_OCTETS: Final = 4 * 1024 * 1024
_SENDER: Final = "Demonstration <demo@shop.example>"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoServer:
    """A server that is listening.

    Attributes:
        address: Where: ``http://127.0.0.1:40123``.
        eilbote: What is behind it.
        catcher: Where its mail goes.
        key: Of its administrator.
    """

    address: str
    eilbote: Eilbote
    catcher: Catcher
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request and its answer.

    Attributes:
        method: Such as ``PUT``.
        path: Behind the address of the API.
        status: Of the answer.
        location: Where what was made is; empty when nothing was.
    """

    method: str
    path: str
    status: int
    location: str


class Client:
    """Asks the API as a program would: HTTP, a key, JSON.

    Args:
        address: Of the server.
        key: The API key.
        on_answer: Hears of each answer.
    """

    def __init__(self, address: str, key: str, *, on_answer: Callable[[Asked], None]) -> None:
        self._address = address
        self._key = key
        self._on_answer = on_answer

    async def ask(
        self, method: str, path: str, body: Mapping[str, object] | str | None = None
    ) -> dict[str, object]:
        """Ask something, and give what it is answered.

        Args:
            method: Such as ``PUT``.
            path: Behind ``/api/v1``.
            body: JSON, or YAML as a text.

        Raises:
            SettingsError: It was refused.
            DeliveryError: The server cannot be reached.
        """
        answer = await self._asked(method, path, body)
        said = cast("dict[str, object]", answer.json()) if answer.content else {}
        self._on_answer(
            Asked(
                method=method,
                path=path,
                status=answer.status_code,
                location=answer.headers.get("location", ""),
            )
        )
        if not answer.is_success:
            raise SettingsError(str(said.get("detail", f"{method} {path}: {answer.status_code}")))
        return said

    async def _asked(
        self, method: str, path: str, body: Mapping[str, object] | str | None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._key}"}
        content: bytes | None = None
        if isinstance(body, str):
            content, headers["Content-Type"] = body.encode(), "application/yaml"
        elif body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        async with HttpDoor(octets=_OCTETS).client() as client:
            return await client.request(
                method, f"{self._address}/api/v1{path}", content=content, headers=headers
            )


@asynccontextmanager
async def demo_server() -> AsyncGenerator[DemoServer]:
    """Serve while the block lasts, with a courier beside it whose mail is caught."""
    with TemporaryDirectory(prefix="eilbote-") as folder:
        # Without a database of its own it would be that of whoever tries this.
        config = replace(read_config(data_dir=Path(folder), database_url=_database(folder)), public_url="")
        async with Catcher() as catcher:
            connection = catcher.connection(default_from=_SENDER)
            connections: dict[str, Connection | str] = {DEFAULT: connection, NOTIFICATION: connection}
            async with Eilbote(config=config, connections=connections) as eilbote, eilbote.courier():
                made = await eilbote.accounts.keys.create(
                    "demonstration",
                    organization=HOST,
                    permissions=frozenset(Permission),
                    by=this_principal(),
                )
                app = application(answers=eilbote.answers, house=house_for(eilbote))
                async with serving(app, listen(_HOST, 0)) as port:
                    yield DemoServer(
                        address=f"http://{_HOST}:{port}", eilbote=eilbote, catcher=catcher, key=made.text
                    )


def _database(folder: str) -> str:
    return f"sqlite:///{Path(folder) / 'outbox.db'}"
