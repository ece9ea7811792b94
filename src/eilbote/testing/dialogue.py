"""What was said in one session, as lines to read, and the octets of the replies not sent yet."""

from __future__ import annotations

_LONGEST_SHOWN = 1000


class Dialogue:
    """Both voices of a session as they passed over the wire; passwords and content never get into it.

    A server reads all commands that came together before it sends the replies to them, so that is how they stand
    here: whoever reads the lines sees which commands were pipelined.
    """

    __slots__ = ("_said", "_unsent", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._said: list[str] = []
        self._unsent: list[bytes] = []

    def heard(self, line: str) -> None:
        """Note what the client said: control characters replaced, cut when it is very long."""
        shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
        self.lines.append(f"C: {shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + '...'}")

    def heard_secret(self) -> None:
        """Note that the client said what nobody else should read."""
        self.lines.append("C: ********")

    def say(self, line: str) -> None:
        """Put a line of a reply behind those not sent yet."""
        self._said.append(f"S: {line}")
        self._unsent.append(line.encode() + b"\r\n")

    def act(self, what: str) -> None:
        """Note what the server does instead of replying."""
        self._said.append(f"S: [{what}]")

    def so_far(self) -> tuple[str, ...]:
        """Give every line, those of replies not sent yet as well."""
        return (*self.lines, *self._said)

    def take_unsent(self) -> bytes:
        """Give the octets to send now."""
        octets = b"".join(self._unsent)
        self.lines += self._said
        self._said.clear()
        self._unsent.clear()
        return octets
