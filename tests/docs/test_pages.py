"""Every code block of README.md and of docs does what the page says."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.pages import blocks, pages, shows
from tests.docs.reader import ROOT, Reader
from tests.mail_catcher import MailCatcher


@pytest.fixture
def reader(tmp_path: Path, mail_catcher: MailCatcher) -> Iterator[Reader]:
    folder = tmp_path / "folder"
    folder.mkdir()
    spared = gc.get_freeze_count()
    yield Reader(folder=folder, catcher=mail_catcher)
    if gc.get_freeze_count() > spared:
        # A page that spares the collector something means its own program, not the tests behind it.
        gc.unfreeze()
        gc.collect()
        gc.freeze()


@pytest.mark.timeout(240)  # a page may start many programs, one after the other
@pytest.mark.parametrize("page", pages(ROOT), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(page: Path, reader: Reader) -> None:
    reader.read(page)


def try_page(reader: Reader, tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    reader.read(page)


SEND = """\
```python
import smtplib
from urllib.parse import urlsplit

with smtplib.SMTP("127.0.0.1", urlsplit(uri).port) as client:
    client.sendmail("a@example.org", ["b@example.org"], b"Subject: x\\r\\n\\r\\nhello\\r\\n")
```
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "```python\na = 1\n```\nwords\n```python\nassert a == 1\n```\n", id="blocks share names"
        ),
        pytest.param("```python\nimport asyncio\nawait asyncio.sleep(0)\n```\n", id="await at the top"),
        pytest.param("```python\nprint('took 7 ms')\n```\n\n```text\ntook 12.5 ms\n```\n", id="output"),
        pytest.param("<!-- test: raises=KeyError -->\n```python\n{}[1]\n```\n", id="an error foretold"),
        pytest.param("```console\n$ echo one  two | cat  # a comment\none two\n```\n", id="a shell"),
        pytest.param("<!-- test: exit=3 -->\n```console\n$ bash -c 'exit 3'\n```\n", id="an exit code"),
        pytest.param("```console\n$ git clone https://example.org/x\n$ scripts/test\n```\n", id="set-up"),
        pytest.param("<!-- test: catches=1 -->\n" + SEND, id="a message"),
        pytest.param(
            "```python\nassert 'smtps://u:p@mail.example.org' == uri == 'smtp://example.com:25/?from=a'\n```\n",
            id="a URI of an example leads to the catcher",
        ),
        pytest.param("```json\n{not even json\n```\n", id="other languages are not run"),
    ],
)
def test_a_right_page_passes(text: str, reader: Reader, tmp_path: Path) -> None:
    try_page(reader, tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("```python\nassert 1 == 2\n```\n", id="a block that fails"),
        pytest.param("```python\nprint('one')\n```\n\n```text\ntwo\n```\n", id="wrong output"),
        pytest.param(
            "<!-- test: raises=KeyError -->\n```python\n{}\n```\n", id="an error that does not come"
        ),
        pytest.param("```console\n$ echo one\ntwo\n```\n", id="wrong output of a command"),
        pytest.param("```console\n$ bash -c 'exit 3'\n```\n", id="a command that fails"),
        pytest.param("```console\n$ scripts/no-such-script\n```\n", id="a script that is not there"),
        pytest.param("```console\neilbote send\n```\n", id="a command without its prompt"),
        pytest.param("<!-- test: catches=2 -->\n" + SEND, id="a message too few"),
    ],
)
def test_a_wrong_page_fails(text: str, reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        try_page(reader, tmp_path, text)


def test_an_unexpected_error_shows_itself(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        try_page(reader, tmp_path, "```python\n1 / 0\n```\n")


def test_a_misspelt_word_about_a_block_is_not_ignored() -> None:
    with pytest.raises(ValueError, match="unknown words"):
        list(blocks("<!-- test: catch=2 -->\n```python\n```\n"))


def test_dots_stand_for_anything_and_numbers_may_differ() -> None:
    assert shows("one ... 4 ms", "one, two\nand three in 12.75  ms\n")
    assert not shows("one ... 4 ms", "one two")
    assert not shows("accepted", "accepted, and more")
