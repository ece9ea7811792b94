"""Where authors choose their own From, an administrator says whose names they may write in."""

from __future__ import annotations

import pytest

from eilbote.compose.composer import Composer
from eilbote.connections.allowed_senders import check_sender, read_allowed_senders
from eilbote.connections.change import with_fields
from eilbote.connections.connection import Connection
from eilbote.connections.stored import StoredConnection
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import DraftError, SettingsError
from eilbote.model.address import parse_mailbox
from eilbote.model.draft import Draft
from eilbote.model.moment import Moment

ALLOWED = ("shop@example.org", "@news.example.org")


@pytest.mark.parametrize(
    "said",
    [
        "shop@example.org, @news.example.org",
        "Shop@Example.org;@NEWS.example.org",
        ["shop@example.org", "@news.example.org"],
        "shop@example.org @news.example.org shop@example.org",
    ],
)
def test_addresses_and_domains_are_read_in_any_form(said: object) -> None:
    assert read_allowed_senders(said) == ALLOWED
    assert read_allowed_senders("") == read_allowed_senders(None) == ()


@pytest.mark.parametrize("said", ["shop", "@", "a@b@c", 3, [3], "@ex ample", "*@example.org,"])
def test_what_is_neither_is_refused(said: object) -> None:
    with pytest.raises(SettingsError) as refused:
        read_allowed_senders(said if said != "*@example.org," else "@*")
    assert refused.value.field == "allowed_senders"


@pytest.mark.parametrize("sender", ["shop@example.org", "SHOP@example.ORG", "anybody@news.example.org"])
def test_who_is_allowed_may_send(sender: str) -> None:
    check_sender(parse_mailbox(f"The shop <{sender}>", field="from"), ALLOWED)


@pytest.mark.parametrize(
    "sender",
    ["ceo@example.org", "shop@example.com", "shop@news.example.org.evil.example", "x@sub.news.example.org"],
)
def test_who_is_not_may_not(sender: str) -> None:
    with pytest.raises(DraftError) as refused:
        check_sender(parse_mailbox(sender, field="from"), ALLOWED)
    assert refused.value.field == "from"
    assert "shop@example.org" in (refused.value.cause or "")


def test_whoever_a_key_refuses_is_not_sent_to_the_connection() -> None:
    with pytest.raises(DraftError, match="may not send with this API key") as refused:
        check_sender(parse_mailbox("x@evil.example", field="from"), ("acme.example",), by_key=True)
    assert "acme.example" in (refused.value.cause or "")
    assert "key" in (refused.value.remedy or "")
    assert "connection" not in str(refused.value)


def test_without_any_everybody_may() -> None:
    check_sender(parse_mailbox("x@y.example", field="from"), ())


def composer(**settings: str) -> Composer:
    connection = Connection.from_uri("smtp://mail.example.org", **settings)  # type: ignore[arg-type]
    return Composer(
        clock=SystemClock(),
        ids=RandomIds(),
        default_from=connection.default_from,
        allowed_senders=(connection.allowed_senders,),
    )


@pytest.mark.parametrize(
    "draft, field",
    [
        (Draft(from_="ceo@example.org", to="a@b.example"), "from"),
        (Draft(from_="shop@example.org", sender="ceo@example.org", to="a@b.example"), "sender"),
    ],
)
def test_a_message_in_another_name_is_not_composed(draft: Draft, field: str) -> None:
    with pytest.raises(DraftError) as refused:
        composer(allowed_senders="shop@example.org").compose(draft)
    assert refused.value.field == field
    with pytest.raises(DraftError):
        composer(allowed_senders="shop@example.org").series(draft.replace(to=()))


def test_a_default_that_is_not_allowed_is_told_when_the_connection_is_made() -> None:
    with pytest.raises(SettingsError) as refused:
        composer(default_from="ceo@example.org", allowed_senders="shop@example.org")
    assert refused.value.field == "allowed_senders"


def test_a_stored_connection_keeps_them_as_a_text() -> None:
    empty = StoredConnection(name="office")
    changed = with_fields(
        empty,
        {"host": "mail.example.org", "allowedSenders": ["shop@example.org", "@a.example"]},
        now=Moment(0),
    )
    assert changed.stored.plain["allowed_senders"] == "shop@example.org, @a.example"
    assert changed.connection.allowed_senders == ("shop@example.org", "@a.example")
