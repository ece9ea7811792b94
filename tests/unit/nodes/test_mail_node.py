"""A node is checked when it is made: its faults name its own fields, and nobody reads of a flow's lines."""

from __future__ import annotations

from dataclasses import fields

import pytest

from eilbote import EilboteError, EmailNotification, FlowError, NodeResult, SendSmtpEmail
from eilbote.author.flow.kind_pages import kind_page

USUAL = {"to": "anna@example.org", "subject": "Hello"}


@pytest.mark.parametrize(
    "said,field",
    [
        ({"to": ""}, "to"),
        ({"to": []}, "to"),
        ({"to": ["anna@example.org", 7]}, "to"),
        ({"cc": 7}, "cc"),
        ({"subject": " "}, "subject"),
        ({"priority": "urgent"}, "priority"),
        ({"store_as": "mail"}, "store_result"),
        ({"store_result": "input"}, "store_as"),
        ({"asynchronous": True, "wait_at_most": "5s"}, "wait_at_most"),
        ({"wait_at_most": "soon"}, "wait_at_most"),
        ({"content": "{{ input.a "}, "content"),
        ({"locale": "xx-yy-zz"}, "locale"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"content": b"octets"}, None),
    ],
)
def test_what_cannot_be_run_is_refused_when_the_node_is_made(
    said: dict[str, object], field: str | None
) -> None:
    with pytest.raises(FlowError) as refused:
        EmailNotification(**{**USUAL, **said})  # type: ignore[arg-type]

    assert refused.value.field == field
    assert "line" not in (refused.value.cause or "")
    assert refused.value.remedy


def test_a_secret_in_a_connection_is_refused() -> None:
    with pytest.raises(FlowError, match=r"connection\.password"):
        SendSmtpEmail(**USUAL, connection={"host": "mail.example.org", "password": "hunter2"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["Grüße 😀", "one\u2028two", "bell \x07 and next line \x85", "quo\"te 'n \\ back"]
)
def test_any_text_can_stand_in_a_node(text: str) -> None:
    SendSmtpEmail(to="anna@example.org", subject="x", content=text)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(EilboteError):
        SendSmtpEmail(to="anna@example.org", subject="half \ud83d")


@pytest.mark.parametrize("node", [EmailNotification, SendSmtpEmail])
def test_a_node_has_every_field_of_its_kind(node: type[EmailNotification | SendSmtpEmail]) -> None:
    of_flows = {"locale", "time_zone"}

    assert {each.name.rstrip("_") for each in fields(node)} - of_flows == {
        each.name for each in kind_page(node.KIND).fields
    }


def test_nodes_and_results_never_change() -> None:
    node = EmailNotification(to="anna@example.org", subject="x")
    result = NodeResult(input={}, context={}, result={}, error={}, stops=False, run="r")

    with pytest.raises(AttributeError):
        node.subject = "y"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        result.stops = True  # type: ignore[misc]
