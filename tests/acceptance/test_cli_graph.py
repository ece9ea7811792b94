"""Microsoft Graph from the command line: kept, tested, sent through at once and through the outbox."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.acceptance.program import run

TOKEN = "eyJ0-planted-token-of-anna"


class Graph:
    """Takes every message but an empty one, on loopback.

    Attributes:
        messages: What it took.
        tokens: What it was shown.
    """

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.tokens: set[str] = set()
        graph = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1.0/users/anna%40example.org/sendMail"
                body = self.rfile.read(int(self.headers["Content-Length"]))
                graph.tokens.add(self.headers["Authorization"])
                self.send_response(202 if body else 400)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if body:
                    graph.messages.append(base64.b64decode(body))

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's word
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    @property
    def port(self) -> int:
        return self.server.server_address[1]


@pytest.fixture
def graph() -> Iterator[Graph]:
    found = Graph()
    found.thread.start()
    yield found
    found.server.shutdown()
    found.thread.join()
    found.server.server_close()


@pytest.fixture
def place(graph: Graph, tmp_path: Path) -> tuple[str, str]:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    place = ("--data-dir", str(tmp_path / "data"))
    added = run(
        *(
            "connection",
            "add",
            "office",
            "protocol=graph",
            "host=127.0.0.1",
            f"port={graph.port}",
            "security=none",
        ),
        *("user=anna@example.org", "from=anna@example.org", "--secret", f"accessToken={token}", *place),
    )
    assert added.code == 0, added.err
    return place


MESSAGE = ("--to", "Bø <b@x.example>", "--bcc", "c@x.example", "--subject", "Grüße", "--text", "Hi")


def test_it_is_tested_without_a_message(graph: Graph, place: tuple[str, str]) -> None:
    ended = run("connection", "test", "office", *place)
    assert ended.code == 0, ended.err
    assert [step["name"] for step in ended.data["steps"]] == ["dns", "connect", "token", "auth"]
    assert ended.data["protocol"] == "graph"
    assert graph.messages == []
    assert TOKEN not in ended.out + ended.err


def test_a_message_goes_out_at_once(graph: Graph, place: tuple[str, str]) -> None:
    ended = run("send", "--connection", "office", "--dialogue", *MESSAGE, *place)
    assert ended.code == 0, ended.err
    (message,) = graph.messages
    assert message.startswith(b"Bcc: c@x.example\r\n")
    assert message.count(b"Bcc:") == 1
    assert graph.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in ended.out + ended.err


def test_a_message_goes_out_through_the_outbox(graph: Graph, place: tuple[str, str]) -> None:
    queued = run("send", "--queue", "--connection", "office", *MESSAGE, *place)
    assert queued.code == 0, queued.err
    assert graph.messages == []
    delivered = run("courier", "--once", *place)
    assert delivered.code == 0, delivered.err
    (message,) = graph.messages
    assert b"Bcc: c@x.example\r\n" in message
    listed = run("outbox", "list", "--json", *place)
    assert '"done"' in listed.out or '"accepted"' in listed.out
