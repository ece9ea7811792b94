"""The commands a client sends (RFC 5321 §4.1.1), and the one place that turns them into octets.

The rule of this file: :func:`octets` is the only way from a command to the wire, and it refuses every line
that holds a control character. So nothing that was smuggled into an argument can begin a line of its own.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from eilbote.errors import LocalProtocolError
from eilbote.model.envelope import check_path

if TYPE_CHECKING:
    from collections.abc import Sequence

# C0, DEL, C1, the Unicode line separators, and halves of characters that UTF-8 cannot carry.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PRINTABLE = bytes(range(0x20, 0x7F))
_TWO_ENDS, _THREE_ENDS = b"\r\n" * 2, b"\r\n" * 3
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[A-Za-z0-9:.]+\]")
_MECHANISM = re.compile(r"[A-Z0-9_-]{1,20}")  # RFC 4422 §3.1
_PARAMETER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:=[\x21-\x3c\x3e-\x7e\x80-\U0010ffff]+)?")
_MAX_DOMAIN = 255


@dataclass(frozen=True, slots=True)
class Ehlo:
    """``EHLO domain``: who speaks, and the question which extensions there are."""

    domain: str

    def __post_init__(self) -> None:
        """Refuse a name that is neither a domain nor an address literal."""
        _check_domain(self.domain)

    def line(self) -> str:
        """Write the command without its line end."""
        return f"EHLO {self.domain}"


@dataclass(frozen=True, slots=True)
class Helo:
    """``HELO domain``: for servers older than extensions (RFC 5321 §4.1.1.1)."""

    domain: str

    def __post_init__(self) -> None:
        """Refuse a name that is neither a domain nor an address literal."""
        _check_domain(self.domain)

    def line(self) -> str:
        """Write the command without its line end."""
        return f"HELO {self.domain}"


@dataclass(frozen=True, slots=True)
class StartTls:
    """``STARTTLS`` (RFC 3207)."""

    def line(self) -> str:
        """Write the command without its line end."""
        return "STARTTLS"


@dataclass(frozen=True, slots=True)
class Auth:
    """``AUTH mechanism [initial-response]`` (RFC 4954 §4).

    Attributes:
        mechanism: The SASL mechanism's name.
        initial: The initial response before base64; empty travels as ``=``; ``None`` for none.
    """

    mechanism: str
    initial: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse a name that is no mechanism's."""
        if not _MECHANISM.fullmatch(self.mechanism):
            raise LocalProtocolError(f"{self.mechanism!r} is not a SASL mechanism", field="mechanism")

    def line(self) -> str:
        """Write the command without its line end."""
        if self.initial is None:
            return f"AUTH {self.mechanism}"
        return f"AUTH {self.mechanism} {base64.b64encode(self.initial).decode() or '='}"

    def shown(self) -> str:
        """Write it for a transcript, without what it proves."""
        return f"AUTH {self.mechanism}" if self.initial is None else f"AUTH {self.mechanism} ***"


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """A client's answer within an authentication; ``None`` cancels it with ``*`` (RFC 4954 §4)."""

    response: bytes | None

    def line(self) -> str:
        """Write the line without its line end."""
        return "*" if self.response is None else base64.b64encode(self.response).decode()

    def shown(self) -> str:
        """Write it for a transcript, without what it proves."""
        return "***" if self.response else self.line()


@dataclass(frozen=True, slots=True)
class Mail:
    """``MAIL FROM:<reverse-path> parameters``; the empty path is the null path."""

    reverse_path: str
    parameters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could end the path or a parameter early."""
        if self.reverse_path:
            check_path(self.reverse_path, field="reverse_path")
        check_parameters(self.parameters)

    def line(self) -> str:
        """Write the command without its line end."""
        return mail_line(self.reverse_path, "".join(f" {parameter}" for parameter in self.parameters))


@dataclass(frozen=True, slots=True)
class Rcpt:
    """``RCPT TO:<forward-path> parameters``."""

    forward_path: str
    parameters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could end the path or a parameter early."""
        check_path(self.forward_path, field="forward_path")
        check_parameters(self.parameters)

    def line(self) -> str:
        """Write the command without its line end."""
        return rcpt_line(self.forward_path, "".join(f" {parameter}" for parameter in self.parameters))


@dataclass(frozen=True, slots=True)
class Data:
    """``DATA``: asks to send the content; the server says 354 or no."""

    def line(self) -> str:
        """Write the command without its line end."""
        return DATA_LINE


@dataclass(frozen=True, slots=True)
class Bdat:
    """``BDAT size [LAST]``, followed at once by that many octets (RFC 3030 §2)."""

    size: int
    last: bool = True

    def line(self) -> str:
        """Write the command without its line end."""
        return f"BDAT {self.size} LAST" if self.last else f"BDAT {self.size}"


@dataclass(frozen=True, slots=True)
class Rset:
    """``RSET``: forget the transaction."""

    def line(self) -> str:
        """Write the command without its line end."""
        return RSET_LINE


@dataclass(frozen=True, slots=True)
class Noop:
    """``NOOP``: are you there?"""

    def line(self) -> str:
        """Write the command without its line end."""
        return "NOOP"


@dataclass(frozen=True, slots=True)
class Vrfy:
    """``VRFY address``: do you know this one? Most servers do not say (RFC 5321 §3.5.3)."""

    address: str

    def __post_init__(self) -> None:
        """Refuse what is no address, or could end the line early."""
        check_path(self.address, field="address")

    def line(self) -> str:
        """Write the command without its line end; beyond ASCII with the parameter of RFC 6531 §3.7.4.2."""
        return f"VRFY {self.address}" if self.address.isascii() else f"VRFY {self.address} SMTPUTF8"


@dataclass(frozen=True, slots=True)
class Quit:
    """``QUIT``: the polite end."""

    def line(self) -> str:
        """Write the command without its line end."""
        return "QUIT"


Command: TypeAlias = (
    Ehlo | Helo | StartTls | Auth | AuthResponse | Mail | Rcpt | Data | Bdat | Rset | Noop | Vrfy | Quit
)

SetupCommand: TypeAlias = Ehlo | Helo | StartTls | Auth | AuthResponse | Mail | Noop | Rset | Vrfy | Quit
"""What is said by itself, its reply awaited; MAIL only to see whether it would be taken."""

DATA_LINE = "DATA"
RSET_LINE = "RSET"
LONE_DOT = b".\r\n"

GROUP_OCTETS = 8 * 1024
"""A server need not hold more than this before it can answer."""


def mail_line(reverse_path: str, parameters: str) -> str:
    """Write MAIL for a path that an envelope has checked; parameters come with a blank before each."""
    return f"MAIL FROM:<{reverse_path}>{parameters}"


def rcpt_line(forward_path: str, parameters: str) -> str:
    """Write RCPT for a path that an envelope has checked; parameters come with a blank before each."""
    return f"RCPT TO:<{forward_path}>{parameters}"


def octets(lines: Sequence[str]) -> bytes:
    """Turn command lines into what the wire carries: UTF-8, a CRLF after each line. The only way there.

    Raises:
        LocalProtocolError: A line holds a control character, a line separator or a lone surrogate.
    """
    text = "\r\n".join(lines) + "\r\n"
    # Printable is a fast and narrow question; only when the answer is no does the exact one need asking.
    if not "".join(lines).isprintable():
        for line in lines:
            found = _CONTROL.search(line)
            if found is not None:
                raise LocalProtocolError(
                    f"the command {line[:60]!r} holds the character U+{ord(found.group()):04X}",
                    position=found.start(),
                    cause="a control character could begin a command of its own",
                    remedy="Nothing was sent; check the value that was put into the command",
                )
    return text.encode()


def everyday_envelope(reverse_path: str, forward_path: str, parameters: str, *, data: bool) -> bytes | None:
    """Give the octets of MAIL, one RCPT without parameters and, if it follows, DATA; the same as line by line.

    Only for printable ASCII; ``None`` for everything else, which :func:`octets` allows or refuses.
    """
    end = "DATA\r\n" if data else ""
    text = f"MAIL FROM:<{reverse_path}>{parameters}\r\nRCPT TO:<{forward_path}>\r\n{end}"
    if not text.isascii():
        return None
    made = text.encode()
    # Nothing may be left but the ends of these lines.
    return made if made.translate(None, _PRINTABLE) == (_THREE_ENDS if data else _TWO_ENDS) else None


def everyday_octets(texts: list[str], ends: bytes) -> list[bytes] | None:
    """Give the octets of groups of commands that were written with the same line ends, asked of all together.

    Only for printable ASCII and groups below 8 KB; ``None`` for everything else, as above.

    Args:
        texts: The groups; whoever wrote them has put these line ends into each.
        ends: The line ends of one group, without what is between them.
    """
    is_one = len(texts) == 1
    text = texts[0] if is_one else "".join(texts)
    if not text.isascii():
        return None
    made = text.encode()
    # What was put into the commands can have added to the line ends, and taken nothing away.
    if made.translate(None, _PRINTABLE) != ends * len(texts):
        return None
    if len(made) > GROUP_OCTETS and len(max(texts, key=len)) > GROUP_OCTETS:
        return None
    return [made] if is_one else [text.encode() for text in texts]


def whole_content(size: int) -> bytes:
    """Give the octets of BDAT for a content that follows in one piece; a number needs no second look."""
    return b"BDAT %d LAST\r\n" % size


def check_parameters(parameters: tuple[str, ...]) -> None:
    """Refuse what is not an ESMTP parameter (RFC 5321 §4.1.2, RFC 6531 §3.3).

    Raises:
        LocalProtocolError: A parameter is malformed, so it could be read as two.
    """
    for parameter in parameters:
        if not _PARAMETER.fullmatch(parameter) or _CONTROL.search(parameter):
            raise LocalProtocolError(f"{parameter[:80]!r} is not an ESMTP parameter", field="parameters")


def _check_domain(domain: str) -> None:
    if len(domain) > _MAX_DOMAIN or not _DOMAIN.fullmatch(domain):
        raise LocalProtocolError(
            f"{domain[:80]!r} is not a name to greet a server with",
            field="ehlo_name",
            cause="EHLO takes a domain name or an address literal such as [192.0.2.1] (RFC 5321 §4.1.1.1)",
            remedy="Use this machine's full host name",
        )
