"""Logging in to real servers: every mechanism, names and passwords that are hard to carry, and clear refusals."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from tests.integration.lab.accounts import USERS, Account, token
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.postfix import Postfix
from tests.integration.lab.tap import Speaker, Tap
from tests.integration.scram_plus_server import ScramPlusServer
from tests.integration.sending import PATIENT, connection_to, draft_to, send, send_all

from eilbote import AuthenticationError, Connection, Durability, Mailer, Scope, SettingsError
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.system_clock import SystemClock

pytestmark = pytest.mark.asyncio

PASSWORD_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
TOKEN_MECHANISMS = ("XOAUTH2", "OAUTHBEARER")
ORDINARY = USERS["ordinary"]
WRONG = Account(user=ORDINARY.user, password="wrong")


@pytest.fixture
def endpoint(request: pytest.FixtureRequest, port: str) -> Endpoint:
    """The port of a server that a test names, such as ``postfix.starttls``."""
    server, _, name = port.partition(".")
    return getattr(request.getfixturevalue(server), name)


async def log_in(connection: Connection) -> None:
    """Open one session, and close it again."""
    transport = SmtpTransport(connection, clock=SystemClock())
    try:
        await transport.ready()
    finally:
        await transport.close()


async def refusal_of(connection: Connection) -> AuthenticationError:
    with pytest.raises(AuthenticationError) as caught:
        await log_in(connection)
    return caught.value


def queue_id(reply: str) -> str:
    found = re.search(r"queued as (\w+)", reply)
    assert found is not None, reply
    return found[1]


# ── with a password ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mechanism", [*PASSWORD_MECHANISMS, None])
@pytest.mark.parametrize(
    "port",
    [
        "postfix.starttls", "postfix.tls", "postfix.plain_with_login", "postfix.cyrus",
        "exim.starttls", "dovecot.starttls",
    ],
)  # fmt: skip
async def test_every_account_logs_in(endpoint: Endpoint, mechanism: str | None) -> None:
    await asyncio.gather(
        *(log_in(connection_to(endpoint, account, mechanism=mechanism)) for account in USERS.values())
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", None])
@pytest.mark.parametrize("port", ["aiosmtpd_server.starttls", "aiosmtpd_server.tls"])
async def test_every_account_logs_in_to_aiosmtpd(endpoint: Endpoint, mechanism: str | None) -> None:
    for account in USERS.values():
        await log_in(connection_to(endpoint, account, mechanism=mechanism))


@pytest.mark.parametrize("name", ["ordinary", "quotes", "long", "odd"])
async def test_ntlm(postfix: Postfix, name: str) -> None:
    await log_in(connection_to(postfix.cyrus, USERS[name], mechanism="NTLM"))
    wrong = Account(user=USERS[name].user, password="wrong")
    error = await refusal_of(connection_to(postfix.cyrus, wrong, mechanism="NTLM"))
    assert error.field == "password"


@pytest.mark.parametrize("port", ["exim.starttls"])
async def test_the_first_version_of_ntlm(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LM_COMPAT_LEVEL", "2")
    await log_in(connection_to(endpoint, ORDINARY, mechanism="NTLM"))


@pytest.mark.parametrize(
    "port, mechanism",
    [("postfix.starttls", name) for name in PASSWORD_MECHANISMS]
    + [("postfix.cyrus", name) for name in (*PASSWORD_MECHANISMS, "NTLM")],
)
async def test_the_pinned_mechanism_is_the_one_that_is_used(
    postfix: Postfix, recipient: str, endpoint: Endpoint, mechanism: str
) -> None:
    receipt = await send(connection_to(endpoint, ORDINARY, mechanism=mechanism), draft_to(recipient))
    postfix.received(recipient)  # by then it is in the log
    assert logged_in(postfix, receipt.reply) == (mechanism, ORDINARY.user)


@pytest.mark.parametrize(
    "port", ["postfix.starttls", "postfix.tls", "postfix.cyrus", "postfix.plain_with_login"]
)
async def test_without_a_pin_the_best_common_mechanism_is_used(
    postfix: Postfix, recipient: str, endpoint: Endpoint
) -> None:
    receipt = await send(connection_to(endpoint, USERS["odd"]), draft_to(recipient))
    postfix.received(recipient)
    mechanism, user = logged_in(postfix, receipt.reply)
    assert mechanism == "SCRAM-SHA-256"
    assert user.startswith(USERS["odd"].user)


def logged_in(postfix: Postfix, reply: str) -> tuple[str, str]:
    """How and as whom Postfix says a message came in."""
    found = re.search(rf"{queue_id(reply)}: client=.*, sasl_method=(\S+), sasl_username=(.*)", postfix.log())
    assert found is not None
    return found[1], found[2]


# ── with channel binding ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", None])
async def test_scram_is_bound_to_the_tls_session(
    scram_plus_server: Callable[..., ScramPlusServer], version: str, mechanism: str | None
) -> None:
    server = scram_plus_server(version)
    await log_in(connection_to(server.endpoint, ORDINARY, mechanism=mechanism))
    assert server.bound == [(mechanism or "SCRAM-SHA-256-PLUS", server.binding)]
    error = await refusal_of(connection_to(server.endpoint, WRONG, mechanism=mechanism))
    assert error.field == "password"


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"])
async def test_a_session_of_somebody_in_between_is_noticed(
    scram_plus_server: Callable[..., ScramPlusServer], mechanism: str
) -> None:
    """The server sees another TLS session than the client: there is somebody between them."""
    server = scram_plus_server("1.3", another_session=True)
    error = await refusal_of(connection_to(server.endpoint, ORDINARY, mechanism=mechanism))
    assert error.reply_code == 535
    assert server.bound == []


# ── with a token ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mechanism", [*TOKEN_MECHANISMS, None])
@pytest.mark.parametrize("name", ["ordinary", "unicode", "odd"])
@pytest.mark.parametrize("port", ["postfix.starttls", "exim.tls", "dovecot.tls"])
async def test_a_token_logs_in(endpoint: Endpoint, name: str, mechanism: str | None) -> None:
    account = USERS[name]
    await log_in(connection_to(endpoint, account, token=token(account.user), mechanism=mechanism))


BAD_TOKENS = {
    "expired": lambda: token(ORDINARY.user, lifetime=-60),
    "signed by somebody else": lambda: token(ORDINARY.user, key=b"another key"),
    "of somebody else": lambda: token("mallory@lab.example"),
    "no token": lambda: "no-token",
}


@pytest.mark.parametrize("mechanism", TOKEN_MECHANISMS)
@pytest.mark.parametrize("port", ["postfix.starttls", "exim.starttls", "dovecot.starttls"])
async def test_a_bad_token_is_refused_with_the_reason(endpoint: Endpoint, mechanism: str) -> None:
    bad = [make() for make in BAD_TOKENS.values()]
    errors = await asyncio.gather(
        *(refusal_of(connection_to(endpoint, ORDINARY, token=each, mechanism=mechanism)) for each in bad)
    )
    for reason, each, error in zip(BAD_TOKENS, bad, errors, strict=True):
        assert (error.field, error.reply_code) == ("access_token", 535), reason
        assert "status: " in str(error), reason  # what the server said in its challenge
        assert "token" in (error.remedy or ""), reason
        assert "password" not in str(error), reason
        assert each not in "\n".join((str(error), *error.transcript)), reason


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("port", ["postfix.starttls", "postfix.cyrus", "exim.tls"])
async def test_a_wrong_password_is_an_error_that_names_it(endpoint: Endpoint) -> None:
    secret = "wr0ng: not to be seen"
    wrong = Account(user=ORDINARY.user, password=secret)
    mechanisms = (*PASSWORD_MECHANISMS, None)
    errors = await asyncio.gather(
        *(refusal_of(connection_to(endpoint, wrong, mechanism=mechanism)) for mechanism in mechanisms)
    )
    for mechanism, error in zip(mechanisms, errors, strict=True):
        assert (error.field, error.stage, error.reply_code) == ("password", "auth", 535), mechanism
        assert (error.scope, error.durability) == (Scope.SITE, Durability.PERMANENT), mechanism
        assert error.server == f"{endpoint.host}:{endpoint.port}"
        assert error.remedy
        assert any(line.startswith("C: AUTH") for line in error.transcript), mechanism
        assert secret not in "\n".join((str(error), *error.transcript)), mechanism


@pytest.mark.parametrize("port", ["dovecot.starttls", "aiosmtpd_server.starttls", "aiosmtpd_server.tls"])
async def test_other_servers_refuse_a_wrong_password_alike(endpoint: Endpoint) -> None:
    error = await refusal_of(connection_to(endpoint, WRONG))
    assert error.field == "password"
    assert error.reply_code == 535


async def test_a_refused_password_is_not_tried_again_by_another_mechanism(
    postfix: Postfix, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(postfix.plain_with_login)
    await refusal_of(connection_to(line.endpoint, WRONG))
    assert line.said(Speaker.CLIENT).count(b"AUTH ") == 1


@pytest.mark.parametrize("port", ["postfix.starttls", "postfix.cyrus", "dovecot.starttls"])
async def test_a_pinned_mechanism_that_is_not_offered_is_not_replaced(endpoint: Endpoint) -> None:
    error = await refusal_of(connection_to(endpoint, ORDINARY, mechanism="SCRAM-SHA-256-PLUS"))
    assert error.field == "mechanism"
    assert "SCRAM-SHA-256-PLUS" in str(error)
    assert not any(line.startswith("C: AUTH") for line in error.transcript)


async def test_a_token_for_a_server_that_takes_passwords_only(postfix: Postfix) -> None:
    error = await refusal_of(connection_to(postfix.cyrus, ORDINARY, token=token(ORDINARY.user)))
    assert "offered: " in str(error)
    assert not any(line.startswith("C: AUTH") for line in error.transcript)


@pytest.mark.parametrize("port", ["postfix.plain", "postfix.tls_anonymous", "opensmtpd.plain"])
async def test_credentials_for_a_server_that_knows_no_login(endpoint: Endpoint) -> None:
    error = await refusal_of(connection_to(endpoint, ORDINARY))
    assert error.field == "user"
    assert "offers no authentication" in str(error)


async def test_a_mechanism_that_does_not_fit_the_credentials_is_refused_before_a_connection() -> None:
    with pytest.raises(SettingsError) as caught:
        connection_to(Endpoint(port=1), ORDINARY, mechanism="XOAUTH2")
    assert caught.value.field == "mechanism"


# ── nobody ──────────────────────────────────────────────────────────────────────────────────────────────────────

WANT_A_LOGIN = [
    "postfix.starttls", "postfix.tls", "postfix.cyrus", "postfix.plain_with_login",
    "exim.starttls", "exim.tls", "exim.plain_with_login",
    "dovecot.starttls", "aiosmtpd_server.starttls", "aiosmtpd_server.tls",
]  # fmt: skip


@pytest.mark.parametrize("port", WANT_A_LOGIN)
async def test_an_anonymous_session_hears_that_authentication_is_required(
    endpoint: Endpoint, recipient: str
) -> None:
    """Some servers say so to MAIL, some to RCPT; to whoever reads the error that is the same."""
    with pytest.raises(AuthenticationError, match=r"Authentication required") as caught:
        await send(connection_to(endpoint), draft_to(recipient))
    error = caught.value
    assert error.field == "user"
    assert error.reply_code == 530
    assert (error.scope, error.durability) == (Scope.SITE, Durability.PERMANENT)
    assert "password" in (error.remedy or "")


@pytest.mark.parametrize("port", WANT_A_LOGIN)
async def test_a_missing_login_fails_no_recipient(endpoint: Endpoint, recipient: str) -> None:
    receipts = await send_all(
        connection_to(endpoint), [draft_to(recipient, f"other-{recipient}", number=n) for n in range(3)]
    )
    assert [receipt.index for receipt in receipts] == [0, 1, 2]
    for receipt in receipts:
        assert isinstance(receipt.error, AuthenticationError)
        assert [result.reply_code for result in receipt.deferred] == [530, 530]


async def test_wrong_credentials_stop_a_series_at_once(
    postfix: Postfix, tap: Callable[[Endpoint], Tap]
) -> None:
    """A thousand attempts with a wrong password would lock the account."""
    line = tap(postfix.plain_with_login)
    async with Mailer(connection_to(line.endpoint, WRONG, timeouts=PATIENT)) as mailer:
        drafts = [draft_to("somebody@lab.example", number=number) for number in range(50)]
        receipts = [receipt async for receipt in mailer.send_all(drafts)]
    assert len(receipts) == 50
    assert all(isinstance(receipt.error, AuthenticationError) for receipt in receipts)
    assert all(len(receipt.deferred) == 1 for receipt in receipts)
    assert line.said(Speaker.CLIENT).count(b"AUTH ") == 1
