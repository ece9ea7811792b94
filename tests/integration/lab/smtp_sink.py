"""Postfix's smtp-sink(1): a server that takes anything very fast, or fails exactly where it is told to.

Its switches are its own: ``-q data`` hangs up after DATA, ``-f rcpt`` refuses every RCPT for good, ``-r .`` refuses the content for
now, ``-Q mail`` says 421 and hangs up, ``-w 5`` waits before answering DATA, ``-e`` knows no EHLO, ``-p`` no PIPELINING.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.process import PORTS, ServerProcess, listens, make_directory, require

_ARGUMENTS = re.compile(rb"^X-(Client-Proto|Helo-Args|Mail-Args|Rcpt-Args): ([^\n]*)\n", re.MULTILINE)
_BEFORE = re.compile(
    rb"\A(?:X-(?:Client-Addr|Client-Proto|Helo-Args|Mail-Args|Rcpt-Args): [^\n]*\n)*Received: [^\n]*\n(?:[ \t][^\n]*\n)*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One transaction as smtp-sink saw it: the arguments of its commands, as sent, and the content."""

    ehlo: str
    mail: str
    rcpt: tuple[str, ...]
    content: bytes


class SmtpSink:
    """One smtp-sink with the switches given. ``captured()`` tells what it took."""

    def __init__(self, *switches: str) -> None:
        program = require("smtp-sink")
        self.directory = make_directory("sink")
        self.directory.chmod(0o777)
        self.plain = Endpoint(port=PORTS.take())
        switches = ("-u", "nobody", "-4", *switches, "-d", f"{self.directory}/message.")
        self._process = ServerProcess(
            self.directory, [program, *switches, f"{self.plain.host}:{self.plain.port}", "256"]
        )
        self._process.wait_ready(lambda: listens(self.plain.port))

    def captured(self) -> list[Capture]:
        """Every transaction that was completed so far; it is on disk before smtp-sink answers the final dot."""
        return [_parse(path.read_bytes()) for path in sorted(self.directory.glob("message.*"))]

    def stop(self) -> None:
        """End it."""
        self._process.stop()


def _parse(octets: bytes) -> Capture:
    before = _BEFORE.match(octets)
    end = before.end() if before else 0
    arguments: dict[str, list[str]] = {}
    for name, value in _ARGUMENTS.findall(octets[:end]):
        arguments.setdefault(name.decode("ascii"), []).append(value.decode("utf-8"))
    return Capture(
        ehlo=arguments["Helo-Args"][0],
        mail=arguments["Mail-Args"][0],
        rcpt=tuple(arguments.get("Rcpt-Args", ())),
        # A dump ends with an empty line of smtp-sink's own.
        content=octets[end:].removesuffix(b"\n").replace(b"\n", b"\r\n"),
    )
