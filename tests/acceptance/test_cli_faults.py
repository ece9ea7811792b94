"""Every fault a user can make, made once: the exit code, the option that is named, and no traceback."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.program import Run, environment, run

from eilbote.testing import CatcherThread, Fault, catching, fall_silent, hang_up, refuse

MESSAGE = ("send", "--from", "b@x.example", "--subject", "hi", "--text", "hello")
TO_ANNA = ("--to", "anna@y.example")


@pytest.fixture(scope="module")
def server() -> Iterator[CatcherThread]:
    with catching() as catcher:
        yield catcher


def told(ended: Run, *, code: int, kind: str, field: str | None) -> dict[str, object]:
    """Check what every error owes to people and to programs, and give the error object."""
    error = ended.data["error"]
    assert (ended.code, error["code"], error["field"]) == (code, kind, field), ended.err
    assert error["exit_code"] == code
    assert "eilbote: " in ended.err
    assert "Traceback" not in ended.err
    assert error["cause"] or error["remedy"]
    return dict(error)


@pytest.mark.parametrize(
    "arguments, kind, field, option",
    [
        (("--to", "anna@y.example, max@"), "address", "to", "--to, character 21"),
        (("--to", "Müller, Hans <h@y.example>"), "address", "to", "--to"),
        (("--cc", "nobody"), "address", "cc", "--cc"),
        (("--bcc", "a@y.example\nBcc: evil@y.example"), "address", "bcc", "--bcc"),
        (("--reply-to", "@"), "address", "reply_to", "--reply-to"),
        (("--from", "b@x.example, c@x.example", *TO_ANNA), "address", "from", "--from"),
        ((), "no_recipients", "to", "--to"),
        ((*TO_ANNA, "--header", "X-Ticket"), "header", "headers", "--header"),
        ((*TO_ANNA, "--header", "X-T: 1\r\nBcc: evil@y.example"), "header", "headers.X-T", "--header"),
        ((*TO_ANNA, "--header", "Bcc: evil@y.example"), "header", "headers.Bcc", "--header"),
        ((*TO_ANNA, "--attach", "missing.pdf"), "attachment", "attachment.file", "--attach"),
        ((*TO_ANNA, "--inline", "/etc/hostname:a b"), "attachment", "attachment.content_id", "--inline"),
        ((*TO_ANNA, "--html", "@missing.html"), "draft", "html", "--html"),
        ((*TO_ANNA, "--message-id", "17"), "header", "message_id", "--message-id"),
        ((*TO_ANNA, "--list-unsubscribe", "here"), "header", "unsubscribe", "--list-unsubscribe"),
        ((*TO_ANNA, "--list-unsubscribe", "http://x.example"), "header", "unsubscribe", "--list-unsubscribe"),
        ((*TO_ANNA, "--envelope-from", "nobody"), "address", "reverse_path", "--envelope-from"),
    ],
)
def test_a_faulty_draft_names_its_option(
    arguments: tuple[str, ...], kind: str, field: str, option: str, server: CatcherThread
) -> None:
    ended = run(*MESSAGE, *arguments, "--via", server.uri, "--json")
    told(ended, code=3, kind=kind, field=field)
    assert option in ended.err
    assert server.messages == ()


def test_an_attachment_that_is_too_large_is_refused_before_anything_is_sent(
    tmp_path: Path, server: CatcherThread
) -> None:
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as file:
        os.truncate(file.fileno(), 1 << 30)
    ended = run(*MESSAGE, *TO_ANNA, "--attach", str(huge), "--via", server.uri, "--json")
    told(ended, code=3, kind="draft", field="attachments")
    assert server.messages == ()


@pytest.mark.parametrize(
    "arguments, code, kind, field",
    [
        (("--via", "mail.example.com"), 3, "uri", "uri"),
        (("--via", "http://mail.example.com"), 3, "uri", "uri"),
        (("--via", "smtp://"), 3, "uri", "uri"),
        (("--via", "smtp://mail.example.com:99999"), 3, "uri", "uri"),
        (("--via", "smtp://mail.example.com?startls=never"), 3, "uri", "uri"),
        (("--service", "gmial"), 3, "provider_not_found", "service"),
        (("--service", "gmail", "--via", "smtp://mail.example.com"), 2, "settings", "service"),
        (("--service", "gmail", "--user", "anna@gmail.com"), 1, "settings", "password"),
        (("--via", "smtp://localhost", "--password-file", "/dev/null"), 2, "settings", "user"),
        (
            ("--via", "smtp://localhost", "--user", "anna", "--password-file", "missing"),
            3,
            "settings",
            "password",
        ),
        ((), 2, "settings", "uri"),
    ],
)
def test_a_faulty_connection_names_its_option(
    arguments: tuple[str, ...], code: int, kind: str, field: str
) -> None:
    told(run(*MESSAGE, *TO_ANNA, *arguments, "--json"), code=code, kind=kind, field=field)


def test_no_error_shows_a_password() -> None:
    ended = run(*MESSAGE, *TO_ANNA, "--via", "smtp://anna:tops3cret@mail.example.com:x/", "--json")
    told(ended, code=3, kind="uri", field="uri")
    assert "tops3cret" not in ended.out + ended.err


def test_a_missing_from_is_named(server: CatcherThread) -> None:
    ended = run("send", *TO_ANNA, "--text", "x", "--via", server.uri, "--json")
    told(ended, code=1, kind="settings", field="default_from")
    assert "--from" in ended.err


def test_a_closed_port_is_worth_another_attempt() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        port = taken.getsockname()[1]
        ended = run(*MESSAGE, *TO_ANNA, "--via", f"smtp://127.0.0.1:{port}", "--json")
    error = told(ended, code=4, kind="connect", field=error_field(ended))
    assert error["server"] == f"127.0.0.1:{port}"


def error_field(ended: Run) -> str | None:
    field = ended.data["error"]["field"]
    assert field is None or isinstance(field, str)
    return field


def test_a_wrong_password_is_a_matter_of_sign_in(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("tops3cret\n")
    with catching(users={"anna": "other"}) as catcher:
        ended = run(
            *(*MESSAGE, *TO_ANNA, "--via", catcher.uri, "--user", "anna"),
            *("--password-file", str(password), "--dialogue", "--json"),
        )
        assert catcher.messages == ()
    error = told(ended, code=5, kind="authentication", field=error_field(ended))
    assert (error["stage"], error["reply_code"]) == ("auth", 535)
    assert "AUTH PLAIN" in ended.err
    assert "tops3cret" not in ended.out + ended.err


def test_missing_credentials_are_a_matter_of_sign_in() -> None:
    with catching(users={"anna": "secret"}) as catcher:
        ended = run(*MESSAGE, *TO_ANNA, "--via", catcher.uri, "--json")
    told(ended, code=5, kind="authentication", field=error_field(ended))


def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it() -> None:
    with catching(without=["SMTPUTF8"]) as catcher:
        ended = run(*MESSAGE, "--to", "jörg@y.example", "--via", catcher.uri, "--json")
        assert catcher.messages == ()
    error = told(ended, code=1, kind="extension", field="to")
    assert "SMTPUTF8" in str(error["what"]) + str(error["cause"])


def test_a_refused_recipient_is_named_and_the_others_get_the_message() -> None:
    with catching(faults=[refuse("rcpt", "550 5.1.1 No such user", only="max@*")]) as catcher:
        ended = run(*MESSAGE, *TO_ANNA, "--to", "max@y.example", "--via", catcher.uri, "--json")
        assert catcher.next().forward_paths == ("anna@y.example",)
    assert ended.code == 1
    assert ended.data["accepted"] == ["anna@y.example"]
    assert ended.data["rejected"] == ["max@y.example"]
    assert "1 of 2 recipients" in ended.err


@pytest.mark.parametrize(
    "fault, code",
    [
        (refuse("rcpt", "550 5.1.1 No such user"), 1),
        (refuse("rcpt", "450 4.2.1 Greylisted"), 4),
        (refuse("content", "554 5.7.1 Spam"), 1),
        (refuse("content", "451 4.3.0 Later"), 4),
    ],
)
def test_when_nobody_is_accepted_the_server_s_words_are_told(fault: Fault, code: int) -> None:
    with catching(faults=[fault]) as catcher:
        ended = run(*MESSAGE, *TO_ANNA, "--via", catcher.uri, "--json")
    told(ended, code=code, kind="recipients_refused", field=None)
    assert "anna@y.example" in ended.err
    assert fault.reply.split(" ", 2)[2] in ended.err


def test_a_message_in_doubt_is_not_worth_another_attempt() -> None:
    """The server took the content and hung up: sending again might deliver twice."""
    with catching(faults=[hang_up("content")]) as catcher:
        ended = run(*MESSAGE, *TO_ANNA, "--via", catcher.uri, "--json")
        assert len(catcher.messages) == 1
    told(ended, code=1, kind="in_doubt", field=None)


def test_a_silent_server_is_given_up() -> None:
    with catching(faults=[fall_silent("mail")]) as catcher:
        ended = run(*MESSAGE, *TO_ANNA, "--via", f"{catcher.uri}?timeout=0.2", "--json")
    told(ended, code=4, kind="timeout", field=error_field(ended))


@pytest.mark.parametrize("arguments", [("--prority", "high"), ("--priority", "urgent"), ("anna@y.example",)])
def test_a_wrong_command_line_is_usage(arguments: tuple[str, ...]) -> None:
    ended = run(*MESSAGE, *TO_ANNA, *arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "eilbote send -h" in ended.err
    assert "Value error" not in ended.err, "that is a word of the library that reads the options"


def test_an_interruption_ends_at_once_and_says_what_may_have_happened() -> None:
    with (
        catching(faults=[fall_silent("content")]) as catcher,
        subprocess.Popen(
            [sys.executable, "-m", "eilbote.cli", *MESSAGE, *TO_ANNA, "--via", catcher.uri],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        catcher.next(within=30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert "may be delivered" in err
    assert "Traceback" not in err
