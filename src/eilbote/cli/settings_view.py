"""Settings as people and programs read them; what is secret stays stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.printable import printable
from eilbote.cli.times import moment_text
from eilbote.settings.fields import FIELDS
from eilbote.settings.inheritance import Effective, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection
    from eilbote.settings.inheritance import EffectiveSettings
    from eilbote.settings.scope import ScopeSettings, SettingValue

_STARS = "********"
_WIDEST_VALUE = 60


def settings_data(
    name: str, found: EffectiveSettings, scope: ScopeSettings, connection: Connection | None
) -> dict[str, object]:
    """Give settings as plain data; the keys are stable.

    Args:
        name: The endpoint's.
        found: What holds.
        scope: What the nearest level has said, for what is kept and does not hold.
        connection: What it makes, if it makes one; says what follows from the rest.
    """
    fields = {
        each.field: {
            "value": each.value,
            "has_secret": each.has_secret,
            "level": each.level.value,
            "place": each.place,
            "inherited": each.inherited,
            "locked": each.locked,
        }
        for each in _in_order(found, connection)
    }
    return {
        "endpoint": name,
        "organization": scope.organization or None,
        "configured": not found.is_empty,
        "custom": scope.custom,
        "own": sorted({*scope.plain, *scope.secrets}),
        "locked": sorted(scope.locked),
        "changed_at": moment_text(scope.changed),
        "fields": fields,
        "withheld": [
            {"field": each.field, "place": each.place, "because": each.because, "by": each.by.value}
            for each in found.withheld
        ],
        "overruled": [
            {"field": each.field, "locked": each.locked, "by": each.by} for each in found.overruled
        ],
    }


def show_table(
    found: EffectiveSettings, connection: Connection | None, screen: Screen, *, origin: bool
) -> None:
    """Write one line for each field that holds."""
    rows: list[tuple[str, str, str]] = []
    for each in _in_order(found, connection):
        value = _STARS if each.has_secret else value_text(each.value)
        place = each.place if each.level in {each.place, Level.DEFAULT} else f"{each.level}: {each.place}"
        rows.append((FIELDS[each.field].label, value, f"{place}{', locked' if each.locked else ''}"))
    if not rows:
        return
    widest_label, widest_value = (max(len(row[column]) for row in rows) for column in (0, 1))
    for label, value, place in rows:
        line = f"{label:<{widest_label}}  {value}"
        screen.text(f"{line:<{widest_label + widest_value + 4}}{printable(place)}" if origin else line)


def value_text(value: SettingValue | None) -> str:
    """Give a value for people."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case _:
            return printable(str(value), longest=_WIDEST_VALUE)


def notes_on(found: EffectiveSettings) -> Iterator[str]:
    """Say what is not heard, and why."""
    for each in found.withheld:
        yield (
            f"{FIELDS[each.field].label} ({each.place}) is not inherited: "
            f"{FIELDS[each.because].label} is said by the {each.by}."
        )
    for lost in found.overruled:
        yield (
            f"{FIELDS[lost.field].label} of {lost.place} is not heard: {FIELDS[lost.locked].label} is locked "
            f"by the {lost.by}."
        )


def _in_order(found: EffectiveSettings, connection: Connection | None) -> list[Effective]:
    """Give what is said and what follows from it, as a form shows it."""
    values = {**_follows(found, connection), **found.values}
    return [values[name] for name in FIELDS if name in values]


def _follows(found: EffectiveSettings, connection: Connection | None) -> Mapping[str, Effective]:
    """Give what nobody has said and what follows from the rest."""
    if connection is None:
        return {}
    words = sorted({"secure_connection", "secure", "require_tls", "ignore_tls"} & found.values.keys())
    server = f"follows from {connection.service}" if connection.service else "default"
    protection = f"follows from {words[0]}" if words and not connection.service else server
    follows: tuple[tuple[str, SettingValue, str], ...] = (
        ("host", connection.host, server),
        ("port", connection.port, server),
        ("security", connection.security.value, protection),
        ("timeout", connection.timeouts.connect, "default"),
    )
    return {
        name: Effective(field=name, value=value, level=Level.DEFAULT, place=place, inherited=True)
        for name, value, place in follows
    }
