"""Where access tokens come from: the addresses known for a mail service, and what any such address has to be.

A token endpoint is told client secrets and refresh tokens, so it is https (RFC 6749 §3.2) and nothing else; on this
machine it may be http, where no wire is between.
"""

from __future__ import annotations

import re
from typing import Final

from eilbote.connections.host import is_loopback, read_host
from eilbote.connections.security import read_port
from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?:\?[^#]*)?"
)
_NOT_IN_A_URL: Final = re.compile(r"[^\x21-\x7e]|[\\<>\"^`{|}]")
_LONGEST: Final = 2000
_EXAMPLE: Final = "https://login.example.com/oauth2/token"


def check_token_url(url: str, *, field: str = "access_url") -> str:
    """Give the address of a token endpoint if it is one.

    Raises:
        SettingsError: It is no https address, or holds a user name, a fragment or characters no address has. Nothing of it is
            shown: a secret may have been pasted into it.
    """
    check_kind(url, (str,), field=field, fault=SettingsError)
    text = url.strip()
    if not text:
        raise SettingsError(
            "the address of the token endpoint is missing", field=field, remedy=f"Give it like {_EXAMPLE}"
        )
    if len(text) > _LONGEST:
        raise SettingsError(
            f"the address has more than {_LONGEST} characters", field=field, remedy=f"Give it like {_EXAMPLE}"
        )
    if match := _NOT_IN_A_URL.search(text):
        raise SettingsError(
            "an address has no such character",
            field=field,
            position=match.start(),
            remedy="Remove it; blanks and line breaks are often copied unseen",
        )
    if "#" in text:
        raise SettingsError(
            "the address of a token endpoint has no fragment ('#')",
            field=field,
            position=text.index("#"),
            cause="RFC 6749 §3.2 rules it out",
            remedy="Cut it off there",
        )
    found = _URL.fullmatch(text)
    if found is None:
        raise SettingsError("this is no absolute address", field=field, remedy=f"Give it like {_EXAMPLE}")
    host = _host(found["authority"], field=field)
    scheme = found["scheme"].lower()
    if scheme == "https" or (scheme == "http" and is_loopback(host)):
        return text
    raise SettingsError(
        "tokens are asked for over https only",
        field=field,
        position=0,
        cause="The client secret and the refresh token travel there",
        remedy=f"Give it like {_EXAMPLE}",
    )


def _host(authority: str, *, field: str) -> str:
    if "@" in authority:
        raise SettingsError(
            "the address of a token endpoint holds no user name and no password",
            field=field,
            remedy="Give them as clientId and clientSecret",
        )
    bracketed = authority.startswith("[")
    name, _, port = authority[1:].partition("]") if bracketed else authority.partition(":")
    try:
        host = read_host(f"[{name}]" if bracketed else name, field=field)
        if port.removeprefix(":"):
            read_port(port.removeprefix(":"), field=field)
    except SettingsError:
        raise SettingsError(
            "the address names no server", field=field, remedy=f"Give it like {_EXAMPLE}"
        ) from None
    return host
