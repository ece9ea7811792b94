"""Who asks, and for whom: the one place where a request is let in.

Every operation of the API names the permission it needs: ``acting: Annotated[Acting, Depends(needs(Permission.MESSAGES_READ))]``. That
is what is enforced, what the API's description tells, and what the test of all operations by all roles reads.

A program says who it is by ``Authorization: Bearer eb_live_...``; a browser by a cookie, and then every change has to bring along the
token of its session in ``X-CSRF-Token``, which no other site can know. What a request says of whence it comes (``Host``, ``Forwarded``) is
not believed, but for the address of the client, when a trusted proxy tells it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from eilbote.accounts.organization import is_organization_name
from eilbote.accounts.principal import Origin, Principal
from eilbote.accounts.role import Permission
from eilbote.api.client_address import client_address
from eilbote.api.problems import request_id
from eilbote.api.session_cookie import COOKIE, session_token
from eilbote.app import Eilbote
from eilbote.engine.accounts.audit_book import AuditBook
from eilbote.engine.accounts.doorkeeper import Doorkeeper
from eilbote.engine.accounts.organizations import no_organization
from eilbote.errors import ForbiddenError, SignInError

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYBODY: Final = "*"
"""In place of an organization: all of them, for those of the host who list something."""
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_AGENT: Final = 200
_ORIGIN: Final = "origin"
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="API key",
    description="An API key, `eb_live_...`",
    bearerFormat="eb_live_...",
)
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    scheme_name="Session",
    description=f"The cookie of a browser; changes need its token in `{CSRF_HEADER}` as well",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the API works with; opened and closed by whoever serves it.

    Attributes:
        eilbote: Everything.
        doorkeeper: Lets people and programs in.
        book: Where it is written down what they did.
    """

    eilbote: Eilbote
    doorkeeper: Doorkeeper
    book: AuditBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Somebody who asks, and for whom.

    Attributes:
        principal: Who.
        organization: For which organization; empty for the host.
        is_everybody: Whether those of the host asked for all organizations at once.
        origin: Whence.
        house: What the API works with.
    """

    principal: Principal
    organization: str
    is_everybody: bool = False
    origin: Origin
    house: House = field(repr=False)

    @property
    def eilbote(self) -> Eilbote:
        """Everything."""
        return self.house.eilbote

    @property
    def which(self) -> str | None:
        """The organization for lists and filters; ``None`` means all."""
        return None if self.is_everybody else self.organization

    @property
    def scope(self) -> str | None:
        """Whose things are seen one by one: those of the organization; ``None`` means all, where the host asks for itself."""
        return None if self.principal.is_host and not self.organization else self.organization

    def concerns(self, organization: str) -> bool:
        """Tell whether a thing of an organization may be seen; if not, there is no such thing."""
        return self.scope is None or organization == self.scope

    async def note(
        self,
        action: str,
        thing: str = "",
        *,
        organization: str | None = None,
        before: Mapping[str, object] = _NOTHING,
        after: Mapping[str, object] = _NOTHING,
    ) -> None:
        """Write down what was done; see :meth:`AuditBook.note <eilbote.engine.accounts.audit_book.AuditBook.note>`.

        Whom it concerns is the organization that is acted for, where nothing else is said.
        """
        await self.house.book.note(
            self.principal,
            self.origin,
            action,
            thing,
            organization=self.organization if organization is None else organization,
            before=before,
            after=after,
        )


class Needs:
    """A dependency that lets in who has a permission.

    Args:
        permission: Which; ``None`` lets in everybody who has said who they are.
        lists: Whether those of the host may ask for all organizations at once.

    Attributes:
        permission: Which.
    """

    def __init__(self, permission: Permission | None, *, lists: bool = False) -> None:
        self.permission = permission
        self._lists = lists

    async def __call__(
        self,
        request: Request,
        organization: Annotated[
            str | None,
            Query(
                description="For which organization; those of the host may name any (and `*` where something is listed), others "
                "only their own",
                max_length=200,
            ),
        ] = None,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
        cookie: Annotated[str | None, Security(_cookie)] = None,
    ) -> Acting:
        """Let a request in.

        Raises:
            SignInError: Nobody says who it is.
            ForbiddenError: They may not do this, or a change comes without the token of its session.
            NotFoundError: Another organization is named.
        """
        del bearer, cookie  # they stand above for the description
        house = house_of(request)
        principal = await who_asks(request)
        is_everybody = organization == EVERYBODY and self._lists and principal.is_host
        acting_for = principal.organization if organization is None or is_everybody else organization
        if not principal.can_act_for(acting_for) or not (
            acting_for == principal.organization or is_organization_name(acting_for)
        ):
            # Names of connections and of audited deeds are made from it, so none is taken that others would read as another one.
            raise no_organization(acting_for)
        if self.permission is not None:
            principal.must(self.permission)
        return Acting(
            principal=principal,
            organization=acting_for,
            is_everybody=is_everybody,
            origin=origin_of(request),
            house=house,
        )


async def who_asks(request: Request, *, is_use: bool = True) -> Principal:
    """Give who asks, by what a request brings along: a key, or else a cookie.

    Args:
        request: The request.
        is_use: Whether it is somebody's use of a session; a stream that only asks whether it may go on is none.

    Raises:
        SignInError: Nobody says who it is, or it cannot be believed.
        ForbiddenError: A change comes without the token of its session.
        ThrottledError: There were too many wrong ones from there.
    """
    house, origin = house_of(request), origin_of(request)
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        principal = await house.doorkeeper.by_key(key.strip(), origin=origin)
    elif cookie := session_token(request, house.eilbote):
        principal = await house.doorkeeper.by_session(cookie, origin=origin, is_use=is_use)
        _check_change(request, principal)
    else:
        raise SignInError(
            "nobody has said who asks",
            field="authorization",
            remedy="Send an API key as `Authorization: Bearer eb_live_...`, or sign in",
        )
    request.state.principal = principal
    return principal


def needs(permission: Permission | None, *, lists: bool = False) -> Needs:
    """Give the dependency that lets in who has a permission; see :class:`Needs`."""
    return Needs(permission, lists=lists)


def house_of(request: Request) -> House:
    """Give what the API works with."""
    return cast("House", request.app.state.house)


def origin_of(request: Request) -> Origin:
    """Give whence a request came, by its connection or the word of a proxy that is trusted; found out once."""
    state = request.scope.setdefault("state", {})
    known = cast("Origin | None", state.get(_ORIGIN))
    if known is None:
        known = state[_ORIGIN] = Origin(
            door="api",
            address=client_address(request, house_of(request).eilbote.config.server.proxies),
            agent=request.headers.get("user-agent", "")[:_LONGEST_AGENT],
            request=request_id(request),
        )
    return known


def _check_change(request: Request, principal: Principal) -> None:
    """Refuse a change that another site had a browser send (RFC 9110 section 9.2.1 says which methods change nothing)."""
    if request.method in _SAFE:
        return
    given = request.headers.get(CSRF_HEADER, "").encode()
    if not principal.csrf or not hmac.compare_digest(given, principal.csrf.encode()):
        raise ForbiddenError(
            "this change does not come from the page that was signed in to",
            field=CSRF_HEADER,
            cause="The token of the session is missing or another one's",
            remedy=f"Send what `GET /api/v1/session` gives as csrf in the header {CSRF_HEADER}",
        )
