"""Reads a connection from named fields, under every name in use for them.

Forms and configuration files of automation products call the same thing by different names: ``user``, ``username``,
``smtpUsername``. All are understood, whatever their case, underscores and hyphens. A name that is none of them is
refused with the nearest one, since a misspelt ``tlsOption`` would otherwise change what is encrypted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, TypeVar

from eilbote.connections.allowed_senders import read_allowed_senders
from eilbote.connections.expiry import read_expiry
from eilbote.connections.field_names import NAMES, as_written, our_name, plain_form
from eilbote.connections.oauth2_fields import says_oauth2
from eilbote.connections.protection import read_protection
from eilbote.connections.security import read_port
from eilbote.connections.stated import Stated
from eilbote.connections.uri import OPTIONS, parse_uri
from eilbote.connections.values import (
    is_blank,
    read_count,
    read_number,
    read_secret,
    read_share,
    read_switch,
    read_text,
)
from eilbote.errors import SettingsError, UriError
from eilbote.model.address import Mailbox
from eilbote.model.kinds import check_kind, shown
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.secret import Secret
from eilbote.model.tls import TlsPolicy, TlsVersion

V = TypeVar("V")

__all__ = ["NAMES", "as_written", "read_fields", "read_protocol", "read_uri", "said_by_our_names"]


def read_fields(given: Mapping[str, object]) -> Stated:
    """Give what named fields say; blank ones say nothing.

    Raises:
        SettingsError: A name is unknown, a value cannot be read, or two fields contradict each other.
        UriError: The field ``uri`` holds a URI that cannot be used.
    """
    said = said_by_our_names(given)
    stated = _read(said)
    return _with_uri(read_secret(said["uri"], "uri").reveal(), stated) if "uri" in said else stated


def read_uri(text: str) -> Stated:
    """Give what a URI says.

    Raises:
        UriError: It cannot be used; the password is not shown.
    """
    uri = parse_uri(text)
    try:
        return uri.stated.with_(_read(uri.options))
    except SettingsError as fault:
        raise UriError(
            f"{_in_option(fault.field)}, {fault.what}", field="uri", cause=fault.cause, remedy=fault.remedy
        ) from None


def _in_option(field: str | None) -> str:
    """Say which option of a URI holds the fault, by the name it has there."""
    ours = (field or "").removeprefix("tls.")
    written = next((name for name, filled in OPTIONS.items() if filled == ours), None)
    return f"in the option '{written}'" if written else "in an option"


def said_by_our_names(given: Mapping[str, V]) -> dict[str, V]:
    """Give the fields that say something, by our names of them.

    Raises:
        SettingsError: A name is unknown, or two of them are the same field with two values.
    """
    check_kind(given, (Mapping,), field="fields", fault=SettingsError, remedy="Give a dict of named fields")
    said: dict[str, V] = {}
    written_as: dict[str, str] = {}
    for name, value in given.items():
        check_kind(
            name, (str,), field="fields", fault=SettingsError, remedy="Give the names of fields as str"
        )
        ours = our_name(name) or _refuse_name(name)
        if is_blank(value):
            continue
        if ours in said and said[ours] != value:
            raise SettingsError(
                f"{written_as[ours]!r} and {name!r} are the same field, with two values",
                field=ours,
                remedy="Keep one of them",
            )
        said[ours] = value
        written_as[ours] = name
    return said


def _refuse_name(name: str) -> NoReturn:
    import difflib

    written = {plain_form(each): each for all_of_them in NAMES.values() for each in all_of_them}
    alike = difflib.get_close_matches(plain_form(name)[:60], written, n=1, cutoff=0.6)
    raise SettingsError(
        f"a connection has no field {shown(name)}",
        field=name,
        remedy=f"The nearest name is '{written[alike[0]]}'"
        if alike
        else "See docs/reference/connection.md for the names of the fields",
    )


def _with_uri(uri: str, beside: Stated) -> Stated:
    """Join a URI and the fields beside it; a field the URI has said already may not say something else."""
    inside = read_uri(uri)
    for name in sorted(inside.said() & beside.said()):
        if getattr(inside, name) != getattr(beside, name):
            raise SettingsError(
                f"the URI says one {name.replace('_', ' ')}, and the field another one",
                field=name,
                remedy="Say it in one place only",
            )
    if beside.service:
        raise SettingsError("a URI and a service are both given", field="service", remedy="Clear one of them")
    return inside.with_(beside)


def _read(said: Mapping[str, object]) -> Stated:
    security, allowed = read_protection(said)
    stated = Stated(
        service=_text(said, "service"),
        host=_text(said, "host"),
        port=read_port(said["port"]) if "port" in said else None,
        security=security,
        allowed=allowed,
        user=_user(said),
        password=_secret(said, "password"),
        access_token=_secret(said, "access_token"),
        domain=_text(said, "domain"),
        default_from=_default_from(said),
        from_name=_text(said, "from_name"),
        allowed_senders=read_allowed_senders(said.get("allowed_senders")),
        name=_text(said, "name"),
        ehlo_name=_text(said, "ehlo_name") or None,
        mechanism=_text(said, "mechanism") or None,
        tls=_tls(said),
        timeout=_number(said, "timeout"),
        max_sessions=_count(said, "max_sessions"),
        messages_per_second=_number(said, "messages_per_second"),
        messages_per_minute=_count(said, "messages_per_minute"),
        messages_per_day=_count(said, "messages_per_day"),
        retry_first_seconds=_number(said, "retry_first_seconds"),
        retry_factor=_number(said, "retry_factor"),
        retry_cap_seconds=_number(said, "retry_cap_seconds"),
        retry_lifetime_seconds=_number(said, "retry_lifetime_seconds"),
        retry_jitter=read_share(said["retry_jitter"], "retry_jitter") if "retry_jitter" in said else None,
        chunking_window=_count(said, "chunking_window"),
        pipelining=_switch(said, "pipelining"),
        allow_clear_authentication=_switch(said, "allow_clear_authentication"),
        client_id=_text(said, "client_id"),
        client_secret=_secret(said, "client_secret"),
        refresh_token=_secret(said, "refresh_token"),
        expiry=read_expiry(said["expiry_date"]) if "expiry_date" in said else None,
        access_url=_text(said, "access_url"),
        scope=_text(said, "scope"),
        grant=_text(said, "grant"),
        tenant=_text(said, "tenant"),
        service_account=_secret(said, "service_account"),
        private_key=_secret(said, "private_key"),
        issuer=_text(said, "issuer"),
        key_id=_text(said, "key_id"),
        protocol=read_protocol(said.get("protocol", MailProtocol.SMTP)),
        verify_recipients=_switch(said, "verify_recipients"),
    )
    _check_auth_type(said, stated)
    return stated


def _text(said: Mapping[str, object], name: str) -> str:
    return read_text(said[name], name) if name in said else ""


def _secret(said: Mapping[str, object], name: str) -> Secret | None:
    return read_secret(said[name], name) if name in said else None


def _number(said: Mapping[str, object], name: str) -> float | None:
    return read_number(said[name], name) if name in said else None


def _count(said: Mapping[str, object], name: str) -> int | None:
    return read_count(said[name], name) if name in said else None


def _switch(said: Mapping[str, object], name: str) -> bool | None:
    return read_switch(said[name], name) if name in said else None


def _user(said: Mapping[str, object]) -> str:
    """Read a user name exactly as written: a server may know blanks in it, and a stray one is better seen."""
    value = said.get("user", "")
    return value if isinstance(value, str) else read_text(value, "user")


def _default_from(said: Mapping[str, object]) -> str | Mailbox | None:
    value = said.get("default_from")
    return value if isinstance(value, Mailbox) else _text(said, "default_from") or None


def _check_auth_type(said: Mapping[str, object], stated: Stated) -> None:
    """Hold the kind of login that a form's selector names against the fields that are filled in."""
    match _text(said, "auth_type").lower():
        case "":
            return
        case "basic" | "einfach" | "password":
            missing = "password" if stated.password is None else "user" if not stated.user else ""
        case "oauth2":
            missing = "access_token" if not says_oauth2(stated) else "user" if not stated.user else ""
        case "none" | "anonymous":
            if stated.user or stated.password or says_oauth2(stated):
                raise SettingsError(
                    "the login is anonymous, and credentials are given",
                    field="auth_type",
                    remedy="Choose basic or oauth2, or clear user, password and token",
                )
            return
        case other:
            raise SettingsError(
                f"{shown(other)} is not a kind of login",
                field="auth_type",
                remedy="Give basic, oauth2 or anonymous",
            )
    if missing:
        raise SettingsError(
            f"the {missing.replace('_', ' ')} is missing",
            field=missing,
            remedy="Fill it in, or choose another kind of login",
        )


def read_protocol(value: object) -> MailProtocol:
    """Give the protocol that a word means.

    Raises:
        SettingsError: It is none.
    """
    text = read_text(value, "protocol").lower()
    try:
        return MailProtocol(text)
    except ValueError:
        raise SettingsError(
            f"{shown(text)} is no way to hand in mail",
            field="protocol",
            remedy="Give smtp, or graph for Microsoft Graph",
        ) from None


def _tls(said: Mapping[str, object]) -> TlsPolicy | None:
    verify = _switch(said, "verify")
    ignore = _switch(said, "ignore_tls_errors")
    if verify is not None and ignore is not None and verify is ignore:
        raise SettingsError(
            "one field asks for certificates to be checked, another one not to be",
            field="ignore_tls_errors",
            remedy="Keep verify",
        )
    key_password = _secret(said, "client_key_password")
    texts = {
        name: _text(said, name) or None
        for name in ("ca_file", "client_certificate", "client_key", "server_name")
    }
    version = _version(said)
    if all(value is None for value in (verify, ignore, key_password, version, *texts.values())):
        return None
    return TlsPolicy(
        verify=verify if verify is not None else not ignore,
        client_key_password=key_password,
        minimum_version=version or TlsVersion.TLS_1_2,
        **texts,
    )


def _version(said: Mapping[str, object]) -> TlsVersion | None:
    text = _text(said, "minimum_version").lower().removeprefix("tls").lstrip("v ")
    if not text:
        return None
    try:
        return TlsVersion(text)
    except ValueError:
        raise SettingsError(
            f"{shown(text)} is not a TLS version eilbote accepts",
            field="tls.minimum_version",
            remedy="Give 1.2 or 1.3; older ones are broken (RFC 8996)",
        ) from None
