"""One mail transaction as the receiving side sees it: what was said since MAIL (RFC 5321 §3.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from eilbote.smtp.path_argument import PathArgument
from eilbote.testing.caught_message import CaughtMessage
from eilbote.testing.client import Client
from eilbote.testing.content_reader import remarks_on
from eilbote.testing.faults import Fault


@dataclass(slots=True)
class Transaction:
    """What MAIL, RCPT and BDAT have said so far.

    Attributes:
        mail: The argument of MAIL.
        rcpts: The arguments of each RCPT that was accepted.
        chunks: The content so far, when it comes by BDAT.
        chunked: Whether BDAT was said; DATA and RCPT are out of order then.
        fault: What goes wrong on purpose once the first chunk has been read.
    """

    mail: PathArgument
    rcpts: list[PathArgument] = field(default_factory=list[PathArgument])
    chunks: bytearray = field(default_factory=bytearray)
    chunked: bool = False
    fault: Fault | None = None

    def message(self, content: bytes, client: Client, *, dialogue: tuple[str, ...]) -> CaughtMessage:
        """Give the message that this transaction has brought."""
        said = self.mail.parameters
        return CaughtMessage(
            reverse_path=self.mail.path,
            forward_paths=tuple(rcpt.path for rcpt in self.rcpts),
            octets=content,
            mail_parameters=said,
            rcpt_parameters=tuple(rcpt.parameters for rcpt in self.rcpts),
            hello=client.hello,
            peer=client.peer,
            user=client.user,
            tls_version=client.tls_version,
            remarks=remarks_on(
                content,
                eight_bit_declared=said.get("BODY", "").upper() == "8BITMIME",
                utf8_declared="SMTPUTF8" in said,
            ),
            dialogue=dialogue,
        )
