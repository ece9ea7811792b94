"""What MAIL and RCPT say (RFC 5321 sections 4.1.1.2 and 4.1.1.3): a transaction begins, and recipients are added to it.

A refusal is given as the reply that the client hears. Returned mail and mail for others never share a transaction: who has not signed in
would send to both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.errors import AddressError
from eilbote.model.envelope import check_path
from eilbote.relay.parameters import read_mail_parameters, read_notify
from eilbote.relay.transaction import Transaction
from eilbote.smtp.path_argument import read_path_argument

if TYPE_CHECKING:
    from eilbote.relay.relay_options import RelayOptions
    from eilbote.relay.room import Room
    from eilbote.smtp.path_argument import PathArgument

_BLANK_BEHIND_COLON: Final = re.compile(r"\A(FROM|TO):[ \t]+<", re.IGNORECASE)


def read_argument(word: str, argument: str | None) -> PathArgument | None:
    """Read the argument of MAIL or RCPT; many old programs put a blank behind the colon."""
    return read_path_argument(word, _BLANK_BEHIND_COLON.sub(r"\1:<", (argument or "").rstrip()))


def begin(mail: PathArgument | None, *, is_extended: bool, options: RelayOptions) -> Transaction | str:
    """Begin a transaction; gives the reply when that cannot be.

    Args:
        mail: What stands behind MAIL; ``None`` when it cannot be read.
        is_extended: Whether the client has said EHLO.
        options: What is allowed.
    """
    if mail is None:
        return "501 5.5.4 Write MAIL FROM:<address> and parameters"
    if mail.parameters and not is_extended:
        return "555 5.5.4 Parameters come behind EHLO"
    parameters = read_mail_parameters(mail.parameters)
    if isinstance(parameters, str):
        return parameters
    if parameters.size > options.max_size:
        return f"552 5.3.4 A message has at most {options.max_size} octets here"
    if mail.path and (refusal := _refusal_of(mail.path, smtputf8=parameters.smtputf8)):
        return refusal
    return Transaction(reverse_path=mail.path, parameters=parameters)


def add_recipient(
    rcpt: PathArgument | None, transaction: Transaction, *, room: Room, is_signed_in: bool
) -> str:
    """Add a recipient to a transaction, unless it is refused; gives the reply.

    Args:
        rcpt: What stands behind RCPT; ``None`` when it cannot be read.
        transaction: To which.
        room: Knows what is allowed, and which addresses are for returned mail.
        is_signed_in: Whether the client may send to others than those.
    """
    if rcpt is None or not rcpt.path:
        return "501 5.5.4 Write RCPT TO:<address> and parameters"
    notify = read_notify(rcpt.parameters)
    if isinstance(notify, str):
        return notify
    if refusal := _refusal_of(rcpt.path, smtputf8=transaction.parameters.smtputf8):
        return refusal
    if len(transaction.forward_paths) >= room.options.max_recipients:
        return "452 4.5.3 Too many recipients for one message; send the rest in another"
    is_bounce = room.is_for_bounces(rcpt.path)
    if not is_signed_in and not is_bounce:
        return "530 5.7.0 Authentication required"
    if transaction.forward_paths and transaction.is_bounce != is_bounce:
        return "452 4.5.3 Returned mail comes alone; send this in another message"
    transaction.is_bounce = is_bounce
    transaction.forward_paths.append(rcpt.path)
    transaction.notified.append(notify)
    return "250 2.1.5 Ok"


def _refusal_of(path: str, *, smtputf8: bool) -> str:
    try:
        check_path(path, field="path")
    except AddressError:
        return "553 5.1.3 An address is local-part@domain, of at most 254 octets"
    if not path.isascii() and not smtputf8:
        return "553 5.6.7 The address needs SMTPUTF8, and MAIL did not say it"
    return ""
