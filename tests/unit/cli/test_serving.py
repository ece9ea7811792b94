"""Where ``eilbote serve`` listens."""

from __future__ import annotations

import pytest

from eilbote.cli.faults import CommandLineError
from eilbote.cli.serving import read_listen


@pytest.mark.parametrize(
    "text, place",
    [
        ("127.0.0.1:8025", ("127.0.0.1", 8025)),
        ("localhost:0", ("127.0.0.1", 0)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),  # noqa: S104 - it is read, not listened on
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_an_address_with_a_port(text: str, place: tuple[str, int]) -> None:
    assert read_listen(text) == place


@pytest.mark.parametrize(
    "text",
    ["", "8025", ":8025", "127.0.0.1", "127.0.0.1:65536", "::1:80", "host.example:80", "127.0.0.1:８０"],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(CommandLineError) as caught:
        read_listen(text)
    assert caught.value.field == "listen"
    assert "127.0.0.1:8025" in (caught.value.remedy or "")
