"""Short cuts give what the long ways give."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import example, given
from tests.properties.mail_oracle import ENCODABLE, HOSTILE, attempt, compose

from eilbote.compose.address_fields import address_field, mailbox_field
from eilbote.compose.parts import html_part, plain_part
from eilbote.compose.tree import Tokens, absent_token, arrange, two_texts
from eilbote.errors import DraftError
from eilbote.model.address import Mailbox
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.testing.fixed_ids import FixedIds

TEXTS = HOSTILE | ENCODABLE | st.just("=_a_fixed0000000000000000001_1_")


@given(TEXTS, TEXTS, st.sampled_from(BodyKind))
@example("=_a_fixed0000000000000000001_1_", "", BodyKind.SEVEN_BIT)
@example("", "fixed0000000000000000001_1_", BodyKind.SEVEN_BIT)
@example("ü", "x", BodyKind.EIGHT_BIT)
def test_the_everyday_body_and_the_tree(text: str, html: str, body: BodyKind) -> None:
    def long_way() -> list[object]:
        versions = [plain_part(text, body), html_part(html, body)]
        root = arrange(versions, (), (), absent_token(versions, Tokens(FixedIds())))
        return [root.header, b"".join(root.content), root.kind, root.clear]  # type: ignore[arg-type] - all octets

    def short_cut() -> list[object]:
        root = two_texts(text, html, body, Tokens(FixedIds()))
        return [root.header, b"".join(root.content), root.kind, root.clear]  # type: ignore[arg-type] - all octets

    expected, got = attempt(long_way), attempt(short_cut)
    if isinstance(expected, DraftError):
        assert isinstance(got, DraftError)
        assert (got.field, got.position) == (expected.field, expected.position)
    else:
        assert got == expected


@given(HOSTILE)
def test_one_address_and_a_list_of_one(name: str) -> None:
    mailbox = attempt(lambda: Mailbox(name, "reader", "example.net"))
    if not isinstance(mailbox, DraftError):
        assert mailbox_field("To", mailbox) == address_field("To", [mailbox])


@given(st.lists(st.sampled_from(["from", "reply_to", "subject", "list"]), max_size=3))
def test_an_author_who_was_seen_before(changes: list[str]) -> None:
    from tests.properties.mail_oracle import composer

    subject = composer()
    for change in ["from", *changes, "from"]:
        fields: dict[str, object] = {"from_": "author@example.org", "to": "reader@example.net", "text": "x"}
        fields |= {
            "from": {"from_": "Other <other@example.org>"},
            "reply_to": {"reply_to": "answers@example.org"},
            "subject": {"subject": "Hello"},
            "list": {"headers": {"List-Id": "<x.example.org>"}},
        }[change]
        made = subject.compose(Draft(**fields), message_id="<m@x>").message  # type: ignore[arg-type]
        assert made.octets() == compose(**fields, message_id="<m@x>").message.octets()
