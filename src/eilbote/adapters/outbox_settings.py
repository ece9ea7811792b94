"""How a program says which outbox it means: what :class:`~eilbote.app.Eilbote` takes, as a table of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict, cast

from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.connections.connection import Connection


class OutboxSettings(TypedDict, total=False):
    """Where the outbox is, and connections that only this program knows; the environment says what is left out."""

    data_dir: Path | str
    database_url: str
    connections: Mapping[str, Connection | str] | Connection | str
    author: str


NAMES = frozenset(OutboxSettings.__annotations__)


def outbox_settings(said: object, *, where: str, author: str) -> OutboxSettings:
    """Read the settings of a program.

    Args:
        said: What stands there; nothing is as good as an empty table.
        where: Where it stands, for faults.
        author: Who submits, unless the settings say so.

    Raises:
        SettingsError: There is something else than the settings of an outbox.
    """
    if said is None:
        said = {}
    if not isinstance(said, Mapping):
        raise SettingsError(
            "this is no table of settings", field=where, remedy='Give a dict such as {"data_dir": "mail"}'
        )
    table = cast("Mapping[object, object]", said)
    for name in table:
        if name not in NAMES:
            raise SettingsError(
                f"there is no setting {str(name)[:60]!r}",
                field=where,
                remedy=f"Settings are {', '.join(sorted(NAMES))}",
            )
    return cast("OutboxSettings", {"author": author, **table})
