"""The HTTP Request node: asks a web server, and keeps what it answers.

What the author writes stays inside its part of the request: values in the address are encoded, a header field is one line, a
secret is named and never written. Whether and how the request is sent is the engine's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final, Self

from eilbote.author.flow.duration import read_seconds
from eilbote.author.flow.effect import HttpRequest
from eilbote.author.flow.fields import Fields
from eilbote.author.flow.request_body import RequestBody, read_body
from eilbote.author.flow.request_fields import RequestFields, read_request_fields
from eilbote.author.flow.request_query import RequestQuery
from eilbote.author.flow.result_target import read_result_target, result_puts
from eilbote.author.flow.step import Ask, Halt, Leave
from eilbote.author.flow.url_text import UrlText
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.shelf import Target
    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})
_SECONDS: Final = 30
_MOST_SECONDS: Final = 300
_FIRST_ERROR: Final = 400
_LAST_STATUS: Final = 599
_NEVER: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """Asks a web server.

    Attributes:
        method: Such as ``GET``.
        url: Of the resource.
        query: What is added to the URL.
        fields: Header fields.
        body: What is sent along.
        seconds: For everything.
        fails_from: The lowest status code that counts as an error.
        repeats: Whether it may be sent again when nobody knows whether it arrived.
        follows: Whether redirects are followed.
        target: Where the answer is kept; ``None`` keeps it nowhere.
        stops: Whether the run ends when there is an error.
    """

    kind: ClassVar[str] = "http_request"
    exits: ClassVar[tuple[str, ...]] = ("next",)

    method: str
    url: UrlText
    query: RequestQuery
    fields: RequestFields
    body: RequestBody
    seconds: int = _SECONDS
    fails_from: int = _FIRST_ERROR
    repeats: bool = False
    follows: bool = True
    target: Target | None = None
    stops: bool = False

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        body = read_body(given)
        method = _method(given, body)
        url = UrlText(given.text("url", required=True), field="url")
        node = cls(
            method=method,
            url=url,
            query=RequestQuery(given.data("query"), field="query"),
            fields=read_request_fields(given, url=url),
            body=body,
            seconds=_seconds(given),
            fails_from=_fails_from(given),
            repeats=given.choice("if_in_doubt", ("fail", "repeat"), otherwise="fail") == "repeat",
            follows=given.switch("follow_redirects", otherwise=True),
            target=read_result_target(given, example="answer"),
            stops=given.switch("stop_on_error"),
        )
        given.finish()
        return node

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield from self.url.templates()
        yield from self.query.templates()
        yield from self.fields.templates()
        yield from self.body.templates()

    def enter(self, scene: Scene) -> Move:
        """Ask for the request to be sent.

        Raises:
            FlowError: What the templates give cannot be sent.
        """
        headers = self.fields.made(scene)
        kind, octets = self.body.made(scene)
        if kind and not any(name.lower() == "content-type" for name, _ in headers):
            headers = (("Content-Type", kind), *headers)
        return Ask(
            effect=HttpRequest(
                method=self.method,
                url=self.query.added(self.url.text(scene), scene),
                headers=headers,
                body=octets,
                seconds=float(self.seconds),
                repeats=self.repeats,
                follows=self.follows,
            )
        )

    def resume(self, scene: Scene, outcome: Outcome) -> Move:
        """Keep the answer, with an error in it when there was one."""
        result: dict[str, Data] = {"status": None, **outcome.result}
        error = outcome.error
        if error is None:
            error = self._refusal(scene, result)
        if error is not None:
            result["error"] = dict(error)
        puts = result_puts(self.target, result)
        if error is not None and self.stops:
            return Halt(error=error, puts=puts)
        return Leave(puts=puts)

    def _refusal(self, scene: Scene, result: Mapping[str, Data]) -> dict[str, Data] | None:
        status = result["status"]
        if not isinstance(status, int) or status < self.fails_from:
            return None
        return {
            "code": "http_status",
            "message": f"the server answered {status} {result.get('reason') or ''}".rstrip(),
            "node": scene.node,
            "field": "fail_on_status",
            "cause": None,
            "remedy": "Look at the answer's body for the server's reason; fail_on_status says which answers are errors",
        }


def _method(given: Fields, body: RequestBody) -> str:
    method = given.text("method").strip().upper() or ("POST" if body.field else "GET")
    if method not in METHODS:
        raise FlowError(
            f"{method[:40]!r} is no method that can be used",
            field="method",
            remedy=f"Give {', '.join(METHODS)}",
        )
    if body.field and method in _WITHOUT_BODY:
        raise FlowError(
            f"a request with {method} has no body",
            field=body.field,
            cause="Servers do not read one, and some refuse it (RFC 9110 section 9.3.1)",
            remedy="Give the values under query, or choose POST",
        )
    return method


def _seconds(given: Fields) -> int:
    said = given.text("seconds").strip()
    seconds = read_seconds(said, field="seconds") if said else _SECONDS
    if seconds > _MOST_SECONDS:
        raise FlowError(
            "this is too long to wait for an answer",
            field="seconds",
            remedy=f"Give at most {_MOST_SECONDS}; ask again later for what takes longer",
        )
    return seconds


def _fails_from(given: Fields) -> int:
    said = given.data("fail_on_status")
    if said is None:
        return _FIRST_ERROR
    if said is False or (isinstance(said, str) and said.strip().lower() == "never"):
        return _NEVER
    if isinstance(said, str) and said.strip().isascii() and said.strip().isdecimal():
        said = int(said[:9])
    if isinstance(said, bool | Decimal) or not isinstance(said, int) or not 200 <= said <= _LAST_STATUS:  # noqa: PLR2004 - RFC 9110 section 15: below are no answers
        raise FlowError(
            "this is no status code",
            field="fail_on_status",
            remedy="Give the lowest one that counts as an error, from 200 to 599, or never",
        )
    return said
