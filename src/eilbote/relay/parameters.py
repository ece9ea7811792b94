"""The parameters of MAIL and RCPT that the relay takes: SIZE, BODY, SMTPUTF8, and those of RFC 3461."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.errors import DraftError
from eilbote.model.envelope import DsnRequest, Notify, Return

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OF_MAIL: Final = frozenset({"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"})
_OF_RCPT: Final = frozenset({"NOTIFY", "ORCPT"})
_BODIES: Final = frozenset({"7BIT", "8BITMIME"})
_SIZE: Final = re.compile(r"[0-9]{1,20}\Z", re.ASCII)
_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*\Z")
_ESCAPED: Final = re.compile(r"\+([0-9A-F]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailParameters:
    """What MAIL says beside the address.

    Attributes:
        size: Octets that are announced; 0 when they are not.
        smtputf8: The addresses or the header may hold UTF-8 (RFC 6531).
        ret: See :class:`~eilbote.model.envelope.DsnRequest`.
        envelope_id: The same.
    """

    size: int = 0
    smtputf8: bool = False
    ret: Return | None = None
    envelope_id: str | None = None


def read_mail_parameters(given: Mapping[str, str]) -> MailParameters | str:
    """Read the parameters of MAIL, or give the reply that refuses them."""
    for name in given:
        if name not in _OF_MAIL:
            return f"555 5.5.4 Parameter {name} is not known here"
    if given.get("BODY", "7BIT").upper() not in _BODIES:
        return "501 5.5.4 BODY is 7BIT or 8BITMIME here"
    if given.get("SMTPUTF8"):
        return "501 5.5.4 SMTPUTF8 has no value"
    size, ret, envid = given.get("SIZE", "0"), given.get("RET"), given.get("ENVID")
    if _SIZE.match(size) is None:
        return "501 5.5.4 SIZE is a number of octets"
    if ret is not None and ret.upper() not in {each.value for each in Return}:
        return "501 5.5.4 RET is FULL or HDRS"
    envelope_id = None if envid is None else read_xtext(envid)
    if envid is not None and not envelope_id:
        return "501 5.5.4 ENVID is no xtext"
    made = MailParameters(
        size=int(size),
        smtputf8="SMTPUTF8" in given,
        ret=None if ret is None else Return(ret.upper()),
        envelope_id=envelope_id,
    )
    try:
        DsnRequest(ret=made.ret, envelope_id=made.envelope_id)
    except DraftError:
        return "501 5.5.4 ENVID is 1 to 100 printable characters"
    return made


def read_notify(given: Mapping[str, str]) -> frozenset[Notify] | str | None:
    """Read the parameters of RCPT: when a notification is wanted; ``None`` when it is not said, a text is the reply that refuses."""
    for name in given:
        if name not in _OF_RCPT:
            return f"555 5.5.4 Parameter {name} is not known here"
    if "NOTIFY" not in given:
        return None
    words = given["NOTIFY"].upper().split(",")
    try:
        notify = frozenset(Notify(word) for word in words)
        DsnRequest(notify=notify)
    except ValueError:
        return "501 5.5.4 NOTIFY is NEVER, or some of SUCCESS, FAILURE, DELAY"
    return notify


def dsn_request(mail: MailParameters, notified: Sequence[frozenset[Notify] | None]) -> DsnRequest | None:
    """Give what a client has asked for; when its recipients differ, what any of them asks for."""
    said = [each for each in notified if each is not None]
    if not said and mail.ret is None and mail.envelope_id is None:
        return None
    never = frozenset({Notify.NEVER})
    wanted = frozenset[Notify]().union(*said) if said else frozenset({Notify.FAILURE})
    if len(wanted) > 1:
        wanted -= never
    if wanted == never and len(said) < len(notified):
        wanted = frozenset({Notify.FAILURE})
    return DsnRequest(notify=wanted, ret=mail.ret, envelope_id=mail.envelope_id)


def read_xtext(text: str) -> str:
    """Read xtext (RFC 3461 section 4); empty when it is none."""
    if _XTEXT.match(text) is None:
        return ""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
