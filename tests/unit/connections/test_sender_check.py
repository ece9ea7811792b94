"""What a domain publishes, and whether receivers will believe a From address of it; no name server is asked here."""

from __future__ import annotations

import pytest

from eilbote.connections.sender_check import SenderCheck, SenderReview, provider_of, providers
from eilbote.connections.spf import read_spf
from eilbote.model.text_records import Silence, TextRecords

GMAIL = "smtp.gmail.com"
UNKNOWN = "mail.example.net"
GOOD = {
    "example.org": ["google-site-verification=x", "v=spf1 include:_spf.google.com ~all"],
    "_spf.google.com": ["v=spf1 include:_netblocks.google.com ~all"],
    "_netblocks.google.com": ["v=spf1 ip4:192.0.2.0/24 ~all"],
    "google._domainkey.example.org": ["v=DKIM1; k=rsa; p=MIGf"],
    "_dmarc.example.org": ["v=DMARC1; p=reject"],
}
ZONE = dict[str, "list[str] | Silence"]


def asked(zone: ZONE, name: str) -> TextRecords:
    said = zone.get(name)
    if isinstance(said, Silence):
        return TextRecords(silence=said)
    return TextRecords(exists=False) if said is None else TextRecords(texts=tuple(said))


def checked(
    zone: ZONE, domain: str = "example.org", *, server: str = GMAIL, account: str = ""
) -> SenderReview:
    check = SenderCheck(domain, server=server, account_domain=account)
    rounds = 0
    while questions := check.questions():
        rounds += 1
        assert rounds < 50
        check.take({name: asked(zone, name) for name in questions})
    return check.review()


def test_a_domain_in_order() -> None:
    found = checked(dict(GOOD), account="example.org")

    assert found.warnings == ()
    assert found.seen == (
        "the SPF record of example.org allows Google; a DKIM key for Google is there; DMARC policy reject"
    )


@pytest.mark.parametrize(
    "change,words",
    [
        ({"example.org": ["hello"]}, "no SPF record, so anybody may pose as it: publish the TXT record 'v=spf1 include:_spf.google.com ~all'"),
        ({"example.org": ["v=spf1 -all", "v=spf1 include:_spf.google.com -all"]}, "has 2 SPF records"),
        ({"example.org": ["v=spf1 mx -all"]}, "does not allow Google to send: add include:_spf.google.com"),
        ({"example.org": ["v=spf1 include:_spf.google.com +all"]}, "allows anybody"),
        ({"example.org": ["v=spf1 include:_spf.google.com all"]}, "allows anybody"),
        ({"example.org": ["v=spf1 include:_spf.google.com include:gone.example -all"]}, "includes gone.example, which has none"),
        ({"example.org": ["v=spf1 include:_spf.google.com " + "a:x.example " * 9 + "-all"]}, "needs 11 look-ups"),
        ({"google._domainkey.example.org": ["v=DKIM1; p="]}, "no DKIM key under the names Google usually takes (google)"),
        ({"_dmarc.example.org": ["something else"]}, "no DMARC record"),
        ({"_dmarc.example.org": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}, "2 DMARC records"),
    ],
)  # fmt: skip
def test_what_is_not_well_is_named_with_what_to_do(change: ZONE, words: str) -> None:
    found = checked({**GOOD, **change})

    assert len(found.warnings) == 1
    assert words in found.warnings[0]


def test_a_domain_that_does_not_exist() -> None:
    found = checked({})
    assert "does not exist" in found.warnings[0]
    assert len(found.warnings) == 1


@pytest.mark.parametrize("silence", Silence)
def test_name_servers_that_do_not_answer_are_no_fault_of_the_domain(silence: Silence) -> None:
    found = checked({**GOOD, "example.org": silence})
    assert found.warnings == (f"the records of example.org could not be looked up: {silence.value}.",)

    partly = checked(
        {
            **GOOD,
            "_spf.google.com": silence,
            "google._domainkey.example.org": silence,
            "_dmarc.example.org": silence,
        }
    )
    assert partly.warnings == ()
    assert "DKIM is not known" in partly.seen
    assert "DMARC is not known" in partly.seen


def test_an_unknown_server_is_not_judged() -> None:
    found = checked({**GOOD, "example.org": ["v=spf1 ip4:192.0.2.1 -all"]}, server=UNKNOWN)
    assert found.warnings == ()
    assert found.seen == "the SPF record of example.org is there; DMARC policy reject"


def test_an_account_of_another_domain_where_the_policy_is_strict() -> None:
    strict = checked(dict(GOOD), account="other.example")
    assert "asks receivers to reject" in strict.warnings[0]
    loose = {**GOOD, "_dmarc.example.org": ["v=DMARC1; p=none"]}
    assert checked(loose, account="other.example").warnings == ()
    assert checked(dict(GOOD), account="mail.example.org").warnings == ()


def test_the_policy_of_a_domain_above_speaks_for_those_below() -> None:
    below = {
        name.replace("example.org", "news.example.org"): said
        for name, said in GOOD.items()
        if not name.startswith("_dmarc")
    }
    found = checked(
        {**below, "_dmarc.example.org": ["v=DMARC1;p=quarantine; rua=mailto:x@example.org"]},
        "news.example.org",
    )
    assert found.warnings == ()
    assert found.seen.endswith("DMARC policy quarantine")


def test_records_that_include_each_other_come_to_an_end() -> None:
    circle: ZONE = {
        **GOOD,
        "example.org": ["v=spf1 include:b.example ~all"],
        "b.example": ["v=spf1 include:example.org include:_spf.google.com ~all"],
    }
    assert checked(circle).warnings == ()
    endless = {f"n{at}.example": [f"v=spf1 include:n{at + 1}.example ~all"] for at in range(100)}
    found = checked({**GOOD, **endless, "example.org": ["v=spf1 include:n0.example ~all"]})
    assert any("look-ups" in warning for warning in found.warnings)


def test_an_spf_record_is_read() -> None:
    record = read_spf(
        "v=spf1 A mx/24 a:x.example ip4:192.0.2.0/24 exists:%{i}.x.example ptr include:B.example. include:%{d}.x redirect=c.example"
    )
    assert record.includes == ("b.example",)
    assert record.redirect == "c.example"
    assert record.own_lookups == 8
    assert not record.allows_anybody


def test_providers_are_known_by_their_servers() -> None:
    for provider in providers():
        assert provider.spf or provider.selectors
        assert provider.source.startswith("https://")
        for server in provider.servers:
            assert provider_of(server) is provider
    assert provider_of("notsmtp.gmail.com.example") is None
