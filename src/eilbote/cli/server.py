"""Which connection the options and the environment name."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.cli.faults import CommandLineError, UnreadableFileError

if TYPE_CHECKING:
    from eilbote.connections.connection import Connection, Settings
    from eilbote.connections.stated import Stated
    from eilbote.model.address import Mailbox
    from eilbote.model.secret import Secret

CONNECTION_VARIABLE = "EILBOTE_CONNECTION"
PASSWORD_VARIABLE = "EILBOTE_PASSWORD"  # noqa: S105 - the name of a variable, not its content
STDIN = Path("-")


def connection_from(
    *,
    via: str | None,
    service: str | None,
    user: str | None = None,
    password_file: Path | None = None,
    default_from: Mailbox | None = None,
) -> Connection:
    """Make the connection that the options name; what they leave open the environment says.

    A password given beside a URI is that of the user in the URI, unless another user is given. Without a From of its
    own a message gets the connection's default, or the user name when that is an address.

    Raises:
        ConfigurationError: No connection is named, two are, or the one named cannot be used.
    """
    from eilbote.connections.connection import Connection

    uri, inside = _named(via=via, service=service)
    settings: Settings = {}
    signs_in_as = user or inside.user
    if user:
        settings["user"] = user
    if signs_in_as:
        is_known = inside.user == signs_in_as and bool(inside.password or inside.access_token)
        if password_file is not None or not is_known:
            settings["password"] = _password(signs_in_as, password_file)
    elif password_file is not None:
        raise CommandLineError(
            "a password is given, and no user",
            field="user",
            remedy="Give --user, or name the user in the URI, or leave the password out",
        )
    author = default_from or (None if inside.default_from else address_of(signs_in_as))
    if author is not None:
        settings["default_from"] = author
    if service:
        return Connection.from_service(service, **settings)
    return Connection.from_uri(uri, **settings)


def author_from(*, via: str | None, service: str | None, user: str | None) -> Mailbox | None:
    """Give the author of a message without an own From, without signing in: no password is needed or asked for.

    Raises:
        ConfigurationError: Two connections are named, or the one named cannot be read.
    """
    if not (via or service or os.environ.get(CONNECTION_VARIABLE)):
        return address_of(user)
    from eilbote.connections.catalogue import lookup_service
    from eilbote.connections.sender import read_default_from

    _, inside = _named(via=via, service=service)
    if service:
        lookup_service(service)
    return read_default_from(inside.default_from) or address_of(user or inside.user)


def _named(*, via: str | None, service: str | None) -> tuple[str, Stated]:
    """Give the URI that is named, and what it says; both empty for a service."""
    from eilbote.connections.fields import read_uri
    from eilbote.connections.stated import Stated

    if via and service:
        raise CommandLineError(
            "a URI and a service are both given", field="service", remedy="Give --via or --service, not both"
        )
    if service:
        return "", Stated()
    uri = via or os.environ.get(CONNECTION_VARIABLE)
    if not uri:
        raise CommandLineError(
            "no server is named",
            field="uri",
            cause=f"No URI and no service is given, and {CONNECTION_VARIABLE} is not set",
            remedy="Give a URI such as smtp://mail.example.com, or --service gmail; without a server, try 'eilbote catch'",
        )
    return uri, read_uri(uri)


def address_of(user: str | None) -> Mailbox | None:
    """Give the mailbox of a user name that is an address, as it is at most services."""
    if not user or "@" not in user:
        return None
    from eilbote.errors import AddressError
    from eilbote.model.address import parse_mailbox

    try:
        return parse_mailbox(user, field="user")
    except AddressError:
        return None


def _password(user: str, file: Path | None) -> Secret | None:
    """Read the password from the file, the environment, or the person at the terminal, in this order."""
    from eilbote.model.secret import Secret

    if file is not None:
        return read_password_file(file)
    if PASSWORD_VARIABLE in os.environ:
        return Secret(os.environ[PASSWORD_VARIABLE])
    if sys.stdin.isatty():
        from getpass import getpass

        return Secret(getpass(f"Password of {user}: "))
    return None


def read_password_file(file: Path) -> Secret:
    """Give the password that is the first line of a file, or of stdin.

    Raises:
        UnreadableFileError: The file cannot be read, or is not UTF-8.
    """
    from eilbote.model.secret import Secret

    if file == STDIN:
        return Secret(sys.stdin.readline().rstrip("\r\n"))
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise UnreadableFileError(
            f"the password cannot be read from {str(file)!r}",
            field="password",
            cause=fault.strerror if isinstance(fault, OSError) else "It is not UTF-8",
            remedy="Give a file whose first line is the password",
        ) from fault
    return Secret(lines[0] if lines else "")


def uri_with_password(text: str, password_file: Path | None) -> Secret:
    """Give a URI as a whole; a password it leaves open is read as that of ``--user`` is.

    Raises:
        UriError: It cannot be read.
        CommandLineError: There is a password file and no user, or a password already.
    """
    from urllib.parse import quote

    from eilbote.connections.uri import parse_uri
    from eilbote.model.secret import Secret

    uri = text.strip()
    stated = parse_uri(uri).stated
    if password_file is not None and (not stated.user or stated.password):
        raise CommandLineError(
            "there are two passwords" if stated.user else "a password is given, and no user",
            field="password",
            remedy="Name the user in the URI, and no password: smtps://orders@mail.example.org",
        )
    password = _password(stated.user, password_file) if stated.user and not stated.password else None
    if password is None:
        return Secret(uri)
    authority, mark, options = uri.partition("?")  # where a sender's address may have an '@' as well
    before, _, host = authority.rpartition("@")
    return Secret(f"{before.removesuffix(':')}:{quote(password.reveal(), safe='')}@{host}{mark}{options}")
