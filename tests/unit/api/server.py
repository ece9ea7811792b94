"""The whole API in memory, and somebody who asks it: nothing listens, nothing is kept.

::

    @pytest_asyncio.fixture
    async def server() -> AsyncGenerator[Server]:
        async with house() as made:
            yield made


    async def test_a_viewer_sees(server: Server) -> None:
        said = await server.get("/services", who="viewer@acme")

Whoever asks is named by role and organization: ``viewer@acme``, ``system_administrator@`` of the host. In place of a role there may be
permissions, as an API key has them: ``messages:submit+messages:read@acme``. ``who=None`` says nothing about itself.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import httpx2
from fastapi import FastAPI

from eilbote.accounts.audit import BEGINNING, AuditRecord, chained
from eilbote.accounts.principal import Principal, PrincipalKind
from eilbote.accounts.role import GRANTS, Permission, Role
from eilbote.api.acting import House
from eilbote.api.application import application
from eilbote.app import Eilbote
from eilbote.config.config import Config
from eilbote.engine.accounts.audit_book import AuditBook
from eilbote.errors import SignInError
from eilbote.model.secret import Secret
from eilbote.testing import ManualClock, MemoryOutbox

if TYPE_CHECKING:
    from eilbote.accounts.audit import Deed
    from eilbote.accounts.principal import Origin
    from eilbote.accounts.store import AccountStore
    from eilbote.connections.connection import Connection

HOST: Final = "system_administrator@"
"""Who may do everything, everywhere."""
PREFIX: Final = "/api/v1"
_SHARED: Final[list[FastAPI]] = []
"""The application of all tests that add nothing to it."""
_NO_CONNECTIONS: Final[Mapping[str, Connection | str]] = {}


def principal_of(who: str) -> Principal:
    """Give whom a name such as ``viewer@acme`` or ``messages:read@acme`` stands for.

    Raises:
        SignInError: It stands for nobody.
    """
    what, at, organization = who.partition("@")
    known = {each.value for each in Permission}
    if at and what in {each.value for each in Role}:
        kind, permissions = PrincipalKind.USER, GRANTS[Role(what)]
    elif at and what and set(what.split("+")) <= known:
        kind, permissions = PrincipalKind.API_KEY, frozenset(Permission(each) for each in what.split("+"))
    else:
        raise SignInError("this key lets nobody in", field="authorization", remedy="Ask for another one")
    return Principal(kind=kind, id=who, name=who, organization=organization, permissions=permissions)


class FakeDoorkeeper:
    """Believes what everybody says of themselves."""

    async def by_key(self, text: str, *, origin: Origin) -> Principal:
        """Give whom a key stands for: its text is the name."""
        return principal_of(text)

    async def by_session(self, token: str, *, origin: Origin, is_use: bool = True) -> Principal:
        """Give who is signed in: the cookie is the name; changes need ``csrf of`` and the name."""
        return replace(principal_of(token), csrf=f"csrf of {token}")

    async def by_password(self, name: str, password: str, *, origin: Origin) -> Principal:
        """Give who has a password: the name itself, unless it is wrong."""
        if password != f"password of {name}":
            raise SignInError("address and password do not belong together", field="password")
        return principal_of(name)


class RecordingBook:
    """Keeps what is written into the audit book, and nothing else of accounts."""

    def __init__(self) -> None:
        self.written: list[AuditRecord] = []

    async def write(self, deeds: Sequence[Deed]) -> Sequence[AuditRecord]:
        """Write deeds behind what there is."""
        for deed in deeds:
            before = self.written[-1].hash if self.written else BEGINNING
            sequence = len(self.written) + 1
            self.written.append(
                AuditRecord(sequence=sequence, deed=deed, hash=chained(before, sequence, deed))
            )
        return self.written[len(self.written) - len(deeds) :]

    async def records_from(self, sequence: int, *, limit: int) -> Sequence[AuditRecord]:
        """Give records in order from a sequence on."""
        return self.written[sequence - 1 : sequence - 1 + limit]


class Server:
    """The API, what is behind it, and somebody who asks.

    Attributes:
        eilbote: What is behind it.
        clock: Its clock.
        book: Who did what.
        application: What is asked.
        client: Who asks; :meth:`ask` and its kind put in who it is.
    """

    def __init__(self, eilbote: Eilbote, clock: ManualClock, app: FastAPI, book: RecordingBook) -> None:
        self.eilbote = eilbote
        self.clock = clock
        self.application = app
        self.book = book
        self.client = httpx2.AsyncClient(
            # what the application lets through is answered, as a server in front of it would
            transport=httpx2.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 40_000)),
            base_url="http://eilbote.test",
        )

    @property
    def deeds(self) -> list[Deed]:
        """What was written into the book, the earliest first."""
        return [record.deed for record in self.book.written]

    async def ask(
        self,
        method: str,
        path: str,
        *,
        who: str | None = HOST,
        json: object = None,
        content: bytes | None = None,
        params: Mapping[str, str | int | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Ask something; a path without ``/api`` means version 1."""
        sent = {} if who is None else {"Authorization": f"Bearer {who}"}
        return await self.client.request(
            method,
            path if path.startswith("/api") else PREFIX + path,
            headers={**sent, **(headers or {})},
            params=params,
            **({} if json is None else {"json": json}),
            **({} if content is None else {"content": content}),
        )

    async def get(
        self, path: str, *, who: str | None = HOST, params: Mapping[str, str | int | list[str]] | None = None
    ) -> httpx2.Response:
        """Read something."""
        return await self.ask("GET", path, who=who, params=params)

    async def post(
        self,
        path: str,
        json: object = None,
        *,
        who: str | None = HOST,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Do something."""
        return await self.ask("POST", path, who=who, json=json, headers=headers)

    async def patch(self, path: str, json: object, *, who: str | None = HOST) -> httpx2.Response:
        """Change something in part."""
        return await self.ask("PATCH", path, who=who, json=json)

    async def put(self, path: str, json: object, *, who: str | None = HOST) -> httpx2.Response:
        """Put something in place of what was there."""
        return await self.ask("PUT", path, who=who, json=json)

    async def delete(self, path: str, *, who: str | None = HOST) -> httpx2.Response:
        """Take something away."""
        return await self.ask("DELETE", path, who=who)


@asynccontextmanager
async def house(
    *,
    connections: Mapping[str, Connection | str] = _NO_CONNECTIONS,
    config: Config | None = None,
    fresh: bool = False,
) -> AsyncGenerator[Server]:
    """Open a server in memory while the block lasts.

    Args:
        connections: Connections of the program itself; others are kept through the API.
        config: Other settings than the defaults.
        fresh: Whether the application is made anew, for tests that add to it or need the pages of answers; otherwise the operations
            are those of the test before, with other things behind them, which is much faster.
    """
    is_own = fresh or config is not None
    clock = ManualClock()
    config = config or Config(data_dir=Path("/nonexistent"), database_url=Secret("sqlite:///nonexistent.db"))
    async with Eilbote(store=MemoryOutbox(), connections=connections, clock=clock, config=config) as eilbote:
        book = RecordingBook()
        behind = House(
            eilbote=eilbote,
            doorkeeper=FakeDoorkeeper(),
            book=AuditBook(cast("AccountStore", book), clock=clock),
        )
        if is_own or not _SHARED:
            app = application(answers=eilbote.answers, house=behind)
            _SHARED.extend([] if is_own else [app])
        else:
            app = _SHARED[0]
            app.state.house = behind
        made = Server(eilbote, clock, app, book)
        async with made.client:
            yield made
