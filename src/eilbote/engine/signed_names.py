"""Two names in a link, signed for one purpose: whoever has the link may do that with them, and nothing else.

There is nothing to keep for such a link. The purpose is part of what is signed, so a link for one thing opens no other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from eilbote.engine.process.reply_keys import ReplyKeys

_OCTETS: Final = 16
"""Of the signature; 128 bits are more than anybody guesses over a network."""
_LONGEST: Final = 1_000


class SignedNames:
    """Signs pairs of names, and reads them again.

    Args:
        keys: What they are signed with.
        purpose: What the links are for; what was signed for another purpose is none of ours.
    """

    def __init__(self, keys: ReplyKeys, *, purpose: str = "") -> None:
        self._keys = keys
        self._purpose = f"{purpose}\x00".encode() if purpose else b""

    def token(self, first: str, second: str) -> str:
        """Give two names as one signed text that can stand in an address.

        Raises:
            SecretKeyError: There is no key, and none can be made.
        """
        said = json.dumps([first, second], ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
        return f"{_text(said)}.{_text(self._signed(self._keys.newest(), said))}"

    def read(self, token: str) -> tuple[str, str] | None:
        """Give the names again; ``None`` when the text is none of ours."""
        said, dot, signature = token.partition(".")
        if not dot or len(token) > _LONGEST or not token.isascii():
            return None
        try:
            octets, given = _octets(said), _octets(signature)
            if not any(hmac.compare_digest(given, self._signed(key, octets)) for key in self._keys.known()):
                return None
            first, second = cast("list[str]", json.loads(octets.decode("utf-8", "surrogatepass")))
        except (binascii.Error, ValueError):
            return None
        return first, second

    def _signed(self, key: bytes, octets: bytes) -> bytes:
        return hmac.new(key, self._purpose + octets, hashlib.sha256).digest()[:_OCTETS]


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _octets(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
