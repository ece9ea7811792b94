"""Whether MAIL and RCPT may stand as they were said: the checks, apart from the session that asks."""

from __future__ import annotations

from typing import NamedTuple

from eilbote.testing.arguments import PathArgument
from eilbote.testing.reception_options import ReceptionOptions

_BODY_KINDS = ("7BIT", "8BITMIME")
_LONGEST_SIZE = 20  # digits, RFC 1870 §4
_EXTENSION_OF = {  # parameter -> the extension that brings it
    "BODY": "8BITMIME",
    "SMTPUTF8": "SMTPUTF8",
    "RET": "DSN",
    "ENVID": "DSN",
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
}


class Refusal(NamedTuple):
    """A reply that says no: its code, enhanced status code and text."""

    code: int
    status: str
    text: str


def refusal_of_mail(
    mail: PathArgument | None, options: ReceptionOptions, *, extended: bool
) -> Refusal | None:
    """Give the reason to refuse a MAIL command, ``None`` when there is none."""
    if mail is None:
        return Refusal(501, "5.5.4", "Write MAIL FROM:<address> and parameters")
    if refusal := _refusal_of_parameters(mail, options, extended=extended):
        return refusal
    if mail.parameters.get("BODY", "7BIT").upper() not in _BODY_KINDS:
        return Refusal(501, "5.5.4", "BODY is 7BIT or 8BITMIME here")
    size = mail.parameters.get("SIZE", "0")
    if not (size.isascii() and size.isdecimal()) or len(size) > _LONGEST_SIZE:
        return Refusal(501, "5.5.4", "SIZE is a number of octets")
    if int(size) > options.keep:
        return Refusal(552, "5.3.4", f"A message has at most {options.keep} octets here")
    return _refusal_of_path(mail, utf8="SMTPUTF8" in mail.parameters)


def refusal_of_rcpt(
    rcpt: PathArgument | None, options: ReceptionOptions, *, extended: bool, utf8: bool
) -> Refusal | None:
    """Give the reason to refuse an RCPT command, ``None`` when there is none."""
    if rcpt is None or not rcpt.path:
        return Refusal(501, "5.5.4", "Write RCPT TO:<address> and parameters")
    return _refusal_of_parameters(rcpt, options, extended=extended) or _refusal_of_path(rcpt, utf8=utf8)


def _refusal_of_parameters(
    argument: PathArgument, options: ReceptionOptions, *, extended: bool
) -> Refusal | None:
    for keyword in argument.parameters:
        announced = keyword == "SIZE" or (keyword == "AUTH" and options.knows_auth)
        if not extended or not (announced or options.offers(_EXTENSION_OF.get(keyword, ""))):
            return Refusal(555, "5.5.4", f"Parameter {keyword} was not announced")
    return None


def _refusal_of_path(argument: PathArgument, *, utf8: bool) -> Refusal | None:
    if argument.path and "@" not in argument.path:
        return Refusal(501, "5.1.7", "An address is local-part@domain")
    if not argument.path.isascii() and not utf8:
        return Refusal(550, "5.6.7", "The address needs SMTPUTF8, and MAIL did not say it")
    return None
