"""Reads back what a server stored, as the octets that the client sent.

A server adds trace fields before a message (RFC 5321 section 4.4) and stores lines with LF; both are undone here and nothing
else is, so that the result may be compared octet by octet with what was composed.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.integration.lab.process import POLL_SECONDS

DELIVERY_SECONDS = 20.0

# A trace field with its folded lines, and the addressee that the server names in one of them.
_TRACE = re.compile(
    rb"(?i:return-path|delivered-to|x-original-to|envelope-to|delivery-date|received):[^\n]*\n(?:[ \t][^\n]*\n)*"
)
_ADDRESSEE = re.compile(rb"^(?i:x-original-to|delivered-to|envelope-to): *([^\n]*)\n", re.MULTILINE)


class NotReceivedError(AssertionError):
    """Fewer messages arrived than a test waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message as the server stored it: what it put before it, and what the client sent."""

    recipient: str
    trace: bytes
    content: bytes


def parse_stored(octets: bytes) -> StoredMessage:
    """Take a stored file apart into trace fields and content."""
    octets = octets.replace(b"\r\n", b"\n")
    end = 0
    while field := _TRACE.match(octets, end):
        end = field.end()
    trace, content = octets[:end], octets[end:]
    addressees = _ADDRESSEE.findall(trace)
    return StoredMessage(
        # The last one is the oldest: the address as the client gave it.
        recipient=addressees[-1].decode("utf-8").strip("<>") if addressees else "",
        trace=trace,
        content=content.replace(b"\n", b"\r\n"),
    )


class Maildir:
    """One maildir to which a server delivers for every recipient of its domain."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._seen: dict[str, StoredMessage] = {}

    def received(self, recipient: str, *, at_least: int = 1, within: float = DELIVERY_SECONDS) -> list[bytes]:
        """What arrived for a recipient, each message as the octets that were sent.

        Waits until ``at_least`` messages are there; raises NotReceivedError when they are not ``within`` so many seconds.
        """
        return [message.content for message in self.stored(recipient, at_least=at_least, within=within)]

    def stored(
        self, recipient: str, *, at_least: int = 1, within: float = DELIVERY_SECONDS
    ) -> list[StoredMessage]:
        """The same, with the trace fields that the server added (its Received field names the protocol used)."""
        deadline = time.monotonic() + within
        while True:
            self._look()
            messages = [message for message in self._seen.values() if message.recipient == recipient]
            if len(messages) >= at_least:
                return messages
            if time.monotonic() > deadline:
                others = sorted({message.recipient for message in self._seen.values()})
                reason = f"{len(messages)} of {at_least} messages for {recipient} in {within} s; there are messages for {others}"
                raise NotReceivedError(reason)
            time.sleep(POLL_SECONDS)  # noqa: TID251 - another process delivers, by a clock that nobody turns

    def _look(self) -> None:
        # A file appears in new/ only when it is complete: that is the point of a maildir.
        new = self.directory / "new"
        if not new.exists():
            return
        # Only names, no paths, for a test may ask for each of hundreds of recipients in turn.
        with os.scandir(new) as entries:
            names = {entry.name for entry in entries}
        for name in sorted(names - self._seen.keys()):
            self._seen[name] = parse_stored((new / name).read_bytes())
