"""Which URLs may be asked for: https, and http to this machine itself (RFC 9110 §4.2); nothing is looked up here.

Where no secrets go along, plain http to other machines can be allowed by whoever reads the URL.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from eilbote.errors import SettingsError
from eilbote.net.resolve import ascii_host

_LONGEST_URL: Final = 2048
_LONGEST_SHOWN: Final = 200
_LARGEST_PORT: Final = 65535
_PORTS: Final = frozenset({("https", 443), ("http", 80)})


def read_url(text: str, *, field: str = "url", plain: bool = False, longest: int = _LONGEST_URL) -> str:
    """Give a URL in the form in which it is used and compared.

    Args:
        text: What somebody wrote.
        field: Where, for errors.
        plain: Whether http to other machines is allowed too.
        longest: Characters that it may have.

    Raises:
        SettingsError: It is no https URL (http for this machine itself), holds a user name or a fragment, or its host
            is none.
    """
    parts = _split(text.strip(), field, longest)
    host = parts.hostname
    if not host:
        raise _unusable(field, "it names no host")
    if parts.username is not None or parts.password is not None:
        raise _unusable(field, "it holds a user name or a password, which have settings of their own")
    if parts.fragment:
        raise _unusable(field, "it ends in a fragment (#...), which servers never see")
    check_scheme(parts.scheme, host, field=field, plain=plain)
    try:
        name = ascii_host(host)
    except SettingsError as error:
        error.field = field
        raise
    at = f"[{name}]" if ":" in name else name.lower()
    port = _port(parts, field)
    if port is not None and (parts.scheme, port) not in _PORTS:
        at = f"{at}:{port}"
    return parts._replace(netloc=at, path=parts.path or "/").geturl()


def shown_url(url: str) -> str:
    """Give a URL as it may be shown: without user, query and fragment, which often hold secrets, and not too long."""
    scheme, colon, rest = url.partition(":")
    if not colon or not rest.startswith("//"):
        return f"{scheme[:20]}:..." if colon else url[:20]
    bare, query = re.split(r"[?#]", rest[2:], maxsplit=1)[0], re.search(r"[?#]", rest)
    authority, slash, path = bare.partition("/")
    shown = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
    shown = "".join(character if character.isprintable() else "\ufffd" for character in shown)
    if len(shown) > _LONGEST_SHOWN:
        return f"{shown[:_LONGEST_SHOWN]}..."
    return f"{shown}?..." if query else shown


def check_port(scheme: str, port: int | None, ports: frozenset[int] | None, *, field: str) -> None:
    """Refuse ports at which no web server was meant.

    Raises:
        SettingsError: The port is none of those.
    """
    port = port or (443 if scheme == "https" else 80)
    if ports is not None and port not in ports:
        raise SettingsError(
            "the URL cannot be used",
            field=field,
            cause=f"it leads to port {port}, and requests may only go to {', '.join(map(str, sorted(ports)))}",
            remedy="Use https at its usual port, or ask the operator to add the port to egress.ports",
        )


def check_scheme(scheme: str, host: str, *, field: str, plain: bool = False) -> None:
    """Refuse everything but https, apart from http to this machine itself, or to any where that is allowed.

    Raises:
        SettingsError: The scheme would show secrets to the network, or is none for the Web.
    """
    if scheme == "https" or (scheme == "http" and (plain or is_this_machine(host))):
        return
    if scheme == "http":
        raise SettingsError(
            "the URL is not protected by TLS",
            field=field,
            cause="http:// shows everything that is sent to whoever is on the way",
            remedy="Write https://",
        )
    raise _unusable(field, "it does not begin with https://")


def is_this_machine(host: str) -> bool:
    """Tell whether a host in a URL is this machine by its very name, whatever the name servers say."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _split(text: str, field: str, longest: int) -> SplitResult:
    if len(text) > longest:
        raise _unusable(field, f"it is longer than {longest} characters")
    if not text.isascii() and any(character.isspace() for character in text):
        raise _unusable(field, "it has blanks inside")
    if any(character <= " " or character in '<>"\\^`{|}\x7f' for character in text):
        raise _unusable(field, "it has blanks or characters that no URL has")
    try:
        return urlsplit(text)
    except ValueError as error:
        raise _unusable(field, "its host cannot be read") from error


def _port(parts: SplitResult, field: str) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise _unusable(field, f"its port is no number from 1 to {_LARGEST_PORT}") from error
    if port == 0:
        raise _unusable(field, f"its port is no number from 1 to {_LARGEST_PORT}")
    return port


def _unusable(field: str, cause: str) -> SettingsError:
    return SettingsError("the URL cannot be used", field=field, cause=cause, remedy="Write https://HOST/PATH")
