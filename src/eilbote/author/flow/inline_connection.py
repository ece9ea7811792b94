"""A connection that stands in a node: everything about it but its secrets, which are named and lie elsewhere.

::

    connection:
      host: mail.example.org
      tls_option: starttls
      user: shop
      password: {env: EILBOTE_FLOW_SECRET_SHOP}

Its fields are those of a stored connection, under any name in use for them. It is kept with the stored connections while mail goes
through it, so that its secrets are encrypted there, its tokens renewed and its sessions shared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.secret_reference import PREFIX, read_reference
from eilbote.connections.change import OF_THIS_MACHINE
from eilbote.connections.connection import Connection
from eilbote.connections.field_names import SECRET_NAMES, as_written
from eilbote.connections.fields import said_by_our_names
from eilbote.connections.uri import parse_uri
from eilbote.errors import ConfigurationError, FlowError

if TYPE_CHECKING:
    from eilbote.author.flow.secret_reference import SecretReference
    from eilbote.model.data import Data

_BEGINNING: Final = "flow-"
_NAME: Final = re.compile(r"flow-[a-z0-9-]+-[0-9a-f]{12}")
_OWN_SERVER: Final = frozenset({"other", "other smtp service", "othersmtpservice"})
_KEYS: Final = frozenset({"service_account", "private_key"})
"""Secrets that have a form of their own, for which nothing can stand in while the rest is checked."""
_STANDING_IN: Final = "stands-in"
_DIGITS: Final = 12
_LONGEST_PART: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineConnection:
    """A connection of one node.

    Attributes:
        plain: Fields that anybody may see, by our names of them.
        secrets: Where those lie that nobody may.
    """

    plain: Mapping[str, str | int | bool]
    secrets: Mapping[str, SecretReference]

    def name(self, *, flow: str, node: str) -> str:
        """Give the name under which it is kept: another one when anything about it changes that is no secret itself."""
        said = [*sorted(self.plain.items()), *((n, r.place, r.name) for n, r in sorted(self.secrets.items()))]
        mark = hashlib.sha256(repr((flow, node, said)).encode()).hexdigest()[:_DIGITS]
        return f"{_BEGINNING}{_plain(flow)}-{_plain(node)}-{mark}"


def is_of_a_flow(name: str) -> bool:
    """Say whether a connection's own name was made by :meth:`InlineConnection.name`."""
    return _NAME.fullmatch(name) is not None


def read_connection(said: Data) -> str | InlineConnection:
    """Take the field ``connection``: a name, a URI, or a table.

    Raises:
        FlowError: It holds a secret, or cannot be a connection; ``field`` names what is at fault.
        ConfigurationError: A field cannot be used.
    """
    match said:
        case None:
            return ""
        case str():
            return _name_or_uri(said.strip())
        case dict():
            return _inline(said)
        case _:
            raise FlowError(
                "this is no connection",
                field="connection",
                remedy="Give the name of one, or a table such as {service: Gmail, user: ...}",
            )


def _name_or_uri(text: str) -> str:
    if "://" not in text:
        if "{" in text:
            raise FlowError(
                "a connection's name holds no values",
                field="connection",
                cause="What comes with the input does not decide which server gets the mail",
                remedy="Name a connection, and put a branch before nodes of different ones",
            )
        return text
    try:
        stated = parse_uri(text).stated
    except ConfigurationError as fault:
        fault.field = "connection"
        raise
    if stated.password is not None or stated.access_token is not None:
        raise FlowError(
            "a password stands in the flow",
            field="connection",
            cause="Whoever may read the flow would know it, and every version keeps it",
            remedy=f"Give a table {{host: ..., user: ..., password: {{env: {PREFIX}NAME}}}}, or name a stored connection",
        )
    return text


def _inline(said: dict[str, Data]) -> InlineConnection:
    plain: dict[str, str | int | bool] = {}
    secrets: dict[str, SecretReference] = {}
    try:
        ours = said_by_our_names(said)
    except ConfigurationError as fault:
        fault.field = f"connection.{fault.field}" if fault.field else "connection"
        raise
    for name, value in ours.items():
        field = f"connection.{as_written(name, said)}"
        if name in {"uri", "name"} or name in OF_THIS_MACHINE:
            raise FlowError(
                "a connection that stands in a flow has no such field",
                field=field,
                remedy="Say the host, port and user one by one"
                if name == "uri"
                else "Leave it out, or name a stored connection",
            )
        if name in SECRET_NAMES:
            secrets[name] = _reference(value, field)
        elif not isinstance(value, str | int):
            raise FlowError("this is neither text nor number", field=field, remedy="Give a text, in quotes")
        elif isinstance(value, str) and "{" in value:
            raise FlowError(
                "a connection holds no values",
                field=field,
                cause="What comes with the input does not decide which server gets the mail",
                remedy="Write it out",
            )
        elif not (name == "service" and str(value).strip().lower() in _OWN_SERVER):
            plain[name] = value
    _check(plain, secrets, said)
    return InlineConnection(plain=MappingProxyType(plain), secrets=MappingProxyType(secrets))


def _reference(value: Data, field: str) -> SecretReference:
    if not isinstance(value, dict):
        raise FlowError(
            "a secret stands in the flow",
            field=field,
            cause="Whoever may read the flow would know it, and every version keeps it",
            remedy=f"Write {{env: {PREFIX}NAME}} or {{file: NAME}}, or name a stored connection",
        )
    return read_reference(value, field=field)


def _check(
    plain: Mapping[str, str | int | bool], secrets: Mapping[str, SecretReference], said: Mapping[str, Data]
) -> None:
    """Make the connection once, with something in place of its secrets."""
    if _KEYS & secrets.keys():
        return
    try:
        Connection.from_fields({**plain, **dict.fromkeys(secrets, _STANDING_IN)})
    except ConfigurationError as fault:
        fault.field = f"connection.{as_written(fault.field, said)}" if fault.field else "connection"
        raise


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_PART].strip("-") or "x"
