"""Single sign-on by OpenID Connect: authorization code with PKCE (RFC 7636), bound to the browser that began it.

The browser keeps one secret in a cookie; state, nonce and verifier are made from it, each in a way of its own, so that nothing is kept on
the server and whoever has one of them has none of the others. Somebody else's code, brought to this browser by a link, has another state.

Nobody becomes a user by this: people are known by what the provider calls them, and the first time by an address that the provider has
made sure of and to which somebody has sent an invitation that is good still. What they may do is decided here. Whoever is to administer
something accepts the invitation by its link first: an address alone makes nobody an administrator. A system administrator is not found
by the address afterwards either: whoever rules over a mailbox or the provider would rule over the host. They are linked when they are
signed in already, with their password.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Role
from eilbote.accounts.user import UserState
from eilbote.engine.accounts.id_token import distrust, read_id_token
from eilbote.engine.accounts.sessions import is_open
from eilbote.errors import NotFoundError, SignInError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from eilbote.accounts.principal import Origin
    from eilbote.accounts.store import AccountStore
    from eilbote.accounts.user import User
    from eilbote.engine.accounts.failed_sign_ins import FailedSignIns
    from eilbote.engine.accounts.id_token import Identity
    from eilbote.engine.accounts.links import Links
    from eilbote.engine.accounts.openid_provider import OpenIdProvider
    from eilbote.engine.accounts.sessions import SignedIn
    from eilbote.engine.accounts.sign_in import SignIn
    from eilbote.model.clock import Clock

_LOG: Final = logging.getLogger("eilbote")
RETURN_PATH: Final = "/sign-in/openid/return"
"""Where the provider sends browsers back to; it is registered with the provider behind the public address."""
SECONDS: Final = 600
"""How long somebody may take at the provider."""
_ADMINISTRATORS: Final = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.ORGANIZATION_ADMINISTRATOR})
_OCTETS: Final = 32
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A browser is sent away.

    Attributes:
        url: Where to.
        secret: What it keeps meanwhile.
    """

    url: str
    secret: str = field(repr=False)


class OpenId:
    """Sends browsers to the provider, and takes them back.

    Args:
        provider: The provider.
        store: Where accounts are kept.
        links: Tells whose invitation is good still.
        sign_in: Begins sessions.
        failed: Notes what failed.
        clock: Tells the time.
        public_url: Under which address people reach the server.
    """

    def __init__(
        self,
        provider: OpenIdProvider,
        store: AccountStore,
        *,
        links: Links,
        sign_in: SignIn,
        failed: FailedSignIns,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._provider = provider
        self._store = store
        self._links = links
        self._sign_in = sign_in
        self._failed = failed
        self._clock = clock
        self._redirect_uri = public_url.rstrip("/") + RETURN_PATH

    async def begin(self) -> Begun:
        """Send a browser to the provider.

        Raises:
            SignInError: The provider cannot be asked.
        """
        known = await self._known()
        secret = secrets.token_urlsafe(_OCTETS)
        settings = self._provider.settings
        query = urlencode(
            {
                "response_type": "code",
                "client_id": settings.client_id,
                "redirect_uri": self._redirect_uri,
                "scope": settings.scopes,
                "state": _derived(secret, "state"),
                "nonce": _derived(secret, "nonce"),
                "code_challenge": _digest(_derived(secret, "verifier")),
                "code_challenge_method": "S256",
            }
        )
        mark = "&" if "?" in known else "?"
        return Begun(url=f"{known}{mark}{query}", secret=secret)

    async def finish(
        self, secret: str, *, state: str, code: str, origin: Origin, issuer: str = "", signed_in: str = ""
    ) -> SignedIn:
        """Sign in whoever comes back from the provider.

        Args:
            secret: What the browser has kept.
            state: What came back with it.
            code: The same.
            origin: Whence.
            issuer: Who says to have sent it back (RFC 9207), if anybody does.
            signed_in: Id of the user who is signed in with this browser already, by their password.

        Raises:
            SignInError: It cannot be believed.
            NotFoundError: Nobody is known by it here.
            OutboxUnavailableError: The database does not answer.
        """
        try:
            identity = await self._identity(secret, state=state, code=code, issuer=issuer)
        except SignInError as error:
            _LOG.warning("single sign-on failed: %s", error, extra={"action": "openid_failed"})
            await self._failed.note(
                "user.sign_in_failed",
                "openid",
                origin=origin,
                organization=HOST,
                why=error.cause or error.what,
            )
            raise
        user = await self._user(identity, signed_in)
        if user is None:
            await self._failed.note(
                "user.sign_in_failed",
                f"user:{identity.address or '***'}",
                origin=origin,
                organization=HOST,
                why="known to the single sign-on alone",
            )
            raise NotFoundError(
                "nobody is known by this single sign-on",
                field="openid",
                cause="Nobody was invited with this address, or they are locked out",
                remedy="Ask an administrator for an invitation",
            )
        return await self._sign_in.begun(user, origin=origin, by="openid")

    async def _known(self) -> str:
        try:
            return (await self._provider.known()).authorization_url
        except SignInError as error:
            _LOG.warning("single sign-on failed: %s", error, extra={"action": "openid_failed"})
            raise

    async def _identity(self, secret: str, *, state: str, code: str, issuer: str) -> Identity:
        if not secret or not hmac.compare_digest(
            _derived(secret, "state").encode(), state.encode("utf-8", "replace")
        ):
            raise distrust("what it sent back belongs to another browser, or too much time has passed")
        if not 0 < len(code) <= _LONGEST:
            raise distrust("it sent back no code")
        settings = self._provider.settings
        known = await self._provider.known()
        if (issuer or known.names_itself) and issuer != settings.issuer:
            raise distrust("somebody else has sent this back")
        token = await self._provider.id_token(
            code, verifier=_derived(secret, "verifier"), redirect_uri=self._redirect_uri
        )
        for anew in (False, True):
            keys = (await self._provider.known(anew=anew)).keys
            try:
                return read_id_token(
                    token,
                    keys,
                    issuer=settings.issuer,
                    client_id=settings.client_id,
                    nonce=_derived(secret, "nonce"),
                    now=self._clock.now().timestamp(),
                )
            except SignInError:
                if anew:  # its keys are those it has now
                    raise
        raise AssertionError  # the loop has ended in one way or the other

    async def _user(self, identity: Identity, signed_in: str) -> User | None:
        """Give who it is here: by what the provider calls them, and the first time by their address."""
        user = await self._store.user_of_subject(identity.subject)
        if user is None and identity.address:
            user = await self._store.user_at(identity.address)
            if user is not None and user.subject:
                return None  # the address belongs to somebody else at the provider by now
            if user is not None and not await self._may_be_linked(user, signed_in):
                return None
        if (
            user is None
            or user.state is UserState.DISABLED
            or not await is_open(self._store, user.organization)
        ):
            return None
        if user.subject == identity.subject and user.state is UserState.ACTIVE:
            return user
        now = moment_of(self._clock.now())
        user = await self._store.keep_user(
            replace(user, subject=identity.subject, state=UserState.ACTIVE, changed=now)
        )
        await self._store.drop_links(user.id)  # the invitation is used up
        return user

    async def _may_be_linked(self, user: User, signed_in: str) -> bool:
        """Tell whether an address is enough to know somebody by, this first time."""
        if user.state is UserState.INVITED:
            return user.role not in _ADMINISTRATORS and await self._links.is_invited(user.id)
        return user.role is not Role.SYSTEM_ADMINISTRATOR or user.id == signed_in


def _derived(secret: str, purpose: str) -> str:
    return _digest(f"{purpose} {secret}")


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
