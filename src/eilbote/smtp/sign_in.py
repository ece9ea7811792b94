"""The receiving side of AUTH PLAIN (RFC 4616) and AUTH LOGIN: what a client answers becomes a user name and a password."""

from __future__ import annotations

import base64
import binascii

_PLAIN_PARTS = 3
_LOGIN_PROMPTS = ("Username:", "Password:")


class SignIn:
    """One authentication exchange, as far as the client's answers go.

    Args:
        mechanism: ``PLAIN`` or ``LOGIN``.
    """

    __slots__ = ("_answers", "_mechanism", "password", "user")

    def __init__(self, mechanism: str) -> None:
        self._mechanism = mechanism
        self._answers: list[str] = []
        self.user = ""
        self.password = ""

    def challenge(self) -> str:
        """Give the text after 334, base64."""
        if self._mechanism == "PLAIN":
            return ""
        return base64.b64encode(_LOGIN_PROMPTS[len(self._answers)].encode()).decode()

    def take(self, line: bytes) -> bool:
        """Take the client's answer; ``False`` when it cannot be read."""
        try:
            text = b"" if line == b"=" else base64.b64decode(line, validate=True)
            self._answers.append(text.decode("utf-8"))
        except (binascii.Error, UnicodeDecodeError):
            return False
        if self._mechanism == "PLAIN":
            parts = self._answers[0].split("\0")
            if len(parts) != _PLAIN_PARTS:
                return False
            _, self.user, self.password = parts
        elif self.complete:
            self.user, self.password = self._answers
        return True

    @property
    def complete(self) -> bool:
        """Whether user name and password are known."""
        return len(self._answers) == (1 if self._mechanism == "PLAIN" else len(_LOGIN_PROMPTS))
