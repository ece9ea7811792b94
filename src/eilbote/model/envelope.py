"""Envelope sender and recipients (RFC 5321 §2.3.1), apart from what the header says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from eilbote.errors import AddressError, DraftError, NoRecipientsError
from eilbote.model.kinds import check_kind, shown
from eilbote.model.status import RecipientKind

# Everything that could end a path or a command early is outside this set: controls, space, angle
# brackets, DEL, the C1 controls, the Unicode line separators and lone surrogates. Quoted local parts, the
# only place where RFC 5321 allows some of them, match the second form: nothing but printable ASCII inside.
_PATH = re.compile(
    r"""[^\x00-\x20<>"\\@\x7f-\x9f\u2028\u2029\ud800-\udfff]+"""
    r"""@[^\x00-\x20<>"\\@\x7f-\x9f\u2028\u2029\ud800-\udfff]+\Z"""
    r"""|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"@[^\x00-\x20<>"\\@\x7f-\x9f\u2028\u2029\ud800-\udfff]+\Z"""
)
_ENVELOPE_ID = re.compile(r"[\x20-\x7e]{1,100}\Z")
_MAX_PATH = 254  # RFC 5321 §4.5.3.1.3: 256 octets with the angle brackets


class Notify(StrEnum):
    """When the sender wants a delivery status notification (RFC 3461 §4.1)."""

    NEVER = "NEVER"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


class Return(StrEnum):
    """How much of the message a notification returns (RFC 3461 §4.3)."""

    FULL = "FULL"
    HEADERS = "HDRS"


@dataclass(frozen=True, slots=True, kw_only=True)
class DsnRequest:
    """A request for delivery status notifications (RFC 3461).

    Attributes:
        notify: The occasions; ``NEVER`` stands alone.
        ret: How much to return; the server's choice when ``None``.
        envelope_id: A label that comes back in the notification (printable ASCII, up to 100 characters).

    Raises:
        DraftError: A field is none of these.
    """

    notify: frozenset[Notify] = frozenset({Notify.FAILURE})
    ret: Return | None = None
    envelope_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be said in the parameters of MAIL and RCPT."""
        notify: object = self.notify  # whatever a caller without a type checker wrote
        envelope_id: object = self.envelope_id
        if not isinstance(notify, frozenset | set) or not all(isinstance(one, Notify) for one in notify):
            raise DraftError(
                f"{shown(notify)} is no set of Notify",
                field="dsn.notify",
                remedy="Write for instance frozenset({Notify.FAILURE, Notify.DELAY})",
            )
        if Notify.NEVER in notify and len(notify) > 1:
            raise DraftError(
                "NEVER stands beside other occasions",
                field="dsn.notify",
                cause="RFC 3461 section 4.1 lets NEVER stand alone only",
                remedy="Leave out NEVER, or the others",
            )
        if self.ret is not None and not isinstance(self.ret, Return):
            raise DraftError(
                f"{shown(self.ret)} is no Return",
                field="dsn.ret",
                remedy="Write Return.FULL or Return.HEADERS",
            )
        if envelope_id is not None and not (isinstance(envelope_id, str) and _ENVELOPE_ID.match(envelope_id)):
            raise DraftError(
                f"{shown(envelope_id)} is not a usable envelope identifier",
                field="dsn.envelope_id",
                cause="RFC 3461 section 4.4 takes 1 to 100 printable ASCII characters",
                remedy="Use a shorter or plainer label",
            )


def check_path(path: str, *, field: str) -> str:
    """Give the path back when it can stand between angle brackets, else refuse it.

    Raises:
        AddressError: It is not ``local-part@domain``, no text at all, too long, or could end the command early.
    """
    try:
        found = _PATH.match(path)
    except TypeError:
        check_kind(path, (str,), field=field, fault=AddressError)
        raise
    if found is None:
        raise AddressError(
            f"{path!r} is not a usable envelope address",
            field=field,
            remedy="Write local-part@domain without spaces, control characters or angle brackets",
        )
    if len(path) > _MAX_PATH or (not path.isascii() and len(path.encode("utf-8", "replace")) > _MAX_PATH):
        raise AddressError(
            f"the address starting with {path[:40]!r} is longer than {_MAX_PATH} octets",
            field=field,
            cause="RFC 5321 section 4.5.3.1.3 limits a path to 256 octets with its brackets",
            remedy="Use a shorter address",
        )
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Where a message goes and where its failures return.

    Attributes:
        reverse_path: The envelope sender, without brackets; empty is the null path ``<>``.
        forward_paths: The envelope recipients, each once.
        kinds: For each forward-path, the address field that named it; empty means unknown.
        dsn: The delivery status notifications asked for, if any.
        require_tls: Every hop must use TLS or return the message (RFC 8689).

    Raises:
        AddressError: A path is not usable.
        NoRecipientsError: There is no forward-path.
        DraftError: The kinds are not as many as the forward-paths, or a value is of the wrong kind.
    """

    reverse_path: str
    forward_paths: tuple[str, ...]
    kinds: tuple[RecipientKind, ...] = ()
    dsn: DsnRequest | None = None
    require_tls: bool = False

    def __post_init__(self) -> None:
        """Refuse what the SMTP core would have to refuse later."""
        if self.reverse_path:
            check_path(self.reverse_path, field="envelope.reverse_path")
        else:  # the null path, which nothing else that is empty stands for
            check_kind(self.reverse_path, (str,), field="envelope.reverse_path", fault=AddressError)
        if type(self.forward_paths) is not tuple:
            self._keep_as_tuple("forward_paths")
        if type(self.kinds) is not tuple:
            self._keep_as_tuple("kinds")
        if not self.forward_paths:
            raise NoRecipientsError(
                "the envelope names no recipient", field="envelope.forward_paths", remedy="Add an address"
            )
        for path in self.forward_paths:
            check_path(path, field="envelope.forward_paths")
        if self.kinds and len(self.kinds) != len(self.forward_paths):
            raise DraftError(
                f"{len(self.kinds)} kinds for {len(self.forward_paths)} forward-paths",
                field="envelope.kinds",
                remedy="Name one kind for each forward-path, or none at all",
            )
        kinds: tuple[object, ...] = self.kinds  # as in DsnRequest
        for kind in kinds:
            if type(kind) is not RecipientKind:
                check_kind(kind, (RecipientKind,), field="envelope.kinds", fault=DraftError)
        if self.dsn is not None:
            check_kind(self.dsn, (DsnRequest,), field="dsn", fault=DraftError, remedy="Write DsnRequest(...)")
        require_tls: object = self.require_tls
        if type(require_tls) is not bool:
            check_kind(require_tls, (bool,), field="envelope.require_tls", fault=DraftError)

    def _keep_as_tuple(self, name: str) -> None:
        """Take a list too; a text would be taken apart, and a set has no order."""
        given: tuple[object, ...] = getattr(self, name)
        check_kind(given, (tuple, list), field=f"envelope.{name}", fault=DraftError, remedy="Give a tuple")
        object.__setattr__(self, name, tuple(given))

    @property
    def needs_smtputf8(self) -> bool:
        """Whether a path holds characters outside ASCII (RFC 6531)."""
        return not (self.reverse_path.isascii() and all(path.isascii() for path in self.forward_paths))
