"""Which URLs may be asked for: https, and http to this machine itself (RFC 9110 §4.2); nothing is looked up here."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from eilbote.errors import SettingsError
from eilbote.net.resolve import ascii_host

_LONGEST_URL: Final = 2048
_LARGEST_PORT: Final = 65535
_PORTS: Final = frozenset({("https", 443), ("http", 80)})


def read_url(text: str, *, field: str = "url") -> str:
    """Give a URL in the form in which it is used and compared.

    Raises:
        SettingsError: It is no https URL (http for this machine itself), holds a user name or a fragment, or its host
            is none.
    """
    parts = _split(text.strip(), field)
    host = parts.hostname
    if not host:
        raise _unusable(field, "it names no host")
    if parts.username is not None or parts.password is not None:
        raise _unusable(field, "it holds a user name or a password, which have settings of their own")
    if parts.fragment:
        raise _unusable(field, "it ends in a fragment (#...), which servers never see")
    check_scheme(parts.scheme, host, field=field)
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


def check_scheme(scheme: str, host: str, *, field: str) -> None:
    """Refuse everything but https, apart from http to this machine itself.

    Raises:
        SettingsError: The scheme would show secrets to the network, or is none for the Web.
    """
    if scheme == "https" or (scheme == "http" and is_this_machine(host)):
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


def _split(text: str, field: str) -> SplitResult:
    if len(text) > _LONGEST_URL:
        raise _unusable(field, f"it is longer than {_LONGEST_URL} characters")
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
