"""The web requests of service tasks: sent once for each element and iteration, or it is said that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.flow.effect import HttpRequest
from eilbote.author.flow.request_body import json_text
from eilbote.author.flow.secret_reference import SecretReference, read_reference
from eilbote.author.flow.url_text import UrlText
from eilbote.author.process.details import HttpDetails
from eilbote.author.process.instance import SERVICE_FAILED, DeedDone
from eilbote.engine.process.process_deeds import failed
from eilbote.engine.web_request import Visit, asked
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.instance import CallHttp
    from eilbote.engine.process.process_deeds import Asked, Performed
    from eilbote.engine.web_request import Secrets
    from eilbote.net.http import HttpDoor

_FIRST_ERROR = 400


class ProcessWeb:
    """Asks web servers for processes.

    Args:
        door: The way to the network, see :func:`~eilbote.engine.web_request.request_door`.
        secrets: Where the secrets are that requests name.
    """

    def __init__(self, *, door: HttpDoor, secrets: Secrets) -> None:
        self._door = door
        self._secrets = secrets

    async def perform(self, wanted: Asked, deed: CallHttp, /) -> Performed:
        """Send the request, unless it may have been sent before and must not be sent twice.

        Raises:
            FlowError: A header field or the body cannot be sent.
        """
        request = _request(wanted, deed.details)
        visit = Visit(key=wanted.name, organization=wanted.kept.organization, again=wanted.again)
        outcome = await asked(request, visit, door=self._door, secrets=self._secrets)
        if outcome.error is not None:
            said = {name: value for name, value in outcome.error.items() if name != "node"}
            is_in_doubt = said.get("code") == "in_doubt"
            error = said if is_in_doubt else {**said, "code": SERVICE_FAILED}
            return DeedDone(
                result=outcome.result, error=error, catchable=not is_in_doubt, in_doubt=is_in_doubt
            )
        status = outcome.result.get("status")
        if isinstance(status, int) and status >= _FIRST_ERROR:
            return failed(
                SERVICE_FAILED,
                f"the server answered {status} {outcome.result.get('reason') or ''}".rstrip(),
                field="http",
                remedy="Look at the answer's body for the server's reason",
                result=outcome.result,
                catchable=True,
            )
        return DeedDone(result=outcome.result)


def _request(wanted: Asked, details: HttpDetails) -> HttpRequest:
    headers = list(_headers(wanted, details))
    body = b""
    if details.body is not None:
        body = json_text(details.body).encode()
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.insert(0, ("Content-Type", "application/json"))
    return HttpRequest(
        method=details.method.upper(),
        url=details.url,
        headers=tuple(headers),
        body=body,
        seconds=details.seconds,
    )


def _headers(wanted: Asked, details: HttpDetails) -> Iterator[tuple[str, str | SecretReference]]:
    for name, value in details.headers.items():
        if isinstance(value, dict):
            _must_name_host(wanted, name)
            yield name, read_reference(value, field=f"http.headers.{name}")
        elif value is not None and str(value).strip(" \t"):
            yield name, str(value).strip(" \t")


def _must_name_host(wanted: Asked, header: str) -> None:
    """Refuse to take a secret wherever a value says."""
    written = wanted.definition.details.get(wanted.wanted.element)
    if not (isinstance(written, HttpDetails) and UrlText(written.url, field="http.url").names_host):
        raise FlowError(
            "a secret would go wherever a value says",
            field="http.url",
            cause=f"http.headers.{header} names a secret, and the address does not name the host",
            remedy="Write scheme and host into the address",
        )
