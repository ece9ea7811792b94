"""The pages on which people come in: forms without scripts, in the reader's language. No page repeats a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.accounts.password import LONGEST, SHORTEST
from eilbote.api.page_frame import framed, said
from eilbote.errors import (
    AddressError,
    ConflictError,
    OutboxUnavailableError,
    SignInError,
    ThrottledError,
)
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.api.page_frame import Page
    from eilbote.errors import EilboteError

_WORDS: Final = "account.toml"
_LONGEST_TEXT: Final = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a page asks.

    Attributes:
        name: ``start``, ``invitation``, ``recover``, ``ask`` or ``sign_in``: what its words begin with.
        fields: Which fields it has: ``address``, ``name``, ``password``, ``again``.
    """

    name: str
    fields: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a page leads.

    Attributes:
        words: What it says: a name in the file of words, or the words themselves.
        path: Whither, as seen from the page.
    """

    words: str
    path: str


START: Final = Form(name="start", fields=("address", "name", "password", "again"))
INVITATION: Final = Form(name="invitation", fields=("name", "password", "again"))
RECOVER: Final = Form(name="recover", fields=("password", "again"))
ASK: Final = Form(name="ask", fields=("address",))
SIGN_IN: Final = Form(name="sign_in", fields=("address", "password"))
_LINKS: Final = frozenset({"to_sign_in", "to_recover", "to_reference", "to_start"})
_SECRET: Final = frozenset({"password", "again"})
_OPTIONAL: Final = frozenset({"name"})
_TYPES: Final = {"address": "email", "password": "password", "again": "password"}
_AUTOCOMPLETE: Final = {
    "address": "username",
    "name": "name",
    "password": "new-password",
    "again": "new-password",
}


def form_page(
    form: Form,
    *,
    language: str,
    address: str = "",
    given: dict[str, str] | None = None,
    fault: str = "",
    links: Sequence[Link] = (),
) -> Page:
    """Give the page of a form.

    Args:
        form: What it asks.
        language: The reader's.
        address: Whom it is for.
        given: What somebody has written already; passwords are left out.
        fault: What is wrong with it, said in the reader's language.
        links: Where else somebody may want to go.
    """
    is_chosen = "again" in form.fields
    return framed(
        "account.html",
        Branding(),
        language=language,
        title=_say(language, f"{form.name}_title"),
        text=_say(language, f"{form.name}_text", address=address),
        fault=fault,
        button=_say(language, f"{form.name}_button"),
        hint=_say(language, "hint", shortest=SHORTEST) if is_chosen else "",
        fields=[_field(name, language, given or {}, is_chosen=is_chosen) for name in form.fields],
        links=_linked(links, language),
    )


def notice_page(name: str, *, language: str, links: Sequence[Link] = ()) -> Page:
    """Give a page that only says something: ``signed_in``, ``unknown``, ``stranger`` and so on."""
    return framed(
        "account.html",
        Branding(),
        language=language,
        title=_say(language, f"{name}_title"),
        text=_say(language, f"{name}_text"),
        fault="",
        button="",
        hint="",
        fields=[],
        links=_linked(links, language),
    )


def fault_of(error: EilboteError, *, language: str) -> str:
    """Say what is wrong with what somebody has written, in the reader's language."""
    match error:
        case ThrottledError():
            return _say(language, "fault_busy", seconds=max(1, round(error.retry_after)))
        case SignInError():
            return _say(language, "fault_sign_in")
        case OutboxUnavailableError():
            return _say(language, "fault_unavailable")
        case ConflictError():
            return _say(language, "fault_taken")
        case AddressError():
            return _say(language, "fault_address")
        case _ if error.field == "address":
            return _say(language, "fault_address")
        case _ if error.field == "name":
            return _say(language, "fault_name")
        case _:
            return _say(language, "fault_password", shortest=SHORTEST)


def differs(language: str) -> str:
    """Say that the two passwords are not the same."""
    return _say(language, "fault_again")


def _linked(links: Sequence[Link], language: str) -> list[dict[str, str]]:
    return [
        {"words": _say(language, each.words) if each.words in _LINKS else each.words, "path": each.path}
        for each in links
    ]


def _field(name: str, language: str, given: dict[str, str], *, is_chosen: bool) -> dict[str, object]:
    is_secret = name in _SECRET
    return {
        "name": name,
        "label": _say(language, name),
        "type": _TYPES.get(name, "text"),
        "value": "" if is_secret else given.get(name, "")[:_LONGEST_TEXT],
        "autocomplete": "current-password" if is_secret and not is_chosen else _AUTOCOMPLETE[name],
        "longest": LONGEST if is_secret else _LONGEST_TEXT,
        "needed": name not in _OPTIONAL,
    }


def _say(language: str, name: str, **values: object) -> str:
    return said(_WORDS, language, name).render(values, locale=language)
