"""Return paths that say to which entry a returned mail belongs (VERP): ``bounces+TOKEN@example.org``.

Servers far away quote what they return in a hundred ways, but they send it to the return path. The token is the entry's id with a code
that only this installation can make (HMAC-SHA-256, RFC 2104), so nobody can have somebody else's mail taken for returned.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Final

from eilbote.errors import EntryNotFoundError, SecretKeyError
from eilbote.model.ids import EntryId, entry_id_text, read_entry_id

if TYPE_CHECKING:
    from eilbote.engine.process.reply_keys import ReplyKeys

_PURPOSE: Final = b"eilbote return path 1\0"
_MAC_OCTETS: Final = 10
_TOKEN: Final = re.compile(r"([0-9a-z]{13})([a-z2-7]{16})\Z")


class ReturnPaths:
    """Makes and reads return paths.

    Args:
        address: Our own address for returned mail, ``bounces@example.org``.
        keys: What they are signed with.
    """

    def __init__(self, address: str, keys: ReplyKeys) -> None:
        self._local, _, self._domain = address.rpartition("@")
        self._keys = keys

    def of(self, entry: EntryId) -> str | None:
        """Give the return path of an entry; ``None`` when there is no key to sign it with."""
        try:
            key = self._keys.newest()
        except SecretKeyError:
            return None
        text = entry_id_text(entry)
        return f"{self._local}+{text}{_code(text, key)}@{self._domain}"

    def entry_of(self, address: str) -> EntryId | None:
        """Give the entry of a return path of ours, in any letter case; ``None`` for anything else."""
        local, _, domain = address.lower().rpartition("@")
        if domain != self._domain.lower() or not local.startswith(f"{self._local.lower()}+"):
            return None
        found = _TOKEN.match(local[len(self._local) + 1 :])
        if found is None:
            return None
        try:
            keys = self._keys.known()
            entry = read_entry_id(found[1])
        except (SecretKeyError, EntryNotFoundError):
            return None
        is_ours = any(hmac.compare_digest(_code(found[1], key), found[2]) for key in keys)
        return entry if is_ours else None


def _code(text: str, key: bytes) -> str:
    """Write the code in letters of one case: some servers change the case of a local part."""
    mac = hmac.new(key, _PURPOSE + text.encode(), hashlib.sha256).digest()[:_MAC_OCTETS]
    return base64.b32encode(mac).decode().lower()
