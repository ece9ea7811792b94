"""What errors say, in the words of whoever asks over HTTP: where they name a command, the operation that does the same is named.

Most errors are raised where nobody knows by which door somebody came, and their remedies name commands, which help at the machine. Who sits
before a portal, or writes a program, has no shell there. What can be done at the machine alone is said in words, so that they can ask for it.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUOTED: Final = re.compile(r"(?P<quote>[`'])eilbote (?P<said>[a-z][^`'\n]{0,300})(?P=quote)")
_PLACE: Final = re.compile(r"\{[a-z]+\}")
_ARGUMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@~-]*\Z")

OPERATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "api-key list": "GET /api/v1/api-keys",
        "connection add": "POST /api/v1/connections",
        "connection default": "POST /api/v1/connections/{name}/default",
        "connection enable": "POST /api/v1/connections/{name}/enable",
        "connection test": "POST /api/v1/connections/{name}/test",
        "connection update": "PATCH /api/v1/connections/{name}",
        "flow publish": "POST /api/v1/flows/{flow}/versions",
        "flow runs": "GET /api/v1/runs",
        "flow save": "POST /api/v1/flows",
        "flow show": "GET /api/v1/runs/{run}",
        "notify list": "GET /api/v1/subscriptions",
        "notify unsubscribe": "DELETE /api/v1/subscriptions/{id}",
        "outbox list": "GET /api/v1/messages",
        "outbox show": "GET /api/v1/messages/{message}",
        "process instances": "GET /api/v1/instances",
        "process publish": "POST /api/v1/processes/{process}/versions",
        "process save": "POST /api/v1/processes",
        "process show": "GET /api/v1/instances/{instance}",
        "route enable": "PATCH /api/v1/routes/{route}",
        "route save": "PUT /api/v1/routes/{route}",
        "settings set": "PATCH /api/v1/settings",
        "snapshot create": "POST /api/v1/snapshots",
        "suppression remove": "DELETE /api/v1/suppressions/{address}",
        "user list": "GET /api/v1/users",
        "webhook deliveries": "GET /api/v1/webhooks/{id}/deliveries",
        "webhook enable": "PATCH /api/v1/webhooks/{id}",
        "webhook list": "GET /api/v1/webhooks",
    }
)
"""The operation that does what a command does. Its first place takes the command's first argument."""

AT_THE_MACHINE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "connection authorize": "the command line",
        "courier": "the courier of the server",
        "db backup": "a backup at the server",
        "db check": "the check of the database at the server",
        "db restore": "the restoration of a backup at the server",
        "db upgrade": "the upgrade of the database at the server",
        "keys abandon": "giving up its key at the server",
        "keys list": "the list of keys at the server",
        "keys rotate": "the change of keys at the server",
        "serve": "the server",
    }
)
"""What no operation does, in words; it is for the administrator of the machine."""


def for_clients(text: str) -> str:
    """Give what an error says, with operations in place of commands."""
    return _QUOTED.sub(_told, text) if "eilbote " in text else text


def _told(found: re.Match[str]) -> str:
    words = found["said"].split()
    for length in (2, 1):
        name = " ".join(words[:length])
        if (operation := OPERATIONS.get(name)) is not None:
            return f"`{_filled(operation, words[length:])}`"
        if (said := AT_THE_MACHINE.get(name)) is not None:
            return said
    return "a command at the server"


def _filled(operation: str, arguments: list[str]) -> str:
    """Put the first argument into its place; one in capitals stands for something, as the place does."""
    first = arguments[0] if arguments else ""
    if not _ARGUMENT.match(first) or first.isupper():
        return operation
    return _PLACE.sub(lambda _: first, operation, count=1)


ForClients = Annotated[str, AfterValidator(for_clients)]
"""A field of an answer that shows what an error says."""
