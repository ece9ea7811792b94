"""Who may log in to the laboratory's servers, checked without eilbote."""

from __future__ import annotations

import pytest
from tests.integration.lab.accounts import USERS, Account, token
from tests.integration.lab.aiosmtpd_server import AiosmtpdServer
from tests.integration.lab.exim import Exim
from tests.integration.lab.postfix import Postfix
from tests.integration.lab.stdlib_client import SENDER, bearer, log_in, ntlm, open_session, say

CLEAR_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
SCRAM_MECHANISMS = ("SCRAM-SHA-1", "SCRAM-SHA-256")


@pytest.mark.parametrize("mechanism", [*CLEAR_MECHANISMS, *SCRAM_MECHANISMS])
@pytest.mark.parametrize("port", ["postfix.starttls", "postfix.cyrus", "exim.starttls", "dovecot.starttls"])
def test_every_account_logs_in(request: pytest.FixtureRequest, port: str, mechanism: str) -> None:
    server, _, name = port.partition(".")
    endpoint = getattr(request.getfixturevalue(server), name)
    for account in USERS.values():
        with open_session(endpoint) as session:
            assert mechanism in session.esmtp_features["auth"].split()
            assert log_in(session, mechanism, account.user, account.password) == 235, account
    with open_session(endpoint) as session:
        assert log_in(session, mechanism, USERS["ordinary"].user, "wrong") == 535


@pytest.mark.parametrize("account", USERS.values(), ids=USERS)
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_every_account_logs_in_to_aiosmtpd(
    aiosmtpd_server: AiosmtpdServer, account: Account, mechanism: str
) -> None:
    with open_session(aiosmtpd_server.starttls) as session:
        assert log_in(session, mechanism, account.user, account.password) == 235


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("port", ["postfix.starttls", "exim.starttls", "dovecot.tls"])
def test_a_token_logs_in_and_a_bad_one_is_explained_first(
    request: pytest.FixtureRequest, port: str, mechanism: str
) -> None:
    server, _, name = port.partition(".")
    endpoint = getattr(request.getfixturevalue(server), name)
    user = USERS["ordinary"].user
    with open_session(endpoint) as session:
        assert session.docmd("AUTH", mechanism)[0] == 334
        assert say(session, bearer(mechanism, user, token(user)))[0] == 235
    for bad in (token(user, lifetime=-60), token(user, key=b"another key"), "no token"):
        with open_session(endpoint) as session:
            session.docmd("AUTH", mechanism)
            code, challenge = say(session, bearer(mechanism, user, bad))
            assert code == 334
            assert b'"status"' in challenge
            assert session.docmd("")[0] == 535


@pytest.mark.parametrize("name", ["ordinary", "quotes", "long", "odd"])
def test_cyrus_takes_ntlm(postfix: Postfix, name: str) -> None:
    assert ntlm(postfix.cyrus, USERS[name].user, USERS[name].password) == 235
    assert ntlm(postfix.cyrus, USERS[name].user, "wrong") == 535


def test_exim_takes_the_first_version_of_ntlm(exim: Exim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LM_COMPAT_LEVEL", "2")
    assert ntlm(exim.starttls, USERS["ordinary"].user, USERS["ordinary"].password) == 235
    assert ntlm(exim.starttls, USERS["ordinary"].user, "wrong") == 535


@pytest.mark.parametrize("port", ["postfix.starttls", "postfix.tls", "exim.starttls", "dovecot.starttls"])
def test_no_mail_without_login(request: pytest.FixtureRequest, recipient: str, port: str) -> None:
    server, _, name = port.partition(".")
    with open_session(getattr(request.getfixturevalue(server), name)) as session:
        code, reply = session.mail(SENDER)
        if code == 250:
            code, reply = session.rcpt(recipient)
        assert code == 530
        assert b"uthentication" in reply
