"""What a mail node attaches, in the six ways in which its authors say it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from eilbote.author.flow.effect import Fetch, Unfetched
from eilbote.author.flow.fields import Fields
from eilbote.author.flow.mail_texts import text_of
from eilbote.author.flow.url_text import UrlText
from eilbote.errors import AttachmentError, EilboteError, FlowError
from eilbote.model.attachment import Attachment
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.step import Scene
    from eilbote.model.data import Data


class AttachmentKind(StrEnum):
    """Where an attachment comes from."""

    NONE = "none"
    URL = "url"
    """A public address or a ``data:`` URL."""
    TEXT = "text"
    BASE64 = "base64"
    CUSTOM = "custom"
    """A text under a media type of one's own."""
    MIME = "mime"
    """A ready-made MIME part, header fields and all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentSource:
    """One attachment.

    Attributes:
        kind: Where it comes from.
        content: The address, the text, the base64 or the part.
        filename: What it is called; ``None`` leaves that to what is attached.
        media_type: What it is; ``None`` lets the file name tell.
        otherwise: What becomes of the message when it cannot be fetched.
        field: Where it stands, for errors.
    """

    kind: AttachmentKind
    content: Template | UrlText
    filename: Template | None = None
    media_type: Template | None = None
    otherwise: Unfetched = Unfetched.FAIL
    field: str = "attachments[0]"

    def templates(self) -> Iterator[Template]:
        """Give every template."""
        yield from self.content.templates() if isinstance(self.content, UrlText) else (self.content,)
        yield from (each for each in (self.filename, self.media_type) if each is not None)

    def made(self, scene: Scene) -> Attachment | Fetch:
        """Give the attachment, or what is to be fetched for it.

        Raises:
            AttachmentError: What the templates give cannot be attached; ``field`` names where it stands.
        """
        said = self.content
        content = said.text(scene) if isinstance(said, UrlText) else text_of(said, scene)
        filename = text_of(self.filename, scene).strip() or None
        media_type = text_of(self.media_type, scene).strip() or None
        try:
            match self.kind:
                case AttachmentKind.URL:
                    return Fetch(url=content, filename=filename, otherwise=self.otherwise, field=self.field)
                case AttachmentKind.BASE64:
                    return Attachment.from_base64(content, filename=filename, media_type=media_type)
                case AttachmentKind.MIME:
                    return Attachment.from_mime(content)
                case _:
                    return Attachment.from_text(content, filename=filename, media_type=media_type)
        except AttachmentError as fault:
            fault.field = self.field
            raise


def read_attachments(given: Fields) -> tuple[AttachmentSource, ...]:
    """Take the field ``attachments``: one table, or a list of them.

    Raises:
        FlowError: One is no attachment; ``field`` names it.
    """
    said = given.data("attachments")
    listed = said if isinstance(said, list) else [] if said is None else [said]
    found = [_read(each, f"attachments[{number}]") for number, each in enumerate(listed)]
    return tuple(each for each in found if each is not None)


def _read(said: Data, field: str) -> AttachmentSource | None:
    if not isinstance(said, dict):
        raise FlowError(
            "this is no attachment", field=field, remedy="Give a table such as {kind: url, url: ...}"
        )
    given = Fields(said, below=field)
    try:
        kind = AttachmentKind(given.choice("kind", tuple(AttachmentKind), otherwise=AttachmentKind.NONE))
        if kind is AttachmentKind.NONE:
            given.finish()
            return None
        name = {AttachmentKind.CUSTOM: "text"}.get(kind, kind.value)
        text = given.text(name, required=True)
        inside = f"{field}.{name}"
        content = UrlText(text, field=inside) if kind is AttachmentKind.URL else Template(text, field=inside)
        media_type = given.template("media_type", required=kind is AttachmentKind.CUSTOM)
        source = AttachmentSource(
            kind=kind,
            content=content,
            filename=given.template("filename"),
            media_type=media_type,
            otherwise=Unfetched(given.choice("if_unavailable", tuple(Unfetched), otherwise=Unfetched.FAIL)),
            field=field,
        )
        given.finish()
    except EilboteError as fault:
        if not (fault.field or "").startswith(field):
            fault.field = f"{field}.{fault.field}" if fault.field else field
        raise
    return source
