"""The files of a flow's message: fetched once, before it is handed to the outbox, and put into its draft.

A file that was to be left out when it cannot be had is named in the message itself: who reads it knows that something is missing.
Why it is missing is for those who run the flow.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from eilbote.engine.fetch import fetched_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.effect import SendEmail
    from eilbote.errors import AttachmentError
    from eilbote.model.draft import Draft
    from eilbote.net.http import HttpDoor


async def with_files(effect: SendEmail, *, door: HttpDoor) -> tuple[Draft, tuple[AttachmentError, ...]]:
    """Give the draft of a message with its files, and why some of them were left out.

    Args:
        effect: The message.
        door: The way to the network, see :func:`~eilbote.engine.fetch.file_door`.

    Raises:
        AttachmentError: A file cannot be had, and the message is not to be sent without it.
    """
    files = await fetched_files(effect.fetch, door=door)
    draft = effect.draft
    if files.attachments:
        draft = draft.replace(attachments=(*draft.attachments, *files.attachments))
    return (_noted(draft, files.notes) if files.notes else draft), files.faults


def _noted(draft: Draft, notes: Sequence[str]) -> Draft:
    text, html = draft.text, draft.html
    if text is not None or html is None:
        text = "\n\n".join([*([text.rstrip()] if text else []), *notes]) + "\n"
    if html is not None:
        said = "".join(f"<p>{escape(note)}</p>" for note in notes)
        head, body, tail = html.rpartition("</body>")
        html = f"{head}{said}{body}{tail}" if body else f"{html}{said}"
    return draft.replace(text=text, html=html)
