"""What a form calls each field, and which fields it shows by what others hold: those of OAuth2 where somebody signs in with it, a host where no service is chosen.

It is advice for whoever draws a form. What a field means beside others is decided where connections are made, and refused there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from eilbote.settings.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """One condition.

    Attributes:
        field: Which other field decides.
        values: What it may hold; an empty text stands for nothing said.
    """

    field: str
    values: tuple[str, ...]


_OF_SMTP: Final = ShownWhen("protocol", ("", "smtp"))
_OWN_SERVER: Final = ShownWhen("service", ("",))
_ENCRYPTED: Final = ShownWhen("security", ("", "tls", "starttls"))
_BASIC: Final = ShownWhen("auth_type", ("", "basic"))
_SIGNS_IN: Final = ShownWhen("auth_type", ("", "basic", "oauth2"))
_OAUTH2: Final = ShownWhen("auth_type", ("oauth2",))
_OF_A_PERSON: Final = ShownWhen("grant", ("", "refresh_token"))
_OF_AN_APPLICATION: Final = ShownWhen("grant", ("", "refresh_token", "client_credentials"))
_OF_A_SERVICE: Final = ShownWhen("grant", ("service_account",))

SHOWN_WHEN: Final[Mapping[str, tuple[ShownWhen, ...]]] = {
    **dict.fromkeys(("uri", "host", "port", "security"), (_OWN_SERVER, _OF_SMTP)),
    **dict.fromkeys(("verify", "ca_file", "server_name", "minimum_version"), (_ENCRYPTED,)),
    **dict.fromkeys(("client_certificate", "client_key", "client_key_password"), (_ENCRYPTED,)),
    "allow_clear_authentication": (ShownWhen("security", ("none",)),),
    "user": (_SIGNS_IN,),
    "mechanism": (_SIGNS_IN, _OF_SMTP),
    **dict.fromkeys(("password", "domain"), (_BASIC,)),
    **dict.fromkeys(("access_url", "scope", "grant"), (_OAUTH2,)),
    **dict.fromkeys(("client_id", "client_secret", "tenant"), (_OAUTH2, _OF_AN_APPLICATION)),
    **dict.fromkeys(("refresh_token", "access_token", "expiry_date"), (_OAUTH2, _OF_A_PERSON)),
    **dict.fromkeys(("service_account", "issuer", "private_key", "key_id"), (_OAUTH2, _OF_A_SERVICE)),
    **dict.fromkeys(("ehlo_name", "verify_recipients", "chunking_window", "pipelining"), (_OF_SMTP,)),
}
"""Fields that are shown only while all of their conditions hold; every other one is always shown."""


def is_shown(field: str, said: Mapping[str, object]) -> bool:
    """Tell whether a form shows a field.

    Args:
        field: Which.
        said: What the form holds, by name.
    """
    return all(str(said.get(each.field) or "") in each.values for each in SHOWN_WHEN.get(field, ()))


def label_in(field: str, language: str) -> str:
    """Give what a form calls a field, in English where nobody has translated it."""
    return _labels().get(language, {}).get(field) or FIELDS[field].label


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    import tomllib
    from importlib.resources import files

    return tomllib.loads(files("eilbote.settings").joinpath("labels.toml").read_text("utf-8"))
