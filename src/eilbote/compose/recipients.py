"""The envelope for a draft: every mailbox once, the hidden ones too (RFC 5321 §3.3, RFC 5322 §3.6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.errors import NoRecipientsError
from eilbote.model.address import Mailbox, mailboxes, parse_mailbox
from eilbote.model.finished import finished_envelope
from eilbote.model.status import RecipientKind

if TYPE_CHECKING:
    from eilbote.model.draft import Draft
    from eilbote.model.envelope import Envelope

ONE_TO: Final = (RecipientKind.TO,)
"""The kinds of an envelope with one recipient, who is named in To."""


def envelope_for(draft: Draft, from_: Mailbox) -> Envelope:
    """Give the envelope; a mailbox in several fields counts for the first of To, Cc, Bcc.

    Args:
        draft: The draft.
        from_: Its author.

    Raises:
        NoRecipientsError: To, Cc and Bcc hold no mailbox.
        AddressError: The reverse-path is not an address.
    """
    reverse_path = from_.addr_spec if draft.reverse_path is None else reverse_path_of(draft.reverse_path)
    to = draft.to
    if len(to) == 1 and type(to[0]) is Mailbox and not draft.cc and not draft.bcc:
        paths: tuple[str, ...] = (to[0].addr_spec,)
        kinds: tuple[RecipientKind, ...] = ONE_TO
    else:
        found: dict[str, RecipientKind] = {}
        for items, kind in (
            (to, RecipientKind.TO),
            (draft.cc, RecipientKind.CC),
            (draft.bcc, RecipientKind.BCC),
        ):
            for mailbox in mailboxes(items):
                found.setdefault(mailbox.addr_spec, kind)
        if not found:
            raise NoRecipientsError(
                "there is nobody to send to",
                field="to",
                cause="To, Cc and Bcc hold no address",
                remedy="Name at least one recipient",
            )
        paths = tuple(found)
        kinds = tuple(found.values())
    return finished_envelope(reverse_path, paths, kinds, draft.dsn, require_tls=draft.require_tls)


def reverse_path_of(text: str) -> str:
    """Give the reverse-path as it travels; an empty text is the null path.

    Raises:
        AddressError: It is not an address.
    """
    return parse_mailbox(text, field="reverse_path").addr_spec if text else ""
