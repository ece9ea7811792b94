"""What this machine calls itself towards a server that was given no name to call it (RFC 5321 §4.1.4).

The machine's own host name when it is a full one, else an address literal. DNS is not asked: a machine without
a name there would wait for the answer before every session.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache

_FULL_NAME = re.compile(
    r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE
)
_LITERAL = "[127.0.0.1]"


@lru_cache(maxsize=1)
def local_name() -> str:
    """Give a domain or an address literal for EHLO."""
    return ehlo_name_for(socket.gethostname())


def ehlo_name_for(host_name: str) -> str:
    """Give the host name when it can stand in EHLO as a domain, else an address literal."""
    top = host_name.rpartition(".")[2]
    if len(host_name) <= 255 and _FULL_NAME.fullmatch(host_name) and not top.isdigit():  # noqa: PLR2004 - RFC 5321 §4.5.3.1.2
        return host_name.lower()
    return _LITERAL
