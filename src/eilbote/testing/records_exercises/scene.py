"""What the exercises are played with: records that are empty at first, connections, settings and tokens to keep."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.connections.stored import StoredConnection
from eilbote.model.moment import Moment, later, moment_of
from eilbote.model.secret import Secret
from eilbote.oauth2.token import Token, TokenKey, TokenRecord
from eilbote.testing.manual_clock import ManualClock

if TYPE_CHECKING:
    from eilbote.settings.records import Records

Kept: TypeAlias = "Callable[[], Records]"
"""Gives handles, not yet opened, on the same records, which are empty at first; several may be open at once."""

Exercise: TypeAlias = Callable[[Kept], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when the records do not keep it."""

NOW: Final = moment_of(ManualClock().now())
KEY: Final = TokenKey("0123456789abcdef" * 4)


def at(seconds: float) -> Moment:
    """Give the moment some seconds after :data:`NOW`."""
    return later(NOW, seconds)


@asynccontextmanager
async def opened(kept: Kept) -> AsyncGenerator[Records, None]:
    """Open a handle, and close it in the end."""
    records = kept()
    await records.open()
    try:
        yield records
    finally:
        await records.close()


def office(
    organization: str = "",
    name: str = "office",
    *,
    password: str = "a password",  # noqa: S107 - of nobody
    is_default: bool = False,
    version: int = 0,
) -> StoredConnection:
    """Give a connection to be kept."""
    return StoredConnection(
        organization=organization,
        name=name,
        plain={"host": "mail.example.org", "port": 587, "user": "orders", "timeout": 2.5, "tls.verify": True},
        secrets={"password": Secret(password)} if password else {},
        is_default=is_default,
        version=version,
    )


def token_record(access: str = "access", refresh: str | None = None) -> TokenRecord:
    """Give what is known of a token."""
    return TokenRecord(
        token=Token(
            access_token=Secret(access),
            expires=at(3600),
            refresh_token=None if refresh is None else Secret(refresh),
        ),
        refreshed=NOW,
    )
