"""What a request sends along: JSON (RFC 8259), a form, or a text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.request_query import RequestQuery
from eilbote.author.plain.rendered import Rendered
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.fields import Fields
    from eilbote.author.flow.step import Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_TEXT: Final = "text/plain; charset=utf-8"
_MOST_OCTETS: Final = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody:
    """The body of a request.

    Attributes:
        field: The node's field that says it; empty when there is none.
        said: What is sent.
    """

    field: str = ""
    said: Rendered | RequestQuery | Template | None = None

    def templates(self) -> Iterator[Template]:
        """Give every template in it."""
        match self.said:
            case None:
                return
            case Rendered() | RequestQuery():
                yield from self.said.templates()
            case template:
                yield template

    def made(self, scene: Scene) -> tuple[str, bytes]:
        """Give media type and octets; empty when there is no body.

        Raises:
            FlowError: It is too large, or holds half of a character.
            TemplateError: A template cannot be rendered.
        """
        match self.said:
            case None:
                return "", b""
            case RequestQuery():
                kind, text = _FORM, self.said.encoded(scene)
            case Rendered():
                kind, text = (
                    _JSON,
                    json_text(self.said.data(scene.values, locale=scene.locale, time_zone=scene.time_zone)),
                )
            case template:
                text = template.render(scene.values, locale=scene.locale, time_zone=scene.time_zone)
                kind = _TEXT
        try:
            octets = text.encode()
        except UnicodeEncodeError as fault:
            raise FlowError(
                "the body holds half of a character",
                field=self.field,
                position=fault.start,
                remedy="Mend where the value comes from",
            ) from fault
        if len(octets) > _MOST_OCTETS:
            raise FlowError(
                f"the body has {len(octets):,} octets",
                field=self.field,
                remedy=f"Send at most {_MOST_OCTETS:,} at a time",
            )
        return kind, octets


def read_body(given: Fields) -> RequestBody:
    """Take the fields ``json``, ``form`` and ``body``, of which one may be there.

    Raises:
        FlowError: There are two, or one cannot be used.
        TemplateError: A text is no template.
    """
    json_data, form, text = given.data("json"), given.data("form"), given.template("body")
    found = [
        name for name, value in (("json", json_data), ("form", form), ("body", text)) if value is not None
    ]
    if len(found) > 1:
        raise FlowError(
            f"there are two bodies: {' and '.join(found)}", field=found[1], remedy="Keep one of them"
        )
    if json_data is not None:
        return RequestBody(field="json", said=Rendered(json_data, field="json"))
    if form is not None:
        return RequestBody(field="form", said=RequestQuery(form, field="form"))
    return RequestBody(field="body", said=text) if text is not None else RequestBody()


def json_text(data: Data) -> str:
    """Write JSON; numbers keep every digit, which binary fractions would not."""
    match data:
        case Decimal():
            return str(data)
        case dict():
            members = (
                f"{json.dumps(name, ensure_ascii=False)}:{json_text(value)}" for name, value in data.items()
            )
            return f"{{{','.join(members)}}}"
        case list():
            return f"[{','.join(map(json_text, data))}]"
        case _:
            return json.dumps(data, ensure_ascii=False)
