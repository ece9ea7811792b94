"""What both mail nodes ask for, and what becomes of the answer: a test for each sentence of their documentation."""

from __future__ import annotations

import base64
from email import message_from_bytes

import pytest

from eilbote.author.flow.definition import Flow, read_flow
from eilbote.author.flow.effect import Fetch, SendEmail, Unfetched
from eilbote.author.flow.run import Run, RunStatus, begin, resume
from eilbote.author.flow.shelf import Shelf, Target
from eilbote.author.flow.step import Outcome
from eilbote.errors import FlowError
from eilbote.model.attachment import MimePart
from eilbote.model.data import Data
from eilbote.model.draft import Draft, Priority
from eilbote.model.moment import Moment

NOW = Moment(1_800_000_000_000)
INPUT: dict[str, Data] = {
    "email": "anna@example.org",
    "name": "Anna <b>",
    "number": 4711,
    "photo": "https://example.org/a.png",
}
SENT = Outcome(
    result={"status": "accepted", "messageId": "<1@example.org>", "accepted": ["anna@example.org"]}
)
REFUSED = Outcome(
    error={"code": "recipients_refused", "message": "nobody was accepted", "remedy": "Check the address"}
)


def flow(kind: str, **fields: object) -> Flow:
    import json

    node = {"id": "mail", "kind": kind, **fields}
    end = {"id": "done", "kind": "set_value", "values": {"context.went_on": True}}
    return read_flow(json.dumps({"name": "test", "nodes": [node, end]}))


def asked(kind: str, given: dict[str, Data] | None = None, **fields: object) -> SendEmail:
    run = start(
        flow(kind, **({"to": "{{ input.email }}", "subject": "Order {{ input.number }}"} | fields)), given
    )
    assert isinstance(run.waits_for, SendEmail), run.error
    return run.waits_for


def draft(kind: str, **fields: object) -> Draft:
    return asked(kind, **fields).draft


def start(made: Flow, given: dict[str, Data] | None = None) -> Run:
    return begin(made, run_id="r1", given=INPUT if given is None else given, context={}, now=NOW)


def refusal(kind: str, **fields: object) -> FlowError:
    with pytest.raises(FlowError) as refused:
        flow(kind, **fields)
    return refused.value


# -- what both say --------------------------------------------------------------------------------------------

BOTH = pytest.mark.parametrize("kind", ["email_notification", "send_smtp_email"])


@BOTH
def test_recipients_stand_behind_commas_or_semicolons(kind: str) -> None:
    made = draft(
        kind,
        to="{{ input.email }}, Max <max@example.org>; eva@example.org",
        cc="c@example.org",
        bcc="b@example.org",
    )
    assert [str(each) for each in made.to] == ["anna@example.org", "Max <max@example.org>", "eva@example.org"]
    assert [str(each) for each in (*made.cc, *made.bcc)] == ["c@example.org", "b@example.org"]


@BOTH
@pytest.mark.parametrize("field", ["to", "subject"])
def test_recipients_and_subject_are_required_and_content_is_not(kind: str, field: str) -> None:
    fields = {"to": "a@example.org", "subject": "s"} | {field: " "}
    assert refusal(kind, **fields).field == f"mail.{field}"
    assert draft(kind).subject == "Order 4711"


@BOTH
def test_every_text_is_a_template_and_values_are_escaped_in_content(kind: str) -> None:
    made = draft(kind, content="<p>Dear {{ input.name }}</p>", subject="{{ input.number }}: {{ input.name }}")
    assert made.subject == "4711: Anna <b>"
    assert "Dear Anna &lt;b&gt;" in (made.html or "")
    assert "Anna <b>" in (made.text or "")


@BOTH
def test_a_subject_is_one_line_whatever_is_put_into_it(kind: str) -> None:
    sent = asked(
        kind, {"email": "a@example.org", "x": "one\r\nBcc: evil@example.org"}, subject="{{ input.x }}"
    )
    assert sent.draft.subject == "one Bcc: evil@example.org"


@BOTH
@pytest.mark.parametrize(
    "said, priority", [(None, Priority.NORMAL), ("high", Priority.HIGH), ("low", Priority.LOW)]
)
def test_priority_is_normal_unless_said(kind: str, said: str | None, priority: Priority) -> None:
    assert draft(kind, priority=said).priority is priority


@BOTH
def test_content_that_would_run_is_dropped(kind: str) -> None:
    html = draft(kind, content="<p onclick=x()>a<script>b</script></p>").html or ""
    assert "<script" not in html
    assert "onclick" not in html


NOBODY = {"to": "{{ input.nobody }}", "subject": "s"}


@BOTH
@pytest.mark.parametrize(
    "fields, field, code",
    [
        (NOBODY, "to", "no_recipients"),
        ({"to": "{{ input.name }}", "subject": "s"}, "to", "address"),
        (
            {
                "to": "a@b.example",
                "subject": "{{ input.name | times: 2 | currency }}{{ input.name | decimal }}",
            },
            "subject",
            "template",
        ),
    ],
)
def test_a_mail_that_the_values_make_impossible_is_one_that_cannot_be_sent(
    kind: str, fields: dict[str, str], field: str, code: str
) -> None:
    """An author who has said that a failure does not stop the flow need not ask which kind of failure it was."""
    ended = start(flow(kind, **fields, stop_on_error=True))
    assert ended.status is RunStatus.FAILED
    assert (ended.error["node"], ended.error["field"], ended.error["code"]) == ("mail", field, code)
    went_on = start(flow(kind, **fields, store_result="context", store_as="mail"))
    assert went_on.status is RunStatus.DONE
    assert went_on.shelves[Shelf.CONTEXT]["went_on"] is True
    assert went_on.shelves[Shelf.CONTEXT]["mail"] == {"status": "failed", "error": dict(ended.error)}
    assert went_on.trail[0].error == ended.error, "whoever looks at the run sees it, kept or not"


# -- the result -----------------------------------------------------------------------------------------------


@BOTH
def test_the_result_is_kept_nowhere_unless_said(kind: str) -> None:
    made = flow(kind, to="a@example.org", subject="s")
    ended = resume(made, start(made), SENT, now=NOW)
    assert ended.shelves[Shelf.CONTEXT] == {"went_on": True}
    assert ended.shelves[Shelf.INPUT] == INPUT


@BOTH
@pytest.mark.parametrize("shelf", list(Shelf))
def test_the_result_is_kept_in_input_or_context_under_a_key(kind: str, shelf: Shelf) -> None:
    made = flow(kind, to="a@example.org", subject="s", store_result=shelf.value, store_as="order.mail")
    ended = resume(made, start(made), SENT, now=NOW)
    assert ended.status is RunStatus.DONE
    assert ended.shelves[shelf]["order"] == {"mail": dict(SENT.result)}


@BOTH
@pytest.mark.parametrize(
    "fields, field",
    [
        ({"store_result": "input"}, "store_as"),
        ({"store_as": "x"}, "store_result"),
        ({"store_result": "elsewhere", "store_as": "x"}, "store_result"),
        ({"store_result": "input", "store_as": "a b"}, "store_as"),
    ],
)
def test_a_place_for_the_result_has_both_parts(kind: str, fields: dict[str, str], field: str) -> None:
    assert refusal(kind, to="a@example.org", subject="s", **fields).field == f"mail.{field}"


@BOTH
def test_a_failure_is_stored_and_the_flow_goes_on(kind: str) -> None:
    made = flow(kind, to="a@example.org", subject="s", store_result="context", store_as="mail")
    ended = resume(made, start(made), REFUSED, now=NOW)
    assert ended.status is RunStatus.DONE
    assert ended.shelves[Shelf.CONTEXT]["went_on"] is True
    assert ended.shelves[Shelf.CONTEXT]["mail"] == {"status": "failed", "error": dict(REFUSED.error or {})}


@BOTH
def test_stop_on_error_halts_the_flow_and_still_stores_the_error(kind: str) -> None:
    made = flow(
        kind, to="a@example.org", subject="s", stop_on_error=True, store_result="context", store_as="mail"
    )
    ended = resume(made, start(made), REFUSED, now=NOW)
    assert ended.status is RunStatus.FAILED
    assert ended.error == REFUSED.error
    assert "went_on" not in ended.shelves[Shelf.CONTEXT]
    assert ended.shelves[Shelf.CONTEXT]["mail"]
    assert resume(made, start(made), SENT, now=NOW).status is RunStatus.DONE


@BOTH
def test_the_flow_waits_unless_it_is_asynchronous(kind: str) -> None:
    assert asked(kind).waits
    assert not asked(kind, asynchronous=True).waits
    assert not asked(kind).shows_bcc


# -- the notification -----------------------------------------------------------------------------------------


def test_a_notification_goes_through_the_provider_of_all_inside_the_frame() -> None:
    sent = asked("email_notification", content="<p>Hello</p>")
    assert sent.connection == "notification"
    assert sent.draft.from_ is None
    assert sent.draft.auto_submitted == "auto-generated"
    html = sent.draft.html or ""
    assert html.index("Order 4711") < html.index("<p>Hello</p>")
    assert "prefers-color-scheme" in html


@pytest.mark.parametrize("field", ["attachments", "connection", "from"])
def test_a_notification_has_no_attachments_and_no_provider_of_its_own(field: str) -> None:
    refused = refusal("email_notification", to="a@example.org", subject="s", **{field: "x"})
    assert refused.field == f"mail.{field}"
    if field == "attachments":
        assert "send_smtp_email" in (refused.remedy or "")


# -- the message of its own -----------------------------------------------------------------------------------


def test_a_message_goes_through_its_own_connection_as_it_was_written() -> None:
    sent = asked(
        "send_smtp_email",
        connection="office",
        content="<p>Hello</p>",
        **{"from": "Shop <shop@example.org>"},
        reply_to="help@example.org",
    )
    assert sent.connection == "office"
    assert sent.draft.html == "<p>Hello</p>"
    assert sent.draft.text == "Hello\n"
    assert str(sent.draft.from_) == "Shop <shop@example.org>"
    assert [str(each) for each in sent.draft.reply_to] == ["help@example.org"]


def test_a_plain_text_of_ones_own_goes_before_the_one_that_is_made() -> None:
    assert draft("send_smtp_email", content="<p>Hello</p>", text="Hi {{ input.name }}").text == "Hi Anna <b>"


def test_threading_headers_and_unsubscribing() -> None:
    made = draft(
        "send_smtp_email",
        in_reply_to="<1@example.org>",
        references="<0@example.org> <1@example.org>",
        headers={"X-Order": "{{ input.number }}"},
        list_unsubscribe="https://example.org/u?{{ input.number }}, mailto:u@example.org",
    )
    assert made.in_reply_to == ("<1@example.org>",)
    assert made.references == ("<0@example.org>", "<1@example.org>")
    assert made.headers == (("X-Order", "4711"),)
    assert made.unsubscribe == ("https://example.org/u?4711", "mailto:u@example.org")


def attached(**attachment: str) -> SendEmail:
    return asked("send_smtp_email", attachments=attachment)


def test_no_attachment_is_the_default() -> None:
    assert attached(kind="none").draft.attachments == ()
    assert draft("send_smtp_email").attachments == ()


def test_an_attachment_from_a_url_is_fetched_later_and_may_have_a_name() -> None:
    sent = attached(
        kind="url", url="{{ input.photo }}", filename="photo-{{ input.number }}.png", if_unavailable="skip"
    )
    assert sent.fetch == (
        Fetch(url="https://example.org/a.png", filename="photo-4711.png", otherwise=Unfetched.SKIP),
    )
    assert attached(kind="url", url="data:text/plain,hi").fetch[0].otherwise is Unfetched.FAIL


def test_a_value_in_a_url_leads_nowhere_else() -> None:
    given: dict[str, Data] = {"email": "a@example.org", "x": "../secret?a=b#c"}
    sent = asked(
        "send_smtp_email",
        given,
        attachments={"kind": "url", "url": "https://example.org/files/{{ input.x }}.pdf"},
    )
    assert sent.fetch[0].url == "https://example.org/files/..%2Fsecret%3Fa%3Db%23c.pdf"
    host = {"kind": "url", "url": "https://{{ input.x }}/a.pdf"}
    assert refusal("send_smtp_email", to="a@b.example", subject="s", attachments=host).field == (
        "mail.attachments[0].url"
    )


def test_an_attachment_from_text() -> None:
    (one,) = attached(kind="text", text="Order {{ input.number }}", filename="order.txt").draft.attachments
    assert (one.content, one.filename, one.media_type.partition(";")[0]) == (
        b"Order 4711",
        "order.txt",
        "text/plain",
    )


def test_an_attachment_from_base64_is_read_strictly() -> None:
    (one,) = attached(
        kind="base64", base64=base64.b64encode(b"%PDF").decode(), filename="a.pdf"
    ).draft.attachments
    assert (one.content, one.media_type) == (b"%PDF", "application/pdf")
    ended = start(
        flow(
            "send_smtp_email",
            to="a@example.org",
            subject="s",
            attachments={"kind": "base64", "base64": "!!!"},
            stop_on_error=True,
        )
    )
    assert ended.status is RunStatus.FAILED
    assert str(ended.error["field"]).startswith("attachments[0]")


def test_an_attachment_of_a_media_type_of_ones_own() -> None:
    (one,) = attached(kind="custom", text="a;b", media_type="text/csv", filename="a.csv").draft.attachments
    assert (one.content, one.media_type.partition(";")[0]) == (b"a;b", "text/csv")
    assert (
        refusal(
            "send_smtp_email", to="a@b.example", subject="s", attachments={"kind": "custom", "text": "x"}
        ).field
        == "mail.attachments[0].media_type"
    )


def test_an_attachment_that_is_a_mime_part_already() -> None:
    part = "Content-Type: text/x-own\r\n\r\nbody {{ input.number }}"
    (one,) = attached(kind="mime", mime=part).draft.attachments
    assert isinstance(one.content, MimePart)
    assert message_from_bytes(one.content.octets).get_content_type() == "text/x-own"
    assert b"body 4711" in one.content.octets


def test_several_attachments_travel_together() -> None:
    sent = asked(
        "send_smtp_email",
        attachments=[
            {"kind": "text", "text": "a"},
            {"kind": "url", "url": "https://x.example/"},
            {"kind": "none"},
        ],
    )
    assert (len(sent.draft.attachments), len(sent.fetch)) == (1, 1)


@pytest.mark.parametrize(
    "attachment, field",
    [
        ({"kind": "file", "file": "/etc/passwd"}, "attachments[0].kind"),
        ({"kind": "url"}, "attachments[0].url"),
        ({"kind": "url", "url": "x", "path": "y"}, "attachments[0].path"),
        ("x", "attachments[0]"),
    ],
)
def test_an_attachment_that_is_none_is_pointed_at(attachment: object, field: str) -> None:
    refused = refusal("send_smtp_email", to="a@example.org", subject="s", attachments=attachment)
    assert refused.field == f"mail.{field}"
    assert "line 1" in (refused.cause or "")


# -- waiting for it -------------------------------------------------------------------------------------------


@BOTH
def test_a_run_waits_a_minute_unless_its_author_says_how_long(kind: str) -> None:
    assert asked(kind).limit_seconds == 60
    assert asked(kind, wait_at_most="2h 30m").limit_seconds == 9000
    assert asked(kind, wait_at_most=5).limit_seconds == 5
    assert refusal(kind, to="a@b.example", subject="s", wait_at_most="soon").field == "mail.wait_at_most"


@BOTH
def test_a_deferred_mail_is_no_error_unless_its_author_says_so(kind: str) -> None:
    assert not asked(kind).deferred_fails
    assert asked(kind, deferred_is_error=True).deferred_fails


@BOTH
def test_a_result_that_is_kept_is_kept_again_when_it_comes_late(kind: str) -> None:
    assert asked(kind).late is None
    sent = asked(kind, store_result="context", store_as="order.mail", asynchronous=True)
    assert sent.late == Target(shelf=Shelf.CONTEXT, key="order.mail")


@BOTH
@pytest.mark.parametrize("field, value", [("wait_at_most", "5m"), ("deferred_is_error", True)])
def test_what_is_not_waited_for_has_no_time_to_wait(kind: str, field: str, value: object) -> None:
    refused = refusal(kind, to="a@b.example", subject="s", asynchronous=True, **{field: value})
    assert refused.field == f"mail.{field}"


@BOTH
def test_an_asynchronous_mail_leaves_at_once_that_it_was_taken(kind: str) -> None:
    made = flow(
        kind, to="a@example.org", subject="s", asynchronous=True, store_result="input", store_as="mail"
    )
    queued = Outcome(result={"status": "queued", "queued": True, "id": "1"})
    assert resume(made, start(made), queued, now=NOW).shelves[Shelf.INPUT]["mail"] == dict(queued.result)


def test_one_click_unsubscribes_where_there_is_an_address_for_it() -> None:
    made = draft("send_smtp_email", list_unsubscribe="https://example.org/u", one_click_unsubscribe=True)
    assert made.one_click_unsubscribe
    refused = refusal("send_smtp_email", to="a@b.example", subject="s", one_click_unsubscribe=True)
    assert refused.field == "mail.one_click_unsubscribe"


def test_a_file_to_be_fetched_knows_which_field_names_it() -> None:
    sent = asked(
        "send_smtp_email",
        attachments=[{"kind": "text", "text": "a"}, {"kind": "url", "url": "https://x.example/"}],
    )
    assert sent.fetch[0].field == "attachments[1]"
