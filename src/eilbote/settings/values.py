"""Reads what somebody sets: names as they were written, texts and numbers of every kind (pure).

What comes out stands under our names of the fields, each value in one form, secrets apart. A URI is taken apart into the
fields it stands for, and an address into address and display name, so that levels override each other field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, assert_never

from eilbote.connections.allowed_senders import read_allowed_senders
from eilbote.connections.catalogue import lookup_service
from eilbote.connections.endpoint import endpoint_of
from eilbote.connections.expiry import read_expiry
from eilbote.connections.fields import read_uri
from eilbote.connections.host import read_host
from eilbote.connections.integrator_errors import invalid_default_from
from eilbote.connections.security import read_port, read_security
from eilbote.connections.token_endpoint import check_token_url
from eilbote.connections.uri import parse_uri
from eilbote.connections.values import (
    is_blank,
    read_count,
    read_number,
    read_secret,
    read_share,
    read_switch,
    read_text,
)
from eilbote.errors import AddressError, SettingsError
from eilbote.model.address import Mailbox, parse_mailbox
from eilbote.model.kinds import check_kind, shown
from eilbote.model.secret import Secret
from eilbote.settings.brand_values import read_look
from eilbote.settings.fields import FIELDS, FieldKind, SettingField, field_named

if TYPE_CHECKING:
    from eilbote.settings.scope import SettingValue

_DAY = 86_400
_OWN_SERVER = frozenset({"other", "other smtp service"})
_AUTH_TYPES = {
    **dict.fromkeys(("basic", "einfach", "grundlegend", "password"), "basic"),
    **dict.fromkeys(("oauth2", "oauth"), "oauth2"),
    **dict.fromkeys(("anonymous", "none"), "anonymous"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said, secrets apart, under our names of the fields.

    Attributes:
        plain: Values in one form each.
        secrets: Those nobody may see.
        blank: Fields that were named with nothing in them.
        inside: For what came out of another field, which one: ``host`` out of ``uri``.
    """

    plain: Mapping[str, SettingValue] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}))
    blank: frozenset[str] = frozenset()
    inside: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_values(given: Mapping[str, object]) -> Said:
    """Read named values.

    Raises:
        ConfigurationError: A name is unknown or stands twice, or a value cannot be used; ``field`` is our name of it.
    """
    check_kind(given, (Mapping,), field="settings", fault=SettingsError)
    plain: dict[str, SettingValue] = {}
    secrets: dict[str, Secret] = {}
    blank: set[str] = set()
    inside: dict[str, str] = {}
    for written, value in given.items():
        known = field_named(written)
        if is_blank(value):
            blank.add(known.name)
            continue
        for name, read in _read(known, value):
            if name in plain or name in secrets:
                raise _twice(name, written, inside.get(name))
            if name != known.name:
                inside[name] = known.name
            if isinstance(read, Secret):
                secrets[name] = read
            else:
                plain[name] = read
    return Said(
        plain=MappingProxyType(plain),
        secrets=MappingProxyType(secrets),
        blank=frozenset(blank - plain.keys() - secrets.keys()),
        inside=MappingProxyType(inside),
    )


def _twice(name: str, written: str, outer: str | None) -> SettingsError:
    return SettingsError(
        "this field is given twice",
        field=name,
        cause=f"Here as {shown(written)}" + (f", and before inside {outer!r}" if outer else ", and before"),
        remedy="Give it once",
    )


def _read(known: SettingField, value: object) -> list[tuple[str, SettingValue | Secret]]:
    match known.kind:
        case FieldKind.URI:
            return _read_uri(read_secret(value, known.name))
        case FieldKind.ADDRESS:
            return _read_address(value)
        case _:
            return [(known.name, _read_one(known, value))]


def _read_one(known: SettingField, value: object) -> SettingValue | Secret:  # noqa: PLR0911, PLR0912 - one for each kind
    name = known.name
    match known.kind:
        case FieldKind.SECRET:
            return read_secret(value, name)
        case FieldKind.HOST:
            return read_host(read_text(value, name), field=name)
        case FieldKind.PORT:
            return read_port(value, field=name)
        case FieldKind.SECURITY:
            return read_security(read_text(value, name), field=name).value
        case FieldKind.SERVICE:
            text = read_text(value, name)
            return "other" if text.lower() in _OWN_SERVER else lookup_service(text).name
        case FieldKind.SWITCH:
            return read_switch(value, name)
        case FieldKind.SECONDS | FieldKind.NUMBER:
            return _read_number(name, value)
        case FieldKind.COUNT:
            return read_count(value, name)
        case FieldKind.SHARE:
            return read_share(value, name)
        case FieldKind.EXPIRY:
            expiry = read_expiry(value)
            return read_text(value, name) if expiry.moment is None else int(expiry.moment)
        case FieldKind.SENDERS:
            return ", ".join(read_allowed_senders(value, field=name))
        case FieldKind.URL:
            return check_token_url(read_text(value, name), field=name)
        case (
            FieldKind.COLOUR
            | FieldKind.PICTURE
            | FieldKind.LINK
            | FieldKind.FONTS
            | FieldKind.PIXELS
            | FieldKind.LINES
        ):
            return read_look(known, value)
        case FieldKind.TEXT | FieldKind.FILE:
            return _read_words(name, value)
        case FieldKind.URI | FieldKind.ADDRESS:
            raise AssertionError(known)  # taken apart by the caller
        case _:
            assert_never(known.kind)


def _read_number(name: str, value: object) -> float:
    number = read_number(value, name)
    if name == "timeout" and number > _DAY:
        raise SettingsError(
            f"{number:,.0f} seconds are more than a day",
            field=name,
            cause="Some forms ask for milliseconds, this one for seconds",
            remedy=f"Give seconds: {number:,.0f} milliseconds are {number / 1000:g}",
        )
    return number


def _read_words(name: str, value: object) -> str:
    if name == "user" and isinstance(value, str):
        return value  # a server may know blanks in it
    text = read_text(value, name)
    if name != "auth_type":
        return text
    if (word := _AUTH_TYPES.get(text.lower())) is None:
        raise SettingsError(
            f"{shown(text)} is not a kind of login",
            field=name,
            remedy="Give basic, oauth2 or anonymous",
        )
    return word


def _parse(value: object) -> Mailbox:
    return parse_mailbox(read_text(value, "default_from"), field="default_from")


def _read_address(value: object) -> list[tuple[str, SettingValue | Secret]]:
    try:
        mailbox = value if isinstance(value, Mailbox) else _parse(value)
    except AddressError as fault:
        raise invalid_default_from(fault) from fault
    read: list[tuple[str, SettingValue | Secret]] = [("default_from", mailbox.addr_spec)]
    if mailbox.display_name:
        read.append(("from_name", mailbox.display_name))
    return read


def _read_uri(uri: Secret) -> list[tuple[str, SettingValue | Secret]]:
    """Take a URI apart; port and protection are said as well, since a URI that names no port means the usual one."""
    stated = read_uri(uri.reveal())
    endpoint = endpoint_of(stated)
    read: list[tuple[str, SettingValue | Secret]] = [
        ("host", endpoint.host),
        ("port", endpoint.port),
        ("security", endpoint.security.value),
    ]
    if stated.user:
        read.append(("user", stated.user))
    if stated.password:
        read.append(("password", stated.password))
    for name, text in parse_uri(uri.reveal()).options.items():
        read += _read(FIELDS[name], text)
    return read
