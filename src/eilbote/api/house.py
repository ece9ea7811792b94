"""Puts together what the API works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.api.acting import House

if TYPE_CHECKING:
    from eilbote.app import Eilbote


def house_for(eilbote: Eilbote) -> House:
    """Give what the API works with, of an open outbox."""
    return House(eilbote=eilbote, doorkeeper=eilbote.accounts.doorkeeper, book=eilbote.audit)
