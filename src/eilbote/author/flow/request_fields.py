"""Header fields of a request as authors write them (RFC 9110 §5): names that a request may set, values of one line, secrets by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.mail_texts import text_of
from eilbote.author.flow.secret_reference import PREFIX, SecretReference, read_reference
from eilbote.errors import FlowError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.fields import Fields
    from eilbote.author.flow.step import Scene
    from eilbote.author.flow.url_text import UrlText
    from eilbote.model.data import Data

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_NOT_IN_VALUES: Final = re.compile(r"[^\t -~]")
_LONGEST_VALUE: Final = 8000
_MOST: Final = 50
# What frames the message or steers the connection is ours to write: two writers of it would disagree.
_OURS: Final = frozenset(
    (
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    )
)
_SECRET: Final = re.compile(
    r"authorization|cookie|.*(?:api-?key|token|secret|password|credential).*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RequestFields:
    """The header fields of a request.

    Attributes:
        said: Names with values.
    """

    said: tuple[tuple[str, Template | SecretReference], ...] = ()

    def templates(self) -> Iterator[Template]:
        """Give every template in it."""
        yield from (value for _, value in self.said if isinstance(value, Template))

    def made(self, scene: Scene) -> tuple[tuple[str, str | SecretReference], ...]:
        """Give them with the values of a visit; what is empty is left out.

        Raises:
            FlowError: A value cannot stand in a header field.
            TemplateError: A template cannot be rendered.
        """
        made: list[tuple[str, str | SecretReference]] = []
        for name, value in self.said:
            if isinstance(value, SecretReference):
                made.append((name, value))
            elif text := check_value(text_of(value, scene).strip(" \t"), field=f"headers.{name}"):
                made.append((name, text))
        return tuple(made)


def read_request_fields(given: Fields, *, url: UrlText) -> RequestFields:
    """Take the field ``headers``.

    Args:
        given: The node's fields.
        url: Where they go: a secret goes only where the flow's text says.

    Raises:
        FlowError: A name is not allowed or said twice, or a secret stands in the text or goes anywhere.
        TemplateError: A value is no template.
    """
    said = given.data("headers")
    if said is None:
        return RequestFields()
    if not isinstance(said, dict) or len(said) > _MOST:
        raise FlowError(
            "these are no header fields", field="headers", remedy='Give a table such as {Accept: "text/csv"}'
        )
    seen: set[str] = set()
    found: list[tuple[str, Template | SecretReference]] = []
    for name, value in said.items():
        field = f"headers.{name[:100]}"
        _check_name(name, seen, field)
        found.append((name, _read(name, value, field)))
        if isinstance(found[-1][1], SecretReference) and not url.names_host:
            raise FlowError(
                "a secret would go wherever a value says",
                field="url",
                cause=f"{field} names a secret, and the address does not name the host",
                remedy="Write scheme and host into the address",
            )
    return RequestFields(tuple(found))


def check_value(text: str, *, field: str) -> str:
    """Refuse what cannot stand in a header field: line breaks, which begin another one, and all but printable ASCII.

    Raises:
        FlowError: ``position`` tells where; the value itself is not told, because it may be a secret.
    """
    found = _NOT_IN_VALUES.search(text)
    if found is not None or len(text) > _LONGEST_VALUE:
        raise FlowError(
            "this cannot stand in a header field",
            field=field,
            position=None if found is None else found.start(),
            cause=f"it has more than {_LONGEST_VALUE:,} characters"
            if found is None
            else f"the character U+{ord(found[0]):04X} is in it",
            remedy="Give one line of printable ASCII; encode other characters as the server wants them",
        )
    return text


def _check_name(name: str, seen: set[str], field: str) -> None:
    lowered = name.lower()
    if not _NAME.fullmatch(name):
        raise FlowError(
            "this is no name of a header field",
            field=field,
            remedy="Give letters, digits and hyphens, such as X-Request-Id",
        )
    if lowered in _OURS:
        raise FlowError(
            f"{name} is written by eilbote itself",
            field=field,
            remedy="Leave it out",
        )
    if lowered in seen:
        raise FlowError(f"{name} is said twice", field=field, remedy="Keep one of them")
    seen.add(lowered)


def _read(name: str, value: Data, field: str) -> Template | SecretReference:
    if isinstance(value, dict):
        return read_reference(value, field=field)
    if isinstance(value, list) or value is None:
        raise FlowError("this is no value of a header field", field=field, remedy="Give a text, in quotes")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "{{" not in text:
        if _SECRET.fullmatch(name):
            raise FlowError(
                "a secret stands in the flow's text",
                field=field,
                cause="Whoever can read the flow, a copy of it or its history can read the secret",
                remedy=f'Name it instead: {{env: {PREFIX}CRM, before: "Bearer "}}, or {{file: crm-token}}',
            )
        check_value(text, field=field)
    return Template(text, field=field)
