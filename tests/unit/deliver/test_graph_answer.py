"""What the answers of Microsoft Graph mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from eilbote.deliver.graph_answer import GRAPH_REFUSALS, error_of, read_answer, refusal_of, wait_of
from eilbote.deliver.verdict import judge_error
from eilbote.errors import AuthenticationError, Durability, ExtensionError, InDoubtError, Scope
from eilbote.model.status import RecipientStatus

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
FOR_NOW, FOR_GOOD, UNKNOWN = Durability.TRANSIENT, Durability.PERMANENT, Durability.IN_DOUBT


def body(code: str, message: str = "no") -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "innerError": {"date": "x"}}}).encode()


@pytest.mark.parametrize(
    "status,code,scope,durability,field,kind",
    [
        (401, "InvalidAuthenticationToken", Scope.SITE, FOR_GOOD, "access_token", AuthenticationError),
        (403, "ErrorAccessDenied", Scope.SITE, FOR_GOOD, "client_id", AuthenticationError),
        (403, "ErrorSendAsDenied", Scope.MESSAGE, FOR_GOOD, "default_from", None),
        (404, "ErrorInvalidUser", Scope.SITE, FOR_GOOD, "user", AuthenticationError),
        (404, "MailboxNotEnabledForRESTAPI", Scope.SITE, FOR_GOOD, "user", AuthenticationError),
        (400, "ErrorInvalidRecipients", Scope.MESSAGE, FOR_GOOD, "to", None),
        (400, "ErrorMimeContentInvalidBase64String", Scope.MESSAGE, FOR_GOOD, "message", None),
        (413, "", Scope.MESSAGE, FOR_GOOD, "message", ExtensionError),
        (400, "ErrorMessageSizeExceeded", Scope.MESSAGE, FOR_GOOD, "message", ExtensionError),
        (429, "ApplicationThrottled", Scope.SITE, FOR_NOW, "limits.max_sessions", None),
        (429, "ErrorExceededMessageLimit", Scope.SITE, FOR_NOW, "limits.messages_per_day", None),
        (500, "ErrorInternalServerError", Scope.SITE, FOR_NOW, None, None),
        (503, "serviceNotAvailable", Scope.SITE, FOR_NOW, None, None),
        (507, "insufficientStorage", Scope.SITE, FOR_NOW, None, None),
        (502, "", Scope.MESSAGE, UNKNOWN, None, InDoubtError),
        (504, "GatewayTimeout", Scope.MESSAGE, UNKNOWN, None, InDoubtError),
        (200, "", Scope.SITE, FOR_GOOD, "host", None),
        (302, "", Scope.SITE, FOR_GOOD, "host", None),
    ],
)
def test_answers(  # noqa: PLR0917 - a table reads by columns
    status: int, code: str, scope: Scope, durability: Durability, field: str | None, kind: type | None
) -> None:
    answer = read_answer(status, {}, body(code) if code else b"<html>", now=NOW)
    error = error_of(answer, server="graph.microsoft.com:443")

    assert (error.scope, error.durability, error.field) == (scope, durability, field)
    assert error.cause
    assert error.remedy
    assert str(status) in (error.reply_text or "")
    assert kind is None or type(error) is kind
    # What is wrong with the application or the mailbox fails nobody.
    if scope is Scope.SITE:
        assert judge_error(error).status is RecipientStatus.DEFERRED


def test_every_line_of_the_table_is_reached() -> None:
    """Each is the answer to its own status and code, and hidden by no earlier one."""
    for line in GRAPH_REFUSALS:
        for status in line.statuses or {403}:
            for code in line.codes or {"SomethingElse"}:
                assert refusal_of(read_answer(status, {}, body(code), now=NOW)) is line


@pytest.mark.parametrize(
    "status,said,seconds",
    [
        (429, "7", 7),
        (429, "", 10),
        (503, "Thu, 01 Jan 2026 12:01:00 GMT", 60),
        (429, "Thu, 01 Jan 2026 11:00:00 GMT", 1),
        (429, "-5", 10),
        (429, "soon", 10),
        (429, "9" * 40, 86_400),
        (429, "0", 1),
        (500, "7", 0),
        (403, "7", 0),
    ],
)
def test_how_long_graph_wants_to_be_left_alone(status: int, said: str, seconds: float) -> None:
    assert wait_of(read_answer(status, {"Retry-After": said}, b"", now=NOW)) == seconds


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"error": "no"}',
        b'{"error": {"code": 7, "message": ["x"]}}',
        b"[" * 9999,
    ],
)
def test_whatever_the_body_is_the_answer_can_be_read(octets: bytes) -> None:
    assert read_answer(403, {}, octets, now=NOW).text == "HTTP 403"


def test_words_from_outside_stay_on_one_line() -> None:
    answer = read_answer(400, {}, body("Error\x1b[31m", "a\r\nb\0" + "x" * 5000), now=NOW)
    assert answer.text.isprintable()
    assert len(answer.text) < 700
