"""The HTTP Request node: what its fields ask for, and what becomes of the answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from eilbote.author.flow.effect import HttpRequest
from eilbote.author.flow.nodes.http_request import WebRequest
from eilbote.author.flow.secret_reference import SecretPlace, SecretReference
from eilbote.author.flow.shelf import Put, Shelf
from eilbote.author.flow.step import Ask, Halt, Leave, Outcome, Scene
from eilbote.errors import EilboteError, FlowError, TemplateError
from eilbote.model.data import Data
from eilbote.model.moment import Moment

URL = "https://crm.example.org/orders"


def scene(**values: Data) -> Scene:
    return Scene(run="r1", node="look", turn=0, values={"input": values}, now=Moment(1_800_000_000_000))


def asked(fields: dict[str, Data], **values: Data) -> HttpRequest:
    move = WebRequest.read({"url": URL, **fields}).enter(scene(**values))
    assert isinstance(move, Ask)
    assert isinstance(move.effect, HttpRequest)
    return move.effect


def test_an_address_alone_is_asked_for() -> None:
    assert asked({}) == HttpRequest(method="GET", url=URL)


def test_every_field_says_something() -> None:
    request = asked(
        {
            "method": "patch",
            "query": {
                "a": "{{ input.n }}",
                "b": ["x", "{{ input.n }}"],
                "c": None,
                "d": True,
                "e": "{{ input.no }}",
            },
            "headers": {
                "X-Number": "{{ input.n }}",
                "X-Nothing": "{{ input.no }}",
                "X-Key": {"file": "crm", "before": "Key "},
            },
            "json": {"n": "{{ input.n }}", "text": "No. {{ input.n }}", "list": "{{ input.list }}"},
            "seconds": "2m",
            "if_in_doubt": "repeat",
            "follow_redirects": False,
        },
        n=Decimal("1.50"),
        list=[1, {"a": None}],
    )

    secret = SecretReference(place=SecretPlace.FILE, name="crm", before="Key ", field="headers.X-Key")
    assert request == HttpRequest(
        method="PATCH",
        url=f"{URL}?a=1.50&b=x&b=1.50&d=true",
        headers=(("Content-Type", "application/json"), ("X-Number", "1.50"), ("X-Key", secret)),
        body=b'{"n":1.50,"text":"No. 1.50","list":[1,{"a":null}]}',
        seconds=120.0,
        repeats=True,
        follows=False,
    )


@pytest.mark.parametrize(
    "fields, kind, octets",
    [
        ({"form": {"a": "b c", "d": ["1", 2]}}, "application/x-www-form-urlencoded", b"a=b+c&d=1&d=2"),
        ({"body": "Grüße {{ input.n }}"}, "text/plain; charset=utf-8", "Grüße 7".encode()),
        ({"json": ["{{ input.n }}"]}, "application/json", b"[7]"),
        ({"json": "{{ input.table }}"}, "application/json", '{"ä":"ü"}'.encode()),
        ({"json": False}, "application/json", b"false"),
        ({"body": "<a/>", "headers": {"content-type": "text/xml"}}, "text/xml", b"<a/>"),
    ],
)
def test_a_body_says_what_it_is_and_is_posted(fields: dict[str, Data], kind: str, octets: bytes) -> None:
    request = asked(fields, n=7, table={"ä": "ü"})

    assert (request.method, request.body) == ("POST", octets)
    assert [value for name, value in request.headers if name.lower() == "content-type"] == [kind]


@pytest.mark.parametrize(
    "fields, field, words",
    [
        ({"url": ""}, "url", "is missing"),
        ({"url": "https://{{ input.host }}/"}, "url", "where the host is named"),
        ({"url": "https://a.example/{% if x %}"}, "url", "places for values only"),
        ({"url": "https://a.example/{{ input. }}"}, "url", "expected an identifier"),
        ({"method": "TRACE"}, "method", "no method"),
        ({"method": "GET\r\nX: y"}, "method", "no method"),
        ({"method": "GET", "json": {}}, "json", "has no body"),
        ({"json": {}, "form": {}}, "form", "two bodies: json and form"),
        ({"json": {}, "body": "x"}, "body", "two bodies"),
        ({"query": "a=b"}, "query", "no names and values"),
        ({"form": ["a"]}, "form", "no names and values"),
        ({"headers": ["a"]}, "headers", "no header fields"),
        ({"headers": {"A": "1", "a": "2"}}, "headers.a", "said twice"),
        ({"headers": {"Host": "x"}}, "headers.Host", "written by eilbote itself"),
        ({"headers": {"X": ["a"]}}, "headers.X", "no value of a header field"),
        ({"headers": {"X": "ä"}}, "headers.X", "cannot stand in a header field"),
        ({"headers": {"X": {"env": "HOME"}}}, "headers.X.env", "may not read"),
        ({"headers": {"X": {"envv": "HOME"}}}, "headers.X.envv", "no field"),
        ({"headers": {"Authorization": "Bearer x"}}, "headers.Authorization", "a secret stands"),
        ({"seconds": "10m"}, "seconds", "too long"),
        ({"seconds": "soon"}, "seconds", "no time to wait"),
        ({"fail_on_status": 99}, "fail_on_status", "no status code"),
        ({"fail_on_status": True}, "fail_on_status", "no status code"),
        ({"fail_on_status": "4xx"}, "fail_on_status", "no status code"),
        ({"if_in_doubt": "maybe"}, "if_in_doubt", "cannot be chosen"),
        ({"store_as": "x"}, "store_result", "is not kept"),
        ({"store_result": "input"}, "store_as", "has no name"),
        ({"timeout": 3}, "timeout", "no field"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(fields: dict[str, Data], field: str, words: str) -> None:
    with pytest.raises(EilboteError, match=words) as caught:
        WebRequest.read({"url": URL, **fields})

    assert caught.value.field == field
    assert caught.value.remedy


def test_a_table_in_a_query_is_refused_when_it_comes() -> None:
    with pytest.raises(FlowError) as caught:
        asked({"query": {"a": "{{ input.t }}"}}, t={"b": 1})

    assert caught.value.field == "query.a"


@pytest.mark.parametrize("field", ["json", "form", "body"])
def test_half_a_character_is_refused_when_it_comes(field: str) -> None:
    said: Data = "{{ input.x }}!" if field == "body" else {"a": "{{ input.x }}!"}
    with pytest.raises((FlowError, TemplateError)):
        asked({field: said}, x="\ud83d")


def test_its_templates_are_known_to_whoever_checks_variables() -> None:
    node = WebRequest.read(
        {
            "url": "{{ context.base }}/{{ input.a }}",
            "query": {"q": "{{ input.b }}"},
            "headers": {"X": "{{ input.c }}"},
            "json": {"d": ["{{ input.d }}"]},
        }
    )
    found = {str(variable) for template in node.templates() for variable in template.variables()}

    assert found == {"context.base", "input.a", "input.b", "input.c", "input.d"}


# ── what becomes of the answer ──────────────────────────────────────────────────────────────────────────────────


def kept(fields: dict[str, Data], outcome: Outcome) -> tuple[type, dict[str, Data]]:
    node = WebRequest.read({"url": URL, "store_result": "context", "store_as": "crm.answer", **fields})
    move = node.resume(scene(), outcome)
    assert isinstance(move, Leave | Halt)
    [put] = move.puts
    assert isinstance(put, Put)
    assert (put.shelf, put.key) == (Shelf.CONTEXT, "crm.answer")
    assert isinstance(put.value, dict)
    return type(move), put.value


def test_an_answer_is_kept() -> None:
    answer: dict[str, Data] = {"status": 200, "reason": "OK", "headers": {}, "body": {"a": 1}}

    assert kept({}, Outcome(result=answer)) == (Leave, answer)
    assert kept({"stop_on_error": True}, Outcome(result=answer)) == (Leave, answer)


@pytest.mark.parametrize(
    "fields, status, fails",
    [
        ({}, 399, False),
        ({}, 400, True),
        ({}, 503, True),
        ({"fail_on_status": 500}, 404, False),
        ({"fail_on_status": "500"}, 500, True),
        ({"fail_on_status": 300}, 302, True),
        ({"fail_on_status": "never"}, 599, False),
        ({"fail_on_status": False}, 599, False),
    ],
)
def test_a_status_counts_as_an_error_from_where_the_author_says(
    fields: dict[str, Data], status: int, fails: bool
) -> None:
    outcome = Outcome(result={"status": status, "reason": "Some Reason", "body": "x"})

    assert kept(fields, outcome)[0] is Leave
    stopped, result = kept({**fields, "stop_on_error": True}, outcome)
    assert stopped is (Halt if fails else Leave)
    assert result["body"] == "x"
    if fails:
        error = result["error"]
        assert isinstance(error, dict)
        assert error["message"] == f"the server answered {status} Some Reason"
        assert (error["node"], error["code"]) == ("look", "http_status")


def test_an_error_without_an_answer_has_no_status() -> None:
    moved, result = kept({}, Outcome(error={"code": "connect", "message": "nobody answers"}))

    assert moved is Leave
    assert result == {"status": None, "error": {"code": "connect", "message": "nobody answers"}}


def test_an_answer_that_nobody_wants_is_kept_nowhere() -> None:
    assert WebRequest.read({"url": URL}).resume(scene(), Outcome(result={"status": 200})) == Leave()
