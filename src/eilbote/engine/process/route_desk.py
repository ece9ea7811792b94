"""Where programs and people deal with communication routes: keep them, check them, try them, and send over them.

::

    await eilbote.routes.save(text)
    mail = await eilbote.routes.mail("order-ready", {"Customer": "Anna <anna@example.org>", "Total": 12})
    mail.draft, mail.connection

A route is live: processes that were published before use it as it is now, so that a wrong word is mended without publishing them
anew. What would leave one of them without a value it needs, or with one of another kind, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.author.process.route.check import (
    attribute_of,
    check_route_text,
    must_be_sound,
    nearest_attribute,
    refuse,
)
from eilbote.author.process.route.mail import route_draft
from eilbote.author.process.route.route import Route, StoredRoute
from eilbote.author.process.route.sample import sample_values
from eilbote.author.process.route.text import read_route, switched, write_route
from eilbote.connections.known import DEFAULT
from eilbote.engine.process.route_uses import broken_by, uses_of_route
from eilbote.engine.revisions import check_revision
from eilbote.errors import ConfigurationError, RouteError, RouteNotFoundError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.kinds import check_kind
from eilbote.model.moment import moment_of
from eilbote.model.submission import SubmissionOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.route.finding import RouteFinding
    from eilbote.author.process.route.route import MessageProperties
    from eilbote.author.process.store import ProcessStore
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.process.route_uses import RouteUse
    from eilbote.model.clock import Clock
    from eilbote.model.data import Data
    from eilbote.model.draft import Addresses, Draft
    from eilbote.model.mailbox import Group, Mailbox
    from eilbote.model.submission import Submission

_MOST_NAMED: Final = 5
_READ: Final = lru_cache(maxsize=256)(read_route)  # a text comes again with every message


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMail:
    """A message that is ready to be handed in.

    Attributes:
        route: The route that it goes over.
        draft: The message.
        connection: Over which connection; empty for the default one.
    """

    route: Route
    draft: Draft
    connection: str

    @property
    def connections(self) -> tuple[str, ...]:
        """The connection as a submission takes it."""
        return (self.connection,) if self.connection else ()


class RouteDesk:
    """The communication routes of an outbox.

    Args:
        store: Gives where they are kept.
        submit: Hands a message to the outbox.
        connections: All connections.
        read_definition: Reads a published process, to know whether it uses a route.
        clock: Tells the time.
        author: Who sends tests, when nobody says so.
    """

    def __init__(
        self,
        store: Callable[[], ProcessStore],
        *,
        submit: Submit,
        connections: KnownConnections,
        read_definition: Callable[[str], Definition],
        clock: Clock,
        author: str = "",
    ) -> None:
        self._store = store
        self._submit = submit
        self._connections = connections
        self._read_definition = read_definition
        self._clock = clock
        self._author = author

    # -- keeping -------------------------------------------------------------------------------------------------

    async def save(
        self,
        route: str | Route,
        *,
        organization: str = "",
        force: bool = False,
        revision: int | None = None,
    ) -> StoredRoute:
        """Keep a route under its message name, in place of the one that has it.

        Args:
            route: Its text, kept as it is written; or the route.
            organization: Whose.
            force: Keep it although a published process would not get its messages over it any more.
            revision: The revision that was seen, 0 for a new route; whatever is there gives way when ``None``.

        Raises:
            ConflictError: It has another revision by now.
            RouteError: It is not sound, with the place of the first fault; a published process would be broken; or somebody
                has changed it meanwhile. Nothing was kept.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        text, read = self._sound(route)
        store = self._store()
        known = await store.route(organization, read.message_name)
        check_revision(revision, known.revision if known else 0, what=f"the route {read.message_name!r}")
        if known is not None and not force:
            await self._refuse_to_break(known, read)
        now = moment_of(self._clock.now())
        new = StoredRoute(organization=organization, message_name=read.message_name, text=text, changed=now)
        return await store.keep_route(new if known is None else replace(known, text=text), now=now)

    async def switch(self, message_name: str, *, is_disabled: bool, organization: str = "") -> StoredRoute:
        """Let nothing go over a route for now, or let it again; what a process sends over it meanwhile becomes an incident.

        Raises:
            RouteNotFoundError: There is no such route.
            ConflictError: Somebody has changed it meanwhile.
        """
        known = await self.get(message_name, organization=organization)
        text = switched(known.text, is_disabled=is_disabled)
        return await self._store().keep_route(replace(known, text=text), now=moment_of(self._clock.now()))

    async def drop(self, message_name: str, *, organization: str = "", force: bool = False) -> None:
        """Forget a route.

        Args:
            message_name: Which.
            organization: Whose.
            force: Forget it although published processes use it; what they send over it becomes an incident.

        Raises:
            RouteNotFoundError: There is no such route.
            RouteError: A published process uses it.
        """
        await self.get(message_name, organization=organization)
        uses = () if force else await self.uses(message_name, organization=organization)
        if uses:
            raise RouteError(
                f"the route {message_name!r} is used",
                field="route",
                cause=f"{_listed(uses)} {'sends' if len(uses) == 1 else 'send'} over it",
                remedy="Publish without it first; or disable the route; forced, it is forgotten all the same",
            )
        await self._store().drop_route(organization, message_name)

    # -- looking -------------------------------------------------------------------------------------------------

    async def list(self, organization: str | None = None) -> Sequence[StoredRoute]:
        """Give the routes of one organization, or all, in the order of their message names."""
        return await self._store().routes(organization)

    async def get(self, message_name: str, *, organization: str = "") -> StoredRoute:
        """Give a route as it is kept.

        Raises:
            RouteNotFoundError: There is none; the nearest name is told.
        """
        found = await self._store().route(organization, message_name)
        if found is None:
            raise await self._not_found(message_name, organization)
        return found

    async def route(self, message_name: str, *, organization: str = "") -> Route:
        """Give a route.

        Raises:
            RouteNotFoundError: There is none; the nearest name is told.
            RouteError: What is kept of it cannot be read.
        """
        return _READ((await self.get(message_name, organization=organization)).text)

    async def uses(self, message_name: str, *, organization: str = "") -> Sequence[RouteUse]:
        """Tell which published processes send over a route."""
        return await uses_of_route(self._store(), organization, message_name, read=self._read_definition)

    async def check(
        self, text: str, *, organization: str = ""
    ) -> tuple[Route | None, tuple[RouteFinding, ...]]:
        """Check a route, and whether its connection is known here; keeps nothing.

        Returns:
            The route, ``None`` when it cannot be read; and everything that was found.
        """
        return check_route_text(text, await self._connections.names_for(organization))

    # -- sending -------------------------------------------------------------------------------------------------

    async def mail(
        self,
        message_name: str,
        values: Mapping[str, Data],
        *,
        organization: str = "",
        only_known: bool = False,
    ) -> RouteMail:
        """Give the message that values make of a route; it is sent by whoever asks.

        Args:
            message_name: Which route.
            values: By system name.
            organization: Whose route.
            only_known: Refuse a value for what no attribute is called; otherwise it is passed over.

        Raises:
            RouteNotFoundError: There is no such route.
            RouteError: It is disabled, or cannot be read; or a value is given for what no attribute is called.
            DraftError: The values make no message; ``field`` names the attribute or the property.
        """
        route = await self.route(message_name, organization=organization)
        if route.is_disabled:
            raise RouteError(
                f"the route {message_name!r} is disabled",
                field="disabled",
                remedy=f"'eilbote route enable {message_name}' lets messages over it again",
            )
        if only_known:
            _must_be_attributes(route, values)
        sender = await self._sender(route, organization)
        return RouteMail(
            route=route, draft=route_draft(route, values, sender=sender), connection=route.connection
        )

    async def test(
        self,
        route: str | Route,
        values: Mapping[str, Data],
        *,
        recipients: Addresses = (),
        organization: str = "",
    ) -> Submission:
        """Send a message over a route, also over one that is disabled.

        Args:
            route: Which route, by its message name; or a route that need not be kept.
            values: By system name.
            recipients: Who gets it, in place of those that the route says; then attributes without a value get a sample.
            organization: Whose route.

        Raises:
            RouteNotFoundError: There is no such route.
            RouteError: It is not sound, or a value is given for what no attribute is called.
            DraftError: The values make no message.
            ConfigurationError: The route's connection cannot be used.
        """
        if isinstance(route, str):
            route = await self.route(route, organization=organization)
        must_be_sound(route)
        _must_be_attributes(route, values)
        people = parse_address_list(recipients, field="recipients") if recipients else ()
        if first := next(mailboxes(people), None):
            values = sample_values(route, values, address=first.addr_spec, now=self._clock.now())
            route = replace(route, properties=_only_for(people, route.properties))
        draft = route_draft(route, values, sender=await self._sender(route, organization))
        options = SubmissionOptions(
            connections=(route.connection,) if route.connection else (), organization=organization
        )
        return await self._submit(draft, options, author=self._author or f"route:{route.message_name}")

    # -- within --------------------------------------------------------------------------------------------------

    def _sound(self, route: str | Route) -> tuple[str, Route]:
        check_kind(route, (str, Route), field="route", fault=RouteError)
        if isinstance(route, Route):
            return write_route(must_be_sound(route)), route
        read, findings = check_route_text(route)
        refuse(findings)
        return route, read_route(route) if read is None else read

    async def _refuse_to_break(self, known: StoredRoute, after: Route) -> None:
        try:
            before = _READ(known.text)
        except RouteError:
            return  # whatever comes now is better
        for use in await self.uses(known.message_name, organization=known.organization):
            for broken in broken_by(before, after, use):
                raise RouteError(
                    f"a published process could not send over the route {known.message_name!r} any more",
                    field="attributes",
                    cause=f"{use}: {broken}",
                    remedy="Keep the attribute and publish the process without it first; forced, the route is kept all the same",
                )

    async def _sender(self, route: Route, organization: str) -> Mailbox | None:
        """Give the sender address of a route's connection, where the route puts a name of its own beside it."""
        if not route.properties.from_name.strip():
            return None
        try:
            book = self._connections
            name = (
                await book.resolve(route.connection, organization)
                if route.connection
                else await book.default(organization)
            )
            return (await book.find(name or DEFAULT)).default_from
        except ConfigurationError:
            return None  # the submission tells it better

    async def _not_found(self, message_name: str, organization: str) -> RouteNotFoundError:
        import difflib

        names = [each.message_name for each in await self._store().routes(organization)]
        alike = difflib.get_close_matches(message_name[:60], names, n=1, cutoff=0.5)
        owner = f" of the organization {organization!r}" if organization else ""
        if alike:
            remedy = f"Did you mean {alike[0]!r}?"
        else:
            remedy = (
                f"There are {', '.join(names[:10])}" if names else "Keep one with 'eilbote route save FILE'"
            )
        return RouteNotFoundError(
            f"there is no route {message_name[:60]!r}{owner}", field="route", remedy=remedy
        )


def _only_for(people: Sequence[Mailbox | Group], said: MessageProperties) -> MessageProperties:
    listed = "; ".join(map(str, people))
    return replace(said, to=listed, to_names="", cc="", cc_names="", bcc="", bcc_names="")


def _must_be_attributes(route: Route, values: Mapping[str, Data]) -> None:
    for name in values:
        if attribute_of(route, name) is None:
            alike = nearest_attribute(route, name)
            raise RouteError(
                f"the route {route.message_name!r} has no attribute {name[:60]!r}",
                field="values",
                remedy=f"Did you mean {alike!r}?" if alike else _there_are(route),
            )


def _listed(uses: Sequence[RouteUse]) -> str:
    more = len(uses) - _MOST_NAMED
    named = ", ".join(map(str, uses[:_MOST_NAMED]))
    return f"{named} and {more} more" if more > 0 else named


def _there_are(route: Route) -> str:
    names = ", ".join(each.system_name for each in route.attributes)
    return f"It has {names}" if names else "It has no attributes"
