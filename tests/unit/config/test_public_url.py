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
    assert caught.value.remedy
