"""Which setting holds when several levels say something: the nearest, field by field, each with where it came from (pure).

From far to near: default, environment, host, organization. Two rules stand above "the nearest":

* **Credentials come with their destination.** A level that says anything about where mail goes, even the same again, gets no
  credentials from farther levels: otherwise an organization could name a server of its own and collect the host's password.
* **What is locked stays.** Nearer levels can neither replace it nor take it off by what they say beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from eilbote.connections.connection import Connection
from eilbote.errors import SettingsError
from eilbote.model.kinds import shown
from eilbote.model.secret import Secret
from eilbote.settings.fields import BRAND, CREDENTIALS, DESTINATION, FIELDS
from eilbote.settings.precedence import PROOF, TAKES_OFF, WHERE_TOKENS_COME_FROM, lock_against
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from eilbote.settings.scope import ScopeSettings, SettingValue


class Level(StrEnum):
    """Who said something, from far to near."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    HOST = "host"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one level says.

    Attributes:
        level: Which.
        place: Where it says so, for fields that :attr:`places` does not name: ``host``, or an organization.
        plain: Values by the names of their fields.
        secrets: Those nobody may see, the same way.
        locked: Fields that nearer levels may not override.
        places: Where single fields are said: a variable, a file.
    """

    level: Level
    place: str = ""
    plain: Mapping[str, SettingValue] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}))
    locked: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def said(self) -> frozenset[str]:
        """Name the fields that say something."""
        return frozenset({*self.plain, *self.secrets})

    def place_of(self, name: str) -> str:
        """Tell where a field is said."""
        return self.places.get(name, self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """A field that holds, and where it came from.

    Attributes:
        field: Its name.
        value: What it holds; ``None`` for a secret.
        has_secret: It holds a secret, which nobody is shown.
        level: Who said it.
        place: Where.
        inherited: The nearest level did not say it itself.
        locked: It cannot be overridden below; whether here or farther away.
    """

    field: str
    value: SettingValue | None = None
    has_secret: bool = False
    level: Level
    place: str
    inherited: bool
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A credential that was not inherited, because a nearer level says where mail goes, or who signs in.

    Attributes:
        field: The credential's name.
        level: Who had said it.
        place: Where.
        because: The field that took it off.
        by: Who said that one.
    """

    field: str
    level: Level
    place: str
    because: str
    by: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruled:
    """Something a level says in vain, because a farther one has locked what it would change.

    Attributes:
        field: What it says.
        level: Who says it.
        place: Where.
        locked: The field that is locked.
        by: Where it is locked.
    """

    field: str
    level: Level
    place: str
    locked: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSettings:
    """What holds for one scope.

    Attributes:
        values: Every field that holds, in the order of their names; secrets without what they hold.
        secrets: What they hold; for making a connection and for nothing else.
        withheld: Credentials that were not inherited.
        overruled: What was said in vain.
    """

    values: Mapping[str, Effective]
    secrets: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    withheld: tuple[Withheld, ...] = ()
    overruled: tuple[Overruled, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody has said where mail is to go."""
        return not {"host", "service"} & self.values.keys()

    @property
    def destination_level(self) -> Level:
        """The nearest level that decides anything about where octets go: to the mail server, or for tokens.

        What an organization decides goes through the gate for addresses; what an administrator of the host does may lead
        into his own network.
        """
        order = tuple(Level)
        deciding = (
            each.level for name, each in self.values.items() if name in DESTINATION | WHERE_TOKENS_COME_FROM
        )
        return max(deciding, key=order.index, default=Level.DEFAULT)

    def fields(self) -> dict[str, object]:
        """Give everything that holds of a connection, as :meth:`Connection.from_fields` reads it; secrets as they are."""
        plain = {
            name: each.value
            for name, each in self.values.items()
            if not each.has_secret and name not in BRAND
        }
        return {**plain, **{name: secret.reveal() for name, secret in self.secrets.items()}}

    def connection(self, name: str) -> Connection:
        """Make a connection of it.

        Raises:
            ConfigurationError: Something is missing or wrong.
        """
        return Connection.from_fields({**self.fields(), "name": name})


def layer_of(scope: ScopeSettings) -> Layer:
    """Give what a scope says: nothing while its own values are switched off.

    Raises:
        SettingsError: It says what this eilbote does not know. What that would mean for the rest is not known either.
    """
    level = Level.HOST if scope.organization == HOST else Level.ORGANIZATION
    place = scope.organization or "host"
    if unknown := {*scope.plain, *scope.secrets, *scope.locked} - FIELDS.keys():
        raise SettingsError(
            f"the settings of {place!r} hold a field that this eilbote does not know: {shown(min(unknown))}",
            field=place,
            cause="A newer eilbote has written it, or somebody has changed the database by hand",
            remedy="Run the newest eilbote that has worked on this database",
        )
    if not scope.custom:
        return Layer(level=level, place=place)
    return Layer(level=level, place=place, plain=scope.plain, secrets=scope.secrets, locked=scope.locked)


def effective(layers: Sequence[Layer]) -> EffectiveSettings:
    """Decide what holds.

    Args:
        layers: From far to near. Each says ``host``, ``port`` and so on and no ``uri``
            (:mod:`eilbote.settings.uri_fields`).
    """
    found = _Found()
    for layer in layers:
        found.add(layer)
    nearest = layers[-1] if layers else None
    values = {
        name: Effective(
            field=name,
            value=None if name in layer.secrets else layer.plain[name],
            has_secret=name in layer.secrets,
            level=layer.level,
            place=layer.place_of(name),
            inherited=layer is not nearest,
            locked=name in found.locked,
        )
        for name, layer in sorted(found.said_by.items())
    }
    return EffectiveSettings(
        values=MappingProxyType(values),
        secrets=MappingProxyType(
            {name: found.said_by[name].secrets[name] for name, each in values.items() if each.has_secret}
        ),
        withheld=tuple(each for each in found.withheld if each.field not in values),
        overruled=tuple(found.overruled),
    )


class _Found:
    """What holds after some levels."""

    def __init__(self) -> None:
        self.said_by: dict[str, Layer] = {}
        self.locked: dict[str, Layer] = {}
        self.withheld: list[Withheld] = []
        self.overruled: list[Overruled] = []

    def add(self, layer: Layer) -> None:
        heard = self._heard(layer)
        for because in sorted(heard):
            for name in sorted(TAKES_OFF[because] & self.said_by.keys() - self.locked.keys()):
                self._take_off(name, because, layer)
        self.said_by |= dict.fromkeys(heard, layer)
        for name in layer.locked:
            self.locked.setdefault(name, layer)

    def _heard(self, layer: Layer) -> frozenset[str]:
        """Leave out what farther levels have locked.

        Credentials are meant for where their own level wants to go; when that is not heard, they are not either. What a
        level says in vain about proof leaves its server as it is, and the proof that is demanded.
        """
        against = {name: lock for name in layer.said() if (lock := lock_against(name, self.locked))}
        if lock := next((against[name] for name in sorted(against) if name in DESTINATION - PROOF), None):
            against |= {
                name: against.get(name, lock)
                for name in layer.said()
                if name in DESTINATION or name in CREDENTIALS
            }
        self.overruled += (
            Overruled(
                field=name,
                level=layer.level,
                place=layer.place_of(name),
                locked=lock,
                by=self.locked[lock].place_of(lock),
            )
            for name, lock in sorted(against.items())
        )
        return layer.said() - against.keys()

    def _take_off(self, name: str, because: str, by: Layer) -> None:
        layer = self.said_by.pop(name)
        if name in CREDENTIALS:
            self.withheld.append(
                Withheld(
                    field=name,
                    level=layer.level,
                    place=layer.place_of(name),
                    because=because,
                    by=by.level,
                )
            )
