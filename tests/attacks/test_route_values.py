"""A process fills a route with what others wrote: names of customers, words of web forms, whatever an HTTP server said.

Whoever can put a text into a value would like to have another recipient, another header field, a script in the page, another
value shown than was meant for them, or a link that leads elsewhere. Everything that a value can stand in is tried with all of it.
"""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import lxml.html
import pytest
from tests.properties.mail_oracle import composer

from eilbote.author.process.route.check import check_route_text
from eilbote.author.process.route.mail import route_draft
from eilbote.author.process.route.text import read_route
from eilbote.model.data import Data
from eilbote.model.draft import Draft

ROUTE = """\
message_name: order-ready
attributes:
  - {system_name: Customer, type: account, required: true}
  - {system_name: Other}
  - {system_name: Word}
  - {system_name: Start, type: date_time}
properties:
  from_address: shop@example.org
  from_name: "Shop {Word}"
  to: "{Customer}; {Word} <sales@example.org>"
  to_names: ";Sales {Word}"
  subject: "For {Word}, {Customer}"
  format: both
  message: |
    <style>p { color: red } a{Word}</style><!-- {Word} -->
    <p title="{Word}" class={Word} style="color: {Word}">Dear {Customer}, {Word}</p>
    <a href="{Word}">whole</a> <a href="https://shop.example/{Word}?q={Word}">part</a>
    <img src="{Word}" alt='{Word}'>
  meeting: {start: "{Start}", end: PT1H, place: "Room {Word}"}
"""
WORDS = [
    "x\r\nBcc: eva@example.net",
    "x\nBcc: eva@example.net\n\nbody",
    "x\x0bBcc: eva@example.net\x85\u2028",
    "eva@example.net>, Eva <eva@example.net",
    '", eva@example.net, "',
    "; eva@example.net",
    "=?utf-8?q?=0D=0ABcc:_eva=40example.net?=",
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '"><script>alert(1)</script>',
    "'><svg/onload=alert(1)>",
    'x" onmouseover="alert(1)',
    "x onmouseover=alert(1)",
    "javascript:alert(1)",
    " java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "red;background:url(https://evil.example/x)",
    "red}*{display:none",
    "{Other} {other} {Customer}",
    "{{Other}} {{ Other }} {{ 7 | times: 7 }} {% for i in (1..9) %}x{% endfor %}",
    "@evil.example/../..//evil.example\\",
    "?to=eva@example.net&bcc=eva@example.net#",
    "END:VEVENT\r\nATTENDEE:mailto:eva@example.net",
]


def draft_with(word: str, name: str | None = None) -> Draft:
    customer: Data = {"address": "anna@example.org", "name": word if name is None else name}
    values: dict[str, Data] = {
        "Customer": customer,
        "Word": word,
        "Other": "a secret of others",
        "Start": "2026-12-24T18:00:00Z",
    }
    return route_draft(read_route(ROUTE), values)


def message_of(draft: Draft) -> EmailMessage:
    octets = composer().compose(draft).message.octets()
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_value_has_nobody_else_written_to_and_writes_no_field(word: str) -> None:
    draft = draft_with(word)
    found = [getattr(each, "addr_spec", "") for each in (*draft.to, *draft.cc, *draft.bcc)]
    assert found == ["anna@example.org", "sales@example.org"]
    message = message_of(draft)
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert [each.addr_spec for each in message["To"].addresses] == found
    assert [each.addr_spec for each in message["From"].addresses] == ["shop@example.org"]


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_value_is_seen_in_the_page_and_does_nothing(word: str) -> None:
    html = draft_with(word).html or ""
    page = lxml.html.fromstring(f"<div>{html}</div>")
    assert {str(element.tag) for element in page.iter()} <= {"div", "p", "a", "img", "br"}
    for element in page.iter():
        assert not [name for name in element.keys() if name.startswith("on")]  # noqa: SIM118 - lxml's own
        for name in ("href", "src"):
            value = (element.get(name) or "").lower().replace("\t", "").strip()
            assert not value.startswith(("javascript:", "data:", "vbscript:"))
        assert "evil" not in (element.get("style") or "")
    part = page.xpath("//a[text()='part']")[0].get("href")
    assert part.startswith("https://shop.example/")
    assert part.count("?") == 1
    assert "#" not in part
    assert "&" not in part
    shown = " ".join(page.text_content().split())
    assert " ".join(word.split()) in shown


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_no_value_is_read_as_a_template(word: str) -> None:
    draft = draft_with(word, name="Anna")
    assert "a secret of others" not in f"{draft.subject} {draft.html} {draft.to} {draft.from_}"
    assert "49" not in draft.subject
    if "{" in word:
        assert word in draft.subject


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_value_adds_nobody_to_a_meeting(word: str) -> None:
    message = message_of(draft_with(word))
    (calendar, *_) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    lines = calendar.get_content().replace("\r\n ", "").splitlines()
    attendees = [line for line in lines if line.startswith("ATTENDEE")]
    assert len(attendees) == 2
    assert sum(line.startswith("END:VEVENT") for line in lines) == 1


def test_the_page_shows_that_it_takes_values() -> None:
    """The attacks above would prove nothing if no value ever got there."""
    html = draft_with("word").html or ""
    assert html.count("word") >= 6
    assert check_route_text(ROUTE)[0] is not None
