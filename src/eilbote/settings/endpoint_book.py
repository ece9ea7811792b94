"""The book of the endpoints: connections made of what default, environment, host and organization say together.

It looks into the store only when somebody has changed something, and asks that no more than ten times a second. A
connection is the same object until something has changed, as those who compose for it rely on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import is_
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from eilbote.connections.repository import connection_name, not_found, qualified_name, split_name
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.model.moment import moment_of
from eilbote.settings.endpoints import Endpoint, not_configured
from eilbote.settings.inheritance import EffectiveSettings, Layer, Level, effective, layer_of
from eilbote.settings.origins import where_said
from eilbote.settings.scope import HOST, ScopeSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from eilbote.connections.connection import Connection
    from eilbote.model.clock import Clock
    from eilbote.model.secret import Secret
    from eilbote.settings.change import Change, Changed
    from eilbote.settings.endpoints import EnvironmentSettings
    from eilbote.settings.scope import Remains, SettingsStore

_LOOK_AGAIN_SECONDS = 0.1
_MOST_REMEMBERED = 10_000  # organizations come and go
_Said: TypeAlias = tuple[Layer | ScopeSettings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A connection, and what it was made of.

    Attributes:
        endpoint: Of which endpoint.
        organization: Of whose.
        said: What was said, the very objects: as long as they are the same, nothing has to be compared.
        layers: The levels made of that.
        connection: The connection.
    """

    endpoint: Endpoint
    organization: str
    said: _Said
    layers: tuple[Layer, ...]
    connection: Connection


class EndpointBook:
    """A :class:`~eilbote.connections.repository.ConnectionBook` of ``notification``, ``system`` and ``acme/notification``.

    Args:
        settings: What host and organizations say.
        environment: What the environment says.
        revision: A cheap question whose answer changes when anybody changes a setting
            (:meth:`~eilbote.connections.stored.ConnectionStore.revision`).
        clock: Tells when to ask it again.
        check: Refuses what would hold after a change, by what settings do not know themselves: how templates are written.
    """

    __slots__ = (
        "_asked",
        "_check",
        "_clock",
        "_environment",
        "_made",
        "_organizations",
        "_revision",
        "_scopes",
        "_seen",
        "_settings",
    )

    def __init__(
        self,
        *,
        settings: SettingsStore,
        environment: EnvironmentSettings,
        revision: Callable[[], Awaitable[int]],
        clock: Clock,
        check: Callable[[EffectiveSettings], object] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._check = check
        self._environment = environment
        self._revision = revision
        self._clock = clock
        self._asked: float | None = None
        self._seen: int | None = None
        self._scopes: dict[str, ScopeSettings] = {}
        self._organizations: tuple[str, ...] | None = None
        self._made: dict[str, _Made] = {}

    async def names(self) -> tuple[str, ...]:
        """Tell every name, sorted: ``notification`` always, the others when something is said for them.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        await self._look()
        if self._organizations is None:
            self._organizations = await self._settings.organizations()
        own = [f"{each}/{Endpoint.NOTIFICATION}" for each in self._organizations]
        return tuple(
            sorted(
                [Endpoint.NOTIFICATION.value, *own, *([Endpoint.SYSTEM.value] if self._has_system() else [])]
            )
        )

    async def get(self, name: str) -> Connection:
        """Give an endpoint's connection as it is configured now.

        Where an organization has decided about where it leads, it may only lead to public addresses.

        Raises:
            ConnectionNotFoundError: There is no such endpoint, or it is not configured; the remedy says how it is.
            ConfigurationError: What is configured cannot be used; ``field`` tells where it is said.
            OutboxUnavailableError: The database does not answer.
        """
        await self._look()
        made = self._made.get(name)
        endpoint, organization = read_endpoint(name) if made is None else (made.endpoint, made.organization)
        said = await self._said(endpoint, organization)
        if made is not None and all(map(is_, made.said, said)) and len(made.said) == len(said):
            return made.connection
        layers = _layers(said)
        if made is None or made.layers != layers:
            connection = _connection(layers, endpoint, organization)
        else:
            connection = made.connection
        if len(self._made) >= _MOST_REMEMBERED:
            self._made.clear()
            self._scopes.clear()
        self._made[name] = _Made(
            endpoint=endpoint, organization=organization, said=said, layers=layers, connection=connection
        )
        return connection

    async def effective(
        self, endpoint: Endpoint = Endpoint.NOTIFICATION, organization: str = HOST
    ) -> EffectiveSettings:
        """Tell what holds for an endpoint, each value with where it came from.

        Raises:
            SettingsError: The environment cannot be used.
            SecretKeyError: A secret cannot be decrypted.
            OutboxUnavailableError: The database does not answer.
        """
        await self._look()
        return effective(_layers(await self._said(endpoint, organization)))

    async def layers(
        self, endpoint: Endpoint = Endpoint.NOTIFICATION, organization: str = HOST
    ) -> tuple[Layer, ...]:
        """Give what every level says, from far to near; raises as :meth:`effective`."""
        await self._look()
        return _layers(await self._said(endpoint, organization))

    async def change(self, change: Change | Mapping[str, object], organization: str = HOST) -> Changed:
        """Change what the host or an organization says, all of it or nothing; it holds when this returns.

        Args:
            change: What is wanted; a dict sets fields, under any of their names, and takes those back that are blank.
            organization: Whose settings; the host's, which hold for all, when none is named.

        Raises:
            ConfigurationError: The change cannot be made; ``field`` names what is at fault.
            ConflictError: Somebody else has changed the same settings meanwhile.
            OutboxUnavailableError: The database does not answer; nothing was changed.
        """
        from eilbote.settings.change import Change, apply_change

        if not isinstance(change, Change):
            change = Change(set=change)
        organization = connection_name(organization, field="organization") if organization else HOST
        now = moment_of(self._clock.now())
        scope = await self._settings.read(organization)
        layers = await self.layers(organization=organization)
        changed = apply_change(change, scope, layers[:-1], now=now)
        if changed.is_new:
            self._check(changed.effective)
            kept = await self._settings.write(changed.settings, now=now)
            self._asked = None  # whoever asks next sees it at once
            return replace(changed, settings=kept)
        return changed

    async def tried(
        self, change: Change, endpoint: Endpoint = Endpoint.NOTIFICATION, organization: str = HOST
    ) -> tuple[Connection, EffectiveSettings]:
        """Give the connection that a change would make, and what would hold; nothing is kept.

        Raises:
            ConnectionNotFoundError: Nobody would say where mail goes.
            ConfigurationError: The change cannot be made, or what it makes cannot be used.
            OutboxUnavailableError: The database does not answer.
        """
        from eilbote.settings.change import apply_change

        layers = await self.layers(endpoint, organization)
        if len(layers) < _WITH_HOST:
            raise SettingsError(
                "what the environment says about mails of accounts is not changed here",
                field="endpoint",
                remedy="Test it as it stands, without fields, or leave out endpoint=system",
            )
        scope, now = await self._settings.read(organization), moment_of(self._clock.now())
        changed = apply_change(change, scope, layers[:-1], now=now)
        tried = (*layers[:-1], layer_of(changed.settings))
        return _connection(tried, endpoint, organization), changed.effective

    async def remains(self, organization: str = HOST) -> Remains | None:
        """Give what the host or an organization has said as it is stored, readable or not; ``None`` when it never did.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._settings.remains(organization)

    async def reset(self, organization: str = HOST) -> bool:
        """Forget everything the host or an organization has said, damaged or not; tells whether there was anything.

        Raises:
            OutboxUnavailableError: The database does not answer; nothing was forgotten.
        """
        found = await self._settings.reset(organization, now=moment_of(self._clock.now()))
        self._asked = None  # whoever asks next sees it at once
        return found

    async def put(self, name: str, uri: Secret | str) -> bool:
        """Refuse: an endpoint is changed by its settings.

        Raises:
            SettingsError: Always.
        """
        del uri
        _refuse(name)

    async def remove(self, name: str) -> None:
        """Refuse: an endpoint is always there.

        Raises:
            SettingsError: Always.
        """
        _refuse(name)

    # -- within ------------------------------------------------------------------------------------------------

    def _has_system(self) -> bool:
        try:
            return bool(self._environment.layer(Endpoint.SYSTEM).said())
        except SettingsError:
            return True  # something is said, and whoever uses it hears what is wrong with it

    async def _said(self, endpoint: Endpoint, organization: str) -> _Said:
        """Give what is said, from far to near."""
        environment = self._environment.layer(endpoint)
        if endpoint is Endpoint.SYSTEM:
            if environment.said():
                return (environment,)
            environment = self._environment.layer(Endpoint.NOTIFICATION)
        host = await self._scope(HOST)
        return (
            (environment, host)
            if organization == HOST
            else (environment, host, await self._scope(organization))
        )

    async def _scope(self, organization: str) -> ScopeSettings:
        if (known := self._scopes.get(organization)) is None:
            known = self._scopes[organization] = await self._settings.read(organization)
        return known

    async def _look(self) -> None:
        """Forget what was read when somebody has changed something since."""
        now = self._clock.monotonic()
        if self._asked is not None and now - self._asked < _LOOK_AGAIN_SECONDS:
            return
        revision = await self._revision()
        if revision != self._seen:
            self._scopes.clear()
            self._organizations = None
        self._seen, self._asked = revision, now


_WITH_HOST: Final = 2
"""Levels that are heard where the environment does not say everything by itself."""


def read_endpoint(name: str) -> tuple[Endpoint, str]:
    """Give endpoint and organization of a name such as ``notification``, ``system`` or ``acme/notification``.

    Raises:
        ConnectionNotFoundError: No endpoint has that name.
    """
    organization, own = split_name(name)
    try:
        if organization:
            organization = connection_name(organization, field="organization")
        endpoint = Endpoint(own)
    except (ValueError, SettingsError):
        raise not_found(name, [each.value for each in Endpoint]) from None
    if organization and endpoint is Endpoint.SYSTEM:
        raise not_found(name, [f"{organization}/{Endpoint.NOTIFICATION}"])
    return endpoint, organization


def _layers(said: _Said) -> tuple[Layer, ...]:
    return tuple(each if isinstance(each, Layer) else layer_of(each) for each in said)


def _connection(layers: tuple[Layer, ...], endpoint: Endpoint, organization: str) -> Connection:
    found = effective(layers)
    if found.is_empty:
        raise not_configured(endpoint, organization)
    try:
        connection = found.connection(qualified_name(organization, endpoint.value))
    except ConfigurationError as fault:
        fault.field = where_said(found, fault.field)
        raise
    return replace(connection, public_only=found.destination_level is Level.ORGANIZATION)


def _refuse(name: str) -> NoReturn:
    endpoint, organization = read_endpoint(name)
    raise SettingsError(
        f"the endpoint {endpoint.value!r} is always there, and is not kept with the connections",
        field="connection",
        remedy=f"Change it with `eilbote settings set{f' --org {organization}' if organization else ''} ...`",
    )
