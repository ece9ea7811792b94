"""Which passwords are taken."""

from __future__ import annotations

import pytest

from eilbote.accounts.password import LONGEST, one_form, read_new_password
from eilbote.errors import SettingsError


@pytest.mark.parametrize(
    "text",
    [
        "k7!fQz",
        "elevenchars",
        "passwordpassword",
        "Password123456!",
        "qwertyuiop123",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "anna@acme.example",
        "Anna@Acme.Example1",
        "admin1234567890",
        "eilbote123456",
        "letmeinletmein!",
        "x" * (LONGEST + 1),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_new_password(text, address="anna@acme.example")
    assert refused.value.field == "password"
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery staple",
        "vier Wörter ohne Sinn",
        "лошадь скрепка батарея",
        "k7!fQz0p-Xw2m",
        "the monkey eats 12 bananas",
        "\N{GRINNING FACE}" * 3 + "four faces and words",
    ],
)
def test_taken(text: str) -> None:
    assert read_new_password(text, address="anna@acme.example") == one_form(text)


def test_accents_are_the_same_from_every_keyboard() -> None:
    assert one_form("Pa\u0308ssword") == one_form("P\u00e4ssword")
