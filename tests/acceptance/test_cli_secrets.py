"""Secrets that are given to commands are found nowhere afterwards: in no file but encrypted, in no word any command says."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.acceptance.in_process import run
from tests.attacks.planted import PLANTED, found_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SHOWING = (
    ("connection", "list"),
    ("connection", "show", "office"),
    ("connection", "show", "gmail"),
    ("settings", "show", "--origin"),
    ("config", "show", "--origin"),
    ("keys", "list"),
    ("keys", "rotate"),
    ("outbox", "list"),
    ("outbox", "stats"),
)


def test_no_file_and_no_word_holds_a_secret(tmp_path: Path) -> None:
    where = {"EILBOTE_DATA_DIR": str(tmp_path / "data")}
    password, client_secret, refresh_token, access_token, _ = PLANTED
    given = tmp_path / "given"
    given.write_text(password)
    form = {
        "service": "gmail", "user": "a@example.org", "clientId": "id", "clientSecret": client_secret,
        "refreshToken": refresh_token, "accessToken": access_token,
    }  # fmt: skip
    uri = f"smtp://u:{quote(client_secret, safe='')}@127.0.0.1:9"
    said = [
        run("connection", "add", "office", "smtps://orders@mail.example.org", "--password-file", str(given), **where),
        run("connection", "add", "gmail", "--file", "-", stdin=json.dumps(form), **where),
        run("settings", "set", "host=mail.example.org", "user=u", "--password-file", str(given), **where),
        run("send", "--queue", "-f", "a@x.example", "-t", "b@y.example", "--text", "hi", EILBOTE_CONNECTION=uri, **where),
    ]  # fmt: skip
    assert [ended.code for ended in said] == [0] * len(said), [ended.err for ended in said]
    said += [run(*command, *how, **where) for command in SHOWING for how in (("--json",), ("--no-json",))]
    assert [ended.err for ended in said if ended.code] == []
    # What fails, and what tries to send, says more than what succeeds.
    said += [
        run("connection", "update", "office", "host=evil.example.org", **where),
        run("connection", "add", "other", uri.replace("127.0.0.1:9", "host:port"), **where),
        run("connection", "test", "127-0-0-1", "--dialogue", **where),
        run("courier", "--once", **where),
        run("outbox", "list", "--no-json", **where),
    ]

    data = {path.name: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert {"eilbote.db", "secret.keys"} <= set(data)
    assert [name for name, octets in data.items() if found_in(octets)] == []
    words = "\n".join(ended.out + ended.err for ended in said)
    assert found_in(words.encode()) == set()
    for line in data["secret.keys"].decode().splitlines():
        if not line.startswith("#"):
            assert line.split()[1] not in words
