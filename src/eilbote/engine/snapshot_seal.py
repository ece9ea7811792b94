"""How the secrets of a snapshot are sealed: with a key made of a passphrase by scrypt (RFC 7914), by AES-256-GCM (SP 800-38D).

Everything else in the file is authenticated with them. Who changes the server of a connection in the file, to be sent the
password that is sealed beside it, has a file whose secrets do not open. The cost is fixed by the form of the file, so that no
file can ask for a gigabyte or an hour.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, Final

from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from eilbote.model.secret import Secret

SALT_OCTETS: Final = 16
SHORTEST_PASSPHRASE: Final = 12
_NONCE_OCTETS: Final = 12
_KEY_OCTETS: Final = 32
_COST, _BLOCK_SIZE, _LANES = 2**17, 8, 1
"""128 MiB and about half a second for each guess."""
_PURPOSE: Final = b"eilbote snapshot secrets 1\0"


def check_passphrase(passphrase: Secret) -> Secret:
    """Refuse a passphrase that can be guessed in an afternoon.

    Raises:
        SettingsError: It is too short.
    """
    if len(passphrase.reveal().strip()) < SHORTEST_PASSPHRASE:
        raise SettingsError(
            f"the passphrase has fewer than {SHORTEST_PASSPHRASE} characters",
            field="passphrase",
            cause="Whoever has the file can try passphrases for as long as they like",
            remedy="Take four or five words that nobody would put together, or let a password manager make one",
        )
    return passphrase


def seal(octets: bytes, passphrase: Secret, *, beside: bytes) -> tuple[bytes, bytes]:
    """Encrypt; gives the salt, and nonce, ciphertext and tag.

    Args:
        octets: What nobody may see.
        passphrase: What opens it.
        beside: What it belongs to, and is authenticated with.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(SALT_OCTETS), os.urandom(_NONCE_OCTETS)
    key = _key(passphrase, salt)
    return salt, nonce + AESGCM(key).encrypt(nonce, octets, _PURPOSE + beside)


def unseal(salt: bytes, sealed: bytes, passphrase: Secret, *, beside: bytes) -> bytes:
    """Decrypt what :func:`seal` gave.

    Raises:
        SettingsError: The passphrase is another one, or anything in the file was changed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, encrypted = sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, encrypted, _PURPOSE + beside)
    except (InvalidTag, ValueError):  # ValueError: too short to be one
        raise SettingsError(
            "the secrets of the snapshot do not open with this passphrase",
            field="passphrase",
            cause="It is another one, or something in the file was changed since it was made",
            remedy="Give the passphrase it was made with; without any everything but the secrets is restored",
        ) from None


def _key(passphrase: Secret, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    # One person's keyboard writes an accent as one character, another one's as two.
    said = unicodedata.normalize("NFC", passphrase.reveal()).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=_KEY_OCTETS, n=_COST, r=_BLOCK_SIZE, p=_LANES).derive(said)
