"""What a catcher does wrong on purpose, so that a test sees how the sender takes it.

A fault waits at one stage of the dialogue and acts on whoever passes there: it refuses with a reply of the
test's choice, hangs up, or falls silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

_REPLY = re.compile(r"[2-5][0-9]{2} [\t\x20-\x7e]*")


class Stage(StrEnum):
    """Where in the dialogue a fault waits."""

    CONNECT = "connect"
    """Instead of the greeting."""
    EHLO = "ehlo"
    """At EHLO or HELO."""
    STARTTLS = "starttls"
    """At STARTTLS, before any handshake."""
    AUTH = "auth"
    """When the credentials are complete."""
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    """At DATA or the first BDAT, before any content."""
    CONTENT = "content"
    """After the final dot or BDAT LAST, when the content is complete."""


class Act(StrEnum):
    """What a fault does."""

    REFUSE = "refuse"
    HANG_UP = "hang_up"
    FALL_SILENT = "fall_silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; made by :func:`refuse`, :func:`hang_up` or :func:`fall_silent`.

    Attributes:
        stage: Where it waits.
        act: What it does there.
        reply: The reply it refuses with.
        only: Which addresses it concerns, as a pattern with ``*``; at MAIL the reverse-path, at RCPT the
            forward-path. Elsewhere every passer-by is concerned.
        times: How often it acts before things go right again; ``None`` for always.
    """

    stage: Stage
    act: Act
    reply: str = ""
    only: str = "*"
    times: int | None = None


def refuse(stage: Stage | str, reply: str, *, only: str = "*", times: int | None = None) -> Fault:
    """Refuse at a stage: ``refuse("rcpt", "550 5.1.1 No such user", only="max@*")``.

    Raises:
        ValueError: There is no such stage, or the reply is not a code from 200 to 599, a blank and a text.
    """
    if not _REPLY.fullmatch(reply):
        msg = f"{reply!r} is not a reply; write a code and a text, such as '550 5.1.1 No such user'"
        raise ValueError(msg)
    return Fault(stage=Stage(stage), act=Act.REFUSE, reply=reply, only=only, times=times)


def hang_up(stage: Stage | str, *, only: str = "*", times: int | None = None) -> Fault:
    """Break the connection at a stage without a word.

    At ``content`` the message is kept first: the sender cannot know whether it was taken (RFC 1047).

    Raises:
        ValueError: There is no such stage.
    """
    return Fault(stage=Stage(stage), act=Act.HANG_UP, only=only, times=times)


def fall_silent(stage: Stage | str, *, only: str = "*", times: int | None = None) -> Fault:
    """Leave the connection open at a stage and never answer again, for tests of deadlines.

    Raises:
        ValueError: There is no such stage.
    """
    return Fault(stage=Stage(stage), act=Act.FALL_SILENT, only=only, times=times)


class Faults:
    """The faults of one catcher, and how often each has still to act."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, list[int | None]]] = []

    def add(self, fault: Fault) -> None:
        """Set one more trap; the oldest that matches acts first."""
        self._waiting.append((fault, [fault.times]))

    def clear(self) -> None:
        """Let everything go right from now on."""
        self._waiting.clear()

    def strike(self, stage: Stage, address: str = "") -> Fault | None:
        """Give the fault that acts on this passer-by, and count it."""
        for fault, left in self._waiting:
            if fault.stage is not stage or left[0] == 0:
                continue
            if stage in (Stage.MAIL, Stage.RCPT) and not fnmatchcase(address.lower(), fault.only.lower()):
                continue
            if left[0] is not None:
                left[0] -= 1
            return fault
        return None
