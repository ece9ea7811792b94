"""What can be set, within which bounds, and that the page for administrators says so."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from eilbote import Config, CourierSettings, RetentionSettings, Secret, SettingsError
from eilbote.config.config import GROUPS, EgressSettings, setting_names, variable_of
from eilbote.net.egress import EgressPolicy

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "configuration.md").read_text("utf-8")
MADE_FROM_OTHERS = {"data_dir", "database_url"}


def test_every_setting_has_a_name_and_a_variable() -> None:
    assert setting_names()[:11] == (
        "data_dir",
        "database_url",
        "busy_seconds",
        "largest_message",
        "public_url",
        "courier.lease_seconds",
        "courier.grace_seconds",
        "retention.days",
        "egress.allow",
        "egress.deny",
        "egress.ports",
    )
    assert {name.partition(".")[0] for name in setting_names()[11:]} == {
        *("server", "relay", "bounces", "mailbox", "oidc", "capture", "metrics", "suppression")
    }
    assert variable_of("courier.grace_seconds") == "EILBOTE_COURIER__GRACE_SECONDS"


@pytest.mark.parametrize(
    "field,make",
    [
        ("busy_seconds", lambda: config(busy_seconds=-1)),
        ("busy_seconds", lambda: config(busy_seconds=float("nan"))),
        ("largest_message", lambda: config(largest_message=9_999)),
        ("largest_message", lambda: config(largest_message=1 << 40)),
        ("courier.lease_seconds", lambda: CourierSettings(lease_seconds=0.5)),
        ("courier.grace_seconds", lambda: CourierSettings(grace_seconds=-1)),
        ("retention.days", lambda: RetentionSettings(days=0)),
    ],
)
def test_what_nothing_could_work_with_is_refused_with_its_bounds(field: str, make: object) -> None:
    assert callable(make)
    with pytest.raises(SettingsError) as told:
        make()

    assert told.value.field == field
    assert re.match(r"Give [\d.,]+ to [\d,]+ (seconds|octets|days)", told.value.remedy or "")


def test_the_secret_in_a_url_is_never_shown() -> None:
    assert "secret-word" not in repr(config(database_url=Secret("postgresql://eilbote:secret-word@db/x")))


@pytest.mark.parametrize("name", setting_names())
def test_the_page_names_every_setting_with_its_variable_and_default(name: str) -> None:
    found = re.search(rf"^\| `{re.escape(name)}` \| `{variable_of(name)}` \| (.*?) \|", PAGE, re.MULTILINE)

    assert found is not None
    if name not in MADE_FROM_OTHERS:
        value = default_of(name)
        if value is None or isinstance(value, str):
            assert found[1] == (value or "none")
        elif isinstance(value, bool):
            assert found[1] == str(value).lower()
        else:
            assert found[1] == (f"{value:,}" if isinstance(value, int) else f"{value:g}")


def test_networks_are_given_with_blanks_or_commas() -> None:
    policy = EgressSettings(allow="10.2.0.0/16, 2001:db8:7::/48", deny="192.0.2.1").policy

    assert policy.objection("10.2.3.4") is None
    assert policy.objection("10.3.3.4") == "private (RFC 1918)"
    assert EgressSettings().policy == EgressPolicy()


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(SettingsError) as told:
        EgressSettings(allow="10.2.0.0/16 10.2.3.4/16")

    assert (told.value.field, told.value.what) == ("egress.allow", "'10.2.3.4/16' is not a network")


def test_flows_may_ask_at_the_ports_of_the_web_and_at_those_that_are_named() -> None:
    assert EgressSettings().web_ports == {80, 443}
    assert EgressSettings(ports="8080, 8443").web_ports == {80, 443, 8080, 8443}


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8080-8090", "٨٠", "9" * 5000])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(SettingsError, match="is not a port") as told:
        EgressSettings(ports=f"8443 {port}")

    assert told.value.field == "egress.ports"


def default_of(name: str) -> float | str | None:
    group, _, inner = name.rpartition(".")
    of = GROUPS[group] if group else Config
    value = next(each.default for each in fields(of) if each.name == inner)
    assert value is None or isinstance(value, int | float | str)
    return value


def config(**settings: object) -> Config:
    given = {"data_dir": Path("/data"), "database_url": Secret("sqlite:////data/eilbote.db")} | settings
    return Config(**given)  # type: ignore[arg-type]
