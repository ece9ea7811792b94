"""Whatever is put into a public noun, it is taken or refused with the field named; nothing breaks deep inside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from tests.unit.engine.memory_transport import MemoryTransport

from eilbote import (
    AccessToken,
    AddressError,
    Attachment,
    AttachmentError,
    Connection,
    DkimSigner,
    Draft,
    DraftError,
    DsnRequest,
    EilboteError,
    Envelope,
    FileTransport,
    Group,
    Limits,
    Mailbox,
    Mailer,
    Password,
    Receipt,
    RecipientKind,
    Secret,
    Security,
    SeriesRecipient,
    SettingsError,
    Timeouts,
    TlsPolicy,
    UriError,
    lookup_service,
    parse_address_list,
    parse_mailbox,
)
from eilbote.connections.connection import Settings
from eilbote.connections.fields import NAMES
from eilbote.model.attachment import FileContent, MimePart
from eilbote.testing.manual_clock import ManualClock


def ed25519_key() -> Secret:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Secret(pem.decode())


JUNK = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 25, 465, 10**18, 10**400, 10**5000, 1.5, -0.0, 1e308),
        *(float("nan"), float("inf"), 1j, Ellipsis),
        *(
            "",
            " ",
            "x",
            "587",
            "1" * 5000,
            "a\r\nb",
            "\ud800",
            "ä@b.example",
            "smtp://[::1",
            "[",
            "%zz",
            "tls",
        ),
        *(b"", b"x", b"\xff", bytearray(b"x"), memoryview(b"x")),
        *(
            [],
            ["x"],
            [None],
            (),
            ("x",),
            (1, 2),
            {},
            {"x": "y"},
            {1: 2},
            {"x": None},
            set(),
            frozenset({"x"}),
        ),
        *(object(), object, len, Path("x"), Path(), Path("\0")),
        *(Secret("x"), Mailbox("", "a", "b.example"), Security.TLS, TlsPolicy(), Timeouts(), Limits()),
        *(
            Password(user="u", password=Secret("p")),
            Attachment.from_bytes(b"x"),
            EilboteError,
            ValueError("x"),
        ),
    ]
)

MAILBOX = ("display_name", "local_part", "domain")
SETTINGS = tuple(sorted(Settings.__annotations__))
DOORS: list[tuple[Callable[..., object], tuple[str, ...], Mapping[str, object]]] = [
    # the door, what can be given there, and what has to be
    (Attachment, ("content", "filename", "media_type", "inline", "content_id"), {"content": b"x"}),
    (Attachment.from_bytes, ("data", "filename", "media_type"), {"data": b"x"}),
    (Attachment.from_text, ("text", "filename", "media_type"), {"text": "x"}),
    (Attachment.from_base64, ("text", "filename", "media_type"), {"text": "eA=="}),
    (Attachment.from_file, ("path", "filename", "media_type"), {"path": __file__}),
    (Attachment.from_mime, ("part",), {"part": b"\r\n"}),
    (Attachment.from_bytes(b"x").as_inline, ("content_id",), {"content_id": "x"}),
    (FileContent, ("path", "size"), {"path": Path("x"), "size": 1}),
    (MimePart, ("octets",), {"octets": b"x"}),
    (SeriesRecipient, ("to", "values"), {"to": "a@b.example"}),
    (Secret, ("text",), {"text": "x"}),
    (Password, ("user", "password", "domain"), {"user": "u", "password": "p"}),
    (AccessToken, ("user", "token"), {"user": "u", "token": "t"}),
    (TlsPolicy, tuple(TlsPolicy.__dataclass_fields__), {}),
    (Timeouts, tuple(Timeouts.__dataclass_fields__), {}),
    (Limits, tuple(Limits.__dataclass_fields__), {}),
    (Connection, tuple(Connection.__dataclass_fields__), {"host": "mail.example.com"}),
    (Connection.from_uri, ("uri", *SETTINGS), {"uri": "smtp://mail.example.com"}),
    (
        Connection.from_service,
        ("service", *SETTINGS),
        {"service": "gmail", "user": "a@b.example", "password": "x"},
    ),
    (lambda **fields: Connection.from_fields(fields), tuple(NAMES), {"host": "mail.example.com"}),
    (Connection.from_fields, ("fields",), {"fields": {"host": "mail.example.com"}}),
    (lookup_service, ("text",), {"text": "gmail"}),
    (FileTransport, ("directory", "clock", "ids"), {"directory": Path(__file__).parent}),
    (Mailer, ("connection", "clock", "ids", "dkim", "transport"), {"connection": "smtp://localhost"}),
    (
        DkimSigner,
        ("domain", "selector", "private_key"),
        {"domain": "example.org", "selector": "mail", "private_key": ed25519_key()},
    ),
    (Mailbox, MAILBOX, dict(zip(MAILBOX, ("Anna", "anna", "example.org"), strict=True))),
    (Group, ("display_name", "mailboxes"), {"display_name": "Staff"}),
    (lambda **given: parse_mailbox(**given, field="from"), ("value",), {"value": "anna@example.org"}),
    (lambda **given: parse_address_list(**given, field="to"), ("value",), {"value": "anna@example.org"}),
    (
        Envelope,
        ("reverse_path", "forward_paths", "kinds", "dsn", "require_tls"),
        {"reverse_path": "ops@example.org", "forward_paths": ("anna@example.org",)},
    ),
    (DsnRequest, ("notify", "ret", "envelope_id"), {}),
]


def door_name(door: object) -> str:
    return getattr(door, "__qualname__", "")


@pytest.mark.parametrize("door,arguments,needed", DOORS, ids=door_name)
@given(data=st.data())
def test_a_door_takes_a_value_or_names_the_field(
    door: Callable[..., object],
    arguments: tuple[str, ...],
    needed: Mapping[str, object],
    data: st.DataObject,
) -> None:
    changed = data.draw(st.lists(st.sampled_from(arguments), max_size=3, unique=True))
    given_values = {**needed, **{name: data.draw(JUNK, label=name) for name in changed}}

    refusal = refusal_of(door, given_values)

    if refusal is not None:
        assert refusal.field
        assert str(refusal)
        assert "0x" not in refusal.what, "that is where an object lies in memory, which tells nobody anything"


def test_a_list_is_as_good_as_a_tuple_and_kept_as_one() -> None:
    anna = Mailbox("", "anna", "example.org")

    assert Group("Staff", [anna]).mailboxes == (anna,)  # type: ignore[arg-type]
    assert hash(envelope(forward_paths=["anna@example.org"], kinds=[RecipientKind.TO]))


def refusal_of(door: Callable[..., object], values: Mapping[str, object]) -> EilboteError | None:
    try:
        door(**values)
    except EilboteError as refusal:
        return refusal
    return None


@pytest.mark.parametrize("door,arguments,needed", DOORS, ids=door_name)
def test_what_has_to_be_given_is_enough(
    door: Callable[..., object], arguments: tuple[str, ...], needed: Mapping[str, object]
) -> None:
    door(**needed)


@given(st.lists(st.tuples(JUNK, JUNK) | JUNK, max_size=4))
def test_a_series_gives_each_recipient_a_receipt(recipients: list[Any]) -> None:
    """Nobody is lost, and the one who cannot be written to does not stop the others."""
    people = [("anna@example.org", {"x": "1"}), *recipients, ("max@example.org", {"x": "2"})]
    draft = Draft(from_="ops@example.org", subject="{{ x }}", text="Hello {{ x }}")

    receipts = asyncio.run(receipts_of(draft, people))

    assert [receipt.index for receipt in receipts] == list(range(len(people)))
    assert receipts[0].ok
    assert receipts[-1].ok
    for receipt in receipts[1:-1]:
        assert receipt.ok or isinstance(receipt.error, DraftError)
        assert receipt.ok or receipt.error.what != "the draft could not be composed", "nobody foresaw this"


async def receipts_of(draft: Draft, people: list[Any]) -> list[Receipt]:
    async with Mailer("smtp://localhost", clock=ManualClock(), transport=MemoryTransport()) as mailer:
        receipts = [receipt async for receipt in mailer.send_many(draft, people)]
    return sorted(receipts, key=lambda receipt: receipt.index)


def envelope(**changed: object) -> Envelope:
    given: dict[str, Any] = {"reverse_path": "", "forward_paths": ("anna@example.org",), **changed}
    return Envelope(**given)


@pytest.mark.parametrize(
    "door,value,field",
    [
        (Attachment.from_text, b"octets", "attachment.text"),
        (Attachment.from_bytes, "text", "attachment.data"),
        (Attachment.from_base64, None, "attachment.base64"),
        (Attachment.from_file, None, "attachment.file"),
        (Attachment.from_mime, 5, "attachment.mime"),
        (Secret, None, "secret"),
        (Mailer, None, "connection"),
        (Connection.from_uri, None, "uri"),
        (Connection.from_fields, "smtp://x", "fields"),
        (lambda host: Connection(host=host), 5, "host"),
        (lambda user: Connection.from_uri("smtp://localhost", user=user), ["anna"], "user"),
        (lambda values: SeriesRecipient("a@b.example", values), None, "values"),
        (lambda key: DkimSigner("example.org", "mail", key), b"octets", "dkim.private_key"),
        (lambda domain: DkimSigner(domain, "mail", Secret("x")), None, "dkim.domain"),
        (lambda domain: Mailbox("", "anna", domain), b"example.org", "domain"),
        (lambda members: Group("Staff", members), ("anna@example.org",), "mailboxes[0]"),
        (lambda paths: envelope(forward_paths=paths), "anna@example.org", "envelope.forward_paths"),
        (lambda path: envelope(reverse_path=path), None, "envelope.reverse_path"),
        (lambda path: envelope(reverse_path=path), b"ops@example.org", "envelope.reverse_path"),
        (lambda kinds: envelope(kinds=kinds), ("to",), "envelope.kinds"),
        (lambda tls: envelope(require_tls=tls), "no", "envelope.require_tls"),
        (lambda verify: TlsPolicy(verify=verify), "no", "tls.verify"),
        (lambda out: Mailer("smtp://localhost", transport=out), Path("outgoing"), "transport"),
    ],
    ids=lambda value: door_name(value) or repr(value),
)
def test_the_slip_of_the_pen_is_named(door: Callable[[Any], object], value: object, field: str) -> None:
    with pytest.raises((AddressError, AttachmentError, DraftError, SettingsError, UriError)) as caught:
        door(value)

    assert caught.value.field == field
    assert caught.value.remedy


def test_a_setting_that_does_not_exist_is_not_dropped_in_silence() -> None:
    with pytest.raises(SettingsError, match="no setting 'timeout'") as caught:
        Connection.from_uri("smtp://localhost", timeout=5)  # type: ignore[call-arg]

    assert "Did you mean timeouts?" in (caught.value.remedy or "")


def test_no_refusal_shows_what_may_be_a_secret() -> None:
    for door in (Secret, lambda token: AccessToken(user="u", token=token)):
        with pytest.raises(SettingsError) as caught:
            door(["Tr0ub4dor"])  # type: ignore[arg-type]
        assert "Tr0ub4dor" not in str(caught.value)
