"""What an outbox is made of, and what is asked of it, refused at the door when it is something else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import NoneType
from typing import Final

from eilbote.connections.connection import Connection
from eilbote.engine.mailer_parts import check_ports
from eilbote.errors import DraftError, EntryNotFoundError, SettingsError
from eilbote.model.ids import EntryId, read_entry_id
from eilbote.model.kinds import check_kind, shown
from eilbote.model.secret import Secret

_LARGEST_ID: Final = (1 << 63) - 1
_LARGEST_PAGE: Final = 100_000


def check_outbox_parts(
    *,
    data_dir: object,
    database_url: object,
    connections: object,
    author: object,
    store: object,
    blobs: object,
    **ports: object,
) -> None:
    """Refuse parts that no outbox can be made of.

    Raises:
        SettingsError: One is of the wrong kind; ``field`` names the argument.
    """
    check_kind(data_dir, (str, os.PathLike, NoneType), field="data_dir", fault=SettingsError)
    check_kind(database_url, (str, Secret, NoneType), field="database_url", fault=SettingsError)
    check_kind(
        connections,
        (Mapping, Connection, str),
        field="connections",
        fault=SettingsError,
        remedy='Give names with connections, such as {"office": "smtps://..."}, or a single one',
    )
    check_kind(author, (str,), field="author", fault=SettingsError)
    check_ports(store=store, blobs=blobs, **ports)


def read_id(entry: object) -> EntryId:
    """Give the id that somebody has written as a number or as a text.

    Raises:
        EntryNotFoundError: No entry can have it.
    """
    if isinstance(entry, str):
        return read_entry_id(entry)
    if isinstance(entry, int) and not isinstance(entry, bool) and 0 <= entry <= _LARGEST_ID:
        return EntryId(entry)
    raise EntryNotFoundError(
        f"{shown(entry)} is no entry's id", field="id", remedy="Give the id of a submission or of an entry"
    )


def check_limit(limit: object, *, field: str = "limit") -> None:
    """Refuse a page that is no page.

    Raises:
        DraftError: It is no number from 1 to 100,000.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= _LARGEST_PAGE:
        raise DraftError(
            f"{shown(limit)} is not a number of entries",
            field=field,
            remedy=f"Give 1 to {_LARGEST_PAGE:,}, and the last entry of a page as `after` for the next one",
        )
