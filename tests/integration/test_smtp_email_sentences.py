"""Each sentence in which the documentation of the Send SMTP Email node promises something, as a flow that keeps it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.integration.flow_house import FROM, House, house
from tests.integration.lab.web_server import web_server
from tests.integration.token_endpoint import RotatingEndpoint
from tests.integration.token_mail_server import token_mail_server

from eilbote import ConfigurationError, Connection, Eilbote, FlowError, FlowRun
from eilbote.author.flow.inline_connection import InlineConnection, read_connection
from eilbote.connections.advice import advice_on_service
from eilbote.connections.catalogue import lookup_service, services
from eilbote.model.credentials import Password
from eilbote.model.secret import Secret
from eilbote.testing import Catcher, MemoryOutbox, refuse

pytestmark = pytest.mark.asyncio
SECRET = {"env": "EILBOTE_FLOW_SECRET_SHOP"}


def result(run: FlowRun, key: str = "mail") -> dict[str, object]:
    found = run.context.get(key, run.input.get(key))
    assert isinstance(found, dict), run.error
    return found


def inline(here: House, **more: object) -> dict[str, object]:
    return {
        "service": "Other SMTP Service",
        "host": "127.0.0.1",
        "port": here.catcher.port,
        "tls_option": "none",
        **more,
    }


async def test_s1_01_a_mail_goes_out_over_an_smtp_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        assert (await here.send(connection="office")).status == "done"
        assert here.mail.forward_paths == ("anna@example.org",)


async def test_s1_02_s1_05_a_service_needs_login_data_only() -> None:
    made = read_connection({"email_service": "Gmail", "user": "shop@gmail.com", "password": SECRET})
    assert isinstance(made, InlineConnection)
    assert Connection.from_fields({**made.plain, "password": "x"}).host == "smtp.gmail.com"


async def test_s1_03_s1_05_s1_17_another_service_says_everything_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EILBOTE_FLOW_SECRET_SHOP", "s3cret")
    async with house(monkeypatch, tmp_path, catcher=Catcher(users={"shop": "s3cret"})) as here:
        run = await here.send(connection=inline(here, user="shop", password=SECRET), stop_on_error=True)
        assert run.status == "done", run.error
        assert here.mail.user == "shop"


async def test_s1_04_what_a_provider_wants_first_is_said_with_the_connection() -> None:
    said = advice_on_service(
        lookup_service("Gmail"), Password(user="shop@gmail.com", password=Secret("x")), None
    )
    assert any("app password" in each.lower() for each in said)


async def test_s1_06_to_subject_and_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.send(
            to="a@example.org, b@example.org", subject="Hi", content="<p>Some <b>bold</b> text</p>"
        )
        assert here.mail.forward_paths == ("a@example.org", "b@example.org")
        assert (here.mail.subject, here.mail.html.strip()) == ("Hi", "<p>Some <b>bold</b> text</p>")


async def test_s1_07_s1_08_s1_10_s1_12_s1_14_a_refresh_token_gets_access_tokens_when_they_fail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    endpoint = RotatingEndpoint()
    endpoint.gate.set()
    async with (
        web_server(endpoint) as web,
        token_mail_server(valid={"access-2"}) as mail,
        house(monkeypatch, tmp_path) as here,
    ):
        await here.eilbote.connections.stored.add(
            "shop",
            {
                "host": "127.0.0.1",
                "port": mail.port,
                "tlsOption": "none",
                "user": "shop@example.org",
                "clientId": "app",
                "clientSecret": "s3cret",
                "refreshToken": "refresh-0",
                "accessUrl": web.url,
            },
        )
        run = await here.send(connection="shop", stop_on_error=True)
        assert run.status == "done", run.error
    assert mail.shown == ["access-1", "access-2"]
    assert [each.form["refresh_token"] for each in endpoint.requests] == ["refresh-0", "refresh-1"]


async def test_s1_09_s1_11_s1_13_an_access_token_alone_is_enough_and_its_end_is_in_milliseconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EILBOTE_FLOW_SECRET_SHOP", "access-9")
    async with token_mail_server(valid={"access-9"}) as mail, house(monkeypatch, tmp_path) as here:
        table = inline(here, user="me@example.org", accessToken=SECRET, expiryDate=4102444800000) | {
            "port": mail.port
        }
        run = await here.send(connection=table, stop_on_error=True)
        assert run.status == "done", run.error
        assert mail.messages == 1
    with pytest.raises(ConfigurationError):
        read_connection({"host": "x.example", "user": "me@example.org", "authType": "oauth2"})


@pytest.mark.parametrize("word, port", [("tls", 465), ("starttls", 587), ("none", 25), (None, 465)])
async def test_s1_15_protection_is_one_of_three_words_and_tls_unless_said(
    word: str | None, port: int
) -> None:
    made = read_connection({"host": "mail.example.org", "tlsOption": word})
    assert isinstance(made, InlineConnection)
    connection = Connection.from_fields(made.plain)
    assert (connection.security, connection.port) == (word or "tls", port)


async def test_s1_16_s1_34_a_connection_of_a_node_is_kept_once_and_encrypted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EILBOTE_FLOW_SECRET_SHOP", "s3cret")
    async with house(monkeypatch, tmp_path, catcher=Catcher(users={"shop": "s3cret"})) as here:
        table = inline(here, user="shop", password=SECRET)
        for _ in range(2):
            assert (await here.send(connection=table, stop_on_error=True)).status == "done"
        (kept,) = await here.eilbote.connections.stored.all()
        assert kept.name.startswith("flow-test-mail-")
        assert "s3cret" not in repr(kept)


async def test_s1_34_a_connection_that_is_gone_is_told_and_no_flow_hangs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        run = await here.send(connection="gone", stop_on_error=True)
        assert run.status == "failed"
        assert run.error["code"] == "connection_not_found"
        assert "connection add" in str(run.error["remedy"])


async def attached(here: House, **attachment: str) -> tuple[str, str, bytes]:
    run = await here.send(attachments=attachment, stop_on_error=True)
    assert run.status == "done", run.error
    (part,) = here.mail.attachments
    return part.filename, part.media_type, part.octets


async def test_s1_18_by_default_there_is_no_attachment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.send(attachments={"kind": "none"})
        assert here.mail.attachments == ()


async def test_s1_19_an_attachment_from_a_data_url_has_the_name_it_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        url = "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()
        assert await attached(here, kind="url", url=url, filename="p.png") == (
            "p.png",
            "image/png",
            b"\x89PNG",
        )


async def test_s1_19_a_file_that_cannot_be_fetched_stops_the_mail_or_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        file = {"kind": "url", "url": "https://127.0.0.1:1/a.pdf"}
        run = await here.send(attachments=file, stop_on_error=True)
        assert (run.status, here.catcher.messages) == ("failed", ())
        run = await here.send(attachments={**file, "if_unavailable": "skip"}, stop_on_error=True)
        assert run.status == "done", run.error
        assert here.mail.attachments == ()


@pytest.mark.parametrize(
    "attachment, expected",
    [
        ({"kind": "text", "text": "Hi", "filename": "a.txt"}, ("a.txt", "text/plain", b"Hi")),
        (
            {"kind": "base64", "base64": "JVBERg==", "filename": "a.pdf"},
            ("a.pdf", "application/pdf", b"%PDF"),
        ),
        (
            {"kind": "custom", "text": "a;b", "media_type": "text/csv", "filename": "a.csv"},
            ("a.csv", "text/csv", b"a;b"),
        ),
        (
            {"kind": "mime", "mime": 'Content-Type: text/x-own; name="o"\r\n\r\nown'},
            ("o", "text/x-own", b"own"),
        ),
    ],
    ids=["s1_20", "s1_21", "s1_22", "s1_23"],
)
async def test_s1_20_s1_21_s1_22_s1_23_what_is_attached_arrives_octet_by_octet(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    attachment: Mapping[str, str],
    expected: tuple[str, str, bytes],
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        assert await attached(here, **attachment) == expected


async def test_s1_24_the_result_is_kept_where_it_is_said_and_a_failure_may_stop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nobody = Catcher(faults=[refuse("rcpt", "550 5.1.1 No such user", only="max@*")])
    async with house(monkeypatch, tmp_path, catcher=nobody) as here:
        kept = {"store_result": "context", "store_as": "mail"}
        run = await here.send(**kept)
        assert (result(run)["status"], result(run)["rejected"]) == ("accepted", [])
        run = await here.send(to="max@example.org", stop_on_error=True, **kept)
        assert run.status == "failed"
        assert "No such user" in str(result(run))
        run = await here.send(to="anna@example.org, max@example.org", **kept)
        assert result(run)["rejected"] == ["max@example.org"]


async def test_s1_25_s1_26_s1_27_from_copies_and_reply_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        fields = {"from": "Shop <shop@example.org>", "cc": "c@example.org", "bcc": "hidden@elsewhere.example"}
        run = await here.send(**fields, reply_to="help@example.org", store_result="context", store_as="mail")
        assert here.mail.header("From") == "Shop <shop@example.org>"
        assert here.mail.header("Reply-To") == "help@example.org"
        assert here.mail.header("Cc") == "c@example.org"
        assert "hidden@elsewhere.example" in here.mail.forward_paths
        assert b"hidden@elsewhere.example" not in here.mail.octets
        assert "hidden@elsewhere.example" not in str(result(run))


async def test_s1_25_a_from_that_the_connection_does_not_allow_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        table = inline(here, allowedSenders="@example.org")
        run = await here.send(connection=table, stop_on_error=True, **{"from": "ceo@example.com"})
        assert (run.status, run.error["field"]) == ("failed", "from")
        assert here.catcher.messages == ()


async def test_s1_28_s1_32_a_plain_text_of_ones_own_or_one_that_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.send(content="<p>Hello <b>you</b></p>", text="For small devices")
        assert here.mail.text.strip() == "For small devices"
        here.catcher.clear()
        await here.send(content="<p>Hello <b>you</b></p>")
        assert here.mail.text.strip() == "Hello you"


@pytest.mark.parametrize("word, header", [("high", "high"), ("low", "low"), ("normal", ""), (None, "")])
async def test_s1_29_priority_is_high_normal_or_low(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str | None, header: str
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.send(priority=word)
        assert here.mail.header("Importance").lower() == header


async def test_s1_30_asynchronous_goes_on_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with house(monkeypatch, tmp_path) as here:
        run = await here.send(asynchronous=True, store_result="input", store_as="mail")
        assert (run.status, result(run)["queued"]) == ("done", True)
        await here.catcher.next()


async def test_s1_31_a_message_may_have_several_attachments_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.send(
            attachments=[{"kind": "text", "text": name, "filename": f"{name}.txt"} for name in "abc"]
        )
        assert [part.filename for part in here.mail.attachments] == ["a.txt", "b.txt", "c.txt"]


async def test_s1_33_services_and_the_keys_of_the_result_are_those_of_nodemailer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert {"Gmail", "Outlook365", "SendGrid", "Yahoo"} <= {each.name for each in services()}
    async with house(monkeypatch, tmp_path) as here:
        run = await here.send(store_result="context", store_as="mail")
        assert {"accepted", "rejected", "envelope", "messageId", "response"} <= result(run).keys()


async def test_s1_35_client_credentials_are_the_recommended_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    endpoint = RotatingEndpoint()
    endpoint.gate.set()
    monkeypatch.setenv("EILBOTE_FLOW_SECRET_SHOP", "s3cret")
    async with (
        web_server(endpoint) as web,
        token_mail_server(valid={"access-1"}) as mail,
        house(monkeypatch, tmp_path) as here,
    ):
        table = inline(here, user="shop@example.org", clientId="app", clientSecret=SECRET, accessUrl=web.url)
        run = await here.send(connection={**table, "port": mail.port, "scope": "mail"}, stop_on_error=True)
        assert run.status == "done", run.error
        assert endpoint.requests[0].form["grant_type"] == "client_credentials"


async def test_s1_37_each_address_is_read_as_the_standard_says_and_the_first_wrong_one_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        run = await here.run(
            {
                "id": "mail",
                "kind": "send_smtp_email",
                "connection": "office",
                "from": FROM,
                "to": "{{ input.to }}",
                "subject": "s",
                "stop_on_error": True,
            },
            given={"to": "a@example.org, b@"},
        )
        assert (run.status, run.error["field"], run.error["code"]) == ("failed", "to", "address")
        assert here.catcher.messages == ()


async def test_a_literal_secret_is_refused_before_anything_is_kept(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path, store=MemoryOutbox()) as eilbote:
        with pytest.raises(FlowError) as refused:
            await eilbote.flows.save(
                "name: t\nnodes:\n  - {id: mail, kind: send_smtp_email, to: a@example.org, subject: s, "
                "connection: {host: mail.example.org, user: a, password: s3cret}}\n"
            )
        assert refused.value.field == "mail.connection.password"
        assert "s3cret" not in str(refused.value)
