"""SCRAM (RFC 5802, RFC 7677): both sides prove that they know the password, and neither shows it.

With ``-PLUS`` the proof also covers the TLS session (RFC 5929), so that nobody can stand in between.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import unicodedata
from typing import Final, NamedTuple

from eilbote.errors import AuthenticationError, RemoteProtocolError

_HASHES: Final = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}
_MIN_ITERATIONS = 4096  # RFC 5802 §5.1 and RFC 7677 §4: fewer make guessing cheap for whoever listened
_MAX_ITERATIONS = 1_000_000  # about a second; more would let a server stop this process


class ChannelBinding(NamedTuple):
    """What ties an authentication to one TLS session (RFC 5056).

    Attributes:
        kind: For instance ``tls-server-end-point`` or ``tls-exporter``.
        data: The octets of that kind.
    """

    kind: str
    data: bytes


class Scram:
    """One SCRAM authentication."""

    def __init__(
        self,
        name: str,
        *,
        user: str,
        password: str,
        nonce: str,
        binding: ChannelBinding | None = None,
        server_offers_binding: bool = False,
    ) -> None:
        self.name = name
        self._hash = _HASHES[name.removesuffix("-PLUS")]
        self._password = saslprep(password).encode()
        self._nonce = nonce
        self._binding_data = b""
        if name.endswith("-PLUS"):
            if binding is None:
                raise AuthenticationError(
                    f"{name} needs the data of a TLS session",
                    field="security",
                    stage="auth",
                    remedy="Set security to 'tls' or 'starttls', or use another mechanism",
                )
            self._gs2 = f"p={binding.kind},,"
            self._binding_data = binding.data
        else:
            # "y" says: I could have bound, but you did not offer it. A server that did offer it learns from
            # this that somebody in between took the offer away (RFC 5802 §6).
            self._gs2 = "y,," if binding is not None and not server_offers_binding else "n,,"
        escaped = saslprep(user).replace("=", "=3D").replace(",", "=2C")
        self._first_bare = f"n={escaped},r={nonce}"
        self._server_signature = b""
        self._stage = 0

    def initial(self) -> bytes:
        """Give the client's first message."""
        self._stage = 1
        return (self._gs2 + self._first_bare).encode()

    def step(self, challenge: bytes) -> bytes:
        """Answer the server's first message with the proof, and its last with nothing once it holds."""
        if self._stage == 0:
            return self.initial()
        try:
            text = challenge.decode()
            fields = dict(part.split("=", 1) for part in text.split(","))
        except ValueError as exc:
            raise _senseless("it is not a list of attributes") from exc
        if "e" in fields:
            raise AuthenticationError(
                f"the server refuses the proof: {fields['e'][:80]}", field="password", stage="auth"
            )
        if "m" in fields:
            raise _senseless("it demands an extension that is not known here")
        self._stage += 1
        if self._stage == 2:  # noqa: PLR2004 - the server's first message
            return self._prove(text, fields)
        if self._stage == 3:  # noqa: PLR2004 - the server's last message
            self._verify(fields)
            return b""
        raise _senseless("nothing was left to ask")

    def succeeded(self) -> None:
        """Refuse a success that came without the server's own proof."""
        if self._stage != 3:  # noqa: PLR2004 - the proof was verified
            raise AuthenticationError(
                "the server says yes without proving that it knows the password",
                field="host",
                stage="auth",
                cause="SCRAM demands the proof from both sides (RFC 5802 section 3)",
                remedy="Do not use this server: it may be somebody else's",
            )

    def explanation(self) -> str | None:
        """Tell nothing: what a server says on a failure is raised at once."""
        return None

    def _prove(self, server_first: str, fields: dict[str, str]) -> bytes:
        nonce, salt_text, iterations_text = fields.get("r", ""), fields.get("s", ""), fields.get("i", "")
        if not nonce.startswith(self._nonce) or len(nonce) <= len(self._nonce):
            raise _senseless("its nonce does not continue ours")
        if not (iterations_text.isascii() and iterations_text.isdigit() and len(iterations_text) <= 9):  # noqa: PLR2004
            raise _senseless("it has no iteration count")
        iterations = int(iterations_text)
        if not _MIN_ITERATIONS <= iterations <= _MAX_ITERATIONS:
            raise AuthenticationError(
                f"the server asks for {iterations} iterations",
                field="host",
                stage="auth",
                cause=f"fewer than {_MIN_ITERATIONS} are weak, more than {_MAX_ITERATIONS} would stop this process",
                remedy="Set the server's SCRAM iteration count, or use another mechanism",
            )
        try:
            salt = base64.b64decode(salt_text, validate=True)
        except binascii.Error as exc:
            raise _senseless("its salt is not base64") from exc
        salted = hashlib.pbkdf2_hmac(self._hash, self._password, salt, iterations)
        client_key = self._mac(salted, b"Client Key")
        stored_key = hashlib.new(self._hash, client_key).digest()
        binding = base64.b64encode(self._gs2.encode() + self._binding_data).decode()
        without_proof = f"c={binding},r={nonce}"
        signed = f"{self._first_bare},{server_first},{without_proof}".encode()
        signature = self._mac(stored_key, signed)
        proof = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
        self._server_signature = self._mac(self._mac(salted, b"Server Key"), signed)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def _verify(self, fields: dict[str, str]) -> None:
        try:
            signature = base64.b64decode(fields.get("v", ""), validate=True)
        except binascii.Error as exc:
            raise _senseless("its signature is not base64") from exc
        if not hmac.compare_digest(signature, self._server_signature):
            raise AuthenticationError(
                "the server does not know the password it asks for",
                field="host",
                stage="auth",
                cause="its signature is wrong (RFC 5802 section 5.1)",
                remedy="Do not use this server: it may be somebody else's",
            )

    def _mac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self._hash).digest()


def saslprep(text: str) -> str:
    """Prepare a user name or password (RFC 4013): odd spaces to blanks, invisible joiners out, NFKC."""
    if text.isascii():
        return text
    import stringprep

    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in text
        if not stringprep.in_table_b1(character)
    )
    return unicodedata.normalize("NFKC", mapped)


def _senseless(reason: str) -> RemoteProtocolError:
    return RemoteProtocolError(f"the server's SCRAM message makes no sense: {reason}", cause="RFC 5802")
