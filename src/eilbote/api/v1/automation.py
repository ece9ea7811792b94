"""What all resources of automations have in common: who may ask, what they see, and how their deeds are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final, TypeAlias, cast

from fastapi import Depends, Path, Query
from pydantic import JsonValue

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.remedies import for_clients
from eilbote.connections.repository import qualified_name
from eilbote.engine.shown_data import plain, without_secrets
from eilbote.model.data import Data

LONGEST_ID: Final = 100
ID_PATTERN: Final = r"^[\x21-\x7e]{1,100}$"
"""Of runs and instances: visible ASCII characters."""
NAME_PATTERN: Final = r"^[^\x00-\x1f\x7f]*$"
"""Of everything that has a name: no control characters."""
LONGEST_NAME: Final = 200
MOST_WAIT_SECONDS: Final = 60
_LONGEST_AUTHOR: Final = 100
_WORDS: Final = frozenset({"message", "cause", "remedy"})
"""Of an error: what is written for people."""

Reader = Annotated[Acting, Depends(needs(Permission.AUTOMATIONS_READ))]
Lister = Annotated[Acting, Depends(needs(Permission.AUTOMATIONS_READ, lists=True))]
Author = Annotated[Acting, Depends(needs(Permission.AUTOMATIONS_WRITE))]
Runner = Annotated[Acting, Depends(needs(Permission.AUTOMATIONS_RUN))]

Version = Annotated[
    int, Path(ge=0, le=2**31 - 1, description="A published version, from 1 on; 0 for the draft", examples=[1])
]
Contains = Annotated[
    str,
    Query(
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="Only those whose name holds this, in any letter case",
    ),
]

Json: TypeAlias = dict[str, JsonValue]
"""Plain data: what runs and instances are given, and what they know."""


def on_behalf_of(acting: Acting, organization: str) -> Acting:
    """Give the same somebody, acting on what belongs to an organization: there their deeds are written down."""
    return acting if acting.organization == organization else replace(acting, organization=organization)


def author_of(acting: Acting) -> str:
    """Give what is kept as the author of what somebody begins."""
    principal = acting.principal
    said = f"{principal.kind.value}:{principal.name or principal.id}"
    return "".join(each for each in said if each.isprintable())[:_LONGEST_AUTHOR]


def who(acting: Acting) -> str:
    """Give the name by which people know somebody who decides."""
    return acting.principal.name or acting.principal.id or acting.principal.kind.value


def thing(kind: str, acting: Acting, name: str) -> str:
    """Give what a deed was done to, as the book of who did what names it."""
    return f"{kind}:{qualified_name(acting.organization, name)}"


def told(value: Data) -> JsonValue:
    """Give data as they are shown: as JSON, without what is called a secret."""
    return cast("JsonValue", plain(without_secrets(value)))


def told_table(values: Mapping[str, Data]) -> Json:
    """Give a table of data as it is shown; see :func:`told`."""
    return cast("Json", told(dict(values)))


def told_error(error: Mapping[str, Data]) -> Json:
    """Give why something failed as it is shown: with operations of the API in place of commands."""
    return {
        name: for_clients(value) if name in _WORDS and isinstance(value, str) else value
        for name, value in told_table(error).items()
    }
