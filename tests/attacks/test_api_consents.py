"""Somebody wants mail to leave through his account, or tokens that were meant for others.

While a person consents, what was begun waits in the database. He reads the database, with its codes and secrets. He asks about another
one's consent by its id, with a key of another organization, or after it was given. He asks so often that the provider locks everybody out. He
changes columns in the database, so that the consent of his own mailbox becomes that of another organization's connection.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from tests.attacks.api_doors import ACME, ADMINISTRATOR, GLOBEX, Doors, doors
from tests.attacks.planted import forms

from eilbote.engine.consent_desk import ConsentDesk
from eilbote.net.egress import EgressPolicy
from eilbote.testing import ManualClock

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])

CODE: Final = "device-code-4711-geheim"
SECRET: Final = "client-secret-0815-geheim"
PLACE: Final = "/connections/office/consent/device"
OFFICE: Final = {
    "settings": {
        "service": "Outlook365",
        "user": "orders@acme.example",
        "client_id": "app-1",
        "client_secret": SECRET,
    }
}


class Provider:
    """Gives a code to whoever wants one, and then a token to whoever asks about it.

    Attributes:
        asked: How often it was asked about a code.
    """

    def __init__(self) -> None:
        self.asked = 0

    def client(self, *, field: str = "url") -> httpx2.AsyncClient:
        del field
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self.answer))

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("devicecode"):
            page = "https://login.example/device"
            said = {"device_code": CODE, "user_code": "FJ4K-9QRT", "verification_uri": page, "interval": 5}
            return httpx2.Response(200, json=said)
        self.asked += 1
        await asyncio.sleep(0)  # others get their turn
        token = {"access_token": "at-1", "refresh_token": "rt-1", "token_type": "Bearer", "expires_in": 60}
        return httpx2.Response(200, json=token)


class Scene:
    """A server, a provider, and the time.

    Attributes:
        server: The server.
        provider: The provider.
        clock: By which consents are too late.
    """

    def __init__(self, server: Doors, directory: Path) -> None:
        self.server = server
        self.provider = Provider()
        self.clock = ManualClock()
        self._directory = directory
        self.desk = server.eilbote.services.consents = ConsentDesk(
            server.eilbote.connections,
            store=server.eilbote.records.consents,
            clock=self.clock,
            egress=EgressPolicy(),
            door=lambda _: self.provider,  # type: ignore[arg-type, return-value]
        )

    async def begun(self, who: str = ACME) -> str:
        said = await self.server.ask("POST", PLACE, who, OFFICE)
        assert said.status_code == 201, said.text
        self.clock.advance(5)
        return str(said.json()["id"])

    async def asked(
        self, consent: str, who: str | None = ACME, organization: str | None = None
    ) -> httpx2.Response:
        params = {} if organization is None else {"organization": organization}
        return await self.server.ask("POST", f"/connections/consent/device/{consent}", who, params=params)

    async def known(self, who: str) -> int:
        return (await self.server.ask("GET", "/connections/office", who)).status_code

    def change(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self._directory / "eilbote.db")) as opened, opened:
            assert opened.execute(sql, values).rowcount == 1

    def files(self) -> bytes:
        return b"".join(
            each.read_bytes()
            for each in sorted(self._directory.rglob("*"))
            if each.is_file() and each.suffix != ".keys"
        )


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with doors(tmp_path, public_url="https://eilbote.example") as server:
        yield Scene(server, tmp_path)


async def test_whoever_reads_the_database_can_finish_no_consent(scene: Scene) -> None:
    consent = await scene.begun()
    begun = await scene.desk.begin(
        "acme/browser",
        OFFICE["settings"],
        session="session-secret-99",
        redirect_uri="https://eilbote.example/",
    )
    asked = parse_qs(urlsplit(begun.url).query)
    disk = scene.files()
    assert b"acme/browser" in disk
    for secret in (CODE, SECRET, "FJ4K-9QRT", consent, "session-secret-99", asked["state"][0]):
        assert not any(form in disk for form in forms(secret)), "a secret lies on the disk"


@pytest.mark.parametrize(
    "who, organization, status",
    [
        (GLOBEX, None, 404),
        ("operator@acme", None, 403),
        (ADMINISTRATOR, None, 404),
        (ADMINISTRATOR, "acme", 404),
        (None, None, 401),
    ],
)
async def test_nobody_else_asks_about_it(
    scene: Scene, who: str | None, organization: str | None, status: int
) -> None:
    consent = await scene.begun()
    assert (await scene.asked(consent, who, organization)).status_code == status
    assert scene.provider.asked == 0
    assert (await scene.asked(consent)).json()["is_done"] is True


async def test_it_is_given_once_however_many_ask(scene: Scene) -> None:
    consent = await scene.begun()
    said = await asyncio.gather(*(scene.asked(consent) for _ in range(12)))
    assert scene.provider.asked == 1
    assert sum(each.status_code == 200 and each.json()["is_done"] for each in said) == 1
    scene.clock.advance(60)
    assert (await scene.asked(consent)).status_code == 404
    assert scene.provider.asked == 1


async def test_who_lost_the_right_to_write_connections_finishes_nothing(scene: Scene) -> None:
    consent = await scene.begun()
    keys = scene.server.eilbote.accounts.keys
    (key,) = [each for each in await keys.page("acme", limit=50) if each.name == ACME.partition("@")[0]]
    said = await scene.server.ask(
        "DELETE", f"/api-keys/{key.id}", ADMINISTRATOR, params={"organization": "acme"}
    )
    assert said.status_code in {200, 204}, said.text
    assert (await scene.asked(consent)).status_code == 401
    assert scene.provider.asked == 0
    assert await scene.known("viewer@acme") == 404


@pytest.mark.parametrize(
    "column, value",
    [("connection", "globex/office"), ("connection", "office"), ("base", 7), ("ends", 2**52)],
)
async def test_whoever_changes_the_database_makes_no_other_s_of_his_consent(
    scene: Scene, column: str, value: object
) -> None:
    """His mailbox would become the one through which another organization's mail leaves."""
    consent = await scene.begun()
    scene.change(f"UPDATE consent SET {column} = ?", value)  # noqa: S608 - a name of ours
    assert (await scene.asked(consent)).status_code == 404
    assert scene.provider.asked == 0
    assert [await scene.known(who) for who in (ACME, GLOBEX, ADMINISTRATOR)] == [404] * 3


async def test_nor_his_of_another_one_s_consent(scene: Scene) -> None:
    """He puts the name of his own sign-in to a consent whose id he has seen in a browser's history."""
    consent = await scene.begun()
    await scene.server.ask("POST", PLACE, GLOBEX, OFFICE)
    scene.clock.advance(5)
    scene.change(
        "UPDATE consent SET session = (SELECT session FROM consent WHERE connection LIKE 'globex%') "
        "WHERE connection LIKE 'acme%'"
    )
    assert (await scene.asked(consent, GLOBEX)).status_code == 404
    assert scene.provider.asked == 0
