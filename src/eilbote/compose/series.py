"""One draft for many recipients: what they share is composed once, attachments are encoded once.

Each recipient gets a message of their own, addressed to nobody else, with their values in the places of the
placeholders. It is the message that composing the filled draft alone would give; only the boundaries differ.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eilbote.compose.address_fields import mailbox_field
from eilbote.compose.body import attached_parts, plain_text_of
from eilbote.compose.composed import Composed
from eilbote.compose.custom_fields import check_name, check_value
from eilbote.compose.date_field import date_field
from eilbote.compose.file_source import EncodedSource
from eilbote.compose.finished import finished_envelope
from eilbote.compose.header_fields import free_text
from eilbote.compose.header_section import author_section, section, shared_section
from eilbote.compose.parts import IN_PLACE, TEXT_HEADERS, Part
from eilbote.compose.placeholders import Pattern, in_html, in_uri
from eilbote.compose.recipients import ONE_TO, reverse_path_of
from eilbote.compose.series_recipient import SeriesRecipient
from eilbote.compose.transfer_encoding import base64_lines, encode_octets
from eilbote.compose.tree import absent_token, arrange, heavier, occurs
from eilbote.errors import DraftError
from eilbote.model.address import Mailbox, parse_mailbox
from eilbote.model.message import BodyKind, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.compose.composed import Finisher
    from eilbote.compose.date_field import CurrentDate
    from eilbote.compose.limits import ComposeLimits
    from eilbote.compose.tree import Tokens
    from eilbote.model.draft import Draft
    from eilbote.model.ids import IdSource

__all__ = ["Series", "SeriesRecipient"]

_LINE_ENDS = re.compile(r"\r\n?|\n")
_UNDERSCORE = ord("_")
_SEVEN_BIT, _EIGHT_BIT = BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT


class _Version:
    """One form of the text: the pattern as octets with gaps, or finished when it has no placeholder."""

    __slots__ = ("_body", "_finished", "_headers", "_pattern", "_pieces", "_prepare", "body", "header")

    def __init__(
        self, text: str, subtype: str, body: BodyKind, prepare: Callable[[str], str] | None = None
    ) -> None:
        name = "text" if subtype == "plain" else "html"
        self._pattern = Pattern(text, name)
        self._prepare = prepare
        self._headers = TEXT_HEADERS[subtype]
        self._body = body
        # The octets between the placeholders, with an empty piece for each of these.
        self._pieces = [b""] * (2 * len(self._pattern.names) + 1)
        self._pieces[::2] = [self._octets(literal, name) for literal in self._pattern.literals]
        # Placeholders for the tree, found again by identity.
        self.header = bytes(bytearray(b"header"))
        self.body = bytes(bytearray(b"body"))
        self._finished = None if self._pattern.names else encode_octets(self._pieces[0], body)

    def compose(self, given: Mapping[str, str]) -> tuple[bytes, bytes, BodyKind]:
        """Give header lines, octets, and what the octets demand."""
        encoding, octets = self._finished or encode_octets(self._fill(given), self._body)
        return self._headers[encoding], octets, _EIGHT_BIT if encoding == "8bit" else _SEVEN_BIT

    def _fill(self, given: Mapping[str, str]) -> bytes:
        prepare = self._prepare
        pieces = self._pieces.copy()
        gap = 1
        for value in self._pattern.values(given):
            shown = value if prepare is None else prepare(value)
            pieces[gap] = shown.encode() if shown.isprintable() else self._octets(shown, "values")
            gap += 2
        return b"".join(pieces)

    @staticmethod
    def _octets(text: str, name: str) -> bytes:
        try:
            return _LINE_ENDS.sub("\r\n", text).encode()
        except UnicodeEncodeError as exc:
            raise DraftError(
                "the text holds a lone surrogate",
                field=name,
                position=exc.start,
                remedy="Remove it: it is half of a character and cannot be encoded",
            ) from exc


class Series:
    """Composes one message a recipient; made by :meth:`~eilbote.compose.composer.Composer.series`.

    Raises:
        DraftError: The draft does not suit a series, or holds something that cannot be sent safely.
    """

    def __init__(
        self,
        draft: Draft,
        from_: Mailbox,
        body: BodyKind,
        *,
        ids: IdSource,
        message_id_domain: str | None,
        date: CurrentDate,
        tokens: Tokens,
        limits: ComposeLimits,
        finisher: Finisher,
    ) -> None:
        _check_suits(draft)
        self._draft = draft
        self._ids = ids
        self._domain = message_id_domain or from_.domain
        self._date = date
        self._fixed_date = None if draft.date is None else date_field(draft.date)
        self._tokens = tokens
        self._finisher = finisher
        self._reverse_path = (
            from_.addr_spec if draft.reverse_path is None else reverse_path_of(draft.reverse_path)
        )
        self._subject = Pattern(draft.subject, "subject")
        self._unsubscribe = [Pattern(uri, "unsubscribe") for uri in draft.unsubscribe]
        self._headers = _header_patterns(draft)
        self._author, self._utf8 = author_section(draft, from_)
        varied = any(pattern.names for pattern in (*self._unsubscribe, *(each for _, each in self._headers)))
        self._shared = None if varied else self._shared_section({})
        self._versions = _versions(draft, body)
        self._inline, self._attachments = attached_parts(draft, body, limits, tokens, _encode_once)
        self._token = absent_token((*self._inline, *self._attachments), tokens)
        self._layouts: dict[BodyKind, _Layout] = {}

    def compose(self, recipient: SeriesRecipient) -> Composed:
        """Compose the message for one recipient.

        Raises:
            AddressError: The address cannot be read.
            DraftError: A value is missing, or cannot be carried safely.
        """
        to = recipient.to
        if not isinstance(to, Mailbox):
            to = parse_mailbox(to, field="to")
        given = recipient.values
        message_id = f"<{self._ids.token()}@{self._domain}>"
        root_header, pieces, kind = self._fill(given)
        fields = [mailbox_field("To", to)]
        if subject := free_text("Subject", self._subject.fill(given), field="subject"):
            fields.append(subject)
        fields.append(self._fixed_date or self._date.field())
        fields.append(f"Message-ID: {message_id}\r\n")
        own, utf8 = section(fields, (to,))
        shared = self._shared or self._shared_section(given)
        header = b"".join((self._author, own, shared, root_header))
        pieces[0] = header
        draft = self._draft
        envelope = finished_envelope(
            self._reverse_path, (to.addr_spec,), ONE_TO, draft.dsn, require_tls=draft.require_tls
        )
        return Composed(
            envelope,
            self._finisher.finish(message_id, pieces, len(header), kind, smtputf8=utf8 or self._utf8),
        )

    # -- header ------------------------------------------------------------------------------------------

    def _shared_section(self, given: Mapping[str, str]) -> bytes:
        return shared_section(
            self._draft,
            tuple([pattern.fill(given, in_uri) for pattern in self._unsubscribe]),
            tuple([(name, pattern.fill(given)) for name, pattern in self._headers]),
        )

    # -- body --------------------------------------------------------------------------------------------

    def _layout(self, demanded: BodyKind) -> _Layout:
        """Give the tree for texts that demand this; it is built once, because the labels on it depend on that."""
        layout = self._layouts.get(demanded)
        if layout is None:
            gaps = [Part(version.header, (version.body,), demanded) for version in self._versions]
            root = arrange(gaps, self._inline, self._attachments, self._token)
            layout = self._layouts[demanded] = _Layout(root, self._versions)
        return layout

    def _fill(self, given: Mapping[str, str]) -> tuple[bytes, list[Segment], BodyKind]:
        """Give the last header lines, the pieces from there on, and what they demand of the next hop."""
        filled = [version.compose(given) for version in self._versions]
        demanded = _SEVEN_BIT
        for _, octets, kind in filled:
            if kind is not demanded:
                demanded = heavier(demanded, kind)
            while _UNDERSCORE in octets and self._token in octets:
                self._token = self._other_token([octets for _, octets, _ in filled])
                self._layouts.clear()
        layout = self._layout(demanded)
        pieces = layout.pieces.copy()
        for (header_at, body_at), (header, octets, _) in zip(layout.gaps, filled, strict=True):
            pieces[header_at] = header
            pieces[body_at] = octets
        if not layout.single:
            return layout.header, pieces, layout.kind
        if not filled[0][1].endswith(b"\r\n"):
            pieces.append(b"\r\n")
        return filled[0][0], pieces, layout.kind

    def _other_token(self, texts: list[bytes]) -> bytes:
        """Give a token that no value can know, and that occurs in nothing this message holds."""
        whole = [Part(b"", texts), *self._inline, *self._attachments]
        token = self._tokens.unforeseeable()
        while occurs(token, whole):
            token = self._tokens.unforeseeable()
        return token


class _Layout:
    """The pieces of a body with gaps for the texts.

    Attributes:
        header: The header lines of the root.
        pieces: The empty line after the header, preceded by room for the header, and the body.
        gaps: For each text, where its header lines and its octets belong.
        single: There is one text and nothing else, so it has no boundary and its header is the message's.
        kind: What it demands of the next hop.
    """

    __slots__ = ("gaps", "header", "kind", "pieces", "single")

    def __init__(self, root: Part, versions: list[_Version]) -> None:
        self.header = root.header
        self.kind = root.kind
        self.single = root.clear
        self.pieces: list[Segment] = [root.header, b"\r\n", *root.content]
        self.gaps = [
            (_index(self.pieces, version.header), _index(self.pieces, version.body)) for version in versions
        ]


def _check_suits(draft: Draft) -> None:
    for name, given in (("to", draft.to), ("cc", draft.cc), ("bcc", draft.bcc)):
        if given:
            raise DraftError(
                f"the draft of a series has a {name.capitalize()}",
                field=name,
                cause="every recipient gets a message of their own, addressed to nobody else",
                remedy="Leave it empty, and name everybody as a recipient of the series",
            )
    if draft.invitation is not None:
        raise DraftError(
            "the draft of a series has an invitation",
            field="invitation",
            cause="a calendar matches an invitation with its attendee, so each would be another one",
            remedy="Send invitations one by one",
        )
    if draft.message_id is not None:
        raise DraftError(
            "the draft of a series has a Message-ID",
            field="message_id",
            cause="every message needs its own",
            remedy="Leave it out",
        )


def _versions(draft: Draft, body: BodyKind) -> list[_Version]:
    """Give the texts, the plainest first, as the composer does for a single message."""
    text = plain_text_of(draft)
    versions = [] if text is None else [_Version(text, "plain", body)]
    if draft.html is not None:
        versions.append(_Version(draft.html, "html", body, in_html))
    return versions


def _header_patterns(draft: Draft) -> list[tuple[str, Pattern]]:
    """Read the fields of the author's own; names that nobody may set are found before anybody is written to."""
    patterns: list[tuple[str, Pattern]] = []
    for name, value in draft.headers:
        check_name(name)
        patterns.append((name, Pattern(check_value(name, value), f"headers.{name}")))
    return patterns


def _encode_once(octets: bytes) -> Segment:
    return base64_lines(octets) if len(octets) <= IN_PLACE else EncodedSource(octets)


def _index(pieces: list[Segment], wanted: bytes) -> int:
    """Find a piece by identity; equal ones are others."""
    return next(index for index, piece in enumerate(pieces) if piece is wanted)
