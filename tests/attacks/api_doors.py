"""The whole server in front of an attacker: real accounts, a real database, two organizations, and a key for every role in each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httpx2
from fastapi import FastAPI
from tests.unit.engine.accounts.account_scene import PASSWORD, ROOT, Teller, cheap

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import GRANTS, HOST_ONLY, Role
from eilbote.api.application import application
from eilbote.api.house import house_for
from eilbote.app import Eilbote
from eilbote.config.config import Config
from eilbote.engine.accounts.accounts_desk import AccountsDesk
from eilbote.errors import ConflictError
from eilbote.model.secret import Secret

ADMINISTRATOR: Final = "system_administrator@"
ACME: Final = "organization_administrator@acme"
GLOBEX: Final = "organization_administrator@globex"
MESSAGE: Final[Mapping[str, object]] = {
    "from": "shop@acme.example",
    "to": "anna@example.org",
    "subject": "Your order",
    "text": "It is on its way.",
    "connections": ["office"],
}


_APPLICATIONS: Final[dict[str, FastAPI]] = {}
"""Made once for each public address, for it takes longer than an attack; what is behind it is another one each time."""


class Doors:
    """The server, and whoever comes to it.

    Attributes:
        eilbote: What is behind it.
        app: What is asked.
        keys: The text of each key, by ``role@organization``.
    """

    def __init__(self, eilbote: Eilbote, app: FastAPI) -> None:
        self.eilbote = eilbote
        self.app = app
        self.keys: dict[str, str] = {}
        self.client = self.browser()

    def browser(self, address: str = "192.0.2.7") -> httpx2.AsyncClient:
        """Give a client that keeps its cookies."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 40_000)),
            base_url="http://eilbote.test",
        )

    async def ask(
        self,
        method: str,
        path: str,
        who: str | None = None,
        json: object = None,
        *,
        content: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Ask something with somebody's key; a path outside ``/api/`` and without a tilde before it means version 1."""
        sent = {} if who is None else {"Authorization": f"Bearer {self.keys[who]}"}
        path = path[1:] if path.startswith("~") else path if path.startswith("/api/") else f"/api/v1{path}"
        return await self.client.request(
            method,
            path,
            headers=sent | dict(headers or {}),
            params=params,
            **({} if json is None else {"json": json}),
            **({} if content is None else {"content": content}),
        )

    async def office(self) -> None:
        """Have the host keep a connection that everybody may send through."""
        wanted = {"name": "office", "settings": {"host": "mail.example.org", "user": "u", "password": "pw-1"}}
        said = await self.ask("POST", "/connections", ADMINISTRATOR, wanted)
        assert said.status_code == 201, said.text

    async def person(self, address: str, *, role: Role, organization: str) -> str:
        """Let somebody in, with the password of all; gives their id."""
        invited = await self.eilbote.accounts.invitations.invite(
            address, organization=organization, by=ROOT, role=role.value, is_mailed=False
        )
        token = invited.path.rpartition("/")[2]
        async with self.browser() as browser:
            said = await browser.post(f"/api/v1/invitations/{token}", json={"password": PASSWORD})
        assert said.status_code == 201, said.text
        return invited.user.id


@asynccontextmanager
async def doors(directory: Path, *, public_url: str = "") -> AsyncGenerator[Doors]:
    """Open the server while the block lasts; opened again over the same directory it is the same server after a restart."""
    config = Config(
        data_dir=directory,
        database_url=Secret(f"sqlite:///{directory}/eilbote.db"),
        public_url=public_url,
    )
    async with Eilbote(config=config) as eilbote:
        eilbote.services.accounts = AccountsDesk(
            eilbote.services.account_store,
            book=eilbote.audit,
            teller=Teller(),
            clock=eilbote.clock,
            public_url=public_url,
            passwords=cheap(),
        )
        house = house_for(eilbote)
        if public_url not in _APPLICATIONS:
            _APPLICATIONS[public_url] = application(answers=eilbote.answers, house=house)
        app = _APPLICATIONS[public_url]
        app.state.house = house
        made = Doors(eilbote, app)
        for name in ("acme", "globex"):
            with suppress(ConflictError):  # it is there from before the restart
                await eilbote.accounts.organizations.create(name)
        for organization in ("acme", "globex", HOST):
            for role in Role:
                permissions = GRANTS[role] if organization == HOST else GRANTS[role] - HOST_ONLY
                key = await eilbote.accounts.keys.create(
                    role.value, organization=organization, permissions=permissions, by=ROOT
                )
                made.keys[f"{role.value}@{organization}"] = key.text
        async with made.client:
            yield made
