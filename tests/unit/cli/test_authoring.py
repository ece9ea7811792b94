import io
from pathlib import Path

import pytest

from eilbote.cli import authoring, texts
from eilbote.cli.screen import Screen
from eilbote.errors import AddressError, AttachmentError, DraftError, HeaderError, NoRecipientsError
from eilbote.model.draft import Draft


class Stdin(io.TextIOWrapper):
    """A stdin that holds octets and is no terminal."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(io.BytesIO(octets), "utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "report.csv"
    path.write_text("a;b\n", "utf-8")
    return path


def test_each_value_of_a_repeated_option_is_read_by_itself() -> None:
    given: dict[str, str] = {}
    parsed = authoring.read_addresses(["a@x.example, b@x.example", "c@x.example"], field="to", given=given)
    assert [str(mailbox) for mailbox in parsed] == ["a@x.example", "b@x.example", "c@x.example"]
    with pytest.raises(AddressError) as caught:
        authoring.read_addresses(["a@x.example", "b@"], field="to", given=given)
    assert (caught.value.field, given["to"]) == ("to", "b@")


def test_headers_split_at_the_first_colon() -> None:
    assert authoring.read_headers(["X-Link: https://x.example"]) == (("X-Link", "https://x.example"),)
    for value in ("X-Ticket", ": 17", ""):
        with pytest.raises(HeaderError, match="not a header field"):
            authoring.read_headers([value])


def test_a_file_may_be_attached_under_another_name(file: Path) -> None:
    assert authoring.read_attachment(str(file)).filename == "report.csv"
    assert authoring.read_attachment(f"{file}:March.csv").filename == "March.csv"
    odd = file.rename(file.with_name("a:b.csv"))
    assert authoring.read_attachment(str(odd)).filename == "a:b.csv"
    with pytest.raises(AttachmentError) as caught:
        authoring.read_attachment(str(file.with_name("none.csv")))
    assert caught.value.field == "attachment.file"


def test_an_inline_picture_has_an_id(file: Path) -> None:
    assert authoring.read_inline(f"{file}:logo").content_id == "logo"
    assert authoring.read_inline(str(file)).content_id == "report.csv"
    with pytest.raises(AttachmentError) as caught:
        authoring.read_inline(f"{file}:my logo")
    assert caught.value.field == "attachment.content_id"


def test_pictures_and_html_that_do_not_meet_are_mentioned(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [authoring.read_inline(f"{file}:{name}") for name in ("seen", "unseen")]
    html = '<img src="cid:seen"> <img src="cid:lost">'
    authoring.note_slips(Draft(html=html, attachments=pictures), Screen(as_json=True))
    out, err = capsys.readouterr()
    assert out == ""
    assert "cid:unseen" in err
    assert "cid:lost" in err
    assert "cid:seen" not in err


def test_somebody_must_be_named() -> None:
    with pytest.raises(NoRecipientsError):
        authoring.check_recipients(Draft(subject="hi"))
    authoring.check_recipients(Draft(bcc="a@x.example"))


@pytest.mark.parametrize("value, text", [("Hello", "Hello"), ("@@home", "@home"), ("", ""), ("a@b", "a@b")])
def test_a_text_is_itself_unless_it_begins_with_an_at(value: str, text: str) -> None:
    assert texts.read_text(value, field="text") == text


def test_a_text_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "body.txt"
    path.write_bytes("\ufeffGrüße\n".encode())
    assert texts.read_text(f"@{path}", field="text") == "Grüße\n"
    path.write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(DraftError, match="not UTF-8") as caught:
        texts.read_text(f"@{path}", field="html")
    assert caught.value.field == "html"
    with pytest.raises(DraftError, match="cannot be read"):
        texts.read_text(f"@{tmp_path / 'none'}", field="text")


def test_stdin_is_the_text_when_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Stdin(b"from stdin\n"))
    draft = authoring.with_texts(Draft(), text=None, html=None, stdin_is_free=True)
    assert draft.text == "from stdin\n"
    monkeypatch.setattr("sys.stdin", Stdin(b"<p>stdin</p>"))
    assert authoring.with_texts(Draft(), text=None, html="-", stdin_is_free=True).html == "<p>stdin</p>"


def test_stdin_stays_unread_when_a_text_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = Stdin(b"not for us")
    monkeypatch.setattr("sys.stdin", stdin)
    authoring.with_texts(Draft(), text="there", html=None, stdin_is_free=True)
    authoring.with_texts(Draft(), text=None, html=None, stdin_is_free=False)
    assert stdin.read() == "not for us"


@pytest.mark.parametrize("text, html, free", [("-", "-", True), ("-", None, False), (None, "-", False)])
def test_stdin_is_read_once(text: str | None, html: str | None, free: bool) -> None:
    with pytest.raises(DraftError, match="only once"):
        authoring.with_texts(Draft(), text=text, html=html, stdin_is_free=free)
