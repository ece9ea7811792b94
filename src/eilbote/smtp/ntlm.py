"""NTLM with a Windows domain, by the optional package pyspnego; imported when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eilbote.errors import AuthenticationError

if TYPE_CHECKING:
    from eilbote.model.credentials import Password


class Ntlm:
    """One NTLM authentication (MS-SMTPNTLM)."""

    name = "NTLM"

    def __init__(self, credentials: Password, *, host: str) -> None:
        try:
            import spnego
        except ImportError as exc:
            raise AuthenticationError(
                "NTLM needs a package that is not installed",
                field="mechanism",
                stage="auth",
                cause="the server offers no other mechanism that may be used here, or the connection asks for NTLM",
                remedy="Install eilbote[ntlm]",
            ) from exc
        user = credentials.user
        if credentials.domain and "\\" not in user and "@" not in user:
            user = f"{credentials.domain}\\{user}"
        self._context: Any = spnego.client(
            user, credentials.password.reveal(), hostname=host, service="SMTP", protocol="ntlm"
        )

    def initial(self) -> bytes | None:
        """Wait for the go-ahead: some servers do not take the first message in the command."""
        return None

    def step(self, challenge: bytes) -> bytes:
        """Give the negotiate message to the empty challenge, then the proof."""
        # pyspnego fails in as many ways as a hostile challenge can be malformed.
        try:
            token: bytes | None = self._context.step(challenge or None)
        except Exception as exc:
            raise AuthenticationError(
                "the server's NTLM challenge makes no sense",
                stage="auth",
                cause=str(exc)[:200],
                remedy="Use another mechanism, or ask the server's administrator",
            ) from exc
        return token or b""

    def succeeded(self) -> None:
        """Accept: NTLM proves nothing about the server."""

    def explanation(self) -> str | None:
        """Tell nothing: the reply says all there is."""
        return None
