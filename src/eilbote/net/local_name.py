"""What this machine calls itself towards a server that was given no name to call it (RFC 5321 §4.1.4).

The machine's own host name when it is a full one, else the address literal of its end of the connection. DNS is
not asked: a machine without a name there would wait for the answer before every session.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache

_FULL_NAME = re.compile(
    r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE
)


@lru_cache(maxsize=1)
def local_name() -> str | None:
    """Give this machine's full name for EHLO; ``None`` when it has none."""
    return full_name(socket.gethostname())


def full_name(host_name: str) -> str | None:
    """Give the host name when it can stand in EHLO as a domain, else ``None``."""
    top = host_name.rpartition(".")[2]
    if len(host_name) <= 255 and _FULL_NAME.fullmatch(host_name) and not top.isdigit():  # noqa: PLR2004 - RFC 5321 §4.5.3.1.2
        return host_name.lower()
    return None
