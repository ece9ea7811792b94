"""The installed program from outside: what it prints, what it sends, how it ends."""

import json
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY

import pytest
from tests.acceptance.conftest import Installed
from tests.mail_catcher import MailCatcher

import eilbote

pytestmark = pytest.mark.timeout(300)

FROM_B_TO_A = ("--to", "a@example.org", "--from", "b@example.org", "--subject", "Grüße")


def content_of(octets: bytes | str | None) -> bytes:
    assert isinstance(octets, bytes)
    return octets


def test_the_version(installed: Installed) -> None:
    run = installed.eilbote("--version")

    assert run.returncode == 0
    assert eilbote.__version__ in run.stdout


def test_help_names_the_commands(installed: Installed) -> None:
    run = installed.eilbote("--help")

    assert run.returncode == 0
    for command in ("send", "connection", "services", "catch"):
        assert command in run.stdout


def test_a_message_is_sent(installed: Installed, mail_catcher: MailCatcher) -> None:
    run = installed.eilbote(
        *("send", *FROM_B_TO_A, "--bcc", "secret@example.net", "--text", "hi", "--via", mail_catcher.uri)
    )

    assert run.returncode == 0, run.stderr
    (envelope,) = mail_catcher.envelopes
    content = content_of(envelope.content)
    message = message_from_bytes(content, policy=SMTP_POLICY)
    assert envelope.mail_from == "b@example.org"
    assert sorted(envelope.rcpt_tos) == ["a@example.org", "secret@example.net"]
    assert message["Subject"] == "Grüße"
    assert message.get_content().strip() == "hi"
    assert b"secret@example.net" not in content


def test_the_text_may_come_from_a_pipe(installed: Installed, mail_catcher: MailCatcher) -> None:
    run = installed.eilbote("send", *FROM_B_TO_A, "--via", mail_catcher.uri, stdin="from a pipe\n")

    assert run.returncode == 0, run.stderr
    (envelope,) = mail_catcher.envelopes
    assert b"from a pipe" in content_of(envelope.content)


def test_json_is_all_that_stands_on_standard_output(installed: Installed, mail_catcher: MailCatcher) -> None:
    run = installed.eilbote("send", *FROM_B_TO_A, "--text", "hi", "--via", mail_catcher.uri, "--json")

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["envelope"] == {"from": "b@example.org", "to": ["a@example.org"]}


def test_a_dry_run_sends_nothing(installed: Installed, mail_catcher: MailCatcher) -> None:
    run = installed.eilbote(*("send", *FROM_B_TO_A, "--text", "hi", "--via", mail_catcher.uri, "--dry-run"))

    assert run.returncode == 0, run.stderr
    assert "Subject: =?utf-8?" in run.stdout.replace("UTF-8", "utf-8")
    assert mail_catcher.envelopes == []


@pytest.mark.parametrize(
    "arguments,named",
    [
        pytest.param(["--to", "a@example.org\nBcc: x@example.org"], "to", id="a line break in an address"),
        pytest.param(["--to", "nobody"], "to", id="not an address"),
        pytest.param(["--to", "a@example.org", "--attach", "missing.pdf"], "missing.pdf", id="no such file"),
    ],
)
def test_bad_input_is_named_and_nothing_is_sent(
    arguments: list[str], named: str, installed: Installed, mail_catcher: MailCatcher
) -> None:
    run = installed.eilbote(
        *("send", "--from", "b@example.org", "--subject", "x", "--text", "hi"),
        *("--via", mail_catcher.uri, *arguments),
    )

    assert run.returncode in {1, 2, 3}
    assert named in run.stderr
    assert "Traceback" not in run.stderr
    assert mail_catcher.envelopes == []


def test_a_server_that_is_not_there_is_worth_another_attempt(installed: Installed) -> None:
    """Exit code 4 means: temporary, try again. Port 1 of this machine is closed."""
    run = installed.eilbote(
        *("send", *FROM_B_TO_A, "--text", "hi", "--via", "smtp://127.0.0.1:1?starttls=never")
    )

    assert run.returncode == 4, run.stderr
    assert "127.0.0.1" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_demonstration_needs_nothing_else(installed: Installed) -> None:
    run = installed.eilbote("demo")

    assert run.returncode == 0, run.stderr
