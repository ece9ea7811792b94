"""Which option of the command line holds a field, so that an error names what the person has typed."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OPTION_OF = {
    "attachment": "--attach",
    "attachment.content_id": "--inline",
    "attachment.file": "--attach or --inline",
    "attachments": "--attach or --inline",
    "cc": "--cc",
    "bcc": "--bcc",
    "default_from": "--from",
    "connection": "--connection",
    "connections": "--connection",
    "data_dir": "--data-dir",
    "dialogue": "--dialogue",
    "directory": "--into",
    "envelope.forward_paths": "--to",
    "envelope.reverse_path": "--envelope-from",
    "expires_at": "--expires",
    "from": "--from",
    "headers": "--header",
    "host": "--via (host)",
    "html": "--html",
    "idempotency_key": "--key",
    "in_reply_to": "--in-reply-to",
    "message_id": "--message-id",
    "on_in_doubt": "--on-in-doubt",
    "on_partial": "--on-partial",
    "one_click_unsubscribe": "--one-click",
    "password": "--password-file",
    "port": "--via (port)",
    "reply_to": "--reply-to",
    "reverse_path": "--envelope-from",
    "security": "--via (security)",
    "organization": "--org",
    "send_at": "--send-at",
    "service": "--service",
    "subject": "--subject",
    "text": "--text",
    "tls": "--via",
    "to": "--to",
    "unsubscribe": "--list-unsubscribe",
    "uri": "--via",
    "user": "--user",
}


def option_of(field: str, names: Mapping[str, str] = _OPTION_OF) -> str:
    """Give the option of a field; a part of a field is named in brackets, an unknown field as it is.

    Args:
        field: What the error names.
        names: What a command calls its fields, where that differs from ``eilbote send``.
    """
    options = {**_OPTION_OF, **names}
    if field in options:
        return options[field]
    if field.startswith("headers."):
        return f"--header {field.removeprefix('headers.')}"
    whole = re.split(r"[.\[]", field, maxsplit=1)[0]
    return f"{options[whole]} ({field})" if whole in options else field
