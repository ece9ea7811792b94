"""Refusals of well-known servers, and what to do about them."""

from __future__ import annotations

import pytest

from eilbote.smtp.explain import explain
from eilbote.smtp.replies import Reply, enhanced_in


def reply(code: int, text: str) -> Reply:
    return Reply(code, (text,), enhanced_in(text, code))


@pytest.mark.parametrize(
    "code,text,field,word",
    [
        (
            535,
            "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
            "user",
            "SMTP AUTH",
        ),
        (
            535,
            "5.7.139 Authentication unsuccessful, the request did not meet the criteria",
            "password",
            "password",
        ),
        (535, "5.7.3 Authentication unsuccessful", "password", "Exchange"),
        (535, "5.7.8 Username and Password not accepted. BadCredentials", "password", "app password"),
        (535, "5.7.8 Error: authentication failed", "password", "password"),
        (535, "Incorrect authentication data", "password", "password"),
        (534, "5.7.9 Application-specific password required", "password", "two-step"),
        (534, "5.7.14 Please log in via your web browser", "password", "browser"),
        (534, "mechanism too weak", "mechanism", "weak"),
        (538, "5.7.11 Encryption required", "security", "TLS"),
        (530, "5.7.0 Must issue a STARTTLS command first", "security", "TLS"),
        (530, "5.7.0 Authentication required", "user", "authentication"),
        (530, "5.7.57 Client not authenticated to send mail", "user", "authenticated"),
        (454, "4.7.0 Temporary authentication failure", "", "for now"),
        (454, "4.7.0 TLS not available due to local problem", "", "TLS"),
        (554, "5.2.252 SendAsDenied; account not allowed to send as that address", "default_from", "From"),
        (550, "5.7.60 SMTP; Client does not have permissions to send as this sender", "default_from", "From"),
        (554, "5.7.1 <x@y>: Relay access denied", "user", "server"),
        (552, "5.3.4 Message size exceeds fixed limit", "", "larger"),
        (421, "4.7.0 Too many connections from your host", "limits.max_sessions", "sessions"),
        (550, "5.7.26 Unauthenticated email from example.org", "", "SPF"),
        (450, "4.2.0 Greylisted", "", "does not know"),
    ],
)
def test_known_refusals(code: int, text: str, field: str, word: str) -> None:
    found = explain(reply(code, text))
    assert found is not None
    assert found.remedy
    assert (found.field, word.lower() in f"{found.cause} {found.remedy}".lower()) == (field, True)


@pytest.mark.parametrize(
    "code,text", [(250, "2.0.0 Ok"), (550, "5.1.1 no such user"), (354, "go on"), (554, "5.6.0 bad content")]
)
def test_no_explanation_is_better_than_a_wrong_one(code: int, text: str) -> None:
    assert explain(reply(code, text)) is None
