"""What systemd hears of a process: over a socket with a path, over one with an abstract name, and not at all."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eilbote.net.service_manager import ServiceManager


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@eilbote-{tmp_path.name}-{id(tmp_path)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        listening.settimeout(5)
        yield listening, name


def test_it_hears_ready_alive_and_stopping(manager: tuple[socket.socket, str]) -> None:
    listening, name = manager
    told = ServiceManager({"NOTIFY_SOCKET": name}, process=7)

    told.ready("Serving\nhttp://127.0.0.1:8025")
    told.alive()
    told.stopping("Finishing what is on its way")

    assert listening.recv(999) == b"READY=1\nSTATUS=Serving http://127.0.0.1:8025"
    assert listening.recv(999) == b"WATCHDOG=1"
    assert listening.recv(999) == b"STOPPING=1\nSTATUS=Finishing what is on its way"


@pytest.mark.parametrize(
    "variables,seconds",
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_often_it_wants_to_hear(variables: dict[str, str], seconds: float | None) -> None:
    told = ServiceManager({"NOTIFY_SOCKET": "/run/notify", **variables}, process=7)

    assert told.watchdog_seconds == seconds
    assert ServiceManager(variables, process=7).watchdog_seconds is None, "nobody listens"


def test_nobody_who_listens_is_no_fault(tmp_path: Path) -> None:
    ServiceManager({}, process=7).ready("")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}, process=7).alive()
