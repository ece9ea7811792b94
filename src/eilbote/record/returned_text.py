"""Guesses whom a returned mail concerns from what people are meant to read: qmail, sendmail, Exim, Exchange and Gmail as they write without RFC 3464.

Only from mail that a server has written by the look of it, and only addresses that stand where these programs put them. A guess that is
wrong costs a look; an address that is taken from anywhere in a text would let anybody be struck off the list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

CODE: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
"""An enhanced status code within a text."""
_REPLY: Final = re.compile(r"(?<![\d.])([245])\d\d[ -]")
_SENDER: Final = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange[\w.-]*)@", re.IGNORECASE
)
_SUBJECT: Final = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|failed|problem)|failure notice|returned mail|mail delivery|delivery.*delayed"
    r"|unzustellbar|nicht zugestellt|не доставлено|could not be delivered|warning: (?:message|could not send)",
    re.IGNORECASE,
)
_DELAYED: Final = re.compile(
    r"delay|will (?:be retried|keep trying|continue to try)|still (?:being )?(?:retried|trying)|has not (?:yet )?been delivered"
    r"|warning: could not send",
    re.IGNORECASE,
)
_ADDRESS: Final = r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}"
_IN_BRACKETS: Final = re.compile(rf"<({_ADDRESS})>:?\s*(.*)")
_ALONE: Final = re.compile(rf"\s*<?({_ADDRESS})>?:?\s*$")
_BEGINS: Final = re.compile(
    r"qmail-send|permanent fatal errors|transient non-fatal errors|following address(?:es|\(es\))? (?:failed|had)"
    r"|recipients? failed permanently|following recipients?|following address|did not reach the following|message to the following"
    r"|fehlgeschlagen|konnte nicht|не удалось",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(
    r"^-{2,}\s*(?:below|original message|this is a copy|transcript|message header)|^received:|^return-path:",
    re.IGNORECASE,
)
_MOST_LINES: Final = 2000
_MOST_FOUND: Final = 100
_LONGEST_REASON: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Whom a text seems to concern.

    Attributes:
        address: The recipient.
        status: An enhanced status code, or one made of the class of a reply (``5.0.0``); empty when there is none.
        text: What is said about it.
        is_delayed: Whether the server goes on trying.
    """

    address: str
    status: str = ""
    text: str = ""
    is_delayed: bool = False


def is_from_a_server(sender: str, subject: str, return_path: str) -> bool:
    """Tell whether a mail looks as if a server had written it about another one."""
    is_sender = _SENDER.search(sender) is not None or return_path.strip() == "<>"
    return is_sender and _SUBJECT.search(subject) is not None


def read_text(text: str, *, failed: str = "", subject: str = "") -> list[Guess]:
    """Give whom a text concerns.

    Args:
        text: What people are meant to read.
        failed: The field ``X-Failed-Recipients``, which Exim and Gmail write.
        subject: The subject.
    """
    lines = text.splitlines()[:_MOST_LINES]
    reasons: dict[str, list[str]] = {
        each.lower(): [] for each in re.findall(_ADDRESS, failed[:20_000])[:_MOST_FOUND]
    }
    are_known = bool(reasons)
    is_in_list, current = False, ""
    for line in lines:
        if _ENDS.match(line.strip()):
            break
        if _BEGINS.search(line):
            is_in_list, current = True, ""
            continue
        if not is_in_list:
            continue
        address, rest = _named(line)
        if address and (not are_known or address in reasons) and len(reasons) <= _MOST_FOUND:
            current = address
            reasons.setdefault(current, [])
            if rest:
                reasons[current].append(rest)
        elif current and line.strip():
            reasons[current].append(line.strip())
    is_delayed = bool(_DELAYED.search(subject) or _DELAYED.search("\n".join(lines[:20])))
    return [_guess(address, said, is_delayed=is_delayed) for address, said in reasons.items()]


def _named(line: str) -> tuple[str, str]:
    found = _ALONE.match(line)
    if found is not None:
        return found[1].lower(), ""
    bracketed = _IN_BRACKETS.match(line.strip())
    return ("", "") if bracketed is None else (bracketed[1].lower(), bracketed[2].strip())


def _guess(address: str, said: list[str], *, is_delayed: bool) -> Guess:
    text = " ".join(said)[:_LONGEST_REASON]
    code, reply = CODE.search(text), _REPLY.search(text)
    status = code[1] if code is not None else f"{reply[1]}.0.0" if reply is not None else ""
    return Guess(address=address, status=status, text=text, is_delayed=is_delayed or status.startswith("4"))
