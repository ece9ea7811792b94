"""Whether a command may stand where and as it was said: the checks, apart from the session that asks."""

from __future__ import annotations

from typing import NamedTuple

from eilbote.smtp.path_argument import PathArgument
from eilbote.testing.client import Client
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


def refusal_of_starttls(argument: str, options: ReceptionOptions, client: Client) -> Refusal | None:
    """Give the reason to refuse STARTTLS (RFC 3207 §4), ``None`` when there is none."""
    if argument:
        return Refusal(501, "5.5.4", "STARTTLS has no argument")
    if not options.starttls:
        return Refusal(502, "5.5.1", "STARTTLS was not announced")
    if client.tls_version or not client.extended:
        return Refusal(503, "5.5.1", "STARTTLS comes once, after EHLO")
    return None


def refusal_of_auth(
    mechanism: str, options: ReceptionOptions, client: Client, *, in_transaction: bool
) -> Refusal | None:
    """Give the reason to refuse AUTH (RFC 4954 §4), ``None`` when there is none."""
    if not options.knows_auth:
        return Refusal(502, "5.5.1", "Nobody needs to sign in here")
    if options.wants_tls(client):
        return Refusal(538, "5.7.11", "STARTTLS comes first: a password would travel in clear")
    if not client.extended or in_transaction or client.user:
        return Refusal(503, "5.5.1", "AUTH comes once, after EHLO and before MAIL")
    if mechanism not in ("PLAIN", "LOGIN"):
        return Refusal(504, "5.5.4", "Only PLAIN and LOGIN are known here")
    return None


def refusal_of_mail(
    mail: PathArgument | None, options: ReceptionOptions, client: Client, *, in_transaction: bool
) -> Refusal | None:
    """Give the reason to refuse a MAIL command, ``None`` when there is none."""
    if not client.hello:
        return Refusal(503, "5.5.1", "EHLO comes first")
    if options.wants_tls(client):
        return Refusal(530, "5.7.0", "Must issue a STARTTLS command first")
    if options.users and not client.user:
        return Refusal(530, "5.7.0", "Authentication required")
    if in_transaction:
        return Refusal(503, "5.5.1", "A transaction is open already")
    if mail is None:
        return Refusal(501, "5.5.4", "Write MAIL FROM:<address> and parameters")
    if refusal := _refusal_of_parameters(mail, options, client):
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
    rcpt: PathArgument | None, options: ReceptionOptions, client: Client, *, utf8: bool
) -> Refusal | None:
    """Give the reason to refuse an RCPT command, ``None`` when there is none."""
    if rcpt is None or not rcpt.path:
        return Refusal(501, "5.5.4", "Write RCPT TO:<address> and parameters")
    return _refusal_of_parameters(rcpt, options, client) or _refusal_of_path(rcpt, utf8=utf8)


def _refusal_of_parameters(
    argument: PathArgument, options: ReceptionOptions, client: Client
) -> Refusal | None:
    for keyword in argument.parameters:
        announced = keyword == "SIZE" or (keyword == "AUTH" and options.knows_auth)
        if not client.extended or not (announced or options.offers(_EXTENSION_OF.get(keyword, ""))):
            return Refusal(555, "5.5.4", f"Parameter {keyword} was not announced")
    return None


def _refusal_of_path(argument: PathArgument, *, utf8: bool) -> Refusal | None:
    if argument.path and "@" not in argument.path:
        return Refusal(501, "5.1.7", "An address is local-part@domain")
    if not argument.path.isascii() and not utf8:
        return Refusal(550, "5.6.7", "The address needs SMTPUTF8, and MAIL did not say it")
    return None
