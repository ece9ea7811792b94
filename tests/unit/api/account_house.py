"""The API with real accounts behind it, in memory; passwords cost next to nothing, and mail is only noted."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from fastapi import FastAPI
from tests.unit.engine.accounts.account_scene import HERE, PASSWORD, ROOT, Teller, cheap

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Role
from eilbote.accounts.user import User
from eilbote.api.application import application
from eilbote.api.house import house_for
from eilbote.app import Eilbote
from eilbote.config.config import Config
from eilbote.config.sections import ServerSettings
from eilbote.engine.accounts.accounts_desk import AccountsDesk
from eilbote.engine.accounts.passwords import Passwords
from eilbote.model.secret import Secret
from eilbote.testing import ManualClock, MemoryOutbox

API = "/api/v1"


class Browser:
    """Keeps cookies, and sends with changes what it was told to."""

    def __init__(
        self, app: object, *, base_url: str = "http://eilbote.test", address: str = "192.0.2.7"
    ) -> None:
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app, raise_app_exceptions=False, client=(address, 40_000)),
            base_url=base_url,
        )
        self.csrf = ""

    async def ask(
        self, method: str, path: str, json: object = None, *, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        sent = {"X-CSRF-Token": self.csrf} if self.csrf else {}
        said = await self.client.request(
            method,
            path if path.startswith("/api/") else API + path,
            headers=sent | (headers or {}),
            **({} if json is None else {"json": json}),
        )
        if said.content and said.headers.get("content-type") == "application/json":
            data = said.json()
            if isinstance(data, dict) and data.get("csrf"):
                self.csrf = data["csrf"]
        return said

    async def sign_in(self, address: str, password: str = PASSWORD) -> httpx2.Response:
        return await self.ask("POST", "/session", {"address": address, "password": password})


_made: list[FastAPI] = []
"""The application, whose making takes longer than any test here; what is behind it is another one each time."""


def _application_for(eilbote: Eilbote) -> FastAPI:
    house = house_for(eilbote)
    if not _made:
        _made.append(application(answers=eilbote.answers, house=house))
    _made[0].state.house = house
    return _made[0]


class AccountHouse:
    """The server, with an administrator of the host and two organizations, each with an administrator."""

    def __init__(self, eilbote: Eilbote, clock: ManualClock, desk: AccountsDesk, mail: Teller) -> None:
        self.eilbote = eilbote
        self.clock = clock
        self.desk = desk
        self.mail = mail
        self.base_url = eilbote.config.public_url or "http://eilbote.test"
        self.app = _application_for(eilbote)

    def browser(self, *, address: str = "192.0.2.7") -> Browser:
        return Browser(self.app, base_url=self.base_url, address=address)

    async def person(self, address: str, *, role: Role, organization: str) -> User:
        invited = await self.desk.invitations.invite(
            address, organization=organization, by=ROOT, role=role.value, is_mailed=False
        )
        token = invited.path.rpartition("/")[2]
        signed = await self.desk.invitations.accept(token, PASSWORD, origin=HERE)
        await self.desk.sessions.end(signed.token)
        return signed.user

    async def signed_in(self, address: str) -> Browser:
        browser = self.browser()
        said = await browser.sign_in(address)
        assert said.status_code == 201, said.text
        return browser


@asynccontextmanager
async def account_house(
    *, public_url: str = "", trusted_proxies: str = "", passwords: Passwords | None = None
) -> AsyncGenerator[AccountHouse]:
    clock, mail = ManualClock(), Teller()
    config = Config(
        data_dir=Path("/nonexistent"),
        database_url=Secret("sqlite:///nonexistent.db"),
        public_url=public_url,
        server=ServerSettings(trusted_proxies=trusted_proxies),
    )
    async with Eilbote(store=MemoryOutbox(), clock=clock, config=config) as eilbote:
        desk = AccountsDesk(
            eilbote.services.account_store,
            book=eilbote.audit,
            teller=mail,
            clock=clock,
            public_url=public_url,
            passwords=passwords or cheap(),
        )
        eilbote.services.accounts = desk
        made = AccountHouse(eilbote, clock, desk, mail)
        for name in ("acme", "globex"):
            await desk.organizations.create(name)
            await made.person(f"boss@{name}.example", role=Role.ORGANIZATION_ADMINISTRATOR, organization=name)
        await made.person("root@host.example", role=Role.SYSTEM_ADMINISTRATOR, organization=HOST)
        yield made
