"""What was said in one session, as lines to read, and the octets of the replies not sent yet."""

from __future__ import annotations

_LONGEST_SHOWN = 1000


class Dialogue:
    """Both voices of a session; passwords and content never get into it."""

    __slots__ = ("_unsent", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._unsent: list[bytes] = []

    def heard(self, line: str) -> None:
        """Note what the client said: control characters replaced, cut when it is very long."""
        shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
        self.lines.append(f"C: {shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + '...'}")

    def heard_secret(self) -> None:
        """Note that the client said what nobody else should read."""
        self.lines.append("C: ********")

    def say(self, line: str) -> None:
        """Note a line of a reply, and send it."""
        self.lines.append(f"S: {line}")
        self._unsent.append(line.encode() + b"\r\n")

    def act(self, what: str) -> None:
        """Note what the server does instead of replying."""
        self.lines.append(f"S: [{what}]")

    def take_unsent(self) -> bytes:
        """Give the octets to send now."""
        octets = b"".join(self._unsent)
        self._unsent.clear()
        return octets
