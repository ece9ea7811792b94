"""What a node may want done in the world: an engine performs it, and a test may play it.

Each is done once for a visit of a node, however often the run is taken up again; how, is the engine's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.model.severity import Severity
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.author.flow.inline_connection import InlineConnection
    from eilbote.author.flow.secret_reference import SecretReference
    from eilbote.author.flow.shelf import Target
    from eilbote.model.data import Data
    from eilbote.model.draft import Draft
    from eilbote.model.moment import Moment

MOST_SECONDS_FOR_A_MAIL: Final = 60.0
"""How long a run waits for a message to be settled when its author does not say."""


class Unfetched(StrEnum):
    """What becomes of a message when one of its files cannot be fetched."""

    FAIL = "fail"
    """It is not sent."""
    SKIP = "skip"
    """It is sent without the file, and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A file to be fetched once, when the message is accepted.

    Attributes:
        url: Where it lies: http, https, or a ``data:`` URL.
        filename: What it is to be called; the name it has there when ``None``.
        otherwise: What becomes of the message when it cannot be had.
        field: The node's field that names it, for errors.
    """

    url: str
    filename: str | None = None
    otherwise: Unfetched = Unfetched.FAIL
    field: str = "attachments[0]"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEmail:
    """Hand a message to the outbox.

    Attributes:
        draft: What is to be said.
        fetch: Files to be fetched for it.
        connection: Through which connection: a name, a URI, or one that stands in the node; empty takes the default.
        waits: Whether the run goes on when the message is settled, or as soon as it is accepted.
        limit_seconds: How long the run waits at most; then the outcome says that the message is deferred.
        deferred_fails: Whether that counts as an error.
        late: Where the result goes once the message is settled, when the run does not wait for it.
        shows_bcc: Whether the result may name recipients of blind copies.
    """

    draft: Draft
    fetch: tuple[Fetch, ...] = ()
    connection: str | InlineConnection = ""
    waits: bool = True
    limit_seconds: float = MOST_SECONDS_FOR_A_MAIL
    deferred_fails: bool = False
    late: Target | None = None
    shows_bcc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntil:
    """Let time pass.

    Attributes:
        due: Until when.
    """

    due: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """Ask a web server something.

    Attributes:
        method: Such as ``GET``.
        url: Of the resource, http or https.
        headers: Header fields; a secret is named here and read when the request is sent.
        body: What is sent along.
        seconds: For everything, from the look-up to the last octet of the answer.
        most_octets: Of the answer's body.
        repeats: Whether it may be sent again when nobody knows whether it arrived. Methods that RFC 9110 section 9.2.2 calls
            idempotent always may.
        follows: Whether redirects are followed, for GET and HEAD.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str | SecretReference], ...] = ()
    body: bytes = b""
    seconds: float = 30.0
    most_octets: int = 1_048_576
    repeats: bool = False
    follows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPeople:
    """Ask people to decide, each by a link of their own; the first answer counts.

    Attributes:
        recipients: Whom; each gets a message of their own.
        draft: What is said to each, without recipients.
        link_place: The text in the draft's content in place of which the link stands.
        question: What the page behind the link asks.
        choices: What can be chosen: value and label.
        wants_text: Whether a text of their own is asked for as well.
        due: Until when; then the outcome says that nobody has answered.
        connection: Through which connection.
        language: In which language the page behind the link speaks.
        time_zone: In which zone it tells times.
        branding: How it looks.
    """

    recipients: tuple[str, ...]
    draft: Draft
    link_place: str
    question: str
    choices: tuple[tuple[str, str], ...]
    wants_text: bool = False
    due: Moment
    connection: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    branding: Branding = field(default_factory=Branding)


_NO_DATA: Mapping[str, Data] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseNotification:
    """Tell whoever has subscribed to it that something has happened.

    Attributes:
        event: What kind of thing, such as ``invoice.overdue``.
        severity: How bad it is.
        summary: One line.
        detail: More about it; may be empty.
        data: Values for the text that subscribers get.
        about: What it is about: the same event about the same thing is counted for a while, and not told again.
    """

    event: str
    severity: Severity = Severity.INFORMATION
    summary: str = ""
    detail: str = ""
    data: Mapping[str, Data] = field(default_factory=lambda: _NO_DATA)
    about: str = ""


Effect: TypeAlias = SendEmail | WaitUntil | HttpRequest | AskPeople | RaiseNotification
"""What a node may want done."""
