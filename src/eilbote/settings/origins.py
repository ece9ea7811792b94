"""Says where a setting stands, in the words of whoever has to change it (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.settings.inheritance import Level

if TYPE_CHECKING:
    from eilbote.settings.inheritance import EffectiveSettings


_OF_A_LOGIN = frozenset({"user", "password", "access_token"})


def where_said(found: EffectiveSettings, field: str | None, *, at: Level | None = None) -> str | None:
    """Name where a field at fault is said: the variable, or the level with the field.

    Args:
        found: What holds.
        field: The field, as the error of a connection names it.
        at: The level at which somebody is changing things, who needs no more than the field's name.
    """
    ours = (field or "").removeprefix("tls.").removeprefix("timeouts.")
    each = found.values.get(ours)
    if each is None and ours in _OF_A_LOGIN:
        each = found.values.get("auth_type")  # which asks for what nobody says
        if each is not None and each.level is at:
            return ours
    if each is None:
        return field
    if each.level is at:
        return ours
    if each.level is Level.ENVIRONMENT:
        return each.place
    return f"{each.field} of {'the host' if each.level is Level.HOST else each.place}"
