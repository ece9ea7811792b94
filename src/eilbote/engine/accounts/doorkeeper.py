"""Who lets people and programs in: the port that doors ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.accounts.principal import Origin, Principal


class Doorkeeper(Protocol):
    """Tells who somebody is by what they bring along.

    Every call may raise :class:`~eilbote.errors.OutboxUnavailableError`: the database does not answer.
    """

    async def by_key(self, text: str, *, origin: Origin) -> Principal:
        """Give whom an API key stands for.

        Raises:
            SignInError: It is none, or it was revoked, has expired, or its organization is switched off; the words are the same for all.
            ThrottledError: There were too many wrong ones from there.
        """
        ...

    async def by_session(self, token: str, *, origin: Origin, is_use: bool = True) -> Principal:
        """Give who is signed in with a cookie.

        Args:
            token: What the cookie holds.
            origin: Whence it came.
            is_use: Whether somebody uses the session by it.

        Raises:
            SignInError: Nobody is, or not any more.
        """
        ...

    async def by_password(self, name: str, password: str, *, origin: Origin) -> Principal:
        """Give whom an address and a password stand for, or an id of an API key and its text, without beginning a session.

        Raises:
            SignInError: They do not belong together; the words and the time are the same for unknown names.
            ThrottledError: There were too many wrong ones.
        """
        ...
