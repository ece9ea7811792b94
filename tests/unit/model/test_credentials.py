"""Credentials never show what they hold, whatever they were given."""

from __future__ import annotations

from eilbote.model.credentials import AccessToken, Password
from eilbote.model.secret import Secret


def test_a_password_given_as_plain_text_is_hidden_at_once() -> None:
    credentials = Password(user="anna", password="tr0ub4dor")  # type: ignore[arg-type]
    assert "tr0ub4dor" not in repr(credentials)
    assert credentials.password == Secret("tr0ub4dor")


def test_a_token_given_as_plain_text_is_hidden_at_once() -> None:
    credentials = AccessToken(user="anna", token="ya29.secret")  # type: ignore[arg-type]
    assert "ya29" not in repr(credentials)
    assert credentials.token == Secret("ya29.secret")
