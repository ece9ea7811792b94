"""Connections are kept, changed, switched and shown from the command line; every fault names what to do, none a secret."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.at_a_terminal import at_a_terminal
from tests.acceptance.in_process import run
from tests.acceptance.program import Run

pytestmark = pytest.mark.timeout(300)

OFFICE = "smtps://orders@mail.example.org"
M365 = """\
# As the form of the vendor names them.
service: Outlook365
user: orders@contoso.com
clientId: 00000000-app
clientSecret: s3cret!-client
tenant: contoso.com
tlsOption: tls
from: orders@contoso.com
fromName: Orders
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def password(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text("s3cret!\n")
    return str(file)


def connection(folder: Path, *arguments: str, stdin: str = "", **changes: str) -> Run:
    return run("connection", *arguments, stdin=stdin, EILBOTE_DATA_DIR=str(folder), **changes)


def shown(folder: Path, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    ended = connection(folder, "show", *arguments)
    assert ended.code == 0, ended.err
    return ended.data


def test_a_connection_from_its_first_to_its_last_day(folder: Path, password: str) -> None:
    assert connection(folder, "add", "office", OFFICE, "--password-file", password).data["changed"] is True
    first = shown(folder, "office")
    assert (first["host"], first["port"], first["security"], first["user"]) == (
        "mail.example.org",
        465,
        "tls",
        "orders",
    )
    assert (first["origin"], first["enabled"], first["sign_in"]) == ("stored", True, "password")
    assert list(first["secrets"]) == ["password"]
    assert first["secrets"]["password"]["changed"]

    assert connection(folder, "update", "office", "from=Orders <o@example.org>", "timeout=20").data["changed"]
    assert connection(folder, "update", "office", "timeout=20").data["changed"] is False
    moved = connection(folder, "update", "office", "port=587", "tlsOption=starttls")
    assert moved.code == 1
    assert "would go to another destination" in moved.err
    assert "Enter password again" in moved.err
    assert shown(folder, "office")["port"] == 465, "all of a change or nothing of it"
    again = connection(
        folder, "update", "office", "port=587", "tlsOption=starttls", "--password-file", password
    )
    assert again.code == 0, again.err
    assert shown(folder, "office")["fields"] == {
        "host": "mail.example.org",
        "port": "587",
        "security": "starttls",
        "user": "orders",
        "timeout": "20",
        "default_from": "o@example.org",
        "from_name": "Orders",
    }

    assert connection(folder, "disable", "office").data["enabled"] is False
    assert connection(folder, "default", "office").data["changed"] is True
    on_a_terminal = connection(folder, "list", "--no-json").out
    assert "the default; disabled" in on_a_terminal
    assert connection(folder, "enable", "office").data["changed"] is True
    assert connection(folder, "remove", "office").code == 0
    gone = connection(folder, "show", "office")
    assert gone.code == 3
    assert "s3cret!" not in moved.told + again.told + gone.told + on_a_terminal


def test_a_file_with_the_names_of_a_vendor(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "m365.yaml"
    file.write_text(M365)

    added = connection(folder, "add", "m365", "--file", str(file), "--default")

    assert added.code == 0, added.err
    assert "security 'tls' is not used" in added.err, "the service decides, and says so"
    data = shown(folder, "m365")
    assert data["access_url"] == "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
    assert (data["sign_in"], data["default"], data["from"]) == (
        "client credentials",
        True,
        "Orders <orders@contoso.com>",
    )
    assert data["token"] == {"valid_until": None, "fetched": None, "refusal": None}
    assert data["client_id"] == "00000000-app"
    told = connection(folder, "show", "m365", "--no-json").out
    assert re.search(r"^client id +00000000-app$", told, re.MULTILINE)
    assert re.search(r"^tenant +contoso.com$", told, re.MULTILINE)
    assert "s3cret!" not in added.told + json.dumps(data) + told


def test_files_of_other_kinds_and_stdin(folder: Path, tmp_path: Path) -> None:
    toml = tmp_path / "connections.toml"
    toml.write_text("[one]\nuri = 'smtps://a:s3cret!@one.example.org'\n[two]\nhost = 'two.example.org'\n")
    key = tmp_path / "key.json"
    key.write_text(
        json.dumps(
            {
                "client_email": "robot@example.iam.gserviceaccount.com",
                "private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
            }
        )
    )

    ended = [
        connection(folder, "add", "one", "--file", str(toml)),
        connection(folder, "add", "two", "--file", str(toml)),
        connection(
            folder, "add", "three", "--file", "-", stdin='{"host": "three.example.org", "port": 2525}'
        ),
        connection(folder, "add", "four", "-", stdin="smtps://four.example.org\n"),
        connection(
            folder, "add", "robot", "service=gmail", "user=a@example.org", "--secret", f"serviceAccount={key}"
        ),
        connection(folder, "add", "five", "smtps://b@five.example.org", EILBOTE_PASSWORD="s3cret!"),
    ]

    assert [each.code for each in ended] == [0] * 6, [each.err for each in ended]
    listed = {each["name"]: each for each in map(json.loads, connection(folder, "list").out.splitlines())}
    assert listed["one"]["user"] == "a"
    assert [listed[name]["host"] for name in ("two", "three", "four", "five")] == [
        f"{name}.example.org" for name in ("two", "three", "four", "five")
    ]
    assert shown(folder, "robot")["sign_in"] == "service account"
    assert "s3cret!" not in json.dumps(listed)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.2.3.4", "localhost"])
def test_an_organization_hears_at_once_that_its_server_may_not_be_reached(folder: Path, host: str) -> None:
    uri = f"smtp://{host}:2525"
    ended = connection(folder, "add", "office", uri, "--org", "acme")
    assert ended.code == 0
    assert "no mail can go through it: organizations may not connect to" in ended.err
    assert "EILBOTE_EGRESS__ALLOW=" in ended.err
    assert "egress.allow" in str(ended.data["warnings"])
    changed = connection(folder, "update", "office", "port=2526", "--org", "acme")
    assert "no mail can go through it" in changed.err
    allowed = host.strip("[]").replace("localhost", "127.0.0.1")
    where = {"EILBOTE_DATA_DIR": str(folder)}
    kept = run("connection", "add", "office", uri, "--org", "acme", EILBOTE_EGRESS__ALLOW=allowed, **where)
    assert (kept.code, kept.data["warnings"]) == (0, [])
    for fine in (("office", uri), ("public", "smtps://mail.example.org", "--org", "acme")):
        assert "no mail can go" not in connection(folder, "add", *fine).err


def test_connections_of_organizations_are_told_apart(folder: Path) -> None:
    for org in ((), ("--org", "acme")):
        assert connection(folder, "add", "office", "smtps://mail.example.org", *org).code == 0
    assert connection(folder, "default", "office", "--org", "acme").code == 0

    assert shown(folder, "office", "--org", "acme")["organization"] == "acme"
    assert shown(folder, "acme/office")["default"] is True
    assert shown(folder, "office")["default"] is False
    (own,) = map(json.loads, connection(folder, "list", "--org", "acme").out.splitlines())
    assert own["name"] == "acme/office"
    sent = (
        "send",
        "--queue",
        "-f",
        "a@x.example",
        "-t",
        "b@y.example",
        "--text",
        "hi",
        "--connection",
        "office",
    )
    assert run(*sent, "--org", "acme", EILBOTE_DATA_DIR=str(folder)).code == 0
    assert shown(folder, "office", "--org", "acme")["waiting"] == 1
    assert connection(folder, "remove", "office", "--org", "acme").code == 1, "mail waits for it"
    assert connection(folder, "remove", "office", "--org", "acme", "--force").code == 0
    assert shown(folder, "office")["name"] == "office"


def test_a_password_on_the_command_line_is_used_and_warned_of(folder: Path) -> None:
    added = connection(folder, "add", "office", "smtps://orders:s3cret!@mail.example.org")

    assert added.code == 0
    assert "can be read by others on this machine" in added.err
    assert "s3cret!" not in added.told


def test_a_password_is_asked_for_on_a_terminal_and_not_shown(folder: Path) -> None:
    with at_a_terminal("connection", "add", "office", OFFICE, EILBOTE_DATA_DIR=str(folder)) as terminal:
        terminal.until("Password of orders:")
        terminal.type(b"s3cret!\n")
        assert terminal.end() == 0
        assert "s3cret!" not in terminal.shown
    assert list(shown(folder, "office")["secrets"]) == ["password"]


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        pytest.param(("add", "a", OFFICE, "password=s3cret!"), 2, ("password", "--secret"), id="a secret in the open"),
        pytest.param(("add", "a", OFFICE, "--secret", "port=x"), 2, ("--secret", "no secret"), id="no secret"),
        pytest.param(("add", "a", OFFICE, "--secret", "password"), 2, ("names no file",), id="no file named"),
        pytest.param(("add", "a", OFFICE, "--secret", "password=/nowhere"), 3, ("/nowhere",), id="no such file"),
        pytest.param(("add", "a", OFFICE, "--file", "/nowhere"), 3, ("--file", "/nowhere"), id="no such form"),
        pytest.param(("add", "a", "-", "--file", "-"), 2, ("stdin",), id="stdin twice"),
        pytest.param(("add", "a", OFFICE, "--ask", "password"), 2, ("--ask", "terminal"), id="nobody to ask"),
        pytest.param(("add", "a", "host=x.example", "hostname=y.example"), 2, ("twice",), id="a field twice"),
        pytest.param(("add", "a", "hots=x.example"), 3, ("hots", "'host'"), id="no such field"),
        pytest.param(("add", "a", "host=x.example", "port=99999"), 3, ("port=", "not a port"), id="no port"),
        pytest.param(("add", "a", "smtp://x.example:99999"), 3, ("port",), id="no port in a URI"),
        pytest.param(("add", "a"), 1, ("no server",), id="nothing said"),
        pytest.param(("add", "a", "uri=smtps://x.example"), 2, ("alone",), id="a URI as a field"),
        pytest.param(("add", "a", OFFICE), 1, ("password is missing",), id="no password"),
        pytest.param(("add", "of fice", "smtp://x.example"), 3, ("NAME",), id="no name"),
        pytest.param(("add", "notification", "smtp://x.example"), 1, ("settings set",), id="an endpoint"),
        pytest.param(("add", "b/a", "smtp://x.example", "--org", "c"), 2, ("--org",), id="two organizations"),
        pytest.param(("add", "a", "smtp://x.example", "caFile=/etc/x", "--org", "c"), 1, ("caFile=",), id="a file"),
        pytest.param(("add", "env", "smtp://x.example"), 1, ("EILBOTE_CONNECTION_ENV",), id="given nearer"),
        pytest.param(
            ("add", "a", "service=gmail", "user=a@b.example", "clientId=x", "accessUrl=https://x.example/"),
            1,
            ("client",),
            id="half a login",
        ),
        pytest.param(("update", "x", "port=25"), 3, ("no connection is called 'x'",), id="nothing to update"),
        pytest.param(("enable", "x"), 3, ("no connection is called 'x'",), id="nothing to enable"),
        pytest.param(("default", "env"), 1, ("EILBOTE_CONNECTION_ENV",), id="a default that is given"),
        pytest.param(("remove", "hand"), 1, ("connections.toml", "by hand"), id="written by hand"),
        pytest.param(("show", "x"), 3, ("NAME", "env"), id="nothing to show"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_to_do(
    arguments: tuple[str, ...], code: int, words: tuple[str, ...], folder: Path
) -> None:
    folder.mkdir()
    (folder / "connections.toml").touch(mode=0o600)
    (folder / "connections.toml").write_text("[hand]\nhost = 'mail.example.org'\n")

    ended = connection(folder, *arguments, EILBOTE_CONNECTION_ENV="smtp://env.example")

    assert ended.code == code, ended.err
    assert [word for word in words if word not in ended.err] == [], ended.err
    assert json.loads(ended.out)["error"]["remedy"]
    assert "s3cret!" not in ended.told
    made = [path for path in folder.iterdir() if path.name != "connections.toml"]
    assert not made or code == 1, "nothing is made for what is refused at the door"
