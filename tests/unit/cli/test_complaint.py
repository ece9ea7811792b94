import json

import pytest

from eilbote import errors
from eilbote.cli.complaint import complain
from eilbote.cli.faults import UnreadableFileError
from eilbote.cli.option_names import option_of
from eilbote.cli.screen import Screen
from eilbote.model.envelope import Envelope
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EnhancedStatusCode, RecipientStatus

ADDRESS = errors.AddressError(
    "there is no domain after the @", field="to", position=5, cause="Because", remedy="Write one"
)


@pytest.fixture(autouse=True)
def narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")


def test_people_read_what_where_why_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    complain(ADDRESS, Screen(as_json=False, given={"to": "anna@"}))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "eilbote: there is no domain after the @",
        "  where   --to, character 6",
        "            anna@",
        "                 ^",
        "  why     Because.",
        "  do      Write one.",
    ]


def test_programs_read_an_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    complain(ADDRESS, Screen(as_json=True))
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "error": {
            "code": "address",
            "what": "there is no domain after the @",
            "field": "to",
            "position": 5,
            "cause": "Because",
            "remedy": "Write one",
            "exit_code": 3,
        }
    }
    assert err.startswith("eilbote: there is no domain")


def test_an_excerpt_shows_the_place_in_a_long_text_without_controls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "x" * 200 + "\x1b" + "y" * 200
    error = errors.AddressError("odd", field="cc", position=200)
    complain(error, Screen(as_json=False, given={"cc": text}))
    err = capsys.readouterr().err
    assert "\x1b" not in err
    shown, caret = err.splitlines()[2:4]
    assert shown[caret.index("^")] == "\N{REPLACEMENT CHARACTER}"
    assert shown.strip().startswith("...x")


def test_the_server_s_words_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    error = errors.AuthenticationError(
        "the server refused the user name or password",
        stage="auth",
        server="mail.example.com:587",
        reply_code=535,
        enhanced_status_code="5.7.8",
        reply_text="Authentication failed",
    )
    complain(error, Screen(as_json=True))
    out, err = capsys.readouterr()
    assert "  server  mail.example.com:587, at auth\n  reply   535 5.7.8 Authentication failed\n" in err
    told = json.loads(out)["error"]
    assert (told["stage"], told["reply_code"], told["durability"], told["exit_code"]) == (
        "auth",
        535,
        "permanent",
        5,
    )


def test_refused_recipients_are_told_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    receipt = Receipt(
        message_id="<1@x.example>",
        envelope=Envelope(reverse_path="", forward_paths=("max@y.example",)),
        results=(
            RecipientResult(
                "max@y.example", RecipientStatus.FAILED, 550, EnhancedStatusCode(5, 1, 1), "No such user"
            ),
        ),
    )
    error = errors.RecipientsRefusedError("the server accepted nobody", receipt=receipt)
    complain(error, Screen(as_json=True))
    out, err = capsys.readouterr()
    assert "  failed  max@y.example  550 5.1.1 No such user\n" in err
    assert json.loads(out)["error"]["receipt"]["rejected"] == ["max@y.example"]


@pytest.mark.parametrize(
    "field, option",
    [
        ("to", "--to"),
        ("headers.X-Ticket", "--header X-Ticket"),
        ("tls.ca_file", "--via (tls.ca_file)"),
        ("unsubscribe[1]", "--list-unsubscribe (unsubscribe[1])"),
        ("attachment.content_id", "--inline"),
        ("security", "--via (security)"),
        ("timeouts.total", "timeouts.total"),
    ],
)
def test_fields_are_named_as_the_options_that_hold_them(field: str, option: str) -> None:
    assert option_of(field) == option


@pytest.mark.parametrize(
    "error,hint",
    [
        (errors.HeaderError("Subject cannot be set", field="headers.Subject"), "--subject"),
        (errors.HeaderError("In-Reply-To cannot be set", field="headers.In-Reply-To"), "--in-reply-to"),
        (errors.SettingsError("the password is missing", field="password"), "EILBOTE_PASSWORD"),
        (errors.SettingsError("not encrypted", field="security"), "smtps://"),
    ],
)
def test_a_remedy_of_the_library_is_told_in_options(
    error: errors.EilboteError, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    complain(error, Screen(as_json=False))
    assert hint in capsys.readouterr().err.partition("  hint  ")[2]


def test_nobody_is_told_how_to_give_a_password_that_was_refused(capsys: pytest.CaptureFixture[str]) -> None:
    complain(errors.AuthenticationError("refused", field="password"), Screen(as_json=False))
    assert "hint" not in capsys.readouterr().err


def test_what_a_file_lacks_is_not_answered_with_where_else_to_put_a_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    complain(UnreadableFileError("cannot be read", field="password"), Screen(as_json=False))
    assert "hint" not in capsys.readouterr().err
