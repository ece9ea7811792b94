"""The help pages read as they were written."""

from tests.acceptance.program import run


def test_each_example_stands_on_its_own_line() -> None:
    lines = run("send", "--help").out.splitlines()
    examples = [line.strip() for line in lines if "eilbote send -t" in line]
    assert [line.partition(" -t ")[0] for line in examples] == [
        'echo "The backup is done." | eilbote send',
        "eilbote send",
        "eilbote send",
    ]
    assert examples[1].endswith("--user me@gmail.com")
    assert not any(mark in line for line in lines for mark in ("\\b", "\b"))


def test_values_are_named_in_words_and_not_by_python_types() -> None:
    for command in (["services"], ["catch"], ["outbox", "list"], ["outbox", "export"], ["db", "backup"]):
        page = run(*command, "--help").out
        assert not any(kind in page for kind in ("<list[", "<str>", "<int")), page
