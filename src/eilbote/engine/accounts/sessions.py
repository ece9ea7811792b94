"""Who is signed in, in which browser: begun with a token that nobody has seen before, ended where it began, on the server.

A session ends after twelve hours, after eight hours without a request, when somebody signs out, and at once when its user is disabled, gets
another role, another address or another password.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eilbote.accounts.organization import HOST
from eilbote.accounts.session import Session, digest_of_token
from eilbote.accounts.user import UserState
from eilbote.errors import NotFoundError, SignInError
from eilbote.model.moment import later, moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.principal import Origin
    from eilbote.accounts.store import AccountStore
    from eilbote.accounts.user import User
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment

LONGEST_SECONDS: Final = 12 * 3600
IDLE_SECONDS: Final = 8 * 3600
_MOST: Final = 20
"""Browsers of one person; the oldest is signed out then."""
_SEEN_SECONDS: Final = 60
_PRUNE_SECONDS: Final = 3600
_OCTETS: Final = 32
_LONGEST_TOKEN: Final = 100
_ID_DIGITS: Final = 16
_LONGEST_AGENT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody has signed in.

    Attributes:
        user: Who.
        token: What the cookie holds; kept nowhere else.
        session: What is known of it.
    """

    user: User
    token: str = field(repr=False)
    session: Session


class Sessions:
    """Begins, finds and ends sessions.

    Args:
        store: Where they are kept.
        clock: Tells the time.
    """

    def __init__(self, store: AccountStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pruned: Moment | None = None

    async def begin(self, user: User, *, origin: Origin) -> SignedIn:
        """Sign somebody in who has proved who they are.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        await self._prune(now)
        for old in (await self._store.sessions(user.id))[_MOST - 1 :]:
            await self._store.drop_session(old.digest)
        token = secrets.token_urlsafe(_OCTETS)
        session = Session(
            digest=digest_of_token(token),
            user=user.id,
            csrf=secrets.token_urlsafe(_OCTETS),
            created=now,
            seen=now,
            expires=later(now, LONGEST_SECONDS),
            address=origin.address,
            agent=origin.agent[:_LONGEST_AGENT],
        )
        await self._store.keep_session(session)
        return SignedIn(user=user, token=token, session=session)

    async def find(self, token: str, *, is_use: bool = True) -> tuple[User, Session]:
        """Give who is signed in with a cookie.

        Args:
            token: What the cookie holds.
            is_use: Whether somebody uses the session by it; one that nobody uses ends after a while, whatever a page asks by itself.

        Raises:
            SignInError: Nobody is, or not any more.
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        session = None
        if len(token) <= _LONGEST_TOKEN and token.isascii():
            session = await self._store.session(digest_of_token(token))
        if session is None or now >= min(session.expires, later(session.seen, IDLE_SECONDS)):
            raise _signed_out()
        user = await self._store.user(session.user)
        if user is None or not await is_let_in(self._store, user):
            raise _signed_out()
        if is_use and now >= later(session.seen, _SEEN_SECONDS):
            session = replace(session, seen=now)
            await self._store.session_seen(session.digest, at=now)  # it may have been ended meanwhile
        return user, session

    async def of(self, user: str) -> Sequence[Session]:
        """Give the sessions of somebody that have not ended, the latest first.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        return [
            each
            for each in await self._store.sessions(user)
            if now < min(each.expires, later(each.seen, IDLE_SECONDS))
        ]

    async def end(self, token: str) -> None:
        """Sign out.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        await self._store.drop_session(digest_of_token(token))

    async def end_one(self, user: str, id: str) -> None:  # noqa: A002 - its own word
        """End one session of somebody, by its id.

        Raises:
            NotFoundError: They have none of that id.
            OutboxUnavailableError: The database does not answer.
        """
        for each in await self._store.sessions(user):
            if session_id(each) == id:
                await self._store.drop_session(each.digest)
                return
        raise NotFoundError(
            f"there is no session {id[:60]!r}", field="id", remedy="Take one of those that are listed"
        )

    async def end_all(self, user: str, *, but: str = "") -> int:
        """End all sessions of somebody, but for that of one token; gives their number.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.drop_sessions(user, but=digest_of_token(but) if but else "")

    async def _prune(self, now: Moment) -> None:
        if self._pruned is None or now >= later(self._pruned, _PRUNE_SECONDS):
            self._pruned = now
            await self._store.prune(now=now)


def session_id(session: Session) -> str:
    """Give by which a session is named in lists: a part of its digest, from which nobody gets the token."""
    return session.digest[:_ID_DIGITS]


async def is_let_in(store: AccountStore, user: User) -> bool:
    """Tell whether somebody may come in at all: they are active, and so is their organization.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    return user.state is UserState.ACTIVE and await is_open(store, user.organization)


async def is_open(store: AccountStore, organization: str) -> bool:
    """Tell whether the people and programs of an organization are let in.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    if organization == HOST:
        return True
    known = await store.organization(organization)
    return known is not None and known.is_enabled


def _signed_out() -> SignInError:
    return SignInError("nobody is signed in, or not any more", field="authorization", remedy="Sign in again")
