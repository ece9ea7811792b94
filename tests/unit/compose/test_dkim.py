"""DKIM signatures, judged by dkimpy."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.properties.mail_oracle import assert_sound, names_of, value_of

from eilbote.compose.composer import Composer
from eilbote.compose.dkim import DkimAlgorithm, DkimSigner
from eilbote.compose.series import SeriesRecipient
from eilbote.errors import SettingsError
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.model.secret import Secret
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
KEYS = {"rsa": RSA, "ed25519": ED25519}


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> Secret:
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def published(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        octets = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(octets)
    octets = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(octets)


def signing(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> Composer:
    signer = DkimSigner("example.org", "mail2026", pem(key))
    return Composer(clock=ManualClock(), ids=FixedIds(), signer=signer)


def verified(octets: bytes, key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bool:
    def record(name: bytes, timeout: int = 5) -> bytes | None:
        return published(key) if name == b"mail2026._domainkey.example.org." else None

    try:
        return bool(dkim.DKIM(octets).verify(dnsfunc=record))
    except dkim.ValidationError:
        return False


DRAFTS: dict[str, dict[str, object]] = {
    "text": {"text": "One\n\n  Two \t\n\n\n"},
    "nothing": {"text": ""},
    "line ends": {"text": "\n\n\n"},
    "international": {"subject": "Grüße " * 30, "text": "Grüße " * 500, "cc": "Jürgen <j@bücher.example>"},
    "alternative": {"html": "<p>x  y </p>\n", "text": "x"},
    "attachment": {"text": "x", "attachments": [Attachment.from_bytes(os.urandom(100_000))]},
    "every field": {
        "text": "x",
        "sender": "bot@example.org",
        "reply_to": "a@example.org",
        "in_reply_to": "<a@b>",
        "references": "<a@b> <c@d>",
        "unsubscribe": "https://example.org/u",
        "one_click_unsubscribe": True,
        "headers": {"List-Id": "<x.example.org>", "X-Other": "y"},
    },
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("fields", DRAFTS.values(), ids=DRAFTS)
def test_the_signature_holds(fields: dict[str, object], key: rsa.RSAPrivateKey) -> None:
    draft = Draft(from_="a@example.org", to="b@example.net", **fields)  # type: ignore[arg-type] - a draft's fields
    message = signing(key).compose(draft, body=BodyKind.EIGHT_BIT).message
    octets = message.octets()
    assert verified(octets, key)
    assert_sound(octets)
    assert names_of(octets)[0] == "DKIM-Signature"
    assert message.size == len(octets)
    assert message.body is BodyKind.SEVEN_BIT


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_file_is_signed_in_a_stream(key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(os.urandom(400_001))
    draft = Draft(
        from_="a@example.org", to="b@example.net", text="x", attachments=[Attachment.from_file(file)]
    )
    message = signing(key).compose(draft).message
    assert len(message.segments) == 3
    assert verified(message.octets(), key)


def test_a_series_is_signed_message_by_message() -> None:
    series = signing(ED25519).series(Draft(from_="a@example.org", subject="{{ n }}", text="{{ n }}"))
    for number in "12":
        octets = series.compose(SeriesRecipient("b@example.net", {"n": number})).message.octets()
        assert verified(octets, ED25519)


@pytest.mark.parametrize(
    "old, new",
    [
        (b"Subject: Pay 10", b"Subject: Pay 99"),
        (b"Subject: Pay 10", b"Subject: Pay 99\r\nSubject: Pay 10"),
        (b"From: a@example.org", b"From: thief@example.com\r\nFrom: a@example.org"),
        (b"MIME-Version", b"Cc: c@example.net\r\nMIME-Version"),
        (b"MIME-Version", b"Reply-To: thief@example.com\r\nMIME-Version"),
        (b"Pay ten", b"Pay ninety"),
    ],
)
def test_what_is_changed_or_added_breaks_it(old: bytes, new: bytes) -> None:
    draft = Draft(from_="a@example.org", to="b@example.net", subject="Pay 10", text="Pay ten")
    octets = signing(RSA).compose(draft).message.octets()
    assert verified(octets, RSA)
    assert octets.count(old) == 1
    assert not verified(octets.replace(old, new), RSA)


def test_what_the_field_says() -> None:
    octets = (
        signing(ED25519).compose(Draft(from_="a@example.org", to="b@c.example", text="x")).message.octets()
    )
    tags = dict(tag.strip().split("=", 1) for tag in value_of(octets, "DKIM-Signature").split(";"))
    assert (tags["v"], tags["a"], tags["c"], tags["d"], tags["s"], tags["t"]) == (
        "1",
        "ed25519-sha256",
        "relaxed/relaxed",
        "example.org",
        "mail2026",
        "1768469400",
    )
    header = octets.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in header.split(b"\r\n"))


def test_the_key_decides_the_algorithm_and_is_never_shown() -> None:
    signer = DkimSigner("example.org", "s", pem(RSA))
    assert signer.algorithm is DkimAlgorithm.RSA_SHA256
    assert "PRIVATE" not in repr(signer)
    assert "RSAPrivateKey" not in repr(signer)


@pytest.mark.parametrize(
    "domain, selector, key, field",
    [
        ("Example.org", "s", pem(RSA), "dkim.domain"),
        ("example.org; x=y", "s", pem(RSA), "dkim.domain"),
        ("", "s", pem(RSA), "dkim.domain"),
        ("example.org", "s\r\n", pem(RSA), "dkim.selector"),
        ("example.org", "", pem(RSA), "dkim.selector"),
        ("example.org", "s", Secret("no key"), "dkim.private_key"),
        ("example.org", "s", Secret(""), "dkim.private_key"),
        ("example.org", "s", pem(ec.generate_private_key(ec.SECP256R1())), "dkim.private_key"),
    ],
)
def test_settings_that_cannot_work(domain: str, selector: str, key: Secret, field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        DkimSigner(domain, selector, key)
    assert caught.value.field == field
    assert caught.value.remedy
