"""The protection modes that are possible under the many switches that forms have for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.connections.security import ANY_SECURITY, read_security
from eilbote.connections.values import read_switch, read_text
from eilbote.errors import SettingsError
from eilbote.model.tls import Security

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCRYPTED = frozenset({Security.TLS, Security.STARTTLS})
_IN_CLEAR = frozenset({Security.NONE})
NOT_IMPLICIT = frozenset({Security.STARTTLS, Security.NONE})
_SWITCHES = (
    # field, what its being on allows, what its being off allows
    ("secure_connection", _ENCRYPTED, _IN_CLEAR),
    ("secure", _ENCRYPTED, NOT_IMPLICIT),
    ("require_tls", _ENCRYPTED, ANY_SECURITY),
    ("ignore_tls", _IN_CLEAR, ANY_SECURITY),
)


def read_protection(said: Mapping[str, object]) -> tuple[Security | None, frozenset[Security]]:
    """Give the mode that a word names, if there is one, and the modes that the switches allow.

    ``secure_connection`` on means encrypted, by STARTTLS or from the first octet as the port decides; off means not
    encrypted. ``secure`` on means the same; off means only "not from the first octet": STARTTLS remains, and is
    required, except on this machine. ``require_tls`` on means encrypted, ``ignore_tls`` on means not.

    Raises:
        SettingsError: Two of them contradict each other.
    """
    word = read_security(read_text(said["security"], "security")) if "security" in said else None
    allowed = ANY_SECURITY if word is None else frozenset({word})
    meant_by = "security"
    for name, on, off in _SWITCHES:
        if name not in said:
            continue
        both = allowed & (on if read_switch(said[name], name) else off)
        if not both:
            raise SettingsError(
                f"{name} and {meant_by} contradict each other",
                field=name,
                remedy="Give security alone: tls, starttls or none",
            )
        allowed, meant_by = both, name if word is None else meant_by
    return word, ANY_SECURITY if word is not None else allowed
