"""How the test of a connection is shown: a line for each step to people, one object to programs.

::

    ok      connect       12 ms   192.0.2.1
    ok      ehlo           9 ms   PIPELINING, SIZE 35882577, STARTTLS, AUTH PLAIN LOGIN
    failed  auth          81 ms
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import typer

from eilbote.cli.complaint import error_object
from eilbote.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.connections.connection import Connection
    from eilbote.engine.probe import Probe, ReachablePort, Step
    from eilbote.errors import EilboteError
    from eilbote.model.receipt import Receipt

_MARGIN = 30
_WIDEST = 120
_NARROWEST = 60


def step_lines(step: Step) -> Iterator[str]:
    """Show a step: how it went, its name, how long it took, and what was seen."""
    word, colour = _verdict(step)
    took = f"{step.seconds * 1000:,.0f} ms"
    head = f"{typer.style(f'{word:<6}', fg=colour)}  {step.name:<8}  {took:>9}"
    first, *rest = _folded(printable(step.seen))
    yield f"{head}   {first}".rstrip()
    for line in rest:
        yield " " * _MARGIN + line
    for warning in step.warnings:
        for number, line in enumerate(_folded(printable(warning))):
            yield " " * (_MARGIN - 2) + ("  " if number else "- ") + line


def reachable_lines(found: Probe) -> Iterator[str]:
    """Show where the same host would have answered; nothing when nobody looked, or nobody answered."""
    if found.reachable:
        yield ""
        yield f"{found.server.rpartition(':')[0]} answers at"
    for port in found.reachable:
        yield f"  port {port.port:<5}  security {port.security.value:<8}  {_announced(port)}".rstrip()
    if found.reachable:
        yield ""


def notes_of(found: Probe) -> tuple[str, ...]:
    """Give the warnings of all steps."""
    return tuple(warning for step in found.steps for warning in step.warnings)


def probe_data(
    found: Probe, connection: Connection, receipt: Receipt | None, error: EilboteError | None
) -> Mapping[str, object]:
    """Give everything as plain data; the keys are stable."""
    from eilbote.model.receipt_dict import receipt_dict

    return {
        "server": found.server,
        "protocol": connection.protocol.value,
        "ok": error is None and (receipt is None or receipt.ok),
        "steps": [
            {
                "name": step.name,
                "seconds": round(step.seconds, 6),
                "seen": step.seen,
                "ok": step.error is None,
                "warnings": list(step.warnings),
            }
            for step in found.steps
        ],
        "tls_version": found.tls_version,
        "extensions": list(found.extensions),
        "warnings": list(connection.warnings),
        "reachable": [
            {
                "port": port.port,
                "security": port.security.value,
                "seen": port.seen,
                "certificate_fault": port.certificate_fault or None,
            }
            for port in found.reachable
        ],
        "sent": None if receipt is None else receipt_dict(receipt, reveal_bcc=True),
        "error": None if error is None else error_object(error),
    }


def _folded(text: str) -> list[str]:
    """Fold a text for a terminal; into a pipe a step is one line."""
    if not sys.stdout.isatty():
        return [text]
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST) - _MARGIN
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _verdict(step: Step) -> tuple[str, str]:
    if step.error is not None:
        return "failed", typer.colors.RED
    if step.warnings:
        return "note", typer.colors.YELLOW
    return "ok", typer.colors.GREEN


def _announced(port: ReachablePort) -> str:
    if port.certificate_fault:
        return f"but {printable(port.certificate_fault)}"
    return printable(port.seen)
