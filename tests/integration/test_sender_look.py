"""A sender's domain is looked up at a real name server, however badly that one behaves; nothing of it fails."""

from __future__ import annotations

import pytest
from tests.integration.lab.name_server import NameServer, Said, serving_names

from eilbote.connections.connection import Connection
from eilbote.connections.sender_check import SenderReview
from eilbote.engine.sender_look import look_at_sender
from eilbote.model.text_records import Silence, TextRecords
from eilbote.net.dns import NameServers

pytestmark = pytest.mark.asyncio

GMAIL = Connection.from_service("Gmail", user="anna@example.org", password="x")
GOOD: dict[str, Said] = {
    "example.org": ["v=spf1 include:_spf|.google.com ~all"],
    "_spf.google.com": ["v=spf1 ip4:192.0.2.0/24 ~all"],
    "google._domainkey.example.org": ["v=DKIM1; p=MIGf"],
    "_dmarc.example.org": ["v=DMARC1; p=reject"],
}


def asking(server: NameServer, *, seconds: float = 5) -> NameServers:
    return NameServers(("127.0.0.1",), port=server.port, seconds=seconds)


async def looked(
    zone: dict[str, Said],
    sender: str = "anna@example.org",
    *,
    through: Connection = GMAIL,
    seconds: float = 5,
) -> SenderReview:
    async with serving_names(zone) as server:
        return await look_at_sender(through, sender, names=asking(server, seconds=seconds))


@pytest.mark.parametrize(
    "said,expected",
    [
        (["one", "t|wo"], TextRecords(texts=("one", "two"))),
        ([], TextRecords()),
        ("nxdomain", TextRecords(exists=False)),
        ("servfail", TextRecords(silence=Silence.FAILURE)),
        ("silence", TextRecords(silence=Silence.TIMEOUT)),
    ],
)
async def test_every_answer_is_a_value(said: Said, expected: TextRecords) -> None:
    async with serving_names({"example.org": said}) as server:
        assert await asking(server, seconds=0.3).text_records("example.org") == expected


async def test_an_answer_that_cannot_be_read_is_none() -> None:
    async with serving_names({"example.org": "garbage"}) as server:
        found = await asking(server, seconds=0.3).text_records("example.org")
        again = await asking(server, seconds=0.3).text_records("a" * 64 + ".example")
    assert found.silence is not None
    assert again.silence is Silence.UNUSABLE


async def test_a_domain_in_order_is_said_to_be() -> None:
    found = await looked(GOOD)
    assert found.warnings == ()
    assert "allows Google" in found.seen


@pytest.mark.parametrize(
    "change,words",
    [
        ({"example.org": "nxdomain"}, "does not exist"),
        ({"example.org": "servfail"}, "could not find out"),
        ({"example.org": "silence"}, "did not answer in time"),
        ({"example.org": ["v=spf1 -all", "v=spf1 ~all"]}, "2 SPF records"),
        (
            {"example.org": ["v=spf1 include:_spf.google.com " + "a:b.example " * 10 + "~all"]},
            "11 look-ups",
        ),
    ],
)
async def test_what_is_wrong_is_a_warning(change: dict[str, Said], words: str) -> None:
    found = await looked({**GOOD, **change}, seconds=0.4)
    assert words in " ".join(found.warnings)


async def test_an_international_domain_is_asked_for_by_its_a_labels() -> None:
    async with serving_names({}) as server:
        await look_at_sender(GMAIL, "anna@bücher.example", names=asking(server))
        assert "xn--bcher-kva.example" in server.asked


async def test_the_account_of_another_address_is_named() -> None:
    found = await looked(GOOD, "info@example.org")
    assert "sends only from the account's own address" in found.warnings[0]


async def test_a_providers_own_domain_is_its_own_business() -> None:
    anna = Connection.from_service("Gmail", user="anna@gmail.com", password="x")
    other = Connection(host="mail.example.net", security="starttls")
    async with serving_names({}) as server:
        own = await look_at_sender(anna, "anna@gmail.com", names=asking(server))
        borrowed = await look_at_sender(other, "anna@gmail.com", names=asking(server))
        assert server.asked == []
    assert own.warnings == ()
    assert "another provider's server" in borrowed.warnings[0]
