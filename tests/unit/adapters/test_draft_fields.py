"""Plain data become a draft, or are refused with the name of the field."""

from __future__ import annotations

import pytest

from eilbote import DraftError
from eilbote.adapters.draft_fields import read_draft

USUAL = {"to": ["anna@example.org"], "subject": "Hello"}


def test_everything_that_plain_data_can_say() -> None:
    draft = read_draft(
        {
            **USUAL,
            "from": "shop@example.org",
            "cc": "max@example.org, lea@example.org",
            "html": "<p>Hi</p>",
            "text": None,
            "priority": "high",
            "headers": {"X-Team": "Sales"},
            "in_reply_to": "<one@example.org>",
            "attachments": [
                {"text": "a,b", "filename": "a.csv"},
                {"base64": "SGk=", "filename": "logo.png", "content_id": "logo"},
            ],
        }
    )

    assert str(draft.from_) == "shop@example.org"
    assert len(draft.cc) == 2
    assert draft.headers == (("X-Team", "Sales"),)
    assert [each.filename for each in draft.attachments] == ["a.csv", "logo.png"]
    assert draft.attachments[1].inline


@pytest.mark.parametrize(
    "said,field",
    [
        ({"subjekt": "x"}, "subjekt"),
        ({"to": 7}, "to"),
        ({"subject": 7}, "subject"),
        ({"headers": 7}, "headers"),
        ({"one_click_unsubscribe": "yes"}, "one_click_unsubscribe"),
        ({"attachments": "a.pdf"}, "attachments"),
        ({"attachments": ["a.pdf"]}, "attachments[0]"),
        ({"attachments": [{"file": "/etc/passwd"}]}, "attachments[0]"),
        ({"attachments": [{"filename": "a.txt"}]}, "attachments[0]"),
        ({"attachments": [{"text": "a"}, {"text": 7}]}, "attachments[1]"),
        ({"attachments": [{"base64": "%"}]}, "attachments[0]"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_name(said: dict[str, object], field: str) -> None:
    with pytest.raises(DraftError) as refused:
        read_draft({**USUAL, **said})

    assert refused.value.field == field
