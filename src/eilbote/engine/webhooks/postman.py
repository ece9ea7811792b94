"""Brings one delivery to its receiver, once, and says what became of it; never raises for what the world does.

Rules it keeps:

* Only where the egress policy lets it: an organization's webhook reaches the public Internet and what the operator allows; the host's
  reaches the networks it stands in as well, but never the addresses at which clouds answer their guests.
* Redirects are not followed: a delivery is signed for the one who was named.
* One deadline over everything, and of the answer only its beginning is read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Final

from eilbote.engine.webhooks.signing import signed_fields
from eilbote.errors import DeliveryError, EilboteError
from eilbote.net.egress import EgressPolicy
from eilbote.net.http import HttpDoor

if TYPE_CHECKING:
    import httpx2

    from eilbote.model.moment import Moment
    from eilbote.record.webhook import HookDelivery, Webhook

SECONDS: Final = 10.0
"""For an attempt with the beginning of its answer."""
_MARGIN_SECONDS: Final = 2.0  # the door ends by itself in time; this is for what it does not foresee
LONGEST_ANSWER: Final = 2_000
_OCTETS_READ: Final = 8_192
_MOST_OCTETS: Final = (
    1 << 30
)  # how much a receiver says is no fault of a delivery; only its beginning is read
_EVERYWHERE: Final = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
_CLOUDS: Final = (
    IPv4Network("169.254.0.0/16"),
    IPv4Network("168.63.129.16/32"),
    IPv6Network("fe80::/10"),
    IPv6Network("fd00:ec2::/32"),
)
_SUCCESS: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_UNKEEPABLE: Final = {0: "\N{REPLACEMENT CHARACTER}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What became of an attempt.

    Attributes:
        status: What the receiver answered; 0 when it did not.
        answer: The beginning of its answer, or why there is none.
        seconds: How long it took.
        wish: For how many seconds the receiver asked to be left alone; 0 when it did not.
    """

    status: int
    answer: str
    seconds: float
    wish: float = 0.0

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status in _SUCCESS


class Postman:
    """Brings deliveries.

    Args:
        egress: Which addresses webhooks of organizations may go to.
        ports: At which ports; ``None`` allows any.
        seconds: For an attempt.
    """

    def __init__(
        self, egress: EgressPolicy, ports: frozenset[int] | None, *, seconds: float = SECONDS
    ) -> None:
        guarded = HttpDoor(egress=egress, ports=ports, seconds=seconds, octets=_MOST_OCTETS)
        inside = EgressPolicy(allow=_EVERYWHERE, deny=(*egress.deny, *_CLOUDS))
        self._organizations = guarded
        self._host = replace(guarded, egress=inside, ports=None)

    async def bring(self, webhook: Webhook, delivery: HookDelivery, *, now: Moment) -> Brought:
        """Make one attempt.

        Args:
            webhook: To whom.
            delivery: What.
            now: When, as it is signed.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        door = self._organizations if webhook.organization else self._host
        try:
            async with asyncio.timeout(door.seconds + _MARGIN_SECONDS):
                found = await _asked(door, webhook, delivery, now)
        except EilboteError as fault:
            found = Brought(status=0, answer=_reason(fault), seconds=0.0)
        except TimeoutError:
            found = Brought(
                status=0, answer=f"the receiver did not answer within {door.seconds:g} s", seconds=0.0
            )
        return replace(found, seconds=round(loop.time() - began, 3))


async def _asked(door: HttpDoor, webhook: Webhook, delivery: HookDelivery, now: Moment) -> Brought:
    headers = [("Content-Type", "application/json"), *signed_fields(webhook, delivery, now=now)]
    async with (
        door.client(field="url") as client,
        client.stream(
            "POST", webhook.url, headers=headers, content=delivery.body.encode("ascii")
        ) as response,
    ):
        status = response.status_code
        text = await _beginning(response)
        if status in _REDIRECTS:
            text = f"it leads elsewhere, which is not followed; give the address it leads to. {text}".strip()
        return Brought(status=status, answer=text[:LONGEST_ANSWER], seconds=0.0, wish=_wish(response))


async def _beginning(response: httpx2.Response) -> str:
    """Read the beginning of an answer; the rest, or its failure, changes nothing about the status."""
    found = bytearray()
    try:
        async for chunk in response.aiter_raw():
            found += chunk
            if len(found) >= _OCTETS_READ:
                break
    except DeliveryError as fault:
        if not found:
            return _reason(fault)
    return found[:_OCTETS_READ].decode("utf-8", "replace").translate(_UNKEEPABLE)


def _wish(response: httpx2.Response) -> float:
    """Read for how long to stay away (RFC 9110 section 10.2.3), where it is said in seconds."""
    text = response.headers.get("Retry-After", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0.0  # noqa: PLR2004 - thirty years


def _reason(fault: EilboteError) -> str:
    return str(fault)[:LONGEST_ANSWER]
