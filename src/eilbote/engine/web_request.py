"""Asks web servers what flows want asked, once for each visit of a node, and gives their answers as plain data.

Rules it keeps:

* Only the public Internet is asked unless the operator says more (:mod:`eilbote.net.egress`); so at every hop.
* A secret is read when the request is sent, goes to https servers only, and is struck out of whatever is said about it.
* A request that may act is never sent twice by itself: it carries an Idempotency-Key
  (draft-ietf-httpapi-idempotency-key-header), and when nobody knows whether it arrived, that is its outcome.
* An answer comes whole or is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote, urlsplit

from eilbote.author.flow.request_fields import check_value
from eilbote.author.flow.secret_reference import SecretReference
from eilbote.author.flow.step import Outcome
from eilbote.engine.flow_fault import told, told_as
from eilbote.engine.web_answer import answer_data
from eilbote.errors import DeliveryTimeoutError, DisconnectedError, EilboteError, SettingsError
from eilbote.model.redactor import Redactor
from eilbote.net.http import HttpDoor
from eilbote.net.http_follow import MOST_HOPS, Question, answered
from eilbote.net.http_url import is_this_machine, shown_url

if TYPE_CHECKING:
    from eilbote.author.flow.effect import HttpRequest
    from eilbote.model.data import Data
    from eilbote.model.secret import Secret
    from eilbote.net.egress import EgressPolicy

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that may be sent again (RFC 9110 §9.2.2)."""
_KEY: Final = "Idempotency-Key"
_IN_KEYS: Final = "/:@#"
_ARRIVED_PERHAPS: Final = frozenset({"request", "answer"})


class Secrets(Protocol):
    """Reads the secrets that an operator gives to flows."""

    def read(self, reference: SecretReference, *, organization: str) -> Secret:
        """Give a secret.

        Raises:
            SettingsError: There is none of that name, or not for this organization.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """On whose behalf a request is sent.

    Attributes:
        key: The name of the visit; under it the request acts once.
        organization: Whose flow it is; empty for the host's.
        again: Whether it may have been sent before.
    """

    key: str
    organization: str = ""
    again: bool = False


def request_door(egress: EgressPolicy, ports: frozenset[int] | None) -> HttpDoor:
    """Give the door for requests; time and size are those of each request.

    Args:
        egress: Which addresses may be connected to.
        ports: Which ports.
    """
    return HttpDoor(egress=egress, ports=ports, plain=True)


async def asked(request: HttpRequest, visit: Visit, *, door: HttpDoor, secrets: Secrets) -> Outcome:
    """Send a request and give what came of it; never raises for what the world does.

    Args:
        request: What is asked.
        visit: For whom.
        door: The way to the network, see :func:`request_door`.
        secrets: Where the secrets are that it names.
    """
    repeats = request.repeats or request.method in IDEMPOTENT
    if visit.again and not repeats:
        return Outcome(error=_in_doubt(request, "This program ended while it was on its way"))
    redactor = Redactor()
    try:
        headers, is_secret = _headers(request, visit, secrets, redactor)
        answer = await answered(
            replace(
                door,
                seconds=request.seconds,
                octets=request.most_octets,
                plain=door.plain and not is_secret,
            ),
            Question(url=request.url, method=request.method, headers=headers, body=request.body),
            hops=MOST_HOPS if request.follows else 0,
        )
        return Outcome(result=answer_data(answer, redactor))
    except (DeliveryTimeoutError, DisconnectedError) as fault:
        if fault.stage in _ARRIVED_PERHAPS and not repeats:
            return Outcome(error=_in_doubt(request, redactor.presentable(fault.cause or fault.what)))
        return Outcome(error=_told(fault, redactor))
    except EilboteError as fault:
        return Outcome(error=_told(fault, redactor))


def _headers(
    request: HttpRequest, visit: Visit, secrets: Secrets, redactor: Redactor
) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Give header fields with their secrets in them, and whether there are any."""
    headers: list[tuple[str, str]] = []
    is_secret = False
    for name, value in request.headers:
        text = value
        if isinstance(value, SecretReference):
            is_secret = True
            secret = secrets.read(value, organization=visit.organization).reveal()
            redactor.learn(secret)
            text = f"{value.before}{secret}"
        headers.append((name, check_value(str(text), field=f"headers.{name}")))
    if is_secret and not _is_protected(request.url):
        raise SettingsError(
            "a secret would go over the network in clear",
            field="url",
            cause="The address begins with http://",
            remedy="Write https://",
        )
    if request.method not in IDEMPOTENT and not any(name.lower() == _KEY.lower() for name, _ in headers):
        headers.append(
            (_KEY, f'"{quote(visit.key, safe=_IN_KEYS)}"')
        )  # a string (RFC 9651), as the draft has it
    return tuple(headers), is_secret


def _is_protected(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() == "https" or is_this_machine(parts.hostname or "")


def _told(fault: EilboteError, redactor: Redactor) -> dict[str, Data]:
    return {
        name: redactor.clean(value) if isinstance(value, str) else value
        for name, value in told(fault).items()
    }


def _in_doubt(request: HttpRequest, cause: str) -> dict[str, Data]:
    return told_as(
        "in_doubt",
        f"whether the request to {shown_url(request.url)} arrived is not known",
        field="url",
        cause=cause,
        remedy="Look at the server whether it acted. If it may act twice, or knows an Idempotency-Key, set if_in_doubt: repeat",
    )
