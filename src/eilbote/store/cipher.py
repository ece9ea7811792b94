"""How a secret is encrypted: AES-256-GCM (NIST SP 800-38D), and bound to the place where it is stored.

Rules it keeps:

* Each sealing draws a new 96-bit nonce, which stands before the ciphertext. Random nonces bear four thousand million
  sealings with one key (SP 800-38D §8.3); an engine seals a few secrets an hour.
* What a secret belongs to is authenticated with it: a row that somebody copies to another connection, or to another
  organization, does not open there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from eilbote.errors import SecretKeyError
from eilbote.model.secret import Secret

KEY_OCTETS: Final = 32
_NONCE_OCTETS: Final = 12
_FORMAT: Final = b"eilbote secret 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key for secrets.

    Attributes:
        id: What it is called; stored beside what it encrypts.
        octets: The key, 32 octets; shown nowhere.
    """

    id: str
    octets: bytes = field(repr=False)


class SecretKind(StrEnum):
    """Whose secret it is."""

    CONNECTION = "connection"
    SETTINGS = "settings"
    TOKEN = "token"  # noqa: S105 - a word, no secret
    WEBHOOK = "webhook"
    CONSENT = "consent"
    KEY = "key"
    """A known text, by which a key is recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a secret is stored.

    Attributes:
        kind: Whose it is.
        organization: Of which organization; empty for the host's.
        owner: The name of the connection, the key of the token, the id of the webhook, or the digest of the consent.
        field: Which of its fields.
    """

    kind: SecretKind
    organization: str = ""
    owner: str = ""
    field: str

    def __str__(self) -> str:
        """Name it for people."""
        match self.kind:
            case SecretKind.CONNECTION:
                owner = f"{self.organization}/{self.owner}" if self.organization else self.owner
                return f"{self.field} of the connection {owner!r}"
            case SecretKind.SETTINGS:
                scope = f"organization {self.organization!r}" if self.organization else "host"
                return f"{self.field} in the settings of the {scope}"
            case SecretKind.TOKEN:
                return f"{self.field} of the token {self.owner[:12]}"
            case SecretKind.WEBHOOK:
                return f"{self.field} of the webhook {self.owner!r}"
            case SecretKind.CONSENT:
                return f"{self.field} of the consent {self.owner[:12]}"
            case SecretKind.KEY:
                return f"check of the key {self.owner!r}"

    def associated_data(self) -> bytes:
        """Write it so that no two places are written alike: each part after its length."""
        octets = bytearray(_FORMAT)
        for part in (self.kind.value, self.organization, self.owner, self.field):
            encoded = part.encode("utf-8", "surrogatepass")
            octets += len(encoded).to_bytes(4) + encoded
        return bytes(octets)


def seal(key: Key, place: Place, secret: Secret) -> bytes:
    """Encrypt a secret for its place; gives nonce, ciphertext and tag."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_OCTETS)
    plain = secret.reveal().encode("utf-8", "surrogatepass")
    return nonce + AESGCM(key.octets).encrypt(nonce, plain, place.associated_data())


def unseal(key: Key, place: Place, sealed: bytes) -> Secret:
    """Decrypt what :func:`seal` gave.

    Raises:
        SecretKeyError: It was encrypted with another key or for another place, or is damaged.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, encrypted = sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:]
    try:
        plain = AESGCM(key.octets).decrypt(nonce, encrypted, place.associated_data())
    except (InvalidTag, ValueError):  # ValueError: too short to be one
        raise SecretKeyError(
            f"{place} cannot be decrypted with the key {key.id!r}",
            field=place.field,
            cause="It was damaged, or copied here from another place, or that key is not the one it had then",
            remedy="Find out who writes to the database, then restore it from a copy; or give up what that key does not open with "
            f"`eilbote keys abandon {key.id}`, and enter it again",
        ) from None
    return Secret(plain.decode("utf-8", "surrogatepass"))
