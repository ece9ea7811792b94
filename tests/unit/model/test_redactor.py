"""Texts without secrets."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.redactor import MAX_TEXT, Redactor
from eilbote.model.secret import Secret

PASSWORD = 'pässword "with" $igns & co'


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "echo",
    [
        PASSWORD,
        b64(PASSWORD),
        b64(PASSWORD).rstrip("="),
        b64(f"\0anna\0{PASSWORD}"),
        b64(f"x{PASSWORD}yz"),
        b64(f"xy{PASSWORD}z"),
        b64(f"xyz{PASSWORD}"),
        base64.urlsafe_b64encode(PASSWORD.encode()).decode(),
        quote(PASSWORD),
        quote(PASSWORD, safe=""),
        quote_plus(PASSWORD),
    ],
)
def test_a_secret_is_struck_out_in_every_form(echo: str) -> None:
    redactor = Redactor.for_credentials(Password(user="anna", password=Secret(PASSWORD)))
    told = redactor.clean(f"535 you said <{echo}>, wrong")
    core = b64(PASSWORD)[4:-8]
    for form in (PASSWORD, core, quote(PASSWORD), quote_plus(PASSWORD)):
        assert form not in told
    assert "***" in told
    assert told.startswith("535 you said <")
    assert told.endswith(">, wrong")


def test_a_token_is_struck_out() -> None:
    redactor = Redactor.for_credentials(AccessToken(user="anna", token=Secret("ya29.a0AfH6SMB")))
    assert redactor.clean("user=anna auth=Bearer ya29.a0AfH6SMB") == "user=anna auth=Bearer ***"


def test_nothing_to_hide() -> None:
    assert Redactor.for_credentials(Anonymous()).clean("text") == "text"
    assert Redactor.for_credentials(Password(user="a", password=Secret(""))).clean("text") == "text"


def test_a_short_secret_does_not_tear_texts_apart() -> None:
    redactor = Redactor(["a"])
    assert redactor.clean("a bad apple: a") == "*** bad apple: ***"


@pytest.mark.parametrize("text", ["\x1b[31mred", "bell\x07", "a\u202eb", "a\u200bb", "c1\x9b31m"])
def test_controls_and_direction_marks_are_made_visible(text: str) -> None:
    shown = Redactor().presentable(text)
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert shown.isprintable()


def test_lines_become_blanks() -> None:
    assert Redactor().presentable("one\ntwo\r\nthree") == "one two three"


def test_templates_and_markup_are_left_as_text() -> None:
    assert Redactor().presentable("<b>{{7*7}}</b>") == "<b>{{7*7}}</b>"


def test_a_megabyte_is_cut() -> None:
    assert len(Redactor().presentable("x" * 1_000_000)) == MAX_TEXT


def test_a_secret_at_the_cut_is_struck_out_first() -> None:
    text = "x" * (MAX_TEXT - 5) + "secret-word"
    assert "secr" not in Redactor(["secret-word"]).presentable(text)


@pytest.mark.parametrize(
    "echo",
    [
        PASSWORD.upper(),
        quote(PASSWORD, safe="").lower(),
        quote_plus(PASSWORD).lower(),
        PASSWORD[:12],
        PASSWORD[:-1],
        b64(PASSWORD)[:15],
    ],
)
def test_a_secret_in_another_case_or_cut_is_struck_out(echo: str) -> None:
    redactor = Redactor([PASSWORD])
    assert redactor.clean(f"535 you said '{echo}'") == "535 you said '***'"
    assert redactor.presentable(f"cut: {echo}") == "cut: ***"


def test_less_than_twelve_characters_are_left_as_they_may_be_anything() -> None:
    assert Redactor(["Hello world and more"]).clean("Hello world") == "Hello world"


def test_a_secret_learned_later_is_struck_out_beside_the_first() -> None:
    """A refreshed token becomes known while the session that shows it is open."""
    redactor = Redactor(["the-refresh-token"])
    redactor.learn("the-access-token", "", "the-access-token")

    assert redactor.clean("the-refresh-token the-access-token") == "*** ***"
    assert b64("the-access-token")[:-4] not in redactor.clean(b64("the-access-token"))


SPECIAL = 'pässword/of "the" host\\'


@pytest.mark.parametrize(
    "echo",
    [
        json.dumps({"error": SPECIAL}),
        json.dumps({"error": SPECIAL}, ensure_ascii=False),
        json.dumps({"error": SPECIAL}, ensure_ascii=False).replace("/", "\\/"),
        SPECIAL.encode().hex(),
        SPECIAL.encode().hex().upper(),
        base64.b64encode(f"my id:{quote_plus(SPECIAL)}".encode()).decode(),
        base64.b64encode(b"xy" + SPECIAL.encode("latin-1")).decode(),
        quote(SPECIAL.encode("latin-1")),
    ],
)
def test_a_secret_is_struck_out_as_other_programs_write_it(echo: str) -> None:
    """In JSON, in hexadecimal, as HTTP Basic has it, and by servers that know no UTF-8."""
    cleaned = Redactor([SPECIAL]).clean(f"500 {echo}")
    assert "***" in cleaned
    for piece in ("ssword", "host", "7373776f72", "c3N3b3Jk", "Nzd29yZ", "zc3dvcm"):
        assert piece not in cleaned


@pytest.mark.parametrize("width", [5, 11, 20, 30])
def test_a_secret_that_is_broken_across_lines_is_struck_out(width: int) -> None:
    """A server that repeats a long line does so in a reply of several."""
    token = "ya29.a0AfB_byDk3lw92nsLqPx71RtYvWz"
    sent = base64.b64encode(f"user=anna\x01auth=Bearer {token}\x01\x01".encode()).decode()
    for text in (token, sent):
        lines = [text[at : at + width] for at in range(0, len(text), width)]
        cleaned = Redactor([token]).presentable("line too long\r\n" + "\r\n".join(lines))
        assert "***" in cleaned
        assert not any(line in cleaned for line in lines[len(lines) // 2 : -1] if line)


def test_lines_of_their_own_stay_so() -> None:
    assert Redactor(["geheimnis"]).clean("one\ngeheimnis\ntwo") == "one\n***\ntwo"


def test_each_line_of_a_key_is_struck_out() -> None:
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
    key = f"-----BEGIN PRIVATE KEY-----\n{line}\nabcd\n-----END PRIVATE KEY-----\n"
    assert Redactor([key]).clean(f"bad line {line} in key") == "bad line *** in key"
