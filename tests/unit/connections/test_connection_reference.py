"""The page about connections names every field, option, limit and timeout, with its default."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from eilbote.connections.connection import Connection
from eilbote.connections.fields import NAMES
from eilbote.connections.limits import Limits
from eilbote.connections.retry_policy import RetryPolicy
from eilbote.connections.uri import OPTIONS
from eilbote.model.timeouts import Timeouts

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "connection.md").read_text("utf-8")
CELLS = set(re.findall(r"`([^`\n]+)`", PAGE))


@pytest.mark.parametrize("name", sorted({item.name for item in fields(Connection)} - {"unused"}))
def test_it_names_every_setting(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", sorted({name for names in NAMES.values() for name in names}))
def test_it_names_every_field(name: str) -> None:
    assert name in CELLS


@pytest.mark.parametrize("name", ["starttls", *OPTIONS])
def test_it_names_every_option(name: str) -> None:
    assert name in CELLS


@pytest.mark.parametrize("noun", [Timeouts(), Limits(), RetryPolicy()], ids=["timeouts", "limits", "retry"])
def test_it_states_the_defaults(noun: Timeouts | Limits | RetryPolicy) -> None:
    for item in fields(noun):
        value = getattr(noun, item.name)
        shown = "none" if value is None else f"{value:.9g}"
        assert re.search(rf"^\| `{item.name}` \| {shown} \|", PAGE, re.MULTILINE), item.name
