"""Which passwords are taken: long ones that nobody would try first (NIST SP 800-63B section 5.1.1.2). No rules about kinds of characters."""

from __future__ import annotations

import unicodedata
from typing import Final

from eilbote.errors import SettingsError

SHORTEST: Final = 12
LONGEST: Final = 256
"""So much nobody types; what is longer only keeps the machine busy."""
_FEWEST_KINDS: Final = 5
_PARTS: Final = (
    *("password", "passwort", "passw0rd", "p@ssw0rd", "kennwort", "qwerty", "qwertz", "asdf", "zxcv", "yxcv", "йцукен", "пароль"),
    *("letmein", "welcome", "willkommen", "administrator", "admin", "iloveyou", "monkey", "dragon", "football", "baseball"),
    *("sunshine", "princess", "master", "superman", "batman", "trustno", "changeme", "secret", "geheim", "hallo", "schatz"),
    *("fussball", "starwars", "whatever", "computer", "internet", "michael", "ashley", "login", "default", "temp", "test"),
    *("1q2w3e", "q1w2e3", "1qaz", "2wsx", "3edc", "4rfv", "abc", "eilbote", "привет", "любовь", "the", "my", "is", "ist"),
)  # fmt: skip
"""What the passwords that leak most often are made of; a password of nothing but these and digits is none."""
_RUNS: Final = (
    "0123456789012",
    "9876543210987",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
_FILLER: Final = "0123456789!?.,-_*#@$&+ "


def read_new_password(text: str, *, address: str = "", field: str = "password") -> str:
    """Read a password that somebody wants to have; gives it in the one form in which it is kept.

    Args:
        text: What they have typed.
        address: Their own address, which it must not be.
        field: What an error names. The error never repeats the password.

    Raises:
        SettingsError: It is too short, too long, or among the first that anybody would try.
    """
    password = one_form(text)
    if len(password) < SHORTEST:
        raise SettingsError(
            "the password is too short",
            field=field,
            remedy=f"Give at least {SHORTEST} characters, such as four words that have nothing to do with one another",
        )
    if len(password) > LONGEST:
        raise SettingsError(
            "the password is too long", field=field, remedy=f"Give at most {LONGEST} characters"
        )
    if _is_guessed(password.casefold(), address.casefold()):
        raise SettingsError(
            "the password is among the first that anybody would try",
            field=field,
            remedy="Give another one: not the address, no keys beside one another, nothing that repeats",
        )
    return password


def one_form(text: str) -> str:
    """Give the one form of a password, however a keyboard writes its accents (RFC 8265 section 4.2: NFC)."""
    return unicodedata.normalize("NFC", text)


def _is_guessed(password: str, address: str) -> bool:
    own, _, domain = address.partition("@")
    if address and password.strip(_FILLER) in {address, own, domain, own + domain}:
        return True
    if len(set(password)) < _FEWEST_KINDS or _repeats(password):
        return True
    left = password
    for run in _RUNS:
        for size in range(len(run), 3, -1):
            for at in range(len(run) - size + 1):
                left = left.replace(run[at : at + size], "")
    words = {each for each in (own, *domain.split(".")) if len(each) > 2}  # noqa: PLR2004 - shorter ones stand everywhere
    for part in sorted((*_PARTS, *words), key=len, reverse=True):
        left = left.replace(part, "")
    return not left.strip(_FILLER)


def _repeats(password: str) -> bool:
    """Tell whether it is a short piece again and again."""
    return any(
        (password[:size] * (len(password) // size + 1))[: len(password)] == password
        for size in range(1, len(password) // 3 + 1)
    )
