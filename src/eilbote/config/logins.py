"""Keeps to one way of signing in where both are at hand, as in a mounted secret that holds the keys of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.config.vendor_names import Login
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.fields import FIELDS
from eilbote.settings.values import Said, read_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.config.findings import Finding

_LOGINS = {"basic": Login.BASIC, "oauth2": Login.OAUTH2}


def of_one_login(found: Sequence[Finding], *, selector_name: str, notes: list[str]) -> list[Finding]:
    """Leave out what belongs to the other way of signing in.

    Args:
        found: Everything there is, the nearest first.
        selector_name: What selects one of the two, for errors.
        notes: Takes what is not used.

    Raises:
        ConfigurationError: Both are there and none is selected, or the selection is no word for either.
    """
    selector = next((each for each in found if each.field == "auth_type"), None)
    if selector is None:
        _refuse_both(found, selector_name)
        return list(found)
    word = read_finding(selector).plain["auth_type"]
    heard = {Login.NONE, _LOGINS.get(str(word), Login.NONE)}
    notes += (
        f"{each.place} is not used: {selector.place} is {word}." for each in found if each.login not in heard
    )
    return [each for each in found if each.login in heard]


def read_finding(finding: Finding) -> Said:
    """Read one value.

    Raises:
        ConfigurationError: It cannot be used; ``field`` is where it stands.
    """
    value = finding.value
    if isinstance(value, Secret) and not FIELDS[finding.field].is_secret:
        value = value.reveal()
    try:
        return read_values({finding.field: value})
    except ConfigurationError as fault:
        fault.field = finding.place
        raise


def _refuse_both(found: Sequence[Finding], selector_name: str) -> None:
    basic = next((each.place for each in found if each.login is Login.BASIC), None)
    oauth2 = next((each.place for each in found if each.login is Login.OAUTH2), None)
    if basic and oauth2:
        raise SettingsError(
            "there are a password and OAuth2 credentials, and nothing says which to use",
            field=selector_name,
            cause=f"{basic} belongs to the one, {oauth2} to the other",
            remedy=f"Set {selector_name} to basic or oauth2, or remove one of them",
        )
