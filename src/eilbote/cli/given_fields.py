"""Reads the fields on a command line before anything else is done, so that a mistake in one of them has one exit code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from eilbote.cli.faults import FieldNotValidError
from eilbote.connections.field_names import as_written, our_name
from eilbote.connections.values import is_blank
from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

_OF_THE_WHOLE = frozenset({"auth_type", "name", "uri"})
"""Fields that are judged beside others, or have errors of their own."""


@contextmanager
def given_here(written: Iterable[str] = ()) -> Generator[None]:
    """Let a fault of a setting be one of what was given on this command line.

    Args:
        written: The names that were used for the fields.

    Raises:
        FieldNotValidError: In place of a fault that is no more than one of a setting.
    """
    try:
        yield
    except SettingsError as fault:
        if type(fault) is not SettingsError:
            raise
        raise FieldNotValidError(
            fault.what,
            field=as_written(fault.field, written),
            position=fault.position,
            cause=fault.cause,
            remedy=fault.remedy,
        ) from None


def check_fields(fields: Mapping[str, object]) -> None:
    """Refuse a field that does not exist, or that has a value it cannot have, whatever stands in the others.

    Raises:
        FieldNotValidError: There is one.
        ConfigurationError: One names a service that is not known.
    """
    from eilbote.connections.fields import read_fields
    from eilbote.settings.fields import FIELDS
    from eilbote.settings.values import read_values

    with given_here(fields):
        for written, value in fields.items():
            name = our_name(written)
            if name in _OF_THE_WHOLE or is_blank(value):
                continue
            if name is not None and name in FIELDS:
                read_values({name: value})
            else:
                read_fields({written: value})
