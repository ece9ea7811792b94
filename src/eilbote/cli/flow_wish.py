"""What was asked of ``eilbote flow run``, and how it ends: the same whether the flow is run or only tried."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.printable import printable
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.engine.flow_view import FlowRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for.

    Attributes:
        flow: A file, or the name of a published flow.
        input: What ``--input`` said.
        sets: What each ``--set`` said.
        session: The conversation.
        organization: On whose behalf.
        run_id: The caller's own name for the run.
        version: Of the flow.
        waits: Whether to stay with it.
        captures: Whether it is only tried.
        answers: What people choose, when it is only tried.
        into: Where messages are written, when it is only tried.
    """

    flow: str
    input: str | None = None
    sets: tuple[str, ...] = ()
    session: str = ""
    organization: str = ""
    run_id: str | None = None
    version: int | None = None
    waits: bool = True
    captures: bool = False
    answers: tuple[str, ...] = ()
    into: Path | None = None


def conclude(run: FlowRun) -> None:
    """End with the exit code that tells how the run stands.

    Raises:
        typer.Exit: It has failed, or was called back.
    """
    if run.status in {"failed", "cancelled"}:
        raise typer.Exit(ExitCode.FAILED)


@contextmanager
def quiet_log(screen: Screen) -> Generator[None]:
    """Keep the log off the screen: what it says of this run is shown, and the rest is for whoever runs a courier.

    A file that was left out is told in the end, because nothing else shows why it was.
    """
    logger = logging.getLogger("eilbote")
    handler, propagates = _LeftOut(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = propagates
        logger.removeHandler(handler)
        for text in handler.texts:
            screen.note(printable(f"eilbote: a message goes without a file. {text}"))


class _LeftOut(logging.Handler):
    """Keeps what the log says of files that were left out, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields: Mapping[str, str] = getattr(record, "eilbote", {})
        if fields.get("notice") == NoticeKind.FILE_LEFT_OUT:
            self.texts.append(fields.get("text", ""))
