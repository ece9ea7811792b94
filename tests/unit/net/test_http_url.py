"""Which URLs may be asked for."""

from __future__ import annotations

import pytest

from eilbote.errors import SettingsError
from eilbote.net.http_url import check_port, read_url, shown_url


@pytest.mark.parametrize(
    "text, read",
    [
        ("https://oauth2.googleapis.com/token", "https://oauth2.googleapis.com/token"),
        (" https://Login.Example.COM:443/a?b=c ", "https://login.example.com/a?b=c"),
        ("https://login.example.com", "https://login.example.com/"),
        ("https://login.example.com:8443/token", "https://login.example.com:8443/token"),
        ("https://[2001:db8::1]/token", "https://[2001:db8::1]/token"),
        ("http://127.0.0.1:8080/token", "http://127.0.0.1:8080/token"),
        ("http://[::1]:8080/token", "http://[::1]:8080/token"),
        ("http://localhost/token", "http://localhost/token"),
        ("https://bücher.example/token", "https://xn--bcher-kva.example/token"),
    ],
)
def test_a_url_is_read_into_one_form(text: str, read: str) -> None:
    assert read_url(text) == read
    assert read_url(read) == read


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "names no host"),
        ("login.example.com/token", "names no host"),
        ("http://login.example.com/token", "shows everything"),
        ("http://127.0.0.1.example.com/token", "shows everything"),
        ("ftp://login.example.com/", "does not begin with https://"),
        ("file:///etc/passwd", "names no host"),
        ("https://user:secret-word@login.example.com/", "user name or a password"),
        ("https://user@login.example.com/", "user name or a password"),
        ("https://login.example.com/#token", "fragment"),
        ("https://login.example.com:0/", "port"),
        ("https://login.example.com:99999/", "port"),
        ("https://login.example.com:abc/", "port"),
        ("https://2130706433/", "is a number"),
        ("https://0x7f.1/", "is a number"),
        ("https://login.example.com/\r\nX: y", "blanks or characters"),
        ("https://login.example.com/a b", "blanks or characters"),
        ("https://login.example.com\\@other.example/", "blanks or characters"),
        ("https://[::1/", "cannot be read"),
        ("https://" + "a" * 3000, "longer than"),
        ("https://-/", "letters, digits"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_url(text, field="access_url")

    assert words in str(caught.value)
    assert caught.value.field == "access_url"
    assert caught.value.remedy
    assert "secret-word" not in str(caught.value)


# ── where no secrets go along ───────────────────────────────────────────────────────────────────────────────────


def test_plain_http_to_other_machines_is_allowed_to_whoever_says_so() -> None:
    assert read_url("http://Files.Example:80/a", plain=True) == "http://files.example/a"
    with pytest.raises(SettingsError):
        read_url("ftp://files.example/a", plain=True)


def test_a_url_has_a_largest_length() -> None:
    assert read_url("https://a.example/" + "a" * 3000, longest=8000)
    with pytest.raises(SettingsError, match="cannot be used"):
        read_url("https://a.example/" + "a" * 3000)


@pytest.mark.parametrize("scheme, port, allowed", [("https", None, True), ("http", None, True), ("https", 25, False), ("http", 443, True), ("https", 8443, False)])  # fmt: skip
def test_ports_are_those_of_the_web(scheme: str, port: int | None, allowed: bool) -> None:
    check_port(scheme, port, None, field="url")
    if allowed:
        check_port(scheme, port, frozenset({80, 443}), field="url")
        return
    with pytest.raises(SettingsError) as caught:
        check_port(scheme, port, frozenset({80, 443}), field="url")
    assert "may only go to 80, 443" in str(caught.value.cause)


@pytest.mark.parametrize(
    "url, shown",
    [
        ("https://a.example/b/c.pdf", "https://a.example/b/c.pdf"),
        ("https://a.example/b?sig=secret", "https://a.example/b?..."),
        ("https://a.example/b#secret", "https://a.example/b?..."),
        ("https://a.example?secret", "https://a.example?..."),
        ("https://user:secret@a.example/b", "https://a.example/b"),
        ("https://user:sec@ret@a.example/b", "https://a.example/b"),
        ("https://a.example/\x1b[31m", "https://a.example/\ufffd[31m"),
        ("data:text/plain,secret", "data:..."),
        ("javascript:secret", "javascript:..."),
        ("https:secret", "https:..."),
        ("https://a.example/" + "x" * 500, "https://a.example/" + "x" * 182 + "..."),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown
