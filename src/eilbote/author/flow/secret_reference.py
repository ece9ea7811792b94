"""Where a node's secret lies: never in the flow's text, which many may read and which is kept for ever.

An operator gives secrets to flows on purpose: as variables of the environment with a certain beginning, or as files in a
certain folder. So no flow reads another variable or another file, whatever its author writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.fields import Fields
from eilbote.errors import EilboteError, FlowError

if TYPE_CHECKING:
    from eilbote.model.data import Data

PREFIX: Final = "EILBOTE_FLOW_SECRET_"
"""What the names of variables begin with that flows may name."""
_VARIABLE: Final = re.compile(r"EILBOTE_FLOW_SECRET_[A-Z0-9][A-Z0-9_]{0,99}")
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LONGEST_BEFORE: Final = 40


class SecretPlace(StrEnum):
    """Where a secret lies."""

    ENV = "env"
    """In a variable of the environment."""
    FILE = "file"
    """In a file of the folder of secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """A secret, by its name.

    Attributes:
        place: Where it lies.
        name: Of the variable, or of the file without its folder.
        before: What stands in front of it: ``Bearer`` and a blank.
        field: Where it is named, for errors.
    """

    place: SecretPlace
    name: str
    before: str = ""
    field: str = ""


def read_reference(said: dict[str, Data], *, field: str) -> SecretReference:
    """Take a table such as ``{env: EILBOTE_FLOW_SECRET_CRM, before: "Bearer "}``.

    Raises:
        FlowError: It names no secret, two, or one that no flow may name.
    """
    given = Fields(said)
    try:
        variable, file, before = given.text("env"), given.text("file"), given.text("before")
        given.finish()
        if bool(variable) is bool(file):
            raise FlowError(
                "it is not said where the secret lies",
                remedy=f"Give either {{env: {PREFIX}NAME}} or {{file: NAME}}",
            )
        if variable and not _VARIABLE.fullmatch(variable):
            raise FlowError(
                f"flows may not read the variable {variable[:60]!r}",
                field="env",
                remedy=f"Name one that begins with {PREFIX}, in capital letters, digits and _",
            )
        if file and not _FILE.fullmatch(file):
            raise FlowError(
                f"flows may not read the file {file[:60]!r}",
                field="file",
                remedy="Give the name of a file in the folder that EILBOTE_FLOW_SECRETS_DIR names, without the folder",
            )
        if len(before) > _LONGEST_BEFORE:
            raise FlowError(
                "what stands before the secret is too long",
                field="before",
                remedy=f"Give at most {_LONGEST_BEFORE} characters, such as 'Bearer '",
            )
    except EilboteError as fault:
        fault.field = f"{field}.{fault.field}" if fault.field else field
        raise
    place = SecretPlace.ENV if variable else SecretPlace.FILE
    return SecretReference(place=place, name=variable or file, before=before, field=field)
