"""A draft as plain data, as it travels through the queue of another program or comes from a language model.

The fields are those of :class:`~eilbote.model.draft.Draft` that plain data can say, under their names; ``from`` may stand for
``from_``. An attachment is a table with ``text`` or ``base64``, ``filename`` and ``media_type``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import AttachmentError, DraftError
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft

if TYPE_CHECKING:
    from eilbote.model.draft import Addresses

ADDRESSES: Final = ("to", "cc", "bcc", "reply_to")
TEXTS: Final = (
    "subject",
    "text",
    "html",
    "from_",
    "sender",
    "priority",
    "message_id",
    "auto_submitted",
    "reverse_path",
)
LISTS: Final = ("in_reply_to", "references", "unsubscribe")
FIELDS: Final = frozenset(
    {*ADDRESSES, *TEXTS, *LISTS, "headers", "one_click_unsubscribe", "require_tls", "attachments"}
)
_OF_ATTACHMENTS: Final = frozenset({"text", "base64", "filename", "media_type", "content_id"})


def read_draft(fields: Mapping[str, object]) -> Draft:
    """Make a draft of its fields.

    Raises:
        DraftError: A field is unknown or cannot be used; ``field`` names it.
    """
    given = {
        ("from_" if name == "from" else name): value for name, value in fields.items() if value is not None
    }
    for name in given:
        if name not in FIELDS:
            raise DraftError(
                f"a draft has no field {str(name)[:60]!r}",
                field=str(name)[:60],
                remedy=f"Fields are {', '.join(sorted(FIELDS))}",
            )
    attachments = given.pop("attachments", ())
    if isinstance(attachments, str) or not isinstance(attachments, Sequence):
        raise AttachmentError("these are no attachments", field="attachments", remedy="Give a list of tables")
    listed = cast("Sequence[object]", attachments)
    # Draft looks at the kind of each value and names the field.
    return Draft(
        **cast("dict[str, Addresses]", given),  # type: ignore[arg-type] # as said
        attachments=[_attachment(each, f"attachments[{number}]") for number, each in enumerate(listed)],
    )


def _attachment(said: object, field: str) -> Attachment:
    if not isinstance(said, Mapping):
        raise AttachmentError("this is no attachment", field=field, remedy="Give a table with text or base64")
    table = cast("Mapping[str, object]", said)
    if unknown := sorted(map(str, table.keys() - _OF_ATTACHMENTS)):
        raise AttachmentError(
            f"an attachment has no field {unknown[0][:60]!r}",
            field=field,
            remedy=f"Fields are {', '.join(sorted(_OF_ATTACHMENTS))}",
        )
    if ("text" in table) == ("base64" in table):
        raise AttachmentError(
            "an attachment is a text or octets", field=field, remedy="Give text or base64, one of them"
        )
    make = Attachment.from_text if "text" in table else Attachment.from_base64
    try:
        # Attachment looks at the kind of each value.
        made = make(
            cast("str", table.get("text", table.get("base64"))),
            filename=cast("str | None", table.get("filename")),
            media_type=cast("str | None", table.get("media_type")),
        )
        return made.as_inline(cast("str", table["content_id"])) if "content_id" in table else made
    except AttachmentError as fault:
        fault.field = field
        raise
