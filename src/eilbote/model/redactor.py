"""Strikes secrets out of what people will read: everything that others said may echo what they were told."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.oauth2 import OAuth2, ProvidedToken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.model.credentials import Credentials

STRUCK_OUT = "***"
MAX_TEXT = 1024
_CORE_LEAST = 8  # shorter pieces of base64 are found in innocent texts
_HEAD = 12  # so many characters of a longer secret tell too much
_LINE_LEAST = 16  # of a key; its last line may be shorter, and tells less
_HEX_LEAST = 4
_LINE_END = re.compile(r"\r?\n")
_SHORT = 4  # a secret this short is struck out as a word of its own only
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class Redactor:
    """Strikes secrets out of texts: as they are, in base64 at any alignment, and percent-encoded.

    Upper and lower case are not told apart, and of a secret that was cut its beginning is enough.
    """

    __slots__ = ("_forms", "_heads", "_known", "_marks", "_pattern")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._heads: re.Pattern[str] | None = None
        self._forms: list[str] = []
        self._marks: tuple[str, ...] = ()
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Strike these out as well, from now on: a token that came later than the credentials it was had with."""
        forms: set[str] = set()
        for secret in secrets:
            if secret:
                forms |= _forms(secret)
        if forms <= self._known:
            return
        self._known |= forms
        # The longest first, so that no piece of a longer form survives the striking of a shorter one.
        ordered = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_as_pattern, ordered)), re.IGNORECASE)
        self._marks = tuple({form[:_HEAD].lower() for form in ordered})
        self._forms = [form for form in ordered if len(form) > _HEAD]
        heads = "|".join(sorted({re.escape(form[:_HEAD]) for form in self._forms}))
        self._heads = re.compile(heads, re.IGNORECASE) if heads else None

    @classmethod
    def for_credentials(cls, credentials: Credentials) -> Redactor:
        """Know the secrets of these credentials, and the forms in which AUTH sends them."""
        match credentials:
            case Anonymous():
                return cls()
            case Password(user=user, password=password):
                word = password.reveal()
                return cls([word, f"\0{user}\0{word}"] if word else [])
            case AccessToken(token=token):
                return cls([token.reveal()])
            case OAuth2():
                return cls([secret.reveal() for secret in credentials.secrets()])
            case ProvidedToken():
                return cls()  # The token that is used comes later, and is struck out as an AccessToken.

    def clean(self, text: str) -> str:
        """Give the text without the secrets; without its line ends where a secret was broken across them."""
        if self._pattern is None:
            return text
        if "\n" in text:
            joined = _LINE_END.sub("", text)
            if len(self._pattern.findall(joined)) > len(self._pattern.findall(text)):
                text = joined
        if text.isascii():
            # Nearly every text is innocent, and this tells it four times faster than the patterns do.
            small = text.lower()
            if not any(mark in small for mark in self._marks):
                return text
        return self._without_heads(self._pattern.sub(STRUCK_OUT, text))

    def _without_heads(self, text: str) -> str:
        """Strike out the beginnings of secrets that were cut."""
        if self._heads is None:
            return text
        kept: list[str] = []
        while (found := self._heads.search(text)) is not None:
            rest = text[found.start() :]
            kept += [text[: found.start()], STRUCK_OUT]
            text = rest[max(_HEAD, *(_common(rest, form) for form in self._forms)) :]
        return "".join([*kept, text])

    def presentable(self, text: str) -> str:
        """Give a server's text as it may be stored and shown: no secrets, no controls, 1,024 characters."""
        text = self.clean(text)
        if text.isprintable() and len(text) <= MAX_TEXT:
            return text
        return visible(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…")


def visible(text: str) -> str:
    """Replace line ends by a blank, and other controls and direction marks by U+FFFD."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", " ").replace("\n", " "))


def _forms(secret: str) -> set[str]:
    octets = secret.encode("utf-8", "surrogatepass")
    in_a_form = quote_plus(secret, errors="replace")
    forms = {
        secret,
        secret.strip(),
        quote(secret, safe="", errors="replace"),
        quote(secret, errors="replace"),
        in_a_form,
    }
    forms |= _written(secret) | _encoded(octets)
    if in_a_form != secret:  # what an application shows to a token endpoint is both (RFC 6749 §2.3.1)
        forms |= _encoded(in_a_form.encode())
    if len(octets) >= _HEX_LEAST:
        forms.add(octets.hex())
    if not secret.isascii():  # as a server says it that knows no UTF-8
        old = secret.encode("latin-1", "replace")
        forms |= {quote(old), quote_plus(old), *_encoded(old)}
    # The lines of a key one by one: not every text has all of them, or the same ends of lines.
    forms |= {line for line in secret.splitlines() if len(line) >= _LINE_LEAST and "-----" not in line}
    return {form for form in forms if form}


def _written(secret: str) -> set[str]:
    """Give a secret as it stands between the quotation marks of JSON (RFC 8259 §7), written by one or the other."""
    plain = json.dumps(secret, ensure_ascii=False)[1:-1]
    return {plain, json.dumps(secret)[1:-1], plain.replace("/", "\\/")}


def _encoded(octets: bytes) -> set[str]:
    forms = {base64.b64encode(octets).decode().rstrip("=")}
    forms.add(base64.urlsafe_b64encode(octets).decode().rstrip("="))
    # Inside the base64 of something longer the secret begins at one of three places in a group of four; the
    # characters that depend on the secret alone are the same wherever that is.
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + octets).decode().rstrip("=")
        whole_groups = (before + len(octets)) // 3 * 4
        core = encoded[(before * 8 + 5) // 6 : whole_groups]
        if len(core) >= _CORE_LEAST:
            forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms


def _common(text: str, form: str) -> int:
    """Count the characters with which both begin, in any case."""
    for at, (one, other) in enumerate(zip(text, form, strict=False)):
        if one.lower() != other.lower():
            return at
    return min(len(text), len(form))


def _as_pattern(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= _SHORT else rf"(?<!\w){escaped}(?!\w)"
