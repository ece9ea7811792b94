"""A way out into a directory: every message becomes a file, for dry runs and for looking at what would be sent.

``NAME.eml`` holds exactly the octets that would travel; ``NAME.json`` beside it the envelope, because the header
does not tell who gets a message. The first appears only when both are complete.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from eilbote.deliver.session_faults import out_of_time
from eilbote.deliver.transport import Capabilities
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.model.message import BodyKind
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EnhancedStatusCode, RecipientKind, RecipientStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from eilbote.deliver.delivery import Delivery
    from eilbote.model.clock import Clock
    from eilbote.model.envelope import Envelope
    from eilbote.model.ids import IdSource
    from eilbote.model.message import Message

_STORED = EnhancedStatusCode(2, 0, 0)
_CAPABILITIES = Capabilities(body=BodyKind.EIGHT_BIT, smtputf8=True)


class FileTransport:
    """Writes messages as ``.eml`` files.

    Args:
        directory: Where to; it must exist.
        clock: Tells the time, which begins the file names.
        ids: Makes the rest of the names.

    Raises:
        SettingsError: The directory does not exist.
    """

    def __init__(self, directory: Path, *, clock: Clock, ids: IdSource) -> None:
        if not directory.is_dir():
            raise SettingsError(
                f"{directory} is not a directory", field="directory", remedy="Create it, or name another one"
            )
        self._directory = directory
        self._clock = clock
        self._ids = ids

    @property
    def capabilities(self) -> Capabilities:
        """Say that a file takes everything."""
        return _CAPABILITIES

    async def ready(self) -> Capabilities:
        """Say that a file takes everything."""
        return _CAPABILITIES

    async def deliver(self, envelope: Envelope, message: Message) -> Receipt:
        """Write one message.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        return self._write(envelope, message, index=0)

    async def deliver_all(
        self, source: Iterator[Delivery] | AsyncIterator[Delivery]
    ) -> AsyncGenerator[Delivery, None]:
        """Write many messages."""
        if isinstance(source, AsyncIterator):
            async for delivery in source:
                yield self._settled(delivery)
        else:
            for delivery in source:
                yield self._settled(delivery)

    async def close(self) -> None:
        """Do nothing: every file is complete."""

    async def abort(self) -> None:
        """Do nothing: every file is complete."""

    def _settled(self, delivery: Delivery) -> Delivery:
        if delivery.receipt is not None:
            return delivery
        if delivery.not_after is not None and self._clock.monotonic() > delivery.not_after:
            delivery.error = out_of_time(stage="content", server=str(self._directory))
        else:
            try:
                delivery.receipt = self._write(delivery.envelope, delivery.message, index=delivery.index)
            except ConfigurationError as error:
                delivery.error = error
        return delivery

    def _write(self, envelope: Envelope, message: Message, *, index: int) -> Receipt:
        path = self._directory / f"{self._clock.now():%Y%m%dT%H%M%S}-{self._ids.token()}.eml"
        unfinished = path.with_suffix(".part")
        addresses = {"from": envelope.reverse_path, "to": envelope.forward_paths}
        try:
            path.with_suffix(".json").write_text(json.dumps(addresses) + "\n", encoding="utf-8")
            with unfinished.open("xb") as file:
                file.writelines(message.chunks())
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise ConfigurationError(
                f"the message could not be written to {path}",
                field="directory",
                cause=error.strerror or str(error),
                remedy="Check the directory's permissions and the space left",
            ) from error
        kinds = envelope.kinds or (RecipientKind.ENVELOPE,) * len(envelope.forward_paths)
        return Receipt(
            message_id=message.message_id,
            envelope=envelope,
            results=tuple(
                RecipientResult(forward_path, RecipientStatus.ACCEPTED, 250, _STORED, path.name, kind)
                for forward_path, kind in zip(envelope.forward_paths, kinds, strict=True)
            ),
            reply=f"250 2.0.0 written to {path.name}",
            size=message.size,
            server=str(self._directory),
            index=index,
        )
