"""Changes what a scope says: all of a change, or nothing of it (pure).

A stored secret was entered for one server and one user. When a change would send it anywhere else it has to be entered
again: whoever may change a host name must not thereby learn a password he was never told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from eilbote.connections.expiry import read_expiry
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.settings.fields import DESTINATION, FIELDS, OF_THIS_MACHINE, field_named
from eilbote.settings.inheritance import EffectiveSettings, Layer, effective, layer_of
from eilbote.settings.origins import where_said
from eilbote.settings.precedence import INSTEAD_OF, lock_against
from eilbote.settings.scope import HOST, ScopeSettings
from eilbote.settings.secret_destination import secret_destination
from eilbote.settings.values import Said, read_values

if TYPE_CHECKING:
    from eilbote.model.moment import Moment

_T = TypeVar("_T")
_EXPIRY = "expiry_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody wants changed.

    Attributes:
        set: Values by names as they were written; a blank one takes the field back.
        unset: Fields to take back, so that farther levels are heard again.
        lock: Fields that levels below may not override any more.
        unlock: Fields that they may override again.
        custom: Whether the scope's own values hold; ``None`` leaves that as it is.
    """

    set: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    unset: frozenset[str] = frozenset()
    lock: frozenset[str] = frozenset()
    unlock: frozenset[str] = frozenset()
    custom: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a scope would say after a change.

    Attributes:
        settings: Everything it says; to be kept as it is.
        effective: What then holds for it.
        is_new: Whether anything is different at all.
        warnings: What an administrator should know, one sentence or two each.
    """

    settings: ScopeSettings
    effective: EffectiveSettings
    is_new: bool
    warnings: tuple[str, ...] = ()


def apply_change(
    change: Change, scope: ScopeSettings, above: Sequence[Layer], *, now: Moment | None = None
) -> Changed:
    """Say what a scope would say after a change; nothing is kept here.

    Args:
        change: What is wanted.
        scope: What it says now.
        above: What farther levels say, from far to near.
        now: The time, from which an expiry that was given as a duration is counted; such a one is kept as it was written
            when nobody tells the time.

    Raises:
        ConfigurationError: A field is unknown, locked, not this scope's to set, or has a value that cannot be used; the
            whole makes no connection; or a stored secret would go to another destination than it was entered for.
    """
    said = _counted(read_values(change.set), now)
    for name in sorted({*said.plain, *said.secrets}):
        _check_allowed(name, scope, above)
    settings = _changed(change, said, scope)
    before = _alone(scope, above)
    after = _alone(settings, above)
    if "default_from" in _taken_back(change, said) and "default_from" not in after.values:
        # What is left of an author without an address is a name, which makes no connection.
        settings = replace(settings, plain=_without(settings.plain, {"from_name"} - said.plain.keys()))
        after = _alone(settings, above)
    _check_secrets(said, scope, settings, before, after)
    found = after if settings.custom else effective([*above, layer_of(settings)])
    return Changed(
        settings=settings,
        effective=found,
        is_new=settings != scope,
        warnings=tuple(_warnings(settings, after, is_setting=bool(said.plain or said.secrets))),
    )


def _counted(said: Said, now: Moment | None) -> Said:
    """Turn a duration into the moment at which it is over."""
    if now is None or _EXPIRY not in said.plain:
        return said
    end = read_expiry(said.plain[_EXPIRY]).counted_from(now)
    return said if end is None else replace(said, plain={**said.plain, _EXPIRY: int(end)})


def _changed(change: Change, said: Said, scope: ScopeSettings) -> ScopeSettings:
    gone = _taken_back(change, said)
    _refuse_both(gone & {*said.plain, *said.secrets}, "set and taken back")
    if "uri" in said.inside.values():
        gone |= DESTINATION
    for name in said.plain:
        gone |= INSTEAD_OF.get(name, frozenset())
    lock = {field_named(name).name for name in change.lock}
    unlock = {field_named(name).name for name in change.unlock}
    _refuse_both(lock & unlock, "locked and unlocked")
    if lock and scope.organization != HOST:
        raise SettingsError(
            "an organization has nobody below it to lock a field for",
            field=min(lock),
            remedy="Lock it at the host: leave the organization out",
        )
    return replace(
        scope,
        plain=_without(scope.plain, gone) | dict(said.plain),
        secrets=_without(scope.secrets, gone) | dict(said.secrets),
        locked=(scope.locked | lock) - unlock,
        custom=scope.custom if change.custom is None else change.custom,
    )


def _taken_back(change: Change, said: Said) -> set[str]:
    return {*said.blank, *(field_named(name).name for name in change.unset)}


def _without(values: Mapping[str, _T], gone: set[str]) -> dict[str, _T]:
    return {name: value for name, value in values.items() if name not in gone}


def _refuse_both(names: set[str], words: str) -> None:
    if names:
        raise SettingsError(
            f"this field is to be {words} at once", field=min(names), remedy="Ask for one of the two"
        )


def _alone(scope: ScopeSettings, above: Sequence[Layer]) -> EffectiveSettings:
    """Give what holds with the scope's own values, whether they are switched on or not."""
    return effective([*above, layer_of(replace(scope, custom=True))])


# -- what may not be -------------------------------------------------------------------------------------------


def _check_allowed(name: str, scope: ScopeSettings, above: Sequence[Layer]) -> None:
    locked = {each: layer for layer in reversed(above) for each in layer.locked}
    if lock := lock_against(name, locked):
        where = locked[lock].place_of(lock)
        raise SettingsError(
            f"{FIELDS[lock].label} is locked by the {where}",
            field=name,
            cause=None if lock == name else f"{FIELDS[name].label} would take it off",
            remedy=f"Leave it as it is, or have it unlocked: `eilbote settings set --unlock {lock}`",
        )
    if scope.organization != HOST and name in OF_THIS_MACHINE:
        raise SettingsError(
            "an organization cannot name files of this machine",
            field=name,
            remedy="Have an administrator set it for the host",
        )


def _check_secrets(
    said: Said,
    scope: ScopeSettings,
    settings: ScopeSettings,
    before: EffectiveSettings,
    after: EffectiveSettings,
) -> None:
    kept = sorted(scope.secrets.keys() & settings.secrets.keys() - said.secrets.keys())
    if not kept:
        return
    was, would_be = secret_destination(before, after)
    differing = sorted(name for name in was.keys() | would_be.keys() if was.get(name) != would_be.get(name))
    if differing:
        labels = ", ".join(FIELDS[name].label for name in kept)
        raise SettingsError(
            "a stored secret would go to another destination than it was entered for",
            field=kept[0],
            cause=f"{', '.join(differing)} would be different",
            remedy=f"Enter again in the same step, or take back: {labels}",
        )


# -- what is worth knowing -------------------------------------------------------------------------------------


def _warnings(settings: ScopeSettings, after: EffectiveSettings, *, is_setting: bool) -> list[str]:
    """Judge what would hold; only a change that sets something is refused when that makes no connection.

    Raises:
        ConfigurationError: It makes none.
    """
    found: list[str] = []
    level = layer_of(settings).level
    if settings.custom:
        found += (
            f"{FIELDS[each.field].label} ({each.place}) does not come along, because {FIELDS[each.because].label} is set here."
            for each in after.withheld
            if each.by is level
        )
        found += (
            f"{FIELDS[each.field].label} is not heard, because {FIELDS[each.locked].label} is locked by the {each.by}."
            for each in after.overruled
            if each.level is level
        )
    elif settings.plain or settings.secrets:
        found.append("The own values are kept and do not hold: this scope is switched to default.")
    if after.is_empty:
        return [*found, "Nothing is sent until a host, a service or a URI is set."]
    try:
        advice = after.connection("settings").warnings
    except ConfigurationError as fault:
        if is_setting:
            fault.field = where_said(after, fault.field, at=level)
            raise
        advice = (f"What is left makes no connection: {fault}",)
    return [*found, *(advice if settings.custom else ())]
