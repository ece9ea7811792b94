"""The port at which a session gets the token that it signs in with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.model.credentials import AccessToken


class TokenSource(Protocol):
    """Gives access tokens for one connection's credentials."""

    async def token(self) -> AccessToken:
        """Give a token that is valid now and for the next minute.

        Raises:
            TokenError: None can be had; permanent when a person has to act, transient when another try may help.
        """
        ...

    async def replacement(self, refused: AccessToken) -> AccessToken | None:
        """Give another token after a mail server has refused this one; ``None`` when there is nothing better to try.

        Raises:
            TokenError: As :meth:`token`.
        """
        ...

    async def discard(self, refused: AccessToken) -> None:
        """Never give a token again; what is done when a mail server has refused the replacement as well.

        Raises:
            TokenError: As :meth:`token`.
        """
        ...

    async def close(self) -> None:
        """Wait for what is under way, whose answer may be the only one: nothing is asked for after that."""
        ...
