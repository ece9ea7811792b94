"""The four faults every integrator meets first, each with its cause, its field and its remedy.

They are found in different places (a URI when it is read, a From when a message is composed, missing credentials
when the server says so) and told in the same words everywhere, which is why the words live here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import AuthenticationError, SettingsError, UriError

if TYPE_CHECKING:
    from eilbote.errors import AddressError

_LONGEST_SCHEME = 20


def missing_from() -> SettingsError:
    """Say that neither the message nor the connection names an author."""
    return SettingsError(
        "the message has no From address",
        field="default_from",
        cause="The message names no From and the connection has no default From address",
        remedy="Give the message a From, or the connection a default From address that its server allows",
    )


def invalid_default_from(fault: AddressError) -> SettingsError:
    """Say that the default From address of a connection cannot be read."""
    return SettingsError(
        "the default From address is not valid",
        field="default_from",
        position=fault.position,
        cause=fault.what,
        remedy="Write it like Reports <reports@example.com>, with an address that the server lets you send from",
    )


def unknown_scheme(scheme: str) -> UriError:
    """Say that a URI is not an SMTP URI."""
    shown = scheme if len(scheme) <= _LONGEST_SCHEME else f"{scheme[:_LONGEST_SCHEME]}..."
    return UriError(
        f"Unknown URI scheme '{shown}': use smtp:// or smtps://",
        field="uri",
        position=0,
        cause="A connection speaks SMTP and nothing else",
        remedy="Write smtp:// to be upgraded by STARTTLS, smtps:// to be encrypted from the first octet",
    )


def authentication_required(
    *,
    server: str,
    reply_code: int | None = None,
    enhanced_status_code: str | None = None,
    reply_text: str | None = None,
    stage: str | None = None,
    transcript: tuple[str, ...] = (),
) -> AuthenticationError:
    """Say that the server takes mail only from those who log in (530 of RFC 4954 §6), and nobody did."""
    return AuthenticationError(
        "Authentication required",
        field="user",
        cause="User and password of the connection are blank, which means anonymous",
        remedy="Fill in both user and password, or use a server that takes mail from this machine without them",
        server=server,
        reply_code=reply_code,
        enhanced_status_code=enhanced_status_code,
        reply_text=reply_text,
        stage=stage,
        transcript=transcript,
    )
