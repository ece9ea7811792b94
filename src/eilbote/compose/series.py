"""One draft for many recipients: what they share is composed once, attachments are encoded once.

Each recipient gets a message of their own, addressed to nobody else, with their values in the places of the
placeholders. It is the message that composing the filled draft alone would give; only the boundaries differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.compose.body import attached_parts, plain_text_of
from eilbote.compose.composed import Composed, composed
from eilbote.compose.custom_fields import check_name, check_value
from eilbote.compose.date_field import date_field
from eilbote.compose.file_source import EncodedSource
from eilbote.compose.header_section import author_section, own_section_of_one, shared_section
from eilbote.compose.parts import IN_PLACE, Part
from eilbote.compose.placeholders import Pattern, in_html, in_uri
from eilbote.compose.recipients import ONE_TO, reverse_path_of
from eilbote.compose.series_addresses import everyday_addresses, to_fields
from eilbote.compose.series_block import Block
from eilbote.compose.series_layout import Layout
from eilbote.compose.series_recipient import SeriesRecipient
from eilbote.compose.series_text import SeriesText
from eilbote.compose.stencil import Stencil, everyday_values
from eilbote.compose.transfer_encoding import base64_lines
from eilbote.compose.tree import absent_token, arrange, heavier, occurs
from eilbote.errors import DraftError
from eilbote.model.address import Mailbox, parse_mailbox
from eilbote.model.address_parser import parse_simple
from eilbote.model.finished import finished_envelope, finished_message
from eilbote.model.message import BodyKind, Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.compose.composed import Finisher
    from eilbote.compose.date_field import CurrentDate
    from eilbote.compose.limits import ComposeLimits
    from eilbote.compose.tree import Tokens
    from eilbote.model.draft import Draft
    from eilbote.model.ids import IdSource
    from eilbote.model.message import Message

__all__ = ["Series", "SeriesRecipient"]

_UNDERSCORE = ord("_")
_EVERYDAY_HEADER = 10_000  # octets up to which a header section needs no comparison with the limit
_SEVEN_BIT, _EIGHT_BIT = BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT


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
        self._texts = _versions(draft, body)
        self._beyond_ascii = "quoted-printable" if body is _SEVEN_BIT else "8bit"
        self._inline, self._attachments = attached_parts(draft, body, limits, tokens, _encode_once)
        self._token = absent_token((*self._inline, *self._attachments), tokens)
        self._layouts: dict[BodyKind, Layout] = {}
        self._limits = limits
        named = [*(name for text in self._texts for name in text.names), *self._subject.names]
        self._names = tuple(dict.fromkeys(named))
        self._block = Block(self._names, self._subject)
        self._stencils: dict[tuple[str, ...], tuple[Stencil, BodyKind] | None] = {}
        self._encodings = tuple([text.without_values()[0] for text in self._texts])

    def compose(self, recipient: SeriesRecipient, *, message_id: str | None = None) -> Composed:
        """Compose the message for one recipient.

        Args:
            recipient: Who, and the values of the placeholders.
            message_id: Its Message-ID when it is composed again, so that it stays the same message.

        Raises:
            AddressError: The address cannot be read.
            DraftError: A value is missing, or cannot be carried safely.
        """
        to = recipient.to
        if not isinstance(to, Mailbox):
            to = parse_simple(to) or parse_mailbox(to, field="to")
        given = recipient.values
        draft = self._draft
        envelope = finished_envelope(
            self._reverse_path, (to.addr_spec,), ONE_TO, draft.dsn, require_tls=draft.require_tls
        )
        if message_id is None:
            message_id = f"<{self._ids.token()}@{self._domain}>"
        date = self._fixed_date or self._date.field()
        shared = None if self._shared is not None else self._shared_section(given)
        everyday = everyday_values(self._names, given)
        if everyday is not None:
            own, utf8 = own_section_of_one(to, self._subject.fill(given), date, message_id)
            if len(own) + len(shared or b"") < _EVERYDAY_HEADER:
                message = self._stencilled(everyday, given, own, shared, message_id, utf8=utf8 or self._utf8)
                if message is not None:
                    return composed(Composed, (envelope, message))
        root_header, pieces, kind = self._fill(given)
        own, utf8 = own_section_of_one(to, self._subject.fill(given), date, message_id)
        header = (self._author, own, shared or self._shared or b"", root_header)
        message = self._finisher.finish(message_id, header, pieces[2:], kind, smtputf8=utf8 or self._utf8)
        return composed(Composed, (envelope, message))

    def compose_several(self, recipients: Sequence[SeriesRecipient]) -> list[Composed] | None:
        """Compose the messages for several recipients, or give ``None`` if one of them is to be composed alone.

        They are what :meth:`compose` gives for each, and nothing is raised that it would not raise for one of them.

        Args:
            recipients: At least one.
        """
        given = [recipient.values for recipient in recipients]
        read = self._block.columns(given)
        to = everyday_addresses([recipient.to for recipient in recipients])
        if self._shared is None or read is None or to is None:
            return None
        columns, are_ascii = read
        names, addresses = to
        message_ids = [f"<{self._ids.token()}@{self._domain}>" for _ in recipients]
        own = self._block.own_sections(
            to_fields(names, addresses), columns, self._fixed_date or self._date.field(), message_ids
        )
        if own is None or max(map(len, own)) + len(self._shared) >= _EVERYDAY_HEADER:
            return None
        laid_out = self._laid_out(given, columns, own, are_ascii=are_ascii)
        if laid_out is None:
            return None
        draft, reverse_path, utf8 = self._draft, self._reverse_path, self._utf8
        dsn, require_tls = draft.dsn, draft.require_tls
        return [
            composed(
                Composed,
                (
                    finished_envelope(reverse_path, (address,), ONE_TO, dsn, require_tls=require_tls),
                    finished_message(
                        message_id,
                        (octets, *stencil.tail),
                        len(octets) + stencil.tail_size,
                        kind,
                        smtputf8=utf8,
                    ),
                ),
            )
            for address, message_id, (octets, (stencil, kind)) in zip(
                addresses, message_ids, laid_out, strict=True
            )
        ]

    def _laid_out(
        self,
        given: Sequence[Mapping[str, str]],
        columns: Sequence[Sequence[str]],
        own: Sequence[bytes],
        *,
        are_ascii: bool,
    ) -> list[tuple[bytes, tuple[Stencil, BodyKind]]] | None:
        """Give each message's octets with the stencil they come from, or ``None`` if values ask for more than copying."""
        wanted = [self._encodings] * len(own) if are_ascii else list(map(self._encodings_with, given))
        stencils: dict[tuple[str, ...], tuple[Stencil, BodyKind]] = {}
        for encodings in dict.fromkeys(wanted):
            if (found := self._stencil_for(encodings)) is None:
                return None
            stencils[encodings] = found
        chosen = [stencils[encodings] for encodings in wanted]
        filled: list[bytes] = []
        if len(stencils) == 1:
            filled = chosen[0][0].fill_several(columns, own) or []
        else:  # some values are ASCII and some are not, where that makes a difference
            for (stencil, _), row, section in zip(chosen, zip(*columns, strict=True), own, strict=True):
                filled += [] if (octets := stencil.fill(row, section, None)) is None else [octets]
        if len(filled) < len(own):
            return None
        if (
            max(map(len, filled)) + max([stencil.tail_size for stencil, _ in chosen])
            > self._limits.message_octets
        ):
            return None
        return list(zip(filled, chosen, strict=True))

    # -- the everyday recipient --------------------------------------------------------------------------

    def _stencilled(
        self,
        everyday: tuple[list[str], bool],
        given: Mapping[str, str],
        own: bytes,
        shared: bytes | None,
        message_id: str,
        *,
        utf8: bool,
    ) -> Message | None:
        """Give the message, or ``None`` if the values ask for more than copying."""
        values, are_ascii = everyday
        encodings = self._encodings if are_ascii else self._encodings_with(given)
        found = self._stencil_for(encodings)
        if found is None:
            return None
        stencil, kind = found
        octets = stencil.fill(values, own, shared)
        if octets is None or len(octets) + stencil.tail_size > self._limits.message_octets:
            return None
        segments = (octets, *stencil.tail) if stencil.tail else (octets,)
        return finished_message(message_id, segments, len(octets) + stencil.tail_size, kind, smtputf8=utf8)

    def _stencil_for(self, encodings: tuple[str, ...]) -> tuple[Stencil, BodyKind] | None:
        if encodings not in self._stencils:
            self._stencils[encodings] = self._cut_stencil(encodings)
        return self._stencils[encodings]

    def _encodings_with(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """Give the texts' transfer encodings with values that are not all ASCII."""
        if "7bit" not in self._encodings:
            return self._encodings
        beyond = self._beyond_ascii
        return tuple(
            [
                beyond
                if encoding == "7bit" and not "".join([given[name] for name in text.names]).isascii()
                else encoding
                for text, encoding in zip(self._texts, self._encodings, strict=True)
            ]
        )

    def _cut_stencil(self, encodings: tuple[str, ...]) -> tuple[Stencil, BodyKind] | None:
        """Lay out the message with holes, if its texts stay as they are with everyday values in them."""
        header_octets = len(self._author) + len(self._shared or b"") + 2 * _EVERYDAY_HEADER
        if (
            self._finisher.signer is not None
            or header_octets > self._limits.header_octets
            or not {"7bit", "8bit"}.issuperset(encodings)
        ):
            return None
        layout = self._layout(_EIGHT_BIT if "8bit" in encodings else _SEVEN_BIT)
        pieces = layout.pieces.copy()
        if layout.single:
            last = self._texts[0].pieces[-1]
            if not last:
                return None
            if not last.endswith(b"\r\n"):
                pieces.append(b"\r\n")
        stencil = Stencil(
            author=self._author,
            shared=self._shared or b"",
            names=self._names,
            texts=self._texts,
            encodings=encodings,
            pieces=pieces,
            token=b"" if layout.single else self._token,
        )
        return stencil, layout.kind

    # -- header ------------------------------------------------------------------------------------------

    def _shared_section(self, given: Mapping[str, str]) -> bytes:
        return shared_section(
            self._draft,
            tuple([pattern.fill(given, in_uri) for pattern in self._unsubscribe]),
            tuple([(name, pattern.fill(given)) for name, pattern in self._headers]),
        )

    # -- body --------------------------------------------------------------------------------------------

    def _layout(self, demanded: BodyKind) -> Layout:
        """Give the tree for texts that demand this; it is built once, because the labels on it depend on that."""
        layout = self._layouts.get(demanded)
        if layout is None:
            gaps = [Part(text.header, (text.body,), demanded) for text in self._texts]
            root = arrange(gaps, self._inline, self._attachments, self._token)
            layout = self._layouts[demanded] = Layout(root, self._texts)
        return layout

    def _fill(self, given: Mapping[str, str]) -> tuple[bytes, list[Segment], BodyKind]:
        """Give the last header lines, the pieces from there on, and what they demand of the next hop."""
        filled = [text.compose(given) for text in self._texts]
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


def _versions(draft: Draft, body: BodyKind) -> list[SeriesText]:
    """Give the texts, the plainest first, as the composer does for a single message."""
    html = None if draft.html is None else SeriesText(draft.html, "html", body, in_html)
    text = plain_text_of(draft)
    derived_from = html if draft.text is None else None
    plain = None if text is None else SeriesText(text, "plain", body, derived_from=derived_from)
    return [version for version in (plain, html) if version is not None]


def _header_patterns(draft: Draft) -> list[tuple[str, Pattern]]:
    """Read the fields of the author's own; names that nobody may set are found before anybody is written to."""
    patterns: list[tuple[str, Pattern]] = []
    for name, value in draft.headers:
        check_name(name)
        patterns.append((name, Pattern(check_value(name, value), f"headers.{name}")))
    return patterns


def _encode_once(octets: bytes) -> Segment:
    return base64_lines(octets) if len(octets) <= IN_PLACE else EncodedSource(octets)
