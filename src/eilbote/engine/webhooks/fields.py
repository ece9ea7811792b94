"""Reads what somebody says about a webhook, and refuses what cannot be. Pure."""

from __future__ import annotations

import re
from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eilbote.author.notification.catalogue import known_events
from eilbote.engine.webhooks.hook_events import KINDS, NOTIFICATION
from eilbote.errors import NotFoundError, SettingsError
from eilbote.net.http_url import check_port, read_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.net.egress import EgressPolicy

_PATTERN: Final = re.compile(r"(?:[a-z0-9_-]+\.)*(?:[a-z0-9_-]+|\*)")
_LONGEST_PATTERN: Final = 120
_MOST_PATTERNS: Final = 50
_LONGEST_TEXT: Final = 500
_SLIP: Final = 0.9
"""How much alike two names are of which one was meant to be the other."""
_ALIKE: Final = 0.6
_GROUPS: Final = "message.*", "connection.*", "suppression.*", "notification.*"


def read_events(given: Sequence[str]) -> tuple[str, ...]:
    """Read which kinds of events a webhook wants.

    Raises:
        SettingsError: There is none, there are too many, or one cannot be a kind, or is none that is ever told; tells the nearest.
    """
    found = tuple(dict.fromkeys(each.strip().lower() for each in given))
    if not 0 < len(found) <= _MOST_PATTERNS:
        raise SettingsError(
            "nothing would be told" if not found else f"there are {len(found)} kinds of events",
            field="events",
            remedy=f"Give 1 to {_MOST_PATTERNS} kinds, such as message.accepted, or message.* for all of messages",
        )
    for number, given_one in enumerate(given):
        each, field = given_one.strip().lower(), f"events[{number}]"
        if len(each) > _LONGEST_PATTERN or _PATTERN.fullmatch(each) is None:
            raise SettingsError(
                f"{each[:60]!r} cannot be a kind of events",
                field=field,
                remedy="Give a dotted name, with * in place of its last part if it is to stand for anything: message.*",
            )
        _check_told(each, field)
    return found


def _check_told(wanted: str, field: str) -> None:
    """Refuse a kind that is never told. Behind ``notification.`` any name may be, for people raise events of their own.

    There a name is refused that is nearly one of ours: it is a slip far more often than an event of somebody's own.
    """
    known = (*KINDS, *(NOTIFICATION + each.kind for each in known_events()))
    stem = wanted.removesuffix("*")
    if wanted in known or (stem != wanted and any(each.startswith(stem) for each in known)):
        return
    is_own = wanted.startswith(NOTIFICATION)
    groups = {f"{each.rpartition('.')[0]}.*" for each in known}
    near = get_close_matches(wanted, sorted({*known, *groups}), n=3, cutoff=_SLIP if is_own else _ALIKE)
    if is_own and not near:
        return
    if NOTIFICATION + wanted in known:
        near = [NOTIFICATION + wanted]
    raise SettingsError(
        f"there are no events of the kind {wanted!r}",
        field=field,
        cause="The webhook would never be told anything",
        remedy=f"The nearest: {', '.join(near)}" if near else f"There are {', '.join(_GROUPS)}",
    )


def read_hook_url(
    text: str, *, organization: str, egress: EgressPolicy, ports: frozenset[int] | None = None
) -> str:
    """Read where to deliver to.

    Args:
        text: The address.
        organization: Whose webhook it is; empty for the host's.
        egress: Which addresses organizations may reach. Names are looked up at each attempt.
        ports: At which ports; ``None`` allows any.

    Raises:
        SettingsError: It is no address for a webhook.
    """
    url = read_url(text, field="url")
    parts = urlsplit(url)
    host = parts.hostname or ""
    if organization:
        check_port(parts.scheme, parts.port, ports, field="url")
        try:
            address = ip_address(host)
        except ValueError:
            return url
        if (objection := egress.objection(str(address))) is not None:
            raise SettingsError(
                "webhooks of organizations may not go there",
                field="url",
                cause=f"{host} is {objection}",
                remedy="Give an address on the public Internet, or ask the operator to allow it by egress.allow",
            )
    return url


def read_description(text: str) -> str:
    """Read what people call a webhook.

    Raises:
        SettingsError: It is too long, or holds characters that no database keeps.
    """
    found = text.strip()
    if len(found) > _LONGEST_TEXT or any(not each.isprintable() for each in found):
        raise SettingsError(
            "this cannot be a description",
            field="description",
            remedy=f"Give one line of at most {_LONGEST_TEXT} characters",
        )
    return found


def is_id(text: str) -> bool:
    """Tell whether something can be the id of a webhook or a delivery; what cannot is looked for nowhere."""
    return text.isascii() and text.replace("_", "").isalnum()


def unknown_webhook(id_: str) -> NotFoundError:
    """Say that there is no such webhook, or that it is somebody else's."""
    return NotFoundError(
        f"there is no webhook {id_[:60]!r}", field="id", remedy="`eilbote webhook list` tells which there are"
    )


def unknown_delivery(id_: str) -> NotFoundError:
    """Say that there is no such delivery to a webhook, or no longer."""
    return NotFoundError(
        f"there is no delivery {id_[:60]!r} to this webhook",
        field="delivery",
        remedy="`eilbote webhook deliveries ID` tells which there are; old ones are forgotten",
    )


def read_everywhere(wanted: bool, organization: str) -> bool:  # noqa: FBT001 - it is the value itself
    """Read whether a webhook hears of all organizations.

    Raises:
        SettingsError: It belongs to one of them.
    """
    if wanted and organization:
        raise SettingsError(
            "an organization hears of itself alone",
            field="everywhere",
            remedy="Leave it out; only webhooks of the host hear of all organizations",
        )
    return wanted
