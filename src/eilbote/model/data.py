"""Plain data of any depth: what authors write, what forms and programs hand over, what flows and processes keep."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

Data: TypeAlias = "str | int | Decimal | bool | list[Data] | dict[str, Data] | None"
"""Numbers with a point are decimal, so that an amount stays what was written."""
