"""Links in messages begin with an address that nobody but the administrator can say."""

from __future__ import annotations

import pytest

from eilbote.config.public_url import check_public_url
from eilbote.errors import SettingsError


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://eilbote.example.org",
        "https://example.org/eilbote/",
        "http://127.0.0.1:8025",
        "https://[2001:db8::7]:8443",
    ],
)
def test_an_address_that_links_can_begin_with(address: str) -> None:
    check_public_url(address)


@pytest.mark.parametrize(
    "address",
    [
        "eilbote.example.org",
        "ftp://example.org",
        "javascript:alert(1)//example.org",
        "https://",
        "https://user@example.org",
        "https://example.org?x=",
        "https://example.org#",
        "https://example.org:99999",
        "https://example.org:0",
        "https://example.org/a b",
        "https://example.org/\r\nBcc: eva@example.org",
        'https://example.org/"><script>',
        "https://exämple.org",
        "https://[::1",
    ],
)
def test_any_other_is_refused(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_public_url(address)
    assert caught.value.field == "public_url"
    assert caught.value.cause
    assert caught.value.remedy


@pytest.mark.parametrize(
    "address, cause, remedy",
    [
        ("example.com", "https:// has to stand in front", "Give https://example.com,"),
        ("localhost:8025", "https:// has to stand in front", "Give https://localhost:8025,"),
        ("example.com/mail", "https:// has to stand in front", "Give https://example.com/mail,"),
        ("anna:secret@example.com", "https:// has to stand in front", "such as https://eilbote.example.org"),
        ("ftp://example.org", "begin with https:// or http://", "such as"),
        ("https://", "names no host", "such as"),
        ("https://example.org:0", "port cannot be one", "such as"),
        ("https://user@example.org", "a user, a query or a fragment", "such as"),
        ("https://example.org/a b", "need to be escaped", "such as"),
    ],
)
def test_it_says_why_and_what_to_give(address: str, cause: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_public_url(address)
    assert cause in (caught.value.cause or "")
    assert remedy in (caught.value.remedy or "")
    assert "secret" not in str(caught.value)
