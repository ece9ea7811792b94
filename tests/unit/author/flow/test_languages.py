"""One flow speaks to people in their own languages."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from eilbote.author.flow.definition import Flow, read_flow
from eilbote.author.flow.effect import SendEmail
from eilbote.author.flow.run import begin
from eilbote.errors import FlowError
from eilbote.model.data import Data
from eilbote.model.draft import Draft
from eilbote.model.moment import Moment
from eilbote.template.branding import Branding

NOW = Moment(1_800_000_000_000)
TEXTS = {"en": "Order {{ input.n }}", "de": "Bestellung {{ input.n }}", "pt-BR": "Pedido {{ input.n }}"}


def flow(locale: str = "{{ input.locale }}", kind: str = "send_smtp_email", **fields: object) -> Flow:
    node = {"id": "mail", "kind": kind, "to": "a@example.org", "subject": TEXTS, **fields}
    return read_flow(json.dumps({"name": "test", "locale": locale, "nodes": [node]}))


def draft(made: Flow, given: dict[str, Data]) -> Draft:
    run = begin(made, run_id="r1", given={"n": 4711, **given}, context={}, now=NOW)
    assert isinstance(run.waits_for, SendEmail), run.error
    return run.waits_for.draft


@pytest.mark.parametrize(
    "locale, subject",
    [
        ("de", "Bestellung 4711"),
        ("de-AT", "Bestellung 4711"),
        ("pt", "Pedido 4711"),
        ("pt_BR", "Pedido 4711"),
        ("pt-PT", "Pedido 4711"),
        ("en-GB", "Order 4711"),
        ("fr", "Order 4711"),
        ("", "Order 4711"),
        ("nonsense of somebody", "Order 4711"),
    ],
)
def test_a_reader_gets_the_nearest_language(locale: str, subject: str) -> None:
    assert draft(flow(), {"locale": locale}).subject == subject


def test_without_english_the_first_language_goes_before_none() -> None:
    made = flow(subject={"ru": "Заказ", "de": "Bestellung"})
    assert draft(made, {"locale": "fr"}).subject == "Заказ"


def test_content_text_and_numbers_are_in_the_same_language() -> None:
    made = flow(
        content={"en": "<p>{{ input.n | decimal }}</p>", "de": "<p>Zahl {{ input.n | decimal }}</p>"},
        text={"en": "plain", "de": "schlicht"},
    )
    sent = draft(made, {"locale": "de"})
    assert (sent.html, sent.text) == ("<p>Zahl 4.711</p>", "schlicht")


def test_each_turn_of_a_loop_has_the_language_of_its_reader() -> None:
    text = {
        "name": "test",
        "locale": "{{ person.language }}",
        "nodes": [
            {"id": "all", "kind": "for_each", "items": "{{ input.people }}", "as": "person", "do": "mail"},
            {"id": "done", "kind": "end"},
            {"id": "mail", "kind": "send_smtp_email", "to": "a@example.org", "subject": TEXTS},
        ],
    }
    assert draft(read_flow(json.dumps(text)), {"people": [{"language": "de"}]}).subject == "Bestellung 4711"


def test_a_time_zone_may_come_with_the_input() -> None:
    text = {
        "name": "test",
        "time_zone": "{{ input.zone }}",
        "nodes": [
            {
                "id": "mail",
                "kind": "send_smtp_email",
                "to": "a@example.org",
                "subject": "{{ '2026-11-22T08:00:00Z' | datetime: 'short' }}",
            }
        ],
    }
    made = read_flow(json.dumps(text))
    assert "5:00" in draft(made, {"zone": "Asia/Tokyo"}).subject
    assert "8:00" in draft(made, {"zone": "Atlantis/Capital"}).subject


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"subject": {}}, "mail.subject"),
        ({"subject": {"klingon": "x"}}, "mail.subject.klingon"),
        ({"subject": {"de": " "}}, "mail.subject.de"),
        ({"subject": {"de": 3}}, "mail.subject.de"),
        ({"content": {"de": "{{ a || b }}"}}, "mail.content.de"),
        ({"subject": ["x"]}, "mail.subject"),
    ],
)
def test_a_language_that_is_none_is_pointed_at(fields: dict[str, object], field: str) -> None:
    with pytest.raises(FlowError) as refused:
        flow(**fields)  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.parametrize(
    "said", [{"locale": "klingon"}, {"time_zone": "Atlantis/Capital"}, {"locale": "{{ a || b }}"}]
)
def test_a_flow_speaks_no_language_that_nobody_knows(said: dict[str, str]) -> None:
    node = {"id": "mail", "kind": "email_notification", "to": "a@example.org", "subject": "s"}
    with pytest.raises(FlowError) as refused:
        read_flow(json.dumps({"name": "test", **said, "nodes": [node]}))
    assert refused.value.field == next(iter(said))


def test_the_frame_looks_as_whoever_runs_the_flow_wants() -> None:
    branded = replace(
        flow(kind="email_notification"), branding=Branding(product="Acme", contact="a@b.example")
    )
    html = draft(branded, {"locale": "de"}).html or ""
    assert "Acme" in html
    assert "geschickt" in html
