"""DKIM signatures (RFC 6376; Ed25519 by RFC 8463), relaxed/relaxed.

The signature covers the header fields that readers see and machines act on. Those a forger would like to add are
named once more than they occur, so that a second Subject or From breaks the signature (RFC 6376 §8.15). The body
is hashed in a stream; an attachment from disk is never held.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from eilbote.model.message import Segment

# In the order in which they are signed; most are only worth a signature when they are there.
_SIGNED: Final = (
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"),
    *("in-reply-to", "references", "auto-submitted", "list-id", "list-unsubscribe", "list-unsubscribe-post"),
    *("mime-version", "content-type", "content-transfer-encoding"),
)
_GUARDED: Final = frozenset(
    ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "content-type")
)
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,120}[A-Za-z0-9])?")
_MIN_RSA_BITS = 1024  # RFC 8301 §3.2
_KEY = "Give an RSA or Ed25519 private key in PEM, without a passphrase"
_LINE = 72
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_END = re.compile(rb" (?=\r\n)")


class DkimAlgorithm(StrEnum):
    """How the hash is signed."""

    RSA_SHA256 = "rsa-sha256"
    ED25519_SHA256 = "ed25519-sha256"


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """Signs messages for a domain.

    Attributes:
        domain: The signing domain (``d=``); where the public key is published.
        selector: Which of its keys (``s=``): the public key is in ``selector._domainkey.domain``.
        private_key: RSA or Ed25519, in PEM; its type decides the algorithm. A plain text is hidden at once.

    Raises:
        SettingsError: The key cannot be read, the domain or the selector is malformed, or one is of the wrong kind.
    """

    domain: str
    selector: str
    private_key: Secret
    algorithm: DkimAlgorithm = field(init=False)
    _key: RSAPrivateKey | Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the key once."""
        check_kind(
            self.private_key, (str, Secret), field="dkim.private_key", fault=SettingsError, remedy=_KEY
        )
        object.__setattr__(self, "private_key", Secret(self.private_key))
        check_kind(self.domain, (str,), field="dkim.domain", fault=SettingsError)
        check_kind(self.selector, (str,), field="dkim.selector", fault=SettingsError)
        if _DOMAIN.fullmatch(self.domain) is None:
            raise SettingsError(
                f"{self.domain[:80]!a} is not a signing domain",
                field="dkim.domain",
                remedy="Write it in lower-case ASCII, for instance example.org",
            )
        if _SELECTOR.fullmatch(self.selector) is None:
            raise SettingsError(
                f"{self.selector[:80]!a} is not a selector",
                field="dkim.selector",
                remedy="Write the label before ._domainkey, for instance mail2026",
            )
        key, algorithm = _read_key(self.private_key)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "algorithm", algorithm)

    def sign(self, segments: Sequence[Segment], header_size: int, moment: datetime) -> bytes:
        """Give the DKIM-Signature field for a message.

        Args:
            segments: The message.
            header_size: Octets of its header section, the empty line not counted; within the first segment.
            moment: The time of the signature.
        """
        first = segments[0]
        if not isinstance(first, bytes):
            raise TypeError("a message begins with its header")
        body_hash = _hash_body(first[header_size + 2 :], segments[1:])
        names, signed = _canonical_header(first[:header_size])
        unsigned = _signature_field(
            [
                ("v", "1"),
                ("a", self.algorithm.value),
                ("c", "relaxed/relaxed"),
                ("d", self.domain),
                ("s", self.selector),
                ("t", str(int(moment.timestamp()))),
                ("bh", b64encode(body_hash).decode("ascii")),
                ("h", ":".join(names)),
            ]
        )
        signed += _canonical_field(unsigned.encode("ascii")).removesuffix(b"\r\n")
        value = b64encode(self._sign(signed)).decode("ascii")
        return f"{unsigned.removesuffix(_CRLF)}{_folded(value)}{_CRLF}".encode("ascii")

    def _sign(self, octets: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

        if isinstance(self._key, RSAPrivateKey):
            from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
            from cryptography.hazmat.primitives.hashes import SHA256

            return self._key.sign(octets, PKCS1v15(), SHA256())
        return self._key.sign(sha256(octets).digest())  # RFC 8463 §3: the hash is what is signed


_CRLF = "\r\n"


def _read_key(private_key: Secret) -> tuple[RSAPrivateKey | Ed25519PrivateKey, DkimAlgorithm]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_key.reveal().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's words are left out: they may quote the key.
        raise SettingsError(
            "the DKIM key cannot be read",
            field="dkim.private_key",
            remedy=_KEY,
        ) from None
    match key:
        case Ed25519PrivateKey():
            return key, DkimAlgorithm.ED25519_SHA256
        case RSAPrivateKey() if key.key_size >= _MIN_RSA_BITS:
            return key, DkimAlgorithm.RSA_SHA256
        case RSAPrivateKey():
            raise SettingsError(
                f"the DKIM key has {key.key_size} bits only",
                field="dkim.private_key",
                cause="verifiers ignore RSA keys below 1,024 bits (RFC 8301)",
                remedy="Make a key of 2,048 bits",
            )
        case _:
            raise SettingsError(
                "the DKIM key is neither RSA nor Ed25519",
                field="dkim.private_key",
                remedy="Make an RSA key of 2,048 bits or an Ed25519 key",
            )


# -- canonicalisation (RFC 6376 §3.4) -----------------------------------------------------------------------


def _canonical_header(header: bytes) -> tuple[list[str], bytes]:
    """Give the names for ``h=`` and the signed fields in canonical form, in that order."""
    found: dict[str, bytes] = {}
    for line in re.split(rb"\r\n(?![ \t]|\Z)", header):
        found[line.partition(b":")[0].decode("ascii").lower()] = _canonical_field(line)
    names: list[str] = []
    signed: list[bytes] = []
    for name in _SIGNED:
        if name in found:
            names.append(name)
            signed.append(found[name])
        if name in _GUARDED:
            names.append(name)  # one more than there is: nobody can add another
    return names, b"".join(signed)


def _canonical_field(octets: bytes) -> bytes:
    name, _, value = octets.partition(b":")
    value = _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.lower().rstrip(b" ") + b":" + value + b"\r\n"


def _hash_body(first: bytes, rest: Iterable[Segment]) -> bytes:
    """Hash the body in canonical form: blanks folded, trailing blanks and trailing empty lines dropped."""
    digest = sha256()
    tail = b""  # what cannot be canonicalised yet: an unfinished line, or line ends that may be the last
    for chunk in _chunks(first, rest):
        canonical = _BLANKS_AT_END.sub(b"", _BLANKS.sub(b" ", tail + chunk))
        kept = canonical.rstrip(b"\r\n ")
        # Keep the last line and everything after it: blanks and line ends mean something only with what follows.
        cut = canonical.rfind(b"\r\n", 0, len(kept)) + 2 if b"\r\n" in canonical[: len(kept)] else 0
        digest.update(canonical[:cut])
        tail = canonical[cut:]
    end = _BLANKS_AT_END.sub(b"", tail).rstrip(b" ")
    while end.endswith(b"\r\n"):
        end = end.removesuffix(b"\r\n").rstrip(b" ")
    if end:
        digest.update(end + b"\r\n")
    return digest.digest()


def _chunks(first: bytes, rest: Iterable[Segment]) -> Iterable[bytes]:
    yield first
    for segment in rest:
        if isinstance(segment, bytes):
            yield segment
        else:
            yield from segment.chunks()


# -- the field itself -----------------------------------------------------------------------------------------


def _signature_field(tags: list[tuple[str, str]]) -> str:
    """Write the field with an empty ``b=``, folded between tags and, in ``h=``, between names."""
    lines: list[str] = []
    line = "DKIM-Signature:"
    for tag, value in tags:
        pieces = re.split("(?<=:)", value) if tag == "h" else [value]
        pieces[0] = f"{tag}={pieces[0]}"
        pieces[-1] += ";"
        for index, piece in enumerate(pieces):
            blank = " " if index == 0 else ""
            if len(line) + len(blank) + len(piece) > _LINE:
                lines.append(line)
                line = f" {piece}"
            else:
                line += blank + piece
    lines += [line, " b=\r\n"]
    return "\r\n".join(lines)


def _folded(value: str) -> str:
    return "\r\n ".join(value[at : at + _LINE] for at in range(0, len(value), _LINE))
