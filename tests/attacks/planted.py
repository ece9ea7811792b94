"""Secrets that are planted, and the search for them in every form in which a program writes a secret.

As it is, in base64 at any alignment, percent-encoded, in JSON, in hexadecimal, in UTF-16; a text of lines also line by line.
"""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

PLANTED = (
    "pässword/of+the host&7f3a",
    "client-secret~Zq81xV/0=",
    "1//refresh-token-Kd93ms",
    "ya29.access-token_Lw82ns",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n",
)


def forms(secret: str) -> Iterator[bytes]:
    """Give a secret in every form in which a program may write it, and each line of it."""
    for text in {secret, *(line for line in secret.splitlines() if "PRIVATE KEY" not in line)}:
        octets = text.encode()
        yield octets
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            for shift in range(3):  # where it begins within three octets decides about all of its letters
                yield encode(b"\0" * shift + octets)[4 if shift else 0 : -4]
        yield quote(text, safe="").encode()
        yield quote_plus(text).encode()
        yield json.dumps(text)[1:-1].encode()
        yield octets.hex().encode()
        yield octets.hex().upper().encode()
        yield text.encode("utf-16-le")
        yield text.encode("latin-1", "replace")


NEEDLES = {needle: secret for secret in PLANTED for needle in forms(secret)}


def found_in(octets: bytes) -> set[str]:
    """Tell which of the planted secrets are in there."""
    return {secret for needle, secret in NEEDLES.items() if needle in octets}
