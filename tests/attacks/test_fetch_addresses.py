"""A flow's author, or whoever fills in its input, names a "file" that is a service inside the operator's network.

The mail node fetches it and mails it out: keys from a cloud's metadata service, pages of an internal wiki, the answer of a
database that takes a line of HTTP for a command. Addresses have dozens of spellings that a filter for "127.0.0.1" does not
know, and names mean whatever their owner's name server says at the moment. Here every address is refused before a packet
is sent, however it is written and whoever says it.
"""

from __future__ import annotations

import pytest
from tests.attacks.fetching import PUBLIC, SECRET, fetch, network, refusal, strict_door
from tests.integration.lab.web_server import answer, says, web_server

from eilbote.errors import Durability

pytestmark = pytest.mark.asyncio

ANY = "0.0.0.0"  # noqa: S104 - nothing is bound here
LITERALS = (
    # loopback, written in every way that some program somewhere reads
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1",
    "0x7f.1", "0177.0.0.1", "0177.1", "017700000001", "00000177.0.0.1", "127.0.0.1.", "127.000.000.001",
    "0x7F.0x0.0x0.0x1", "127.0x0.0.1", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127。0。0。1", "127．0．0．1",
    "①②⑦.⓪.⓪.①", "１２７.０.０.１", "𝟏𝟐𝟕.𝟎.𝟎.𝟏", "localhost", "localhost.", "LOCALHOST", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]", "[::1%25lo]", "[::1%lo]",
    # this host, and nobody
    "0", ANY, "0.0.0.1", "0x0", "00", "[::]", "[::ffff:0.0.0.0]",
    # private
    "10.0.0.1", "10.255.255.255", "10.1", "167772161", "0xa000001", "012.0.0.1", "172.16.0.1", "172.31.255.254",
    "192.168.0.1", "192.168.1", "3232235521", "[::ffff:10.0.0.1]", "[::ffff:192.168.0.1]", "[fc00::1]", "[fd00::1]",
    "[fd12:3456:789a:1::1]", "[fec0::1]",
    # link-local, and where clouds answer their guests
    "169.254.169.254", "169.254.1.1", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376",
    "169.254.43518", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fe80::a9fe:a9fe]",
    "[fd00:ec2::254]", "168.63.129.16", "100.100.100.200", "192.0.0.192",
    # carriers, benchmarks, documentation, multicast, the rest
    "100.64.0.1", "100.127.255.254", "198.18.0.1", "198.19.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1",
    "192.0.0.1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[ff0e::1]",
    "[2001:db8::1]", "[100::1]", "[3fff::1]", "[5f00::1]",
    # an IPv4 address inside an IPv6 one
    "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a9fe:a9fe]", "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[::7f00:1]",
    "[2001:470:1f0b:1::5efe:7f00:1]",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", LITERALS)
async def test_no_spelling_of_a_forbidden_address_gets_a_packet(
    monkeypatch: pytest.MonkeyPatch, scheme: str, host: str
) -> None:
    with network(monkeypatch) as net:
        net.names = {"localhost": [["127.0.0.1"]], "localhost.": [["::1"]]}
        error = await refusal(f"{scheme}://{host}/latest/meta-data/?token={SECRET}", strict_door())

    assert net.connected == []
    assert set(net.asked) <= {"localhost", "localhost."}
    assert error.durability is Durability.PERMANENT


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "FILE:///etc/passwd",
        "ftp://files.example/a",
        "gopher://files.example:25/_MAIL%20FROM",
        "dict://files.example:11211/stats",
        "ldap://files.example/",
        "jar:http://files.example/a.jar!/b",
        "netdoc:///etc/passwd",
        "javascript:alert(1)",
        "blob:https://files.example/1",
        "unix:///run/docker.sock",
        "http+unix://%2Frun%2Fdocker.sock/info",
        "smb://files.example/share",
        r"\\files.example\share\a.pdf",
        "//files.example/a",
        "/etc/passwd",
        "../../etc/passwd",
        "~/.ssh/id_ed25519",
        r"C:\Windows\win.ini",
        "http:files.example/a",
        "http:/files.example/a",
        "http:///files.example/a",
        "https://",
        "",
        "files.example/a",
    ],
)
async def test_only_http_and_https_are_spoken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with network(monkeypatch) as net:
        net.names = {"files.example": [[PUBLIC]]}
        await refusal(url, strict_door())

    assert (net.asked, net.connected) == ([], [])


@pytest.mark.parametrize(
    "url",
    [
        f"http://anna:{SECRET}@files.example/a",
        "http://files.example@169.254.169.254/",
        "http://files.example:80@10.0.0.1/",
        "http://@files.example/",
        "http://files.example#@10.0.0.1/",
        "http://files.example?@10.0.0.1/",
        r"http://files.example\@10.0.0.1/",
        "http://files.example%40@10.0.0.1/",
        "http://10.0.0.1%2F@files.example/",
        "http://files.example%00.evil.example/",
        "http://files.example\t.evil.example/",
        "http://files.example\u2028/",
        "http://files.example／@10.0.0.1/",
        "http://files.example:80:25/",
        "http://files.example:٢٥/",
        "http://[::1]files.example/",
        "http://[files.example]/",
        "http://files_.-example../",
    ],
)
async def test_readers_of_a_url_cannot_be_set_against_each_other(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """One program takes what stands before the @ for the host, the next what stands behind it (or before the backslash)."""
    with network(monkeypatch) as net:
        net.names = {"files.example": [[PUBLIC]]}
        await refusal(url, strict_door())

    assert all(address == PUBLIC for address, _port in net.connected)


@pytest.mark.parametrize("port", [21, 22, 25, 110, 465, 587, 3306, 5432, 6379, 8080, 9200, 11211])
async def test_services_that_are_no_web_servers_hear_nothing(
    monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    """An SMTP server, or a Redis, takes a line of an HTTP request for a command of its own."""
    with network(monkeypatch) as net:
        net.names = {"files.example": [[PUBLIC]]}
        error = await refusal(f"http://files.example:{port}/a", strict_door())

    assert (net.asked, net.connected) == ([], [])
    assert "egress.ports" in str(error.remedy)


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        [PUBLIC, "10.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, "::1"],
        ["::ffff:169.254.169.254", PUBLIC],
        ["fd00::1"],
        [ANY],
        ["64:ff9b::7f00:1"],
    ],
)
async def test_a_name_that_leads_inside_is_refused_as_a_whole(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    """One public address among its answers does not make a name harmless: the next attempt would take the other one."""
    with network(monkeypatch) as net:
        net.names = {"files.example": [addresses]}
        error = await refusal(f"https://files.example/a?key={SECRET}", strict_door())

    assert net.connected == []
    assert "files.example" in error.what


async def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer, which is checked, is public; the second, which would be used, leads inside."""
    async with web_server(says(answer(b"%PDF-1.7", kind="application/pdf"))) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC], ["127.0.0.1"]]}
            net.ports = {80: server.port}
            file = await fetch("http://files.example/report.pdf", strict_door())
            assert net.asked == ["files.example"]
            assert net.connected == [(PUBLIC, 80)]
            await refusal("http://files.example/report.pdf", strict_door())
            assert net.connected == [(PUBLIC, 80)]

    assert file.content == b"%PDF-1.7"
    assert server.connections == 1


@pytest.mark.parametrize(
    "host, asked",
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("ｆｉｌｅｓ.example", "files.example"),
        ("files。example", "files.example"),
    ],
)
async def test_an_international_name_is_looked_up_as_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, host: str, asked: str
) -> None:
    """A name may be spelt in other letters; what is looked up, checked and told to the server is one and the same."""
    async with web_server(says(answer(b"x", kind="text/plain"))) as server:
        with network(monkeypatch) as net:
            net.names = {asked: [[PUBLIC]]}
            net.ports = {80: server.port}
            await fetch(f"http://{host}/a.txt", strict_door())

    assert net.asked == [asked]
    assert server.requests[0].headers["host"] == asked


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a\r\nX-Injected: 1",
        "http://files.example/a\nGET /admin",
        "http://files.example/a b",
        "http://files.example/\x00",
        "http://files.example/a\r\n\r\nGET http://10.0.0.1/",
        "http://files.exam\r\nple/",
        "http://files.example/" + "a" * 9000,
    ],
)
async def test_a_line_break_in_a_url_begins_no_new_line_of_the_request(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with network(monkeypatch) as net:
        net.names = {"files.example": [[PUBLIC]]}
        await refusal(url, strict_door())

    assert (net.asked, net.connected) == ([], [])


async def test_an_escaped_line_break_stays_an_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    async with web_server(says(answer(b"x", kind="text/plain"))) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            await fetch("http://files.example/a%0d%0aX-Injected:%201?b=%0a", strict_door())

    [request] = server.requests
    assert request.line == "GET /a%0d%0aX-Injected:%201?b=%0a HTTP/1.1"
    assert "x-injected" not in request.headers


async def test_nothing_of_ours_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file server learns that eilbote asks, and nothing else: no cookie, no credentials, no referrer."""
    monkeypatch.setenv("HTTP_PROXY", "http://anna:secret@10.0.0.1:3128")
    async with web_server(says(answer(b"x", kind="text/plain"))) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            await fetch("http://files.example/a.txt#part", strict_door())

    [request] = server.requests
    assert request.line == "GET /a.txt HTTP/1.1"
    assert set(request.headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert request.headers["accept-encoding"] == "identity"
