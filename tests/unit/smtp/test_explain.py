"""Refusals of well-known servers, and what to do about them."""

from __future__ import annotations

import pytest

from eilbote.connections.fields import NAMES
from eilbote.smtp.authentication_facts import AUTHENTICATION_FACTS
from eilbote.smtp.explain import Refusal, explain, refusal_of, refusals
from eilbote.smtp.replies import Reply, enhanced_in


def reply(code: int, text: str) -> Reply:
    return Reply(code, (text,), enhanced_in(text, code))


STAGES = ("greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "content")
UNASKED = "session"
MAIL = ("mail", "rcpt", "data", "content")
LOGIN = ("auth", *MAIL)
DOOR = ("greeting", "ehlo", "mail", "rcpt")
ANY = (*STAGES, UNASKED)

# The stages, the reply, the setting to look at, and a word of the explanation. At all other stages the same reply
# is not explained, or by another line.
KNOWN = [
    (
        LOGIN,
        535,
        "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
        "user",
        "SMTP AUTH",
    ),
    (LOGIN, 535, "5.7.139 Authentication unsuccessful, the criteria are not met", "password", "policy"),
    (LOGIN, 535, "5.7.3 Authentication unsuccessful", "password", "Exchange"),
    (LOGIN, 535, "5.7.8 Username and Password not accepted. BadCredentials", "password", "Google"),
    (LOGIN, 535, "5.7.8 Error: authentication failed", "password", "many providers"),
    (LOGIN, 535, "Incorrect authentication data", "password", "does not accept"),
    (LOGIN, 534, "5.7.9 Application-specific password required", "password", "two-step"),
    (LOGIN, 534, "5.7.9 Please log in with another mechanism", "password", "weak"),
    (LOGIN, 534, "5.7.14 Please log in via your web browser", "password", "browser"),
    (LOGIN, 534, "mechanism too weak", "mechanism", "weak"),
    (LOGIN, 538, "5.7.11 Encryption required", "security", "TLS only"),
    (("ehlo", *LOGIN), 530, "5.7.0 Must issue a STARTTLS command first", "security", "TLS first"),
    (MAIL, 530, "5.7.0 Authentication required", "user", "authentication"),
    (MAIL, 530, "5.7.57 Client not authenticated to send mail", "user", "Exchange"),
    (("auth",), 504, "5.5.4 Unrecognized authentication type", "mechanism", "Pin"),
    (LOGIN, 454, "4.7.0 Temporary authentication failure", "", "check credentials"),
    (("auth", "mail", "data", "content"), 454, "Not now", "", "check credentials"),
    (("auth",), 454, "4.7.1 Not now", "", "check credentials"),
    (("starttls",), 454, "4.7.0 TLS not available due to local problem", "", "speak TLS"),
    (("starttls",), 454, "4.7.0 Temporary authentication failure", "", "speak TLS"),
    (("starttls",), 454, "Not now", "", "speak TLS"),
    (MAIL, 454, "4.7.1 <x@y>: Relay access denied", "user", "carry mail"),
    (MAIL, 554, "5.7.1 <x@y>: Relay access denied", "user", "carry mail"),
    (
        ("ehlo", "mail", "rcpt"),
        504,
        "5.5.2 <box>: Helo command rejected: need fully-qualified hostname",
        "ehlo_name",
        "calls itself",
    ),
    (
        MAIL,
        554,
        "5.2.252 SendAsDenied; account not allowed to send as that address",
        "default_from",
        "may not send",
    ),
    (MAIL, 550, "5.7.60 SMTP; Client does not have permissions to send", "default_from", "grant"),
    (MAIL, 553, "5.7.1 <a@b>: Sender address rejected: not owned by user c", "default_from", "send from"),
    (MAIL, 552, "5.3.4 Message size exceeds fixed limit", "", "larger"),
    (
        ANY,
        432,
        "4.3.2 STOREDRV.ClientSubmit; too many concurrent connections",
        "limits.max_sessions",
        "three",
    ),
    (MAIL, 454, "Relay access denied", "user", "carry mail"),
    (
        ANY,
        454,
        "Throttling failure: Maximum sending rate exceeded.",
        "limits.messages_per_second",
        "how fast",
    ),
    (ANY, 421, "4.7.0 Too many connections from your host", "limits.max_sessions", "how many sessions"),
    (ANY, 451, "4.7.0 Too many messages", "limits.messages_per_second", "how fast"),
    (MAIL, 450, "4.2.0 Greylisted", "", "does not know"),
    (("rcpt",), 451, "4.7.1 Please try again later", "", "does not know"),
    (("greeting", "ehlo", *MAIL), 554, "5.7.1 Client host blocked using a list", "", "spam"),
    (MAIL, 550, "5.7.26 Unauthenticated email from example.org", "", "SPF"),
    (DOOR, 554, "5.3.2 No mail here", "host", "no mail"),
    (("greeting",), 554, "No SMTP service here", "host", "no mail"),
    (DOOR, 521, "No mail here", "host", "no mail"),
    (("rcpt",), 556, "5.1.10 Null MX", "", "domain"),
]


@pytest.mark.parametrize(
    "stage,code,text,field,word",
    [(stage, *line) for stages, *line in KNOWN for stage in stages],
)
def test_known_refusals(stage: str, code: int, text: str, field: str, word: str) -> None:
    found = explain(reply(code, text), stage=stage)

    assert found is not None
    assert found.remedy
    assert (found.field, word.lower() in f"{found.cause} {found.remedy}".lower()) == (field, True)


@pytest.mark.parametrize(
    "stage,code,text,word",
    [
        (stage, code, text, word)
        for stages, code, text, _, word in KNOWN
        for stage in ANY
        if stage not in stages
    ],
)
def test_a_line_does_not_speak_where_its_reply_means_something_else(
    stage: str, code: int, text: str, word: str
) -> None:
    found = explain(reply(code, text), stage=stage)

    assert found is None or word.lower() not in f"{found.cause} {found.remedy}".lower()


@pytest.mark.parametrize(
    "code,text",
    [
        (250, "2.0.0 Ok"),
        (550, "5.1.1 no such user"),
        (354, "go on"),
        (554, "5.6.0 bad content"),
        (451, "4.3.0 queue file write error; try again later"),
        (504, "5.5.4 Unknown parameter"),
    ],
)
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "content"])
def test_no_explanation_is_better_than_a_wrong_one(stage: str, code: int, text: str) -> None:
    assert explain(reply(code, text), stage=stage) is None


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "starttls"])
@pytest.mark.parametrize("code", sorted(AUTHENTICATION_FACTS))
def test_nothing_is_said_of_credentials_before_they_are_asked_for(stage: str, code: int) -> None:
    found = explain(reply(code, "No"), stage=stage)

    assert found is None or found.cause != AUTHENTICATION_FACTS[code].cause


ENTRIES = [(entry, seen) for entry in refusals() for seen in entry.seen]


def circumstances(entry: Refusal) -> dict[str, str]:
    return {"server": f"smtp.{entry.servers[0]}:587" if entry.servers else "", "login": entry.login}


@pytest.mark.parametrize("entry,seen", ENTRIES, ids=[seen[:60] for _, seen in ENTRIES])
def test_what_servers_say_is_explained_by_its_own_entry(entry: Refusal, seen: str) -> None:
    """And by no earlier one: an entry that another hides would be dead."""
    code, _, text = seen.partition(" ")
    for stage in entry.stages or ANY:
        assert refusal_of(reply(int(code), text), stage=stage, **circumstances(entry)) is entry  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", refusals(), ids=lambda entry: entry.seen[0][:60])
def test_every_entry_says_what_a_reader_needs(entry: Refusal) -> None:
    cause, remedy, field = entry.explanation
    assert cause
    assert cause[0].islower() or cause.split()[0] in {
        "Amazon", "Exchange", "Google", "Google's", "Microsoft", "SendGrid", "Yahoo", "Yandex",
    }  # fmt: skip
    assert remedy[0].isupper()
    assert not cause.endswith(".")
    assert not remedy.endswith(".")
    assert entry.seen
    assert entry.source
    assert entry.stages <= set(STAGES)
    assert all(word == word.lower() for word in entry.words)
    assert field.removeprefix("limits.") in {*NAMES, ""}


def test_a_provider_is_known_by_its_servers_only() -> None:
    """GMX and Amazon refuse a login in the same words."""
    said = reply(535, "Authentication Credentials Invalid")

    def cause(server: str) -> str:
        found = explain(said, stage="auth", server=server)
        assert found is not None
        return found.cause

    assert "SES" in cause("email-smtp.eu-west-1.amazonaws.com:587")
    assert "mail programs" in cause("mail.gmx.net")
    for stranger in ("", "mail.example.org", "notamazonaws.com", "amazonaws.com.example.org"):
        assert "SES" not in cause(stranger)
        assert "mail programs" not in cause(stranger)


def test_a_refused_token_is_not_called_a_password() -> None:
    for text in (
        "5.7.3 Authentication unsuccessful",
        "5.7.8 Username and Password not accepted. BadCredentials",
        "no",
    ):
        by_token = explain(reply(535, text), stage="auth", login="token")
        by_password = explain(reply(535, text), stage="auth", login="password")
        assert by_token is not None
        assert by_password is not None
        assert (by_token.field, by_password.field) == ("access_token", "password")


def test_where_smtp_is_switched_off_a_token_does_not_help() -> None:
    """SMTP AUTH that is off for a mailbox is off for OAuth2 too; a disabled password is another matter."""
    off = explain(
        reply(
            535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
        ),
        stage="auth",
    )
    password = explain(
        reply(535, "5.7.139 Authentication unsuccessful, basic authentication is disabled."), stage="auth"
    )
    assert off is not None
    assert password is not None
    assert "needs it as well" in off.remedy
    assert password.remedy.startswith("Use OAuth2")
