"""Who may log in to the laboratory's servers: names and passwords that have broken mail clients before, and tokens.

Each account is here for one habit of the wire: percent and backslash for those who format commands, quotes for those who
quote them, comma and equals sign for SCRAM (RFC 5802 section 5.1 writes them ``=2C`` and ``=3D``), 120 characters for those who
fold base64, and UTF-8 for those who think of ASCII (RFC 4616 section 2: both are UTF-8).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass

TOKEN_KEY = b"the laboratory signs its tokens with this key"
HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user name and its password."""

    user: str
    password: str


USERS: dict[str, Account] = {
    "ordinary": Account(user="anna@lab.example", password="correct horse battery staple"),
    "quotes": Account(user='o\'hara "the" quoted', password="it's \"quoted\" 'twice'"),
    "specials": Account(user="50%s$HOME\\n", password="p%2Bq$$\\x00`&<>;|?*#:/@"),
    "long": Account(user="u" * 120, password="p" * 120),
    "unicode": Account(user="jürgen.größe", password="пароль-密码-€"),
    "odd": Account(user="odd,user=1", password="n=odd,p=,="),
}
"""By the reason for which each is here. All of them exist on every server that knows passwords."""


def token(user: str, *, lifetime: float = HOUR, key: bytes = TOKEN_KEY) -> str:
    """A signed access token (RFC 7519) for a user: what OAuth 2.0 would have given us.

    A negative ``lifetime``, in seconds, makes an expired one; another ``key`` makes one that the servers refuse.
    """
    now = int(time.time())
    claims = {"sub": user, "email": user, "iat": now - 2 * HOUR, "exp": int(now + lifetime)}
    signed = f"{_segment({'typ': 'JWT', 'alg': 'HS256'})}.{_segment(claims)}"
    signature = hmac.digest(key, signed.encode("ascii"), hashlib.sha256)
    return f"{signed}.{_base64url(signature)}"


def _segment(value: dict[str, object]) -> str:
    return _base64url(json.dumps(value, ensure_ascii=False).encode("utf-8"))


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
