"""How a courier works: how long it is believed to live without a sign, how patient it stops, what it forgets."""

from __future__ import annotations

from dataclasses import dataclass, fields

from eilbote.errors import SettingsError
from eilbote.model.kinds import shown

_DAY = 86_400.0
_HIGHEST = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOptions:
    """What an operator may choose.

    Attributes:
        lease_seconds: How long others leave a courier's entries alone without a sign that it lives; it gives one
            three times as often. Shorter means that a machine that died is replaced sooner, and that a courier held
            up for that long has to begin anew.
        grace_seconds: How long what is on its way may take when the courier is told to stop.
        poll_seconds: How often the outbox is asked for new mail; mail of the same process is seen at once.
        retention_seconds: How long finished entries are kept, and with them their idempotency keys.
        housekeeping_seconds: How often finished entries are looked for that can be forgotten.
        most_in_hand: Entries of one connection that are claimed at the same time.

    Raises:
        SettingsError: A number is not above 0.
    """

    lease_seconds: float = 30.0
    grace_seconds: float = 30.0
    poll_seconds: float = 0.25
    retention_seconds: float = 30 * _DAY
    housekeeping_seconds: float = 300.0
    most_in_hand: int = 256

    def __post_init__(self) -> None:
        """Refuse what would stop the courier, or never let it rest."""
        for item in fields(self):
            value: object = getattr(self, item.name)
            lowest_allowed = item.name == "grace_seconds" and value == 0
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                usable = False
            else:
                usable = lowest_allowed or 0 < value <= _HIGHEST
            if not usable:
                raise SettingsError(
                    f"{shown(value)} is not possible",
                    field=f"courier.{item.name}",
                    remedy="Give a number above 0 and up to a thousand million",
                )
