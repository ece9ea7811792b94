"""Accounts in memory, with passwords that cost next to nothing, and mail that is only noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Unpack

from eilbote.accounts.audit import AuditFilter, Deed
from eilbote.accounts.organization import HOST
from eilbote.accounts.principal import Origin, Principal
from eilbote.accounts.role import Role
from eilbote.accounts.user import User
from eilbote.engine.accounts.accounts_desk import AccountsDesk
from eilbote.engine.accounts.audit_book import AuditBook
from eilbote.engine.accounts.organizations import OrganizationFields
from eilbote.engine.accounts.passwords import Passwords
from eilbote.engine.accounts.principals import command_of, principal_of_user
from eilbote.model.moment import Moment, moment_of
from eilbote.store.memory_accounts import MemoryAccounts
from eilbote.testing import ManualClock

HERE = Origin(door="api", address="198.51.100.7", agent="Browser")
THERE = Origin(door="api", address="203.0.113.9", agent="Another")
PASSWORD = "four words without sense"
ANOTHER = "quite other words here"
ROOT = command_of("root")


def cheap() -> Passwords:
    return Passwords(passes=1, kibibytes=8, lanes=1)


@dataclass
class Told:
    event: str
    data: Mapping[str, object]
    to: str | Sequence[str]
    organization: str
    language: str


@dataclass
class Teller:
    told: list[Told] = field(default_factory=list)

    async def raise_event(
        self,
        event: str,
        *,
        data: Mapping[str, object] | None = None,
        key: str = "",
        to: str | Sequence[str] = (),
        organization: str = "",
        language: str = "en",
    ) -> None:
        self.told.append(Told(event, data or {}, to, organization, language))

    @property
    def token(self) -> str:
        """Of the link that was mailed last."""
        return str(self.told[-1].data["link"]).rpartition("/")[2]


class AccountScene:
    def __init__(
        self, *, public_url: str = "https://eilbote.example", store: MemoryAccounts | None = None
    ) -> None:
        self.clock = ManualClock()
        self.store = store or MemoryAccounts()
        self.book = AuditBook(self.store, clock=self.clock)
        self.mail = Teller()
        self.desk = AccountsDesk(
            self.store,
            book=self.book,
            teller=self.mail,
            clock=self.clock,
            public_url=public_url,
            passwords=cheap(),
        )

    def now(self) -> Moment:
        return moment_of(self.clock.now())

    async def organization(self, name: str = "acme", **fields: Unpack[OrganizationFields]) -> None:
        await self.desk.organizations.create(name, **fields)

    async def person(
        self,
        address: str = "anna@acme.example",
        *,
        role: Role = Role.VIEWER,
        organization: str = "acme",
        password: str = PASSWORD,
    ) -> User:
        """Somebody who was invited and has come."""
        if organization != HOST and await self.store.organization(organization) is None:
            await self.organization(organization)
        invited = await self.desk.invitations.invite(
            address, organization=organization, by=ROOT, role=role.value, is_mailed=False
        )
        token = invited.path.rpartition("/")[2]
        signed = await self.desk.invitations.accept(token, password, origin=HERE)
        await self.desk.sessions.end(signed.token)
        return await self.again(signed.user)

    async def again(self, user: User) -> User:
        return await self.desk.users.get(user.id)

    async def administrator(self, address: str = "root@host.example") -> User:
        return await self.person(address, role=Role.SYSTEM_ADMINISTRATOR, organization=HOST)

    async def deeds(self, action: str = "") -> list[Deed]:
        found = await self.book.records(AuditFilter(action=action), limit=1000)
        return [record.deed for record in reversed(found)]


def acting(user: User) -> Principal:
    return principal_of_user(user)
