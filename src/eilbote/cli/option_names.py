"""Which option of the command line holds a field, so that an error names what the person has typed."""

from __future__ import annotations

import re

_OPTION_OF = {
    "attachment": "--attach",
    "attachment.content_id": "--inline",
    "attachment.file": "--attach or --inline",
    "attachments": "--attach or --inline",
    "cc": "--cc",
    "bcc": "--bcc",
    "default_from": "--from",
    "envelope.forward_paths": "--to",
    "envelope.reverse_path": "--envelope-from",
    "from": "--from",
    "headers": "--header",
    "html": "--html",
    "in_reply_to": "--in-reply-to",
    "message_id": "--message-id",
    "one_click_unsubscribe": "--one-click",
    "password": "--password-file",
    "reply_to": "--reply-to",
    "reverse_path": "--envelope-from",
    "service": "--service",
    "subject": "--subject",
    "text": "--text",
    "to": "--to",
    "unsubscribe": "--list-unsubscribe",
    "uri": "--via",
    "user": "--user",
}


def option_of(field: str) -> str:
    """Give the option of a field; a part of a field is named in brackets, an unknown field as it is."""
    if field in _OPTION_OF:
        return _OPTION_OF[field]
    whole = re.split(r"[.\[]", field, maxsplit=1)[0]
    return f"{_OPTION_OF[whole]} ({field})" if whole in _OPTION_OF else field
