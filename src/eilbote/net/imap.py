"""Looks into a mailbox by IMAP (RFC 3501): what is new is read, one message at a time, and then marked or moved.

The standard library speaks the protocol, in the thread of whoever calls. A password never goes in clear unless ``security`` says so.
"""

from __future__ import annotations

import imaplib
import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self, cast

from eilbote.errors import AuthenticationError, ConnectError, SettingsError
from eilbote.model.tls import Security, TlsPolicy
from eilbote.net.tls import context

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from eilbote.model.secret import Secret

_SECONDS: Final = 60.0
"""For each step."""
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_MOST_NEW: Final = 500
_PRINTABLE: Final = re.compile(r"[ -~]+|[^ -~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccess:
    """Which mailbox, and how it is reached.

    Attributes:
        host: The server.
        port: Its port.
        security: How the session is protected.
        user: Who signs in.
        password: Their password.
        folder: Which folder is looked at.
        finished_folder: Where messages are moved that were looked at; marked as read and left there when it is empty.
        tls: Whom to trust.
    """

    host: str
    port: int
    security: Security
    user: str
    password: Secret
    folder: str = "INBOX"
    finished_folder: str = ""
    tls: TlsPolicy = field(default_factory=TlsPolicy)


class ImapSession:
    """A session, as a context manager; every method may take as long as the server does.

    Args:
        access: Which mailbox.

    Raises:
        ConnectError: On entering, and anywhere else: the server cannot be reached, or does not do what it should.
        AuthenticationError: On entering: it does not let us in.
        SettingsError: On entering: there is no such folder, or a name cannot be said.
    """

    def __init__(self, access: ImapAccess) -> None:
        self._access = access
        self._imap: imaplib.IMAP4 | None = None
        self._can: list[bytes] = []  # what it says once it knows us

    def __enter__(self) -> Self:
        """Sign in, and open the folder."""
        access = self._access
        try:
            made = self._connected()
        except (OSError, imaplib.IMAP4.error) as fault:
            raise self._unreachable(fault) from fault
        self._imap = made
        try:
            self._sign_in(made)
            self._can = _joined(self._ask(made, "CAPABILITY", made.capability())).upper().split()
            self._ask(made, "SELECT", made.select(_said(access.folder, "mailbox.folder")))
        except (OSError, imaplib.IMAP4.error) as fault:
            self.__exit__(None, None, None)
            raise self._unreachable(fault) from fault
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sign out."""
        made, self._imap = self._imap, None
        if made is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                made.logout()

    def new(self) -> list[str]:
        """Give the messages that nobody has looked at, the oldest first, at most 500."""
        made = self._open()
        try:
            found = self._ask(made, "SEARCH", made.uid("SEARCH", "UNSEEN", "UNDELETED"))
        except (OSError, imaplib.IMAP4.error) as fault:
            raise self._unreachable(fault) from fault
        words = found[0].split() if found and isinstance(found[0], bytes) else []
        return [word.decode("ascii") for word in words if word.isdigit()][:_MOST_NEW]

    def read(self, message: str, *, most: int) -> bytes | None:
        """Give the octets of a message; ``None`` when it has more than ``most``, or is gone."""
        made = self._open()
        try:
            size = _SIZE.search(
                _joined(self._ask(made, "FETCH", made.uid("FETCH", message, "(RFC822.SIZE)")))
            )
            if size is None or int(size[1]) > most:
                return None
            parts = self._ask(made, "FETCH", made.uid("FETCH", message, "(BODY.PEEK[])"))
        except (OSError, imaplib.IMAP4.error) as fault:
            raise self._unreachable(fault) from fault
        return next((cast("tuple[bytes, bytes]", part)[1] for part in parts if isinstance(part, tuple)), None)

    def finish(self, message: str) -> None:
        """Mark a message as looked at, and move it if that is wanted."""
        made, access = self._open(), self._access
        try:
            self._ask(made, "STORE", made.uid("STORE", message, "+FLAGS.SILENT", r"(\Seen)"))
            if not access.finished_folder:
                return
            to = _said(access.finished_folder, "mailbox.finished_folder")
            if b"MOVE" in self._can:
                self._ask(made, "MOVE", made.uid("MOVE", message, to))
            else:
                self._ask(made, "COPY", made.uid("COPY", message, to))
                self._ask(made, "STORE", made.uid("STORE", message, "+FLAGS.SILENT", r"(\Deleted)"))
                if b"UIDPLUS" in self._can:
                    self._ask(made, "EXPUNGE", made.uid("EXPUNGE", message))
        except (OSError, imaplib.IMAP4.error) as fault:
            raise self._unreachable(fault) from fault

    # -- within -----------------------------------------------------------------------------------------------

    def _connected(self) -> imaplib.IMAP4:
        access = self._access
        if access.security is Security.TLS:
            return imaplib.IMAP4_SSL(
                access.host, access.port, ssl_context=context(access.tls), timeout=_SECONDS
            )
        made = imaplib.IMAP4(access.host, access.port, timeout=_SECONDS)
        if access.security is Security.STARTTLS:
            try:
                made.starttls(context(access.tls))
            except BaseException:
                made.shutdown()
                raise
        return made

    def _sign_in(self, made: imaplib.IMAP4) -> None:
        access = self._access
        said = f"\0{access.user}\0{access.password.reveal()}".encode()
        try:
            if "AUTH=PLAIN" in made.capabilities:
                made.authenticate("PLAIN", lambda _challenge: said)
            else:
                user = _said(access.user, "mailbox.user", is_folder=False)
                made.login(user, access.password.reveal())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as fault:
            raise AuthenticationError(
                f"{access.host} does not let {access.user!r} look into the mailbox",
                field="mailbox.password",
                server=f"{access.host}:{access.port}",
                stage="auth",
                # what it said may hold what we sent
                remedy="Check mailbox.user and mailbox.password; many services want a password for programs",
            ) from fault

    def _ask(self, made: imaplib.IMAP4, word: str, answer: tuple[str, Sequence[object]]) -> Sequence[object]:
        kind, data = answer
        if kind == "OK":
            return data
        if word in {"SELECT", "MOVE", "COPY"}:
            name = "folder" if word == "SELECT" else "finished_folder"
            raise SettingsError(
                f"{self._access.host} has no such folder",
                field=f"mailbox.{name}",
                cause=_joined(data).decode("utf-8", "replace")[:200],
                remedy="Give the name of a folder as the server has it",
            )
        raise made.error(f"{word} was answered with {kind}")

    def _open(self) -> imaplib.IMAP4:
        if self._imap is None:
            raise ConnectError("the mailbox is not open", server=self._access.host)
        return self._imap

    def _unreachable(self, fault: Exception) -> ConnectError:
        access = self._access
        return ConnectError(
            f"the mailbox at {access.host} cannot be looked into",
            field="mailbox.host",
            server=f"{access.host}:{access.port}",
            cause=(str(fault) or type(fault).__name__)[:200],
            remedy="Check mailbox.host, mailbox.port and mailbox.security",
        )


def _said(text: str, field: str, *, is_folder: bool = True) -> str:
    """Write a name as a quoted string; folders in the UTF-7 of RFC 3501 section 5.1.3."""
    if not text.isprintable():
        raise SettingsError("a name holds control characters", field=field, remedy="Remove them")
    plain = "".join(_shifted(part) for part in _PRINTABLE.findall(text)) if is_folder else text
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(part: str) -> str:
    if " " <= part[0] <= "~":
        return part.replace("&", "&-")
    octets = b64encode(part.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{octets}-"


def _joined(data: Sequence[object]) -> bytes:
    return b" ".join(
        cast("tuple[bytes, bytes]", part)[0] if isinstance(part, tuple) else part
        for part in data
        if isinstance(part, bytes | tuple)
    )
