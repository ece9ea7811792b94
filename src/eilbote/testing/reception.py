"""The receiving side of one SMTP session without I/O (RFC 5321): octets in, replies and messages out.

Small on purpose and strict where it matters: command lines end in CRLF and nothing else, content ends in
CRLF.CRLF and nothing else, content that comes unasked is an error, every list and line has a limit.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import assert_never

from eilbote.smtp.path_argument import read_chunk_argument, read_path_argument
from eilbote.smtp.sign_in import SignIn
from eilbote.testing.admission import refusal_of_auth, refusal_of_mail, refusal_of_rcpt, refusal_of_starttls
from eilbote.testing.caught_message import CaughtMessage
from eilbote.testing.client import Client
from eilbote.testing.content_reader import ContentReader, has_bare_line_end
from eilbote.testing.dialogue import Dialogue
from eilbote.testing.faults import Act, Fault, Faults, Stage
from eilbote.testing.reception_options import ReceptionOptions
from eilbote.testing.transaction import Transaction

_LONGEST_COMMAND = 12288  # RFC 4954 §4: the longest line AUTH may need
_MAX_FAILURES = 20


class _Mode(Enum):
    """What the next octets are."""

    COMMAND = auto()
    CONTENT = auto()
    CHUNK = auto()
    SIGN_IN = auto()
    HANDSHAKE = auto()
    SILENT = auto()
    CLOSING = auto()


class Reception:
    """One session, seen from the server.

    Args:
        options: What the server offers.
        faults: What goes wrong on purpose, shared by all sessions of a catcher.
        peer: ``host:port`` of the client, for the messages.
        tls_version: What protects the session from its first octet on; empty in clear.
    """

    def __init__(
        self, options: ReceptionOptions, faults: Faults, *, peer: str, tls_version: str = ""
    ) -> None:
        self._options = options
        self._faults = faults
        self._client = Client(peer, tls_version)
        self._mode = _Mode.COMMAND
        self._input = bytearray()
        self._messages: list[CaughtMessage] = []
        self._dialogue = Dialogue()
        self._failures = 0
        self._sign_in: SignIn | None = None
        self._transaction: Transaction | None = None
        self._reader = ContentReader(0)
        self._chunk_left = 0
        self._chunk_last = False
        if not self._struck(Stage.CONNECT):
            self._reply(220, "", f"{options.name} ESMTP eilbote catches mail and delivers none of it")

    @property
    def dialogue(self) -> list[str]:
        """What was said so far; grows as the session goes on."""
        return self._dialogue.lines

    @property
    def closing(self) -> bool:
        """Whether the connection is to be closed once the output is written."""
        return self._mode is _Mode.CLOSING

    @property
    def wants_handshake(self) -> bool:
        """Whether a TLS handshake follows once the output is written; :meth:`secured` ends the waiting."""
        return self._mode is _Mode.HANDSHAKE

    def secured(self, tls_version: str) -> None:
        """Begin anew behind the handshake: nothing said in clear counts any more (RFC 3207 §4.2)."""
        self._dialogue.act(f"{tls_version} from here on")
        self._client = Client(self._client.peer, tls_version)
        self._mode = _Mode.COMMAND

    def unsecured(self, reason: str) -> None:
        """Note that the handshake failed, for whoever reads the dialogue."""
        self._dialogue.act(f"TLS handshake failed: {reason}")
        self._mode = _Mode.CLOSING

    def take_output(self) -> bytes:
        """Give the octets to send now."""
        return self._dialogue.take_unsent()

    def take_messages(self) -> list[CaughtMessage]:
        """Give the messages that have become complete."""
        messages, self._messages = self._messages, []
        return messages

    def receive(self, data: bytes) -> None:
        """Take octets from the client."""
        self._input += data
        while self._input:
            match self._mode:
                case _Mode.COMMAND | _Mode.SIGN_IN:
                    if not self._take_line():
                        return
                case _Mode.CONTENT:
                    self._take_content()
                case _Mode.CHUNK:
                    self._take_chunk()
                case _Mode.HANDSHAKE:
                    self._hang_up(503, "5.5.0", "Commands came behind STARTTLS in clear")
                case _Mode.SILENT | _Mode.CLOSING:
                    self._input.clear()

    # -- lines ---------------------------------------------------------------------------------------------

    def _take_line(self) -> bool:
        end = self._input.find(b"\r\n")
        line = bytes(self._input if end < 0 else self._input[:end])
        bare = b"\n" in line or b"\r" in (line.removesuffix(b"\r") if end < 0 else line)
        if bare or len(line) > _LONGEST_COMMAND:
            why = (
                "A line ends in CRLF (RFC 5321 section 2.3.8); this one did not" if bare else "Line too long"
            )
            self._hang_up(500, "5.5.2", why)
            return True
        if end < 0:
            return False
        del self._input[: end + 2]
        if self._mode is _Mode.SIGN_IN:
            self._dialogue.heard_secret()
            self._continue_sign_in(line)
        else:
            self._command(line)
        if self._failures > _MAX_FAILURES:
            self._hang_up(421, "4.7.0", "Too many errors")
        return True

    def _command(self, line: bytes) -> None:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            self._dialogue.heard("[not UTF-8]")
            self._fail(500, "5.5.2", "A command is UTF-8 at most (RFC 6531)")
            return
        verb, _, argument = text.partition(" ")
        verb = verb.upper()
        secret = verb == "AUTH" and " " in argument
        self._dialogue.heard(f"AUTH {argument.split(' ')[0]} ********" if secret else text)
        if not text.isprintable():
            self._fail(500, "5.5.2", "A command has no control characters")
            return
        match verb:
            case "EHLO" | "HELO":
                self._ehlo(verb, argument)
            case "STARTTLS":
                self._starttls(argument)
            case "AUTH":
                self._auth(argument)
            case "MAIL":
                self._mail(argument)
            case "RCPT":
                self._rcpt(argument)
            case "DATA":
                self._data(argument)
            case "BDAT":
                self._bdat(argument)
            case "RSET":
                self._transaction = None
                self._reply(250, "2.0.0", "Ok")
            case "NOOP":
                self._reply(250, "2.0.0", "Ok")
            case "VRFY":
                self._reply(252, "2.1.5", "Send it and see")
            case "QUIT":
                self._hang_up(221, "2.0.0", "Bye")
            case _:
                self._fail(500, "5.5.1", "Command not known here")

    # -- before the transaction ----------------------------------------------------------------------------

    def _ehlo(self, verb: str, name: str) -> None:
        if not name or " " in name:
            self._fail(501, "5.5.4", f"Write {verb} and the name of this client")
            return
        if self._struck(Stage.EHLO):
            return
        self._client.hello = name
        self._client.extended = verb == "EHLO"
        self._transaction = None
        announced = self._options.ehlo_lines(self._client) if self._client.extended else ()
        lines = (self._options.name, *announced)
        for line in lines[:-1]:
            self._dialogue.say(f"250-{line}")
        self._dialogue.say(f"250 {lines[-1]}")

    def _starttls(self, argument: str) -> None:
        if refusal := refusal_of_starttls(argument, self._options, self._client):
            self._fail(*refusal)
        elif self._input:
            # RFC 3207 §6: what somebody in between has put behind STARTTLS must never count as encrypted.
            self._hang_up(503, "5.5.0", "Commands came behind STARTTLS in clear")
        elif not self._struck(Stage.STARTTLS):
            self._reply(220, "2.0.0", "Go ahead with the TLS handshake")
            self._mode = _Mode.HANDSHAKE

    def _auth(self, argument: str) -> None:
        mechanism, _, initial = argument.partition(" ")
        mechanism = mechanism.upper()
        if refusal := refusal_of_auth(
            mechanism, self._options, self._client, in_transaction=self._transaction is not None
        ):
            self._fail(*refusal)
        else:
            self._sign_in = SignIn(mechanism)
            self._mode = _Mode.SIGN_IN
            if initial:
                self._continue_sign_in(initial.encode())
            else:
                self._dialogue.say(f"334 {self._sign_in.challenge()}")

    def _continue_sign_in(self, line: bytes) -> None:
        if self._sign_in is None:
            return
        if line == b"*" or not self._sign_in.take(line):
            self._mode = _Mode.COMMAND
            self._fail(501, "5.5.2", "Authentication cancelled, or not base64")
            return
        if not self._sign_in.complete:
            self._dialogue.say(f"334 {self._sign_in.challenge()}")
            return
        self._mode = _Mode.COMMAND
        user, password = self._sign_in.user, self._sign_in.password
        self._sign_in = None
        if self._struck(Stage.AUTH):
            return
        if not self._options.welcomes(user, password):
            self._fail(535, "5.7.8", "User name or password is wrong")
            return
        self._client.user = user
        self._reply(235, "2.7.0", "Signed in")

    # -- the transaction -----------------------------------------------------------------------------------

    def _mail(self, argument: str) -> None:
        mail = read_path_argument("FROM", argument)
        if refusal := refusal_of_mail(
            mail, self._options, self._client, in_transaction=self._transaction is not None
        ):
            self._fail(*refusal)
        elif mail is not None and not self._struck(Stage.MAIL, mail.path):
            self._transaction = Transaction(mail)
            self._reply(250, "2.1.0", "Sender ok")

    def _rcpt(self, argument: str) -> None:
        transaction = self._transaction
        rcpt = read_path_argument("TO", argument)
        if transaction is None or transaction.chunked:
            self._fail(503, "5.5.1", "RCPT comes after MAIL and before any content")
        elif refusal := refusal_of_rcpt(
            rcpt, self._options, self._client, utf8="SMTPUTF8" in transaction.mail.parameters
        ):
            self._fail(*refusal)
        elif len(transaction.rcpts) >= self._options.max_recipients:
            self._reply(452, "4.5.3", "Too many recipients in one transaction")
        elif rcpt is not None and not self._struck(Stage.RCPT, rcpt.path):
            transaction.rcpts.append(rcpt)
            self._reply(250, "2.1.5", "Recipient ok")

    def _data(self, argument: str) -> None:
        transaction = self._transaction
        if argument:
            self._fail(501, "5.5.4", "DATA has no argument")
        elif transaction is None or transaction.chunked:
            self._fail(503, "5.5.1", "DATA comes after RCPT, and not after BDAT")
        elif not transaction.rcpts:
            self._fail(554, "5.5.1", "No recipient was accepted")
        elif self._input:
            # RFC 2920 §3.1: DATA ends a group. Whoever sends content unasked would have it read as commands
            # by a server that refuses DATA.
            self._hang_up(503, "5.5.0", "Content came before it was asked for")
        elif not self._struck(Stage.DATA):
            self._reader = ContentReader(self._options.keep)
            self._mode = _Mode.CONTENT
            self._reply(354, "", "Go ahead, end with CRLF.CRLF")

    def _take_content(self) -> None:
        rest = self._reader.feed(bytes(self._input))
        self._input.clear()
        if rest is None:
            return
        self._input += rest
        self._mode = _Mode.COMMAND
        self._finish(self._reader.content(), too_large=self._reader.too_large)
        self._reader = ContentReader(0)

    def _bdat(self, argument: str) -> None:
        chunk = read_chunk_argument(argument)
        if chunk is None or not self._client.extended or not self._options.offers("CHUNKING"):
            # How many octets to skip is unknown now, and reading them as commands would be worse.
            self._hang_up(501, "5.5.4", "CHUNKING was not announced, or this is not BDAT, a size, and LAST")
            return
        self._chunk_left, self._chunk_last = chunk
        transaction = self._transaction
        if transaction is not None and not transaction.chunked:
            transaction.chunked = True
            transaction.fault = self._faults.strike(Stage.DATA) if transaction.rcpts else None
        self._mode = _Mode.CHUNK
        if not self._chunk_left:
            self._end_chunk()

    def _take_chunk(self) -> None:
        taken = bytes(self._input[: self._chunk_left])
        del self._input[: len(taken)]
        self._chunk_left -= len(taken)
        transaction = self._transaction
        if transaction is not None and transaction.rcpts and len(transaction.chunks) <= self._options.keep:
            transaction.chunks += taken
        if not self._chunk_left:
            self._end_chunk()

    def _end_chunk(self) -> None:
        self._mode = _Mode.COMMAND
        transaction = self._transaction
        if transaction is None:
            self._fail(503, "5.5.1", "BDAT comes after RCPT")
        elif transaction.fault is not None:
            self._transaction = None
            self._act(transaction.fault)
        elif not transaction.rcpts:
            self._fail(554, "5.5.1", "No recipient was accepted")
        elif not self._chunk_last:
            self._reply(250, "2.0.0", "Chunk ok")
        else:
            content = bytes(transaction.chunks)
            self._finish(content, too_large=len(content) > self._options.keep)

    def _finish(self, content: bytes, *, too_large: bool) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is None:
            return
        self._dialogue.heard(f"[{len(content):,} octets of content]")
        if too_large:
            self._fail(552, "5.3.4", f"A message has at most {self._options.keep} octets here")
            return
        if has_bare_line_end(content):
            self._fail(550, "5.6.0", "The content holds a CR or LF that is not part of a CRLF")
            return
        fault = self._faults.strike(Stage.CONTENT)
        if fault is not None and fault.act is Act.REFUSE:
            self._dialogue.say(fault.reply)
            return
        if fault is None:
            self._reply(250, "2.0.0", f"Caught {len(content)} octets")
        self._messages.append(transaction.message(content, self._client, dialogue=self._dialogue.so_far()))
        if fault is not None:
            self._act(fault)

    # -- replies -------------------------------------------------------------------------------------------

    def _struck(self, stage: Stage, address: str = "") -> bool:
        """Let a waiting fault act; tell whether one did."""
        fault = self._faults.strike(stage, address)
        if fault is None:
            return False
        self._act(fault)
        return True

    def _act(self, fault: Fault) -> None:
        match fault.act:
            case Act.REFUSE:
                self._dialogue.say(fault.reply)
                if fault.stage is Stage.CONNECT or fault.reply.startswith("421"):
                    self._mode = _Mode.CLOSING
            case Act.HANG_UP:
                self._dialogue.act("hangs up")
                self._mode = _Mode.CLOSING
            case Act.FALL_SILENT:
                self._dialogue.act("falls silent")
                self._mode = _Mode.SILENT
            case _:
                assert_never(fault.act)

    def _reply(self, code: int, status: str, text: str) -> None:
        enhanced = status and self._client.extended and self._options.offers("ENHANCEDSTATUSCODES")
        self._dialogue.say(f"{code} {status} {text}" if enhanced else f"{code} {text}")

    def _fail(self, code: int, status: str, text: str) -> None:
        self._failures += 1
        self._reply(code, status, text)

    def _hang_up(self, code: int, status: str, text: str) -> None:
        self._reply(code, status, text)
        self._mode = _Mode.CLOSING
