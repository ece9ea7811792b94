"""What is said of a server whose replies cannot be matched to commands any more (RFC 5321 §4.2, RFC 2920 §3.2).

From the first such reply on nobody could tell which message was accepted, so the session ends with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import RemoteProtocolError

if TYPE_CHECKING:
    from eilbote.smtp.replies import Reply

_SHOWN = 80
_REMEDY = "Nothing more is sent in this session"
_LOST_COUNT = "from here on nobody could tell which reply answers which command"


def cannot_answer(reply: Reply, command: str) -> RemoteProtocolError:
    """Say that the command has no such reply."""
    return RemoteProtocolError(
        f"the server said {_shown(reply)}, which cannot answer {command}", cause=_LOST_COUNT, remedy=_REMEDY
    )


def unexpected(reply: Reply) -> RemoteProtocolError:
    """Say that nothing asked for a reply, or for one of its kind."""
    return RemoteProtocolError(
        f"the server said {_shown(reply)} where no such reply is possible", cause=_LOST_COUNT, remedy=_REMEDY
    )


def too_early(reply: Reply) -> RemoteProtocolError:
    """Say that the content was answered before it was sent."""
    return RemoteProtocolError(
        f"the server said {_shown(reply)} before the content was sent",
        cause="what comes before the final dot cannot be the answer to it",
        remedy=_REMEDY,
    )


def injected() -> RemoteProtocolError:
    """Say that something follows the agreement to STARTTLS in clear."""
    return RemoteProtocolError(
        "the server's agreement to STARTTLS is followed by octets in clear",
        cause="somebody in between may be injecting commands into the session (RFC 3207 section 6)",
        remedy="Nothing more is sent; use implicit TLS, or look for what stands between here and the server",
    )


def _shown(reply: Reply) -> str:
    return repr(str(reply)[:_SHOWN])
