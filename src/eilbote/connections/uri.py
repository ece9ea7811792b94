"""Reads SMTP URIs: ``smtp://user:password@host:port/?option=value`` (RFC 3986, strictly).

``smtp`` is a session upgraded by STARTTLS, which is required; in clear only towards this machine, or when
``starttls=never`` says so. ``smtps`` is implicit TLS. No error text holds any part of a user name or password, nor
anything that may be one because a reserved character was not percent-encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from eilbote.connections.host import read_host
from eilbote.connections.integrator_errors import unknown_scheme
from eilbote.connections.protection import NOT_IMPLICIT
from eilbote.connections.security import ANY_SECURITY, read_port
from eilbote.connections.stated import Stated
from eilbote.errors import SettingsError, UriError
from eilbote.model.kinds import check_kind
from eilbote.model.secret import Secret
from eilbote.model.tls import Security

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "from": "default_from",
        "name": "ehlo_name",
        "domain": "domain",
        "auth": "mechanism",
        "timeout": "timeout",
        "pool": "max_sessions",
        "rate": "messages_per_second",
        "per-minute": "messages_per_minute",
        "per-day": "messages_per_day",
        "retry-first": "retry_first_seconds",
        "retry-factor": "retry_factor",
        "retry-cap": "retry_cap_seconds",
        "retry-lifetime": "retry_lifetime_seconds",
        "retry-jitter": "retry_jitter",
        "window": "chunking_window",
        "pipelining": "pipelining",
        "clear-auth": "allow_clear_authentication",
        "verify": "verify",
        "ca": "ca_file",
        "cert": "client_certificate",
        "key": "client_key",
        "servername": "server_name",
        "min-tls": "minimum_version",
    }
)
"""The options of a URI besides ``starttls``, with our names of the fields they fill."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK = re.compile(r"\s")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):(//)?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_OPTION_NAME = re.compile(r"[a-z-]{1,20}")
_REQUIRED = frozenset({"always", "true", "yes", "required", "on", "1"})
_NEVER = frozenset({"never", "false", "no", "none", "off", "0"})
_MAYBE = frozenset({"when-available", "whenavailable", "auto", "optional", "opportunistic", "if-available"})
_ENCODE = (
    "Write / ? # @ : % and blanks in a user name or password percent-encoded: @ is %40, / is %2F, % is %25"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpUri:
    """A URI taken apart.

    Attributes:
        stated: What scheme, authority and ``starttls`` say.
        options: The other options, under our names of the fields, values decoded and not yet read.
    """

    stated: Stated
    options: Mapping[str, str]


def parse_uri(text: str) -> SmtpUri:
    """Take a URI apart.

    Raises:
        UriError: It is relative, has another scheme, no host, a path or a fragment, an unknown or repeated option,
            a malformed escape, or characters no URI has.
    """
    check_kind(text, (str,), field="uri", fault=UriError, remedy="Give one like smtp://mail.example.com")
    uri = text.strip(" \t\r\n")
    _check_characters(uri)
    scheme, rest = _split_scheme(uri)
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    authority, tail = rest[:end], rest[end:]
    _check_tail(authority, tail)
    path, _, query = tail.partition("?")
    if path not in ("", "/"):
        _refuse("an SMTP URI has no path", remedy=f"End it after the host, or with '/'. {_ENCODE}")
    userinfo, _, host_port = authority.rpartition("@")
    host, port = _read_host_port(host_port, alone="@" not in authority)
    user, password = _read_userinfo(userinfo)
    options = _read_query(query, alone="@" not in authority)
    starttls = options.pop("starttls", None)
    security, allowed = _read_mode(scheme, starttls)
    return SmtpUri(
        stated=Stated(host=host, port=port, security=security, allowed=allowed, user=user, password=password),
        options={OPTIONS[name]: value for name, value in options.items()},
    )


def _refuse(what: str, *, cause: str | None = None, remedy: str | None = None) -> NoReturn:
    raise UriError(what, field="uri", cause=cause, remedy=remedy) from None


def _check_characters(uri: str) -> None:
    if not uri:
        _refuse("the URI is empty", remedy="Give one like smtp://mail.example.com")
    for pattern, what in ((_CONTROL, "a control character"), (_BLANK, "a blank")):
        if match := pattern.search(uri):
            raise UriError(
                f"a URI has no {what.removeprefix('a ')}",
                field="uri",
                position=match.start(),
                remedy=f"Remove it. {_ENCODE}",
            )


def _split_scheme(uri: str) -> tuple[str, str]:
    """Give the scheme in lower case and what follows ``//``."""
    match = _SCHEME.match(uri)
    if match is None or match[2] is None:
        if match is not None and match[1].lower() in ("smtp", "smtps"):
            _refuse(
                f"'//' is missing behind {match[1]}:",
                remedy=f"Write it like {match[1].lower()}://mail.example.com",
            )
        _refuse_relative(uri)
    scheme = match[1].lower()
    if scheme not in ("smtp", "smtps"):
        raise unknown_scheme(match[1])
    return scheme, uri[match.end() :]


def _refuse_relative(uri: str) -> NoReturn:
    """Say that the scheme is missing, showing the host if that is all there is."""
    example = "smtp://mail.example.com"
    shown = uri.removeprefix("//")
    if "@" not in shown and shown.count(":") <= 1:
        host, _, port = shown.partition(":")
        try:
            read_host(host)
            if port:
                read_port(port)
        except SettingsError:
            pass
        else:
            example = f"smtp://{shown}"
    _refuse(f"The URI must be absolute: {example}", remedy="Put smtp:// or smtps:// in front")


def _check_tail(authority: str, tail: str) -> None:
    """Refuse what a user name or password with bare reserved characters looks like; show nothing of it."""
    if authority.count("@") > 1:
        _refuse("there is more than one '@' before the host", remedy=_ENCODE)
    query = tail.partition("?")[2]
    senders = [each for each in query.split("&") if each.lower().startswith("from=") and "#" not in each]
    if tail.count("@") > sum(each.count("@") for each in senders):
        _refuse(
            "an '@' follows the end of the host",
            cause="Probably a reserved character in the user name or password ended the host early",
            remedy=_ENCODE,
        )
    if "#" in tail:
        _refuse("an SMTP URI has no fragment ('#')", remedy=_ENCODE)


def _read_host_port(text: str, *, alone: bool) -> tuple[str, int | None]:
    """Read the host and the port; a faulty host is shown only if no user name or password can be part of it."""
    if text.startswith("["):
        host, bracket, rest = text.partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            _refuse(
                "the brackets of an IPv6 address hold it alone",
                remedy="Write it like smtp://[2001:db8::25]:587",
            )
        host, port = f"{host}]", rest[1:]
    else:
        host, _, port = text.partition(":")
    if "%" in text:
        _refuse("the host and the port have no percent-escapes", remedy="Write them plainly")
    if not host:
        _refuse("the host is missing", remedy="Write it behind //: smtp://mail.example.com")
    if ":" in port:
        _refuse(
            "more than one ':' follows the host",
            remedy=f"Write an IPv6 address in brackets: smtp://[2001:db8::25]. {_ENCODE}",
        )
    try:
        read = read_host(host)
    except SettingsError as fault:
        if alone:
            _refuse(fault.what, cause=fault.cause, remedy=fault.remedy)
        _refuse("what follows the '@' is not a host", remedy=f"Write it like mail.example.com. {_ENCODE}")
    if not port:
        return read, None
    try:
        return read, read_port(port)
    except SettingsError:
        # What stands here may be a password whose '@' and host were forgotten: it is not shown.
        _refuse(
            "what follows the ':' behind the host is not a port",
            cause="A port is a number from 1 to 65535; user and password stand before the host and an '@'",
            remedy="Write it like smtp://user:password@mail.example.com:587",
        )


def _read_userinfo(text: str) -> tuple[str, Secret | None]:
    user, _, password = text.partition(":")
    return (
        _decode(user, "the user name"),
        Secret(_decode(password, "the password")) if password else None,
    )


def _decode(text: str, what: str) -> str:
    """Undo percent-encoding (RFC 3986 §2.1); ``+`` stays ``+``."""
    if "%" not in text:
        return text
    if _BAD_ESCAPE.search(text):
        _refuse(
            f"{what} has a '%' without two hexadecimal digits", remedy="Write a percent sign itself as %25"
        )
    octets = _ESCAPE.sub(
        lambda match: bytes.fromhex(match[1].decode("ascii")), text.encode("utf-8", "replace")
    )
    try:
        decoded = octets.decode("utf-8")
    except UnicodeDecodeError:
        _refuse(f"the escapes in {what} are not UTF-8", remedy="Percent-encode the UTF-8 octets: é is %C3%A9")
    if _CONTROL.search(decoded):
        _refuse(f"{what} has an encoded control character", remedy="Remove it, such as %0A for a line break")
    return decoded


def _read_query(query: str, *, alone: bool) -> dict[str, str]:
    options: dict[str, str] = {}
    for piece in query.split("&") if query else ():
        raw_name, equals, raw_value = piece.partition("=")
        name = raw_name.lower()
        if not _OPTION_NAME.fullmatch(name) or (name not in OPTIONS and name != "starttls"):
            _refuse_option(name, alone=alone)
        if not equals or not raw_value:
            _refuse(
                f"the option '{name}' has no value", remedy=f"Write it like {name}=VALUE, or leave it out"
            )
        if name in options:
            _refuse(f"the option '{name}' stands twice", remedy="Keep one of them")
        options[name] = _decode(raw_value, f"the option '{name}'")
    return options


def _refuse_option(name: str, *, alone: bool) -> NoReturn:
    """Refuse an unknown option; its name is shown only if no user name or password can be part of it."""
    import difflib

    known = ("starttls", *OPTIONS)
    proper = _OPTION_NAME.fullmatch(name) is not None
    alike = difflib.get_close_matches(name, known, n=1) if proper else []
    _refuse(
        f"there is no option '{name}'" if proper and alone else "an option is not known",
        remedy=(f"Did you mean '{alike[0]}'? " if alike else "") + f"Options are {', '.join(known)}",
    )


def _read_mode(scheme: str, starttls: str | None) -> tuple[Security | None, frozenset[Security]]:
    word = None if starttls is None else starttls.lower()
    if word in _MAYBE:
        _refuse(
            f"starttls={word} is not offered",
            cause="Whoever is in between would only have to hide the server's STARTTLS to read everything",
            remedy="Say starttls=required, or starttls=never for a server without TLS",
        )
    if word is not None and word not in _REQUIRED | _NEVER:
        _refuse(
            "the option 'starttls' has an unknown value",
            remedy="Say starttls=required (also always, true, yes) or starttls=never (also false, no, none)",
        )
    if scheme == "smtps":
        if word in _REQUIRED:
            _refuse(
                "smtps:// is encrypted from the first octet, so there is nothing to upgrade",
                remedy="Leave starttls out, or write smtp:// for a session upgraded by STARTTLS",
            )
        return Security.TLS, ANY_SECURITY
    if word is None:
        return None, NOT_IMPLICIT
    return Security.STARTTLS if word in _REQUIRED else Security.NONE, ANY_SECURITY
