"""Values with which a route can be tried: one for each attribute that nobody gives one for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from eilbote.author.process.route.placeholder import key_of
from eilbote.author.process.route.route import AttributeType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.route.route import MessageAttribute, Route
    from eilbote.model.data import Data

_NEXT_DAYS = 7


def sample_values(
    route: Route, given: Mapping[str, Data], *, address: str, now: datetime
) -> Mapping[str, Data]:
    """Give values for every attribute of a route, those that are given before all.

    Args:
        route: The route.
        given: By system name.
        address: Of whoever the sample is for; accounts get it.
        now: The time; times of the sample lie a week ahead, in whole hours, one hour apart.
    """
    known = {key_of(name) for name in given}
    begin = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=_NEXT_DAYS)
    found: dict[str, Data] = dict(given)
    times = 0
    for each in route.attributes:
        if key_of(each.system_name) in known:
            continue
        found[each.system_name] = _sample(each, address, begin + timedelta(hours=times))
        times += each.type is AttributeType.DATE_TIME
    return found


def _sample(attribute: MessageAttribute, address: str, time: datetime) -> Data:
    match attribute.type:
        case AttributeType.TEXT:
            return attribute.name or attribute.system_name
        case AttributeType.NUMBER:
            return Decimal("1234.50")
        case AttributeType.DURATION:
            return "PT1H30M"
        case AttributeType.DATE_TIME:
            return time.isoformat()
        case AttributeType.BOOLEAN:
            return True
        case AttributeType.DOCUMENT:
            name = f"{attribute.system_name}.txt"
            return {"name": name, "text": f"A sample of {attribute.name or attribute.system_name}.\n"}
        case AttributeType.ACCOUNT:
            return {"address": address, "name": attribute.name or attribute.system_name}
