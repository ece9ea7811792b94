"""The commands doing what they are for, each as a process of its own."""

import json
import shlex
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_string
from email.policy import SMTP
from pathlib import Path

import pytest
from tests.acceptance.program import environment, run

import eilbote
from eilbote.testing import CatcherThread, catching, refuse

MESSAGE = ("send", "--from", "Bø <b@x.example>", "--to", "Anna <anna@y.example>", "--subject", "Grüße")


@pytest.fixture
def server() -> Iterator[CatcherThread]:
    with catching() as catcher:
        yield catcher


# -- send -----------------------------------------------------------------------------------------------------


def test_everything_a_message_can_have(server: CatcherThread, tmp_path: Path) -> None:
    for name in ("page.html", "body.txt", "logo.png", "report.csv"):
        (tmp_path / name).write_text('<img src="cid:logo">' if name == "page.html" else f"in {name}\n")
    ended = run(
        *(
            *MESSAGE,
            "--cc",
            "c1@y.example; c2@y.example",
            "--bcc",
            "secret@y.example",
            "--reply-to",
            "r@x.example",
        ),
        *("--text", "@body.txt", "--html", "@page.html", "--inline", "logo.png:logo"),
        *("--attach", "report.csv", "-a", "report.csv:March.csv", "--priority", "high"),
        *("--header", "X-Ticket: 17", "--message-id", "<17@x.example>", "--in-reply-to", "<16@x.example>"),
        *("--list-unsubscribe", "https://x.example/u", "--one-click", "--envelope-from", "bounce@x.example"),
        *("--via", server.uri),
        cwd=tmp_path,
    )
    assert ended.code == 0, ended.err
    assert ended.data["status"] == "accepted"
    message = server.next()
    assert message.reverse_path == "bounce@x.example"
    assert sorted(message.forward_paths) == [
        *("anna@y.example", "c1@y.example", "c2@y.example", "secret@y.example"),
    ]
    assert (message.subject, message.header("From")) == ("Grüße", "Bø <b@x.example>")
    assert (message.text, message.html) == ("in body.txt\n", '<img src="cid:logo">')
    assert [part.filename for part in message.attachments] == ["logo.png", "report.csv", "March.csv"]
    assert message.attachments[0].content_id == "logo"
    for name, value in {
        "Reply-To": "r@x.example",
        "X-Ticket": "17",
        "X-Priority": "1 (Highest)",
        "Message-ID": "<17@x.example>",
        "In-Reply-To": "<16@x.example>",
        "References": "<16@x.example>",
        "List-Unsubscribe": "<https://x.example/u>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }.items():
        assert message.header(name) == value
    assert b"secret@y.example" not in message.octets
    assert message.remarks == ()


def test_the_text_comes_from_stdin_and_the_rest_from_the_environment(server: CatcherThread) -> None:
    ended = run(
        *("send", "-t", "anna@y.example", "-s", "hi"),
        stdin="from a pipe\n",
        EILBOTE_CONNECTION=server.uri,
        EILBOTE_FROM="b@x.example",
    )
    assert ended.code == 0, ended.err
    assert server.next().text == "from a pipe\n"


def test_an_address_as_user_name_is_the_author_of_last_resort() -> None:
    with catching(users={"anna@x.example": "secret"}) as catcher:
        ended = run(
            *(
                "send",
                "-t",
                "max@y.example",
                "--text",
                "hi",
                "--via",
                catcher.uri,
                "--user",
                "anna@x.example",
            ),
            EILBOTE_PASSWORD="secret",
        )
        assert ended.code == 0, ended.err
        message = catcher.next()
    assert (message.user, message.header("From")) == ("anna@x.example", "anna@x.example")


def test_the_password_may_come_from_stdin() -> None:
    with catching(users={"anna": "secret"}) as catcher:
        ended = run(
            *(*MESSAGE, "--text", "hi", "--via", catcher.uri, "--user", "anna", "--password-file", "-"),
            stdin="secret\n",
        )
        assert ended.code == 0, ended.err


@pytest.mark.parametrize("source", ["file", "environment"])
def test_the_password_may_stand_beside_a_uri_that_names_the_user(source: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    with catching(users={"anna": "secret"}) as catcher:
        uri = catcher.uri.replace("smtp://", "smtp://anna@")
        if source == "file":
            ended = run(*MESSAGE, "--text", "hi", "--via", uri, "--password-file", "password", cwd=tmp_path)
        else:
            ended = run(
                *(*MESSAGE, "--text", "hi"), cwd=tmp_path, EILBOTE_CONNECTION=uri, EILBOTE_PASSWORD="secret"
            )
        assert ended.code == 0, ended.err
        assert catcher.next().user == "anna"


def test_the_password_of_another_user_is_not_put_beside_the_one_in_a_uri() -> None:
    with catching(users={"anna": "secret"}) as catcher:
        uri = catcher.uri.replace("smtp://", "smtp://anna:secret@")
        ended = run(*MESSAGE, "--text", "hi", "--via", uri, EILBOTE_PASSWORD="of somebody else")
        assert ended.code == 0, ended.err


def test_the_author_in_a_uri_goes_before_the_user_name() -> None:
    to_max = ("send", "-t", "max@y.example", "--text", "hi")
    with catching(users={"anna@x.example": "secret"}) as catcher:
        via = ("--via", f"{catcher.uri}?from=reports@x.example", "--user", "anna@x.example")
        ended = run(*to_max, *via, EILBOTE_PASSWORD="secret")
        assert ended.code == 0, ended.err
        assert catcher.next().header("From") == "reports@x.example"
        assert "From: reports@x.example\n" in run(*to_max, *via, "--dry-run").out


def test_text_for_people_names_every_recipient(server: CatcherThread) -> None:
    ended = run(*MESSAGE, "--text", "hi", "--via", server.uri, "--no-json")
    lines = [line.split() for line in ended.out.splitlines()]
    assert lines[0] == ["accepted", "anna@y.example"]
    assert [line[0] for line in lines[1:]] == ["server", "reply", "message"]
    assert ended.err == ""


def test_the_dialogue_is_shown_to_the_person_and_not_to_the_program(server: CatcherThread) -> None:
    ended = run(*MESSAGE, "--text", "hi", "--via", server.uri, "--dialogue")
    assert ended.data["status"] == "accepted"
    lines = ended.err.splitlines()
    assert lines[0].startswith("S: 220 ")
    assert "C: RCPT TO:<anna@y.example>" in lines
    assert any(line.endswith("octets]") for line in lines)
    assert not any("hi" in line.split() for line in lines)


def test_a_dry_run_writes_the_message_and_connects_to_nobody() -> None:
    ended = run(*MESSAGE, "--bcc", "secret@y.example", "--text", "hi", "--dry-run")
    assert ended.code == 0, ended.err
    message = message_from_string(ended.out, policy=SMTP)
    assert (message["Subject"], message.get_content().strip()) == ("Grüße", "hi")
    assert "secret@y.example" not in ended.out
    assert "<secret@y.example>" in ended.err


def test_a_dry_run_asks_for_no_password() -> None:
    ended = run(
        "send",
        "-t",
        "a@y.example",
        "--text",
        "hi",
        "--service",
        "gmail",
        "--user",
        "me@gmail.com",
        "--dry-run",
    )
    assert ended.code == 0, ended.err
    assert "From: me@gmail.com\n" in ended.out


def test_a_message_is_written_into_a_directory_and_nothing_is_sent(tmp_path: Path) -> None:
    ended = run(
        *MESSAGE, "--bcc", "secret@y.example", "--text", "hi", "--into", "new/out", "--json", cwd=tmp_path
    )
    assert ended.code == 0, ended.err
    assert "nothing was sent" in ended.err
    (message,) = (tmp_path / "new/out").glob("*.eml")
    assert "secret@y.example" not in message.read_text()
    assert json.loads(message.with_suffix(".json").read_text()) == {
        "from": "b@x.example",
        "to": ["anna@y.example", "secret@y.example"],
    }
    assert message.name in ended.data["response"]


@pytest.mark.parametrize("arguments,code", [(("--into", "file"), 1), (("--into", ".", "--dry-run"), 2)])
def test_a_directory_that_cannot_be_used_is_named(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    (tmp_path / "file").touch()
    ended = run(*MESSAGE, "--text", "hi", *arguments, cwd=tmp_path)
    assert ended.code == code
    assert "--into" in ended.err
    assert list(tmp_path.glob("*.eml")) == []


def test_a_dry_run_as_json_shows_the_structure() -> None:
    data = run(*MESSAGE, "--html", "<p>hi</p>", "--dry-run", "--json").data
    assert data["envelope"] == {"reverse_path": "b@x.example", "forward_paths": ["anna@y.example"]}
    assert data["sent"] is False
    assert [part["type"] for part in data["structure"]["parts"]] == ["text/plain", "text/html"]


# -- catch ----------------------------------------------------------------------------------------------------


def test_catch_shows_stores_and_ends_on_a_signal(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "eilbote.cli", "catch", "--port", "0", "--dir", "mail", "--json"],
        env=environment(),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        port = int(process.stderr.readline().partition(",")[0].rpartition(":")[2])
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.login("anybody", "anything")
            client.sendmail("a@x.example", ["b@y.example"], b"Subject: hi\r\n\r\nhello\r\n")
        told = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=20)
    assert process.returncode == 0
    assert rest.splitlines()[-1] == "Caught 1 message."
    assert (told["subject"], told["forward_paths"], told["user"]) == ("hi", ["b@y.example"], "anybody")
    assert (tmp_path / told["file"]).read_bytes() == b"Subject: hi\r\n\r\nhello\r\n"


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_catch_with_tls_names_a_server_that_can_be_sent_to(mode: str) -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "eilbote.cli",
            "catch",
            "--port",
            "0",
            "--tls",
            mode,
            "--count",
            "1",
            "--json",
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stderr.readline()
        example = shlex.split(process.stderr.readline())
        uri = example[example.index("--via") + 1]
        ended = run(*MESSAGE, "--text", "hi", "--via", uri)
        told = json.loads(process.stdout.readline())
        process.communicate(timeout=20)
    assert ended.code == 0, ended.err
    assert process.returncode == 0
    assert told["tls_version"] == "TLSv1.3"


def test_a_taken_port_is_named(server: CatcherThread) -> None:
    ended = run("catch", "--port", str(server.port), "--json")
    assert (ended.code, ended.data["error"]["field"]) == (1, "port")
    assert "--port 0" in ended.err


@pytest.mark.parametrize("host", ["192.0.2.1", "nosuch.invalid"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    ended = run("catch", "--host", host, "--port", "0", "--json")
    assert (ended.code, ended.data["error"]["field"]) == (1, "host")
    assert "127.0.0.1" in ended.err


# -- connection test ------------------------------------------------------------------------------------------


def test_each_step_is_timed_and_nothing_is_sent(server: CatcherThread) -> None:
    data = run("connection", "test", server.uri, "--mail-from", "b@x.example").data
    assert (data["ok"], data["error"], data["sent"]) == (True, None, None)
    assert [step["name"] for step in data["steps"]] == ["dns", "connect", "greeting", "ehlo", "mail"]
    assert all(step["ok"] and step["seen"] and step["seconds"] >= 0 for step in data["steps"])
    assert "PIPELINING" in data["extensions"]
    assert server.messages == ()


def test_the_steps_are_shown_to_people() -> None:
    with catching(users={"anna": "secret"}) as catcher:
        ended = run(
            *("connection", "test", catcher.uri, "--user", "anna", "--no-json"), EILBOTE_PASSWORD="secret"
        )
    lines = [line.split() for line in ended.out.splitlines()]
    assert [line[:2] for line in lines[:-1]] == [
        *(["ok", "dns"], ["ok", "connect"], ["ok", "greeting"], ["ok", "ehlo"], ["ok", "auth"]),
    ]
    assert ended.out.endswith("The connection works.\n")


def test_the_failed_step_is_the_last_one_and_says_why() -> None:
    with catching(users={"anna": "other"}) as catcher:
        ended = run("connection", "test", catcher.uri, "--user", "anna", EILBOTE_PASSWORD="tops3cret")
    steps = ended.data["steps"]
    assert (steps[-1]["name"], steps[-1]["ok"], ended.code) == ("auth", False, 5)
    assert (ended.data["ok"], ended.data["error"]["reply_code"]) == (False, 535)
    assert "  do      " in ended.err
    assert "tops3cret" not in ended.out + ended.err


def test_a_plain_server_behind_smtps_is_explained(server: CatcherThread) -> None:
    ended = run("connection", "test", server.uri.replace("smtp:", "smtps:"))
    assert (ended.code, ended.data["error"]["field"]) == (1, "security")
    assert "URI (security)" in ended.err


def test_a_sender_may_be_refused() -> None:
    with catching(faults=[refuse("mail", "553 5.7.1 Not you")]) as catcher:
        ended = run("connection", "test", catcher.uri, "--mail-from", "b@x.example")
    assert (ended.code, ended.data["error"]["stage"]) == (1, "mail")
    assert "Not you" in ended.err
    assert "--mail-from" in ended.err


def test_a_test_message_is_sent_when_asked_for(server: CatcherThread) -> None:
    ended = run(
        *("connection", "test", server.uri, "--mail-from", "b@x.example", "--send-to", "anna@y.example")
    )
    assert ended.code == 0, ended.err
    assert ended.data["sent"]["accepted"] == ["anna@y.example"]
    message = server.next()
    assert (message.reverse_path, message.subject) == ("b@x.example", "Test message")
    assert message.header("Auto-Submitted") == "auto-generated"


def test_a_test_message_needs_an_author_before_anybody_is_asked(server: CatcherThread) -> None:
    ended = run("connection", "test", server.uri, "--send-to", "anna@y.example", "--json")
    assert (ended.code, ended.data["error"]["field"]) == (1, "default_from")
    assert server.dialogue == ()


# -- services -------------------------------------------------------------------------------------------------


def test_all_services_are_listed() -> None:
    data = run("services").data
    assert len(data) > 80
    assert {"name", "host", "port", "security", "hints"} <= data[0].keys()


def test_services_are_searched_by_words_and_by_address() -> None:
    assert [service["name"] for service in run("services", "gmail").data] == ["Gmail", "GmailWorkspace"]
    assert [service["name"] for service in run("services", "anna@gmx.de").data] == ["GMX"]
    ended = run("services", "gmail", "--no-json")
    assert ended.out.splitlines()[0].split() == ["NAME", "HOST", "PORT", "SECURITY", "TO", "KNOW"]
    assert "app password" in run("services", "googlemail.com", "--no-json").out


def test_published_limits_are_told_to_people_and_programs() -> None:
    (service,) = run("services", "outlook365").data
    assert service["limits"]["sessions"] == 3
    assert service["limits"]["source"].startswith("learn.microsoft.com/")
    assert "limits   " in run("services", "outlook365", "--no-json").out
    (local,) = run("services", "maildev").data
    assert local["limits"] is None


def test_an_unknown_service_is_not_found() -> None:
    ended = run("services", "gmaill")
    assert (ended.code, ended.data["error"]["code"]) == (3, "provider_not_found")
    assert "Gmail" in ended.err


# -- demo, version, help ----------------------------------------------------------------------------------------


def test_the_demo_shows_a_server_a_flow_a_process_and_what_arrived() -> None:
    ended = run("demo")
    assert ended.code == 0, ended.err
    for shown in (
        "http://127.0.0.1:",
        "POST  /api/v1/organizations  201",
        "PUT   /api/v1/flows/order-shipped/draft  200",
        "POST  /api/v1/runs  202",
        "POST  /api/v1/processes/order-ready/versions  201",
        "waits for somebody: Check order 4711",
        "order-4711  completed  Customer told",
        "accepted  lena@example.org",
        "/api/docs",
        "/api/v1/runs/order-17",
        "kind: email_notification",
        "3 steps, 2 messages",
        "✓  Tell the team",
        "multipart/alternative",
        "order-17.csv",
        "Ümit Şahin",
        "Order 17 is confirmed",
        "C: MAIL FROM:",
        "eilbote catch",
    ):
        assert shown in ended.out
    assert "\x1b" not in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_the_version_for_people_and_programs() -> None:
    assert run("--version").out == f"eilbote {eilbote.__version__}\n"
    assert run("--version", "--json").data["version"] == eilbote.__version__


def test_without_a_command_the_help_is_shown() -> None:
    ended = run()
    assert ended.code == 2
    assert "connection" in ended.out + ended.err


@pytest.mark.parametrize("arguments", [("--help",), ("send", "--help"), ("connection", "test", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Help and completion must answer at once, so they may not pay for what a command needs when it runs."""
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "eilbote.cli", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    heavy = {"asyncio", "ssl", "rich", "cryptography", "inscriptis", "tomllib", "uvloop"}
    assert not loaded & heavy
    ours = {name for name in loaded if name.startswith("eilbote.")} - {
        "eilbote.model",
        "eilbote.model.version",
    }
    assert {name.split(".")[1] for name in ours} <= {"cli", "errors", "trouble"}
