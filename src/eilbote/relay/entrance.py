"""Who the client of one session is (RFC 4954), and whether it still is.

A session may last for hours. Whoever has lost the right to hand in messages meanwhile, because a key was revoked or an organization switched
off, does not go on in the session that was begun before: who signed in is asked about again before a mail, when some time has passed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.errors import AccessError, EilboteError, ForbiddenError, SignInError
from eilbote.model.secret import Secret
from eilbote.relay.refusals import sign_in_reply

if TYPE_CHECKING:
    from eilbote.accounts.principal import Principal
    from eilbote.relay.room import Room
    from eilbote.relay.transaction import Client

SURE_SECONDS: Final = 30.0
"""For how long nobody is asked about again who was let in."""
_MOST_WRONG_PASSWORDS: Final = 3
_OVER: Final = "421 4.7.0"
"""The session ends; whoever comes again signs in anew."""
_LATER: Final = "451 4.3.0"
"""To MAIL, while nobody can be asked."""


class Entrance:
    """Lets the client of a session in.

    Args:
        room: Knows who may come in.

    Attributes:
        principal: Who it is; ``None`` while it has not signed in.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self.principal: Principal | None = None
        self._said: tuple[str, Secret] | None = None
        self._sure_until = 0.0
        self._wrong_passwords = 0

    async def sign_in(self, user: str, password: str, client: Client) -> str:
        """Let the client in, or not; gives the reply, of which 421 ends the session."""
        try:
            await self._ask(user, password, client)
        except AccessError as error:
            self._wrong_passwords += 1
            if self._wrong_passwords >= _MOST_WRONG_PASSWORDS:
                return sign_in_reply(error, codes=_OVER)
            return sign_in_reply(error)
        except EilboteError as error:  # nobody could look: that is no wrong password
            return sign_in_reply(error)
        self._said = user, Secret(password)
        return "235 2.7.0 Signed in"

    async def ask_again(self, client: Client) -> str:
        """Tell why the client is not let in any more; empty when it is, or never was."""
        if self._said is None or asyncio.get_running_loop().time() < self._sure_until:
            return ""
        user, password = self._said
        try:
            await self._ask(user, password.reveal(), client)
        except (SignInError, ForbiddenError) as error:
            self.forget()
            return sign_in_reply(error, codes=_OVER)
        except EilboteError as error:
            return sign_in_reply(error, codes=_LATER)
        return ""

    def forget(self) -> None:
        """Know nobody any more, such as behind STARTTLS (RFC 3207 section 4.2)."""
        self.principal = self._said = None

    async def _ask(self, user: str, password: str, client: Client) -> None:
        self.principal = await self._room.sign_in(user, password, client)
        self._sure_until = asyncio.get_running_loop().time() + SURE_SECONDS
