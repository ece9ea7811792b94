"""How steps and ports of a test are shown to people."""

from __future__ import annotations

import re

from eilbote.cli.probe_view import notes_of, reachable_lines, step_lines
from eilbote.engine.probe import Probe, ReachablePort, Step
from eilbote.errors import ConnectError
from eilbote.model.tls import Security


def shown(step: Step) -> list[str]:
    return [re.sub(r"\x1b\[\d*m", "", line) for line in step_lines(step)]


def test_a_step_is_one_line_into_a_pipe() -> None:
    long = ", ".join(f"EXTENSION-{number}" for number in range(40))
    assert shown(Step(name="ehlo", seconds=0.0123, seen=long)) == [f"ok      ehlo          12 ms   {long}"]


def test_a_step_that_failed_and_one_with_warnings() -> None:
    assert shown(Step(name="connect", seconds=61, error=ConnectError("no"))) == [
        "failed  connect   61,000 ms"
    ]
    first, second = shown(Step(name="sender", seconds=0.5, seen="found", warnings=("no SPF.",)))
    assert first == "note    sender       500 ms   found"
    assert second.strip() == "- no SPF."


def test_what_servers_say_reaches_no_terminal_as_a_control() -> None:
    (line,) = shown(Step(name="greeting", seconds=0, seen="220 \x1b]0;evil\x07"))
    assert "\x1b" not in line
    assert "\x07" not in line


def test_ports_that_answer() -> None:
    found = Probe(
        server="[::1]:25",
        steps=(Step(name="connect", seconds=0, error=ConnectError("no"), warnings=("x.",)),),
        reachable=(
            ReachablePort(port=465, security=Security.TLS, seen="SIZE 1"),
            ReachablePort(port=587, security=Security.STARTTLS, seen="", certificate_fault="it has expired"),
        ),
    )
    lines = list(reachable_lines(found))
    assert lines[1:4] == [
        "[::1] answers at",
        "  port 465    security tls       SIZE 1",
        "  port 587    security starttls  but it has expired",
    ]
    assert notes_of(found) == ("x.",)
    assert list(reachable_lines(Probe(server="a:1", steps=found.steps))) == []
