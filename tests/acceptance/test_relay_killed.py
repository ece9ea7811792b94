"""What the relay of ``eilbote serve`` has said 250 to is on the disk: the process is killed at that very moment.

The clients use a key made on the command line, and whatever else uses the database meanwhile is answered by 451, not by a loss.
"""

from __future__ import annotations

import base64
import json
import smtplib
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.acceptance.program import run
from tests.acceptance.test_cli_serve import served

pytestmark = pytest.mark.timeout(300)  # several servers are started, one after another

CONTENT = b"From: a@example.org\r\nTo: max@example.com\r\nSubject: %d\r\n\r\nHello\r\n"
SETTINGS = {
    "EILBOTE_RELAY__LISTEN": "127.0.0.1:0",
    "EILBOTE_CONNECTION_OFFICE": "smtp://127.0.0.1:1",
    "EILBOTE_BUSY_SECONDS": "1",
}


def key_in(folder: Path) -> tuple[str, str]:
    said = run(
        *("api-key", "create", "printer", "--allow", "messages:submit", "--json", "--data-dir", str(folder)),
        **SETTINGS,
    )
    assert said.code == 0, said.told
    return said.data["id"], said.data["key"]


def signed_in(port: int, key: tuple[str, str]) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, timeout=20)
    client.ehlo("client.example.org")
    client.login(*key)
    return client


def subjects(folder: Path) -> list[str]:
    listed = run("outbox", "list", "--json", "--limit", "1000", "--data-dir", str(folder), **SETTINGS)
    return [json.loads(line)["subject"] for line in listed.out.splitlines()]


def test_what_was_answered_with_250_outlives_kill_nine(tmp_path: Path) -> None:
    run("connection", "add", "office", "smtp://127.0.0.1:1", "--data-dir", str(tmp_path), **SETTINGS)
    key = key_in(tmp_path)
    for number in range(3):
        with served(tmp_path, **SETTINGS) as server:
            (port,) = server.said["relay_ports"]
            with (
                socket.create_connection(("127.0.0.1", port), timeout=20) as client,
                client.makefile("rb") as replies,
            ):
                plain = base64.b64encode(f"\0{key[0]}\0{key[1]}".encode())
                replies.readline()
                client.sendall(b"EHLO x\r\n")
                while replies.readline()[3:4] == b"-":
                    pass
                client.sendall(b"AUTH PLAIN " + plain + b"\r\n")
                assert replies.readline().startswith(b"235 ")
                client.sendall(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<max@example.com>\r\nDATA\r\n")
                assert [replies.readline()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
                client.sendall(CONTENT % number + b".\r\n")
                assert replies.readline().startswith(b"250 2.0.0 Accepted as ")
                server.process.kill()
            server.process.wait(20)
        assert sorted(subjects(tmp_path)) == [str(each) for each in range(number + 1)]


def test_while_somebody_else_has_the_database_clients_are_told_to_come_again(tmp_path: Path) -> None:
    run("connection", "add", "office", "smtp://127.0.0.1:1", "--data-dir", str(tmp_path), **SETTINGS)
    key = key_in(tmp_path)
    with served(tmp_path, **SETTINGS) as server:
        (port,) = server.said["relay_ports"]
        with signed_in(port, key) as client:
            with closing(sqlite3.connect(tmp_path / "eilbote.db", isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                client.mail("a@example.org")
                client.rcpt("max@example.com")
                code, words = client.data(CONTENT % 1)
                other.execute("ROLLBACK")
            assert (code, words[:5]) == (451, b"4.3.1")
            client.mail("a@example.org")
            client.rcpt("max@example.com")
            assert client.data(CONTENT % 2)[0] == 250
    assert subjects(tmp_path) == ["2"]
