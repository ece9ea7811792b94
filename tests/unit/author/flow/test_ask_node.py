"""Asking people: what the node asks for, and where each answer leads."""

from __future__ import annotations

import hashlib
import json

import pytest

from eilbote.author.flow.definition import Flow, read_flow
from eilbote.author.flow.effect import AskPeople
from eilbote.author.flow.run import Run, RunStatus, begin, resume
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.step import Outcome
from eilbote.errors import EilboteError
from eilbote.model.data import Data
from eilbote.model.moment import Moment, later

NOW = Moment(1_800_000_000_000)
DAY = 86_400


def flow(**fields: object) -> Flow:
    node = {
        "id": "approval",
        "kind": "ask",
        "to": "anna@example.org, Max <max@example.org>",
        "subject": "Order {{ input.number }}",
        "next": "yes",
        "declined": "no",
        "expired": "late",
        **fields,
    }
    ends = [
        {"id": name, "kind": "set_value", "values": {f"context.{name}": True}, "next": "end"}
        for name in ("yes", "no", "late")
    ]
    return read_flow(json.dumps({"name": "test", "nodes": [node, *ends]}))


def start(**fields: object) -> tuple[Flow, Run]:
    made = flow(**fields)
    return made, begin(made, run_id="r1", given={"number": 4711, "bad": "<b>"}, context={}, now=NOW)


def asked(**fields: object) -> AskPeople:
    run = start(**fields)[1]
    assert isinstance(run.waits_for, AskPeople), run.error
    return run.waits_for


def left(answer: str = "", **fields: object) -> Run:
    made, run = start(**fields)
    result: dict[str, Data] = {"answer": answer, "expired": False}
    return resume(made, run, Outcome(result=result), now=NOW)


def refused(**fields: object) -> EilboteError:
    with pytest.raises(EilboteError) as caught:
        flow(**fields)
    return caught.value


def test_everybody_is_asked_alone_and_named_once() -> None:
    found = asked(to="anna@example.org; Max <max@example.org>, ANNA@example.org, Team: eva@example.org;")
    assert found.recipients == ("anna@example.org", "Max <max@example.org>", "eva@example.org")
    assert (found.draft.to, found.draft.cc, found.draft.bcc) == ((), (), ())


def test_the_message_carries_the_question_and_one_link_and_nothing_that_decides() -> None:
    found = asked(content="<p>Please look.</p>", question="Is {{ input.bad }} all right?")
    assert found.draft.html
    assert found.draft.text
    assert "<p>Please look.</p>" in found.draft.html
    assert "Is &lt;b&gt; all right?" in found.draft.html
    assert found.draft.html.count(found.link_place) == 1
    assert found.draft.text.count(found.link_place) == 1
    assert "Approve" not in found.draft.html


def test_whoever_writes_the_input_cannot_have_the_link_put_behind_an_address_of_their_own() -> None:
    """The run's id may be an order's number, and then everything is known of which the visit's name is made."""
    guessed = hashlib.sha256(b"r1/approval/0").hexdigest()[:32]
    effect = asked(content=f"https://evil.example.org/?https://answer.invalid/{guessed}")
    assert guessed not in effect.link_place
    assert (effect.draft.text or "").count(effect.link_place) == 1


def test_the_subject_is_the_question_when_nothing_else_is_said() -> None:
    found = asked()
    assert found.question == "Order 4711"
    assert (found.draft.text or "").count("Order 4711") == 1


def test_a_question_may_be_asked_in_several_languages() -> None:
    words = {"en": "May it go?", "de": "Darf sie hinaus?"}
    assert asked(question=words).question == "May it go?"


def test_a_week_is_given_unless_the_author_says_otherwise() -> None:
    assert asked().due == later(NOW, 7 * DAY)
    assert asked(expires="2d 1h").due == later(NOW, 2 * DAY + 3600)
    assert refused(expires="soon").field == "approval.expires"


def test_the_same_visit_asks_for_the_same_again() -> None:
    assert asked() == asked()


@pytest.mark.parametrize(
    "locale, labels",
    [
        ("en", (("approve", "Approve"), ("decline", "Decline"))),
        ("de-AT", (("approve", "Genehmigen"), ("decline", "Ablehnen"))),
        ("ru", (("approve", "Согласовать"), ("decline", "Отклонить"))),
        ("fr", (("approve", "Approve"), ("decline", "Decline"))),
    ],
)
def test_usual_choices_are_in_the_language_of_the_flow(locale: str, labels: object) -> None:
    text = json.dumps(
        {
            "name": "t",
            "locale": locale,
            "nodes": [{"id": "a", "kind": "ask", "to": "a@example.org", "subject": "S"}],
        }
    )
    run = begin(read_flow(text), run_id="r", given={}, context={}, now=NOW)
    assert isinstance(run.waits_for, AskPeople)
    assert run.waits_for.choices == labels


def test_choices_have_labels_with_values_in_them() -> None:
    found = asked(choices=["yes", {"value": "later", "label": "After  {{ input.number }}"}])
    assert found.choices == (("yes", "yes"), ("later", "After 4711"))


@pytest.mark.parametrize("answer, kept", [("approve", "yes"), ("decline", "no")])
def test_each_answer_leads_on_by_its_exit(answer: str, kept: str) -> None:
    assert list(left(answer).shelves[Shelf.CONTEXT]) == [kept]


@pytest.mark.parametrize("word", ["no", "Reject", "deny", "refuse"])
def test_a_no_by_any_name_never_passes_for_a_yes(word: str) -> None:
    assert "no" in left(word, choices=["ok", word]).shelves[Shelf.CONTEXT]


def test_an_author_says_himself_by_which_exit_a_choice_leads() -> None:
    choices = [{"value": "no", "exit": "next"}, {"value": "stop", "exit": "declined"}]
    assert "yes" in left("no", choices=choices).shelves[Shelf.CONTEXT]
    assert "no" in left("stop", choices=choices).shelves[Shelf.CONTEXT]


def test_nobody_answered_in_time() -> None:
    made, run = start(store_result="input", store_as="a.b")
    ended = resume(made, run, Outcome(result={"answer": None, "expired": True}), now=NOW)
    assert "late" in ended.shelves[Shelf.CONTEXT]
    assert ended.shelves[Shelf.INPUT]["a"] == {"b": {"answer": None, "expired": True}}


def test_a_run_ends_when_nobody_could_be_asked() -> None:
    made, run = start(store_result="context", store_as="answer")
    ended = resume(made, run, Outcome(error={"code": "settings", "message": "no"}), now=NOW)
    assert ended.status is RunStatus.FAILED
    assert not {"yes", "no", "late"} & set(ended.shelves[Shelf.CONTEXT])


def test_an_answer_that_is_none_of_the_choices_ends_the_run() -> None:
    assert left("bribe").status is RunStatus.FAILED


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"choices": []}, "choices"),
        ({"choices": ["a", "a"]}, "choices[1]"),
        ({"choices": [True]}, "choices[0]"),
        ({"choices": ["a b"]}, "choices[0]"),
        ({"choices": [{"value": "a", "exit": "expired"}]}, "choices[0]"),
        ({"choices": [{"value": "a", "colour": "red"}]}, "choices[0]"),
        ({"choices": ["ok"] * 11}, "choices"),
        ({"store_as": "x"}, "store_result"),
        ({"store_result": "input"}, "store_as"),
        ({"cc": "eva@example.org"}, "cc"),
        ({"to": ""}, "to"),
        ({"connection": "smtps://shop:s3cret@mail.example.org"}, "connection"),
        ({"connection": "{{ input.connection }}"}, "connection"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(fields: dict[str, object], field: str) -> None:
    assert refused(**fields).field == f"approval.{field}"
    assert refused(**fields).remedy


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"to": "{{ input.nobody }}"}, "to"),
        ({"to": ", ".join(f"p{number}@example.org" for number in range(101))}, "to"),
        ({"question": "x" * 2001}, "question"),
        ({"expires": "{{ input.number }}d"}, "expires"),
    ],
)
def test_what_values_make_impossible_ends_the_run_with_its_field(
    fields: dict[str, object], field: str
) -> None:
    run = start(**fields)[1]
    assert run.status is RunStatus.FAILED
    assert run.error["field"] == field
