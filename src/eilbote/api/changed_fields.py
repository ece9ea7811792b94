"""What a change has changed, for the audit book: each field that is not as it was, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from pydantic import BaseModel

_ALWAYS: Final = frozenset({"revision", "changed", "used"})


def changed_fields(before: BaseModel, after: BaseModel) -> tuple[dict[str, object], dict[str, object]]:
    """Give them from the shapes of a thing before and after; shapes hold no secrets."""
    old = cast("dict[str, object]", before.model_dump(mode="json"))
    new = cast("dict[str, object]", after.model_dump(mode="json"))
    names = [name for name in new if name not in _ALWAYS and new[name] != old.get(name)]
    return {name: old.get(name) for name in names}, {name: new[name] for name in names}
