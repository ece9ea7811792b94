"""The server with accounts on a port of this machine, and browsers that keep cookies."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from tests.unit.engine.accounts.account_scene import HERE, PASSWORD, ROOT, cheap

from eilbote.accounts.role import Role
from eilbote.accounts.user import User
from eilbote.api.application import application
from eilbote.api.house import house_for
from eilbote.api.server import serving
from eilbote.app import Eilbote
from eilbote.config.config import Config
from eilbote.engine.accounts.accounts_desk import AccountsDesk
from eilbote.engine.accounts.openid_provider import OpenIdSettings
from eilbote.model.secret import Secret
from eilbote.net.listening import listen, listening_port


@dataclass
class AccountServer:
    eilbote: Eilbote
    url: str

    @property
    def desk(self) -> AccountsDesk:
        return self.eilbote.accounts

    @asynccontextmanager
    async def browser(self, *, verify: ssl.SSLContext | None = None) -> AsyncGenerator[httpx2.AsyncClient]:
        none = ssl.SSLContext(
            ssl.PROTOCOL_TLS_CLIENT
        )  # reading all authorities takes longer than all else here
        async with httpx2.AsyncClient(
            trust_env=False, timeout=20, verify=verify or none, base_url=self.url, follow_redirects=True
        ) as client:
            yield client

    async def person(self, address: str, *, role: Role = Role.VIEWER, organization: str = "acme") -> User:
        invited = await self.invited(address, role=role, organization=organization)
        link = await self.desk.invitations.again(invited, by=ROOT, is_mailed=False)
        return (await self.desk.invitations.accept(link.path.rpartition("/")[2], PASSWORD, origin=HERE)).user

    async def invited(self, address: str, *, role: Role = Role.VIEWER, organization: str = "acme") -> User:
        store = self.eilbote.services.account_store
        if organization and await store.organization(organization) is None:
            await self.desk.organizations.create(organization)
        return (
            await self.desk.invitations.invite(
                address, organization=organization, by=ROOT, role=role.value, is_mailed=False
            )
        ).user


@asynccontextmanager
async def account_server(
    folder: Path, *, openid: Callable[[], OpenIdSettings] | None = None
) -> AsyncGenerator[AccountServer]:
    """Serve while the block lasts, with a database in a folder."""
    listening = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening_port(listening)}"
    config = Config(
        data_dir=folder, database_url=Secret(f"sqlite:///{folder / 'eilbote.db'}"), public_url=url
    )
    async with Eilbote(config=replace(config)) as eilbote:
        services = eilbote.services
        services.accounts = AccountsDesk(
            services.account_store,
            book=eilbote.audit,
            teller=eilbote.notify,
            clock=eilbote.clock,
            public_url=url,
            openid=None if openid is None else openid(),
            passwords=cheap(),
        )
        app = application(answers=eilbote.answers, house=house_for(eilbote))
        async with serving(app, listening):
            yield AccountServer(eilbote, url)
