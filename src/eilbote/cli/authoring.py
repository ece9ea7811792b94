"""From options to a draft: each value is read by itself, so that a fault names its option and its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.cli.texts import read_stdin, read_text
from eilbote.errors import DraftError, HeaderError, NoRecipientsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.cli.screen import Screen
    from eilbote.model.address import Group, Mailbox
    from eilbote.model.attachment import Attachment
    from eilbote.model.draft import Draft

STDIN = "-"


def read_addresses(
    values: Iterable[str], *, field: str, given: dict[str, str]
) -> tuple[Mailbox | Group, ...]:
    """Parse each value of a repeated option; ``given`` remembers the one that is at fault.

    Raises:
        AddressError: One cannot be read.
    """
    from eilbote.model.address import parse_address_list

    parsed: list[Mailbox | Group] = []
    for value in values:
        given[field] = value
        parsed += parse_address_list(value, field=field)
    return tuple(parsed)


def read_mailbox(value: str | None, *, field: str, given: dict[str, str]) -> Mailbox | None:
    """Parse the one address of an option, if it is given.

    Raises:
        AddressError: It cannot be read, or is more than one.
    """
    if value is None:
        return None
    from eilbote.model.address import parse_mailbox

    given[field] = value
    return parse_mailbox(value, field=field)


def read_headers(values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Split ``Name: value`` at its first colon.

    Raises:
        HeaderError: There is no colon.
    """
    fields: list[tuple[str, str]] = []
    for value in values:
        name, colon, content = value.partition(":")
        if not colon or not name.strip():
            raise HeaderError(
                f"{value!r} is not a header field",
                field="headers",
                remedy="Write the name, a colon and the value: --header 'X-Ticket: 17'",
            )
        fields.append((name.strip(), content.strip()))
    return tuple(fields)


def read_attachment(value: str) -> Attachment:
    """Attach ``FILE``, or ``FILE:NAME`` under another name.

    Raises:
        AttachmentError: There is no such file.
    """
    from eilbote.model.attachment import Attachment

    path, name = _split(value)
    return Attachment.from_file(path, filename=name)


def read_inline(value: str) -> Attachment:
    """Make ``FILE:CID`` an image that the HTML shows as ``cid:CID``; without it the file's name is the id.

    Raises:
        AttachmentError: There is no such file, or the id is not usable.
    """
    from eilbote.model.attachment import Attachment

    path, content_id = _split(value)
    return Attachment.from_file(path).as_inline(content_id or path.name)


def check_recipients(draft: Draft) -> None:
    """Refuse a draft for nobody, before anybody writes its text.

    Raises:
        NoRecipientsError: To, Cc and Bcc are all empty.
    """
    if not (draft.to or draft.cc or draft.bcc):
        raise NoRecipientsError(
            "nobody is named to send to", field="to", remedy="Give --to, --cc or --bcc with an address"
        )


def with_texts(draft: Draft, *, text: str | None, html: str | None, stdin_is_free: bool) -> Draft:
    """Give the draft its texts; when none is named, the plain text comes through stdin.

    Raises:
        DraftError: A text cannot be read, or two things are to be read from one stdin.
    """
    if [text, html, None if stdin_is_free else STDIN].count(STDIN) > 1:
        raise DraftError(
            "stdin can be read only once",
            field="html" if html == STDIN else "text",
            remedy="Put the text, the HTML or the password into a file",
        )
    if text is None and html is None and stdin_is_free:
        return draft.replace(text=read_stdin(field="text"))
    return draft.replace(
        text=None if text is None else read_text(text, field="text"),
        html=None if html is None else read_text(html, field="html"),
    )


def note_slips(draft: Draft, screen: Screen) -> None:
    """Say where the HTML and its inline pictures do not meet; the message is sent all the same."""
    from eilbote.cli.inline_references import slips

    for slip in slips(draft):
        screen.note(f"note: {slip}")


def _split(value: str) -> tuple[Path, str | None]:
    """Split ``FILE:SUFFIX``; a file whose own name holds the colon is found as it is."""
    whole = Path(value).expanduser()
    head, colon, suffix = value.rpartition(":")
    if not colon or not head or not suffix or _exists(whole):
        return whole, None
    return Path(head).expanduser(), suffix


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
