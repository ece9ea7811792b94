"""What was found about a field somewhere in the environment, before anything is decided."""

from __future__ import annotations

import dataclasses

from eilbote.config.vendor_names import Login


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One value, and where it stands.

    Attributes:
        field: Our name of the field.
        value: As it was written; never shown, for it may be a secret.
        place: The variable or file, for people.
        login: The way of signing in it belongs to.
    """

    field: str
    value: object = dataclasses.field(repr=False)
    place: str
    login: Login = Login.NONE
