"""Takes what somebody said about a connection apart into what is kept: plain values, and secrets that nobody sees again (pure).

A URI is taken apart into the fields it stands for, an address into address and display name, and the end of a token becomes
milliseconds, so that each part can be changed by itself later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.connections.allowed_senders import read_allowed_senders
from eilbote.connections.expiry import Expiry, read_expiry
from eilbote.connections.field_names import SECRET_NAMES, our_name
from eilbote.connections.fields import said_by_our_names
from eilbote.connections.uri import parse_uri
from eilbote.connections.values import is_blank, read_secret, read_text
from eilbote.errors import AddressError, SettingsError
from eilbote.model.address import Mailbox, parse_mailbox
from eilbote.model.moment import as_datetime
from eilbote.model.tls import Security

if TYPE_CHECKING:
    from eilbote.connections.stated import Stated
    from eilbote.connections.stored import FieldValue
    from eilbote.model.moment import Moment
    from eilbote.model.secret import Secret

_YEAR_MILLISECONDS: Final = 366 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFields:
    """What was said, by our names of the fields.

    Attributes:
        plain: Values that anybody may see.
        secrets: Those nobody may.
        blank: Fields that were named with nothing in them.
        from_uri: Whether a URI was among them.
        notes: What was understood, if it was not written as it should be.
    """

    plain: Mapping[str, FieldValue] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}))
    blank: frozenset[str] = frozenset()
    from_uri: bool = False
    notes: tuple[str, ...] = ()

    def names(self) -> frozenset[str]:
        """Name the fields that say something."""
        return frozenset((*self.plain, *self.secrets))


def kept_fields(given: Mapping[str, object], *, now: Moment) -> KeptFields:
    """Take fields apart, under any names in use for them.

    Args:
        given: The fields; blank ones are named in ``blank``.
        now: What a duration counts from.

    Raises:
        SettingsError: A name is unknown, two fields contradict each other, or a value is of the wrong kind.
        UriError: The URI cannot be used.
    """
    said = said_by_our_names(given)
    uri = said.pop("uri", None)
    notes: list[str] = []
    if "name" in said:
        del said["name"]  # it is called what it is kept as
    if uri is not None:
        _join(said, _inside(read_secret(uri, "uri")))
    if "expiry_date" in said:
        said["expiry_date"] = _milliseconds(read_expiry(said["expiry_date"]), now, notes)
        if said["expiry_date"] is None:
            del said["expiry_date"]
    if "allowed_senders" in said:
        said["allowed_senders"] = ", ".join(read_allowed_senders(said["allowed_senders"]))
    if "default_from" in said:
        _split_author(said)
    return KeptFields(
        plain=MappingProxyType({n: _plain(n, value) for n, value in said.items() if n not in SECRET_NAMES}),
        secrets=MappingProxyType({n: read_secret(said[n], n) for n in said if n in SECRET_NAMES}),
        blank=frozenset(
            name for written, value in given.items() if is_blank(value) and (name := our_name(written))
        ),
        from_uri=uri is not None,
        notes=tuple(notes),
    )


def _plain(name: str, value: object) -> FieldValue:
    if isinstance(value, (bool, int, float)):
        return value
    if name == "user" and isinstance(value, str):
        return value  # a server may know blanks in it
    return read_text(value, name)


def _join(said: dict[str, object], inside: Mapping[str, object]) -> None:
    for name, value in inside.items():
        if name in said and said[name] != value and name not in ("security", "secure"):
            raise SettingsError(
                f"the URI says one {name.replace('_', ' ')}, and the field another one",
                field=name,
                remedy="Say it in one place only",
            )
        said.setdefault(name, value)


def _inside(uri: Secret) -> dict[str, object]:
    parsed = parse_uri(uri.reveal())
    stated: Stated = parsed.stated
    found: dict[str, object] = {"host": stated.host}
    if stated.port is not None:
        found["port"] = stated.port
    if stated.security is not None:
        found["security"] = stated.security.value
    elif Security.TLS not in stated.allowed:
        found["secure"] = False  # smtp:// means: not from the first octet
    if stated.user:
        found["user"] = stated.user
    if stated.password:
        found["password"] = stated.password
    return {**parsed.options, **found}


def _milliseconds(expiry: Expiry, now: Moment, notes: list[str]) -> int | None:
    if expiry.note:
        notes.append(expiry.note)
    end = expiry.counted_from(now)
    if end is not None and end > now + _YEAR_MILLISECONDS:
        notes.append(
            f"expiryDate means {as_datetime(end):%Y-%m-%d}, more than a year ahead: access tokens seldom last a day."
        )
    return end


def _split_author(said: dict[str, object]) -> None:
    author = said["default_from"]
    if not isinstance(author, Mailbox):
        try:
            author = parse_mailbox(read_text(author, "default_from"), field="default_from")
        except AddressError:
            return  # told when the connection is made
    said["default_from"] = author.addr_spec
    if author.display_name:
        if said.get("from_name", author.display_name) != author.display_name:
            raise SettingsError(
                "the default From address brings a display name, and another one is given",
                field="from_name",
                remedy="Give the display name in one place only",
            )
        said["from_name"] = author.display_name
