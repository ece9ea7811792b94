"""What arrives as a value is never read as a template: not at once, and not later, when it was kept and is used again.

A chat bot's user writes ``{{ context.password }}`` into the field for a name. The name goes into a mail, the mail's result into the
context, the result into another mail; a server answers with braces in its reply. If any of these is rendered a second time, the
user reads what was never meant for anybody, in the mail that confirms the order.
"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.effect import SendEmail
from eilbote.author.flow.run import Run, RunStatus, begin, resume
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.step import Outcome
from eilbote.errors import TemplateError
from eilbote.model.attachment import MimePart
from eilbote.model.data import Data
from eilbote.model.draft import Draft
from eilbote.model.moment import Moment
from eilbote.template.template import Markup, Template

NOW = Moment(1_800_000_000_000)
EVIL = "{{ context.password }}{% for i in (1..9) %}x{% endfor %}{{ input.evil | upcase }}"
SECRET = "hunter2"  # what nobody may read
FIELDS: dict[str, object] = {
    "to": "a@example.org",
    "from": "{{ input.evil | url_encode }} <b@example.org>",
    "subject": "S {{ input.evil }}",
    "content": "<p>C {{ input.evil }}</p>",
    "text": "T {{ input.evil }}",
    "headers": {"X-Evil": "H {{ input.evil }}"},
    "attachments": [
        {"kind": "text", "text": "A {{ input.evil }}", "filename": "F {{ input.evil }}.txt"},
        {"kind": "mime", "mime": "Content-Type: text/plain\r\n\r\nM {{ input.evil }}"},
        {"kind": "url", "url": "https://example.org/{{ input.evil }}"},
    ],
}


def run_of(*nodes: dict[str, object], given: dict[str, Data]) -> Run:
    flow = read_flow(json.dumps({"name": "test", "nodes": list(nodes)}))
    return begin(flow, run_id="r", given=given, context={"password": SECRET}, now=NOW)


def draft_of(run: Run) -> Draft:
    assert isinstance(run.waits_for, SendEmail), run.error
    return run.waits_for.draft


@pytest.mark.parametrize("kind", ["send_smtp_email", "email_notification"])
def test_braces_in_a_value_stay_braces_in_every_field(kind: str) -> None:
    fields = (
        FIELDS if kind == "send_smtp_email" else {name: FIELDS[name] for name in ("to", "subject", "content")}
    )
    run = run_of({"id": "mail", "kind": kind, **fields}, given={"evil": EVIL})
    draft = draft_of(run)
    assert draft.subject == f"S {EVIL}"
    assert f"C {EVIL}" in (draft.text or "") or f"T {EVIL}" == draft.text
    assert "{{ context.password }}" in (draft.html or "")
    if kind == "send_smtp_email":
        assert draft.headers == (("X-Evil", f"H {EVIL}"),)
        text, part = draft.attachments
        assert text.content == f"A {EVIL}".encode()
        assert isinstance(part.content, MimePart)
        assert f"M {EVIL}".encode() in part.content.octets
        assert text.filename is not None
        assert "context.password" in text.filename
    assert SECRET not in f"{draft}{run.waits_for}"


def test_a_result_with_braces_in_the_servers_reply_is_text_for_later_nodes() -> None:
    """The server is somebody else's, and its reply is kept word by word."""
    nodes = (
        {
            "id": "first",
            "kind": "send_smtp_email",
            "to": "a@example.org",
            "subject": "s",
            "store_result": "context",
            "store_as": "mail",
        },
        {"id": "keep", "kind": "set_value", "values": {"context.copy": "{{ context.mail.response }}"}},
        {"id": "again", "kind": "set_value", "values": {"input.copy": "{{ context.copy }}"}},
        {
            "id": "second",
            "kind": "email_notification",
            "to": "a@example.org",
            "subject": "{{ context.mail.response }}|{{ input.copy }}",
            "content": "{{ context.mail.response }}",
        },
    )
    flow = read_flow(json.dumps({"name": "test", "nodes": list(nodes)}))
    run = begin(flow, run_id="r", given={}, context={"password": SECRET}, now=NOW)
    reply = f"250 {EVIL}<script>alert(1)</script>"
    run = resume(flow, run, Outcome(result={"status": "accepted", "response": reply}), now=NOW)
    draft = draft_of(run)
    assert draft.subject == f"{reply}|{reply}"
    assert "<script" not in (draft.html or "")
    assert SECRET not in f"{draft}"
    assert run.shelves[Shelf.INPUT]["copy"] == reply


def test_a_list_with_braces_in_its_items_is_looped_over_as_it_is() -> None:
    run = run_of(
        {"id": "all", "kind": "for_each", "items": "{{ input.list }}", "as": "one", "do": "mail"},
        {"id": "done", "kind": "end"},
        {"id": "mail", "kind": "send_smtp_email", "to": "a@example.org", "subject": "{{ one }}"},
        given={"list": [EVIL]},
    )
    assert draft_of(run).subject == EVIL


def test_a_language_of_somebody_elses_making_is_no_template() -> None:
    flow = read_flow(
        json.dumps(
            {
                "name": "test",
                "locale": "{{ input.evil }}",
                "nodes": [{"id": "m", "kind": "email_notification", "to": "a@b.example", "subject": "s"}],
            }
        )
    )
    run = begin(flow, run_id="r", given={"evil": EVIL}, context={"password": SECRET}, now=NOW)
    assert 'lang="en"' in (draft_of(run).html or "")


@pytest.mark.parametrize("markup", list(Markup))
@pytest.mark.parametrize(
    "text, values, made",
    [
        ("[{{ x }}]", {}, "[]"),
        ("[{{ x.y.z[3] }}]", {}, "[]"),
        ("[{{ x }}]", {"x": None}, "[]"),
        ("[{{ x | default: 'none' }}]", {"x": None}, "[none]"),
        ("[{{ x }}]", {"x": Decimal("0.1")}, "[0.1]"),
        ("[{{ x }}]", {"x": 0.1}, "[0.1]"),
        ("[{{ x }}]", {"x": True}, "[true]"),
        ("[{{ x | times: 2 }}]", {"x": 10**70}, f"[{2 * 10**70}]"),
    ],
)
def test_nothing_is_shown_as_a_program_writes_it(
    markup: Markup, text: str, values: dict[str, object], made: str
) -> None:
    assert Template(text, markup=markup).render(values) == made


@pytest.mark.parametrize("value", [object(), {1, 2}, b"octets", float("nan"), float("inf"), 1j, {3: "x"}])
def test_what_no_template_can_show_is_refused_with_its_name(value: object) -> None:
    with pytest.raises(TemplateError) as refused:
        Template("{{ x }}").render({"x": value})
    assert refused.value.field == "values.x"
    assert "0x" not in str(refused.value)


def test_a_number_without_bounds_ends_the_run_and_not_the_process() -> None:
    run = run_of(
        {
            "id": "m",
            "kind": "send_smtp_email",
            "to": "a@b.example",
            "subject": "{{ input.n | times: input.n }}",
            "stop_on_error": True,
        },
        given={"n": 10**70},
    )
    assert run.status is RunStatus.FAILED
    assert (run.error["code"], run.error["node"], run.error["field"]) == ("template", "m", "subject")
