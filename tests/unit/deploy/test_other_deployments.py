"""The unit of systemd and the container file: what they set exists, and what is safe stays so."""

import re
import tomllib
from pathlib import Path

from eilbote.config.config import GROUPS, Config, setting_names, variable_of

DEPLOY = Path(__file__).parents[3] / "deploy"
UNIT = (DEPLOY / "systemd" / "eilbote.service").read_text("utf-8")
CONTAINER = (DEPLOY / "container" / "Containerfile").read_text("utf-8")
COMPOSE = (DEPLOY / "container" / "compose.yaml").read_text("utf-8")
OTHERS = {"EILBOTE_CONFIG", "EILBOTE_SECRET_KEYS_FILE"}
SECRETS = {"EILBOTE_MAILBOX__PASSWORD_FILE", "EILBOTE_OIDC__CLIENT_SECRET_FILE"}


def test_every_variable_that_is_set_is_read() -> None:
    known = {variable_of(name) for name in setting_names()} | OTHERS | SECRETS

    assert set(re.findall(r"EILBOTE_[A-Z_]+", UNIT + CONTAINER + COMPOSE)) <= known


def test_the_unit_waits_longer_than_everything_that_may_finish() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    config = Config.__dataclass_fields__
    grace = config["courier"].default_factory().grace_seconds  # type: ignore[union-attr, misc]
    server = config["server"].default_factory()  # type: ignore[union-attr, misc]

    assert found is not None
    assert int(found[1]) > grace + server.grace_seconds + server.drain_seconds


def test_the_service_has_no_rights_it_does_not_need() -> None:
    for line in (
        "Type=notify",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
        "UMask=0077",
    ):
        assert f"\n{line}\n" in UNIT
    assert "USER 10001" in CONTAINER


def test_the_settings_file_is_one() -> None:
    said = tomllib.loads((DEPLOY / "systemd" / "eilbote.toml").read_text("utf-8"))
    names = {
        f"{name}.{inner}" if name in GROUPS else name
        for name, value in said.items()
        for inner in (value if isinstance(value, dict) else [name])
    }

    assert names <= set(setting_names())
