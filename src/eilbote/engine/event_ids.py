"""Names of events, made of what makes each the same one: whoever sees the same thing again raises nothing new."""

from __future__ import annotations

import hashlib


def event_id(*parts: str) -> str:
    """Name an event by what makes it the same one, so that it is raised once."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
