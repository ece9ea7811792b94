"""Each sentence in which the documentation of the Email Notification node promises something, as a flow that keeps it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.integration.flow_house import FROM, house
from tests.integration.lab.web_server import web_server
from tests.integration.token_endpoint import RotatingEndpoint
from tests.integration.token_mail_server import token_mail_server

from eilbote import Eilbote, FlowError, FlowRun
from eilbote.config.mail_environment import MailEnvironment
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.inheritance import effective
from eilbote.testing import Catcher, ManualClock, MemoryOutbox, refuse

pytestmark = pytest.mark.asyncio


def result(run: FlowRun, key: str = "mail") -> dict[str, object]:
    found = run.context.get(key, run.input.get(key))
    assert isinstance(found, dict), run.error
    return found


async def test_s0_01_s0_02_s0_28_a_mail_goes_out_by_settings_of_the_environment_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        assert (await here.notify()).status == "done"
        assert here.mail.forward_paths == ("anna@example.org",)


async def test_s0_03_s0_05_a_node_names_no_provider_and_attaches_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        for field in ("connection", "from", "attachments"):
            with pytest.raises(FlowError) as refused:
                await here.notify(**{field: "x"})
            assert refused.value.field == f"mail.{field}"
            if field == "attachments":
                assert "send_smtp_email" in (refused.value.remedy or "")


async def test_s0_04_without_settings_it_is_said_how_to_make_them(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path, store=MemoryOutbox()) as eilbote:
        run = await eilbote.flows.run(
            "name: t\nnodes:\n  - {id: mail, kind: email_notification, to: a@example.org, subject: s, stop_on_error: true}\n"
        )
    assert run.status == "failed"
    assert "EMAIL_NOTIFICATION_SMTP_HOST" in str(run.error["remedy"])


async def test_s0_06_s0_09_s0_11_basic_authentication_signs_in_with_name_and_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(
        "smtpEmailNotificationCredentials:\n  authType: basic\n  basic: {username: reports, password: s3cret}\n"
    )
    environment = {"EMAIL_NOTIFICATION_SMTP_AUTH_TYPE": "einfach", "EILBOTE_HELM_VALUES": str(values)}
    async with house(
        monkeypatch, tmp_path, catcher=Catcher(users={"reports": "s3cret"}), environment=environment
    ) as here:
        assert (await here.notify(stop_on_error=True)).status == "done"
        assert here.mail.user == "reports"


async def test_s0_06_s0_07_s0_08_s0_13_s0_17_oauth2_gets_its_token_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(
        "smtpEmailNotificationCredentials:\n  authType: oauth2\n  oauth2:\n    user: reports@example.org\n"
        "    clientId: app\n    clientSecret: s3cret\n    refreshToken: refresh-0\n"
    )
    endpoint = RotatingEndpoint()
    endpoint.gate.set()
    async with web_server(endpoint) as web, token_mail_server(valid={"access-1"}) as mail:
        environment = {
            "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE": "oauth2",
            "EILBOTE_HELM_VALUES": str(values),
            "EMAIL_NOTIFICATION_SMTP_OAUTH2_TOKEN_ACCESS_URL": web.url,
            "EMAIL_NOTIFICATION_SMTP_PORT": str(mail.port),
        }
        async with house(monkeypatch, tmp_path, environment=environment) as here:
            assert (await here.notify(stop_on_error=True)).status == "done"
            assert (await here.notify(stop_on_error=True)).status == "done"
    assert mail.messages == 2
    assert len(endpoint.requests) == 1


async def test_s0_10_s0_16_the_mail_comes_from_the_address_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.notify()
        assert (here.mail.header("From"), here.mail.reverse_path) == (FROM, FROM)


def said(**environment: str) -> dict[str, object]:
    layer = MailEnvironment(
        {f"EMAIL_NOTIFICATION_SMTP_{name}": value for name, value in environment.items()}, clock=ManualClock()
    ).layer(Endpoint.NOTIFICATION)
    return effective([layer]).fields()


async def test_s0_12_a_service_of_the_catalogue_is_named_by_its_id() -> None:
    assert said(EMAIL_SERVICE_TYPE="Outlook365")["service"] == "Outlook365"


async def test_s0_14_the_end_of_a_token_is_in_milliseconds() -> None:
    assert said(OAUTH2_EXPIRY_DATE_UNIX_TIMESTAMP="1681382246000")["expiry_date"] == 1681382246000


@pytest.mark.parametrize("word", ["tls", "starttls", "none"])
async def test_s0_15_protection_is_one_of_three_words_and_tls_unless_said(word: str) -> None:
    assert said(HOST="mail.example.org", TLS_REQUIRED=word)["security"] == word
    connection = effective(
        [
            MailEnvironment({"EMAIL_NOTIFICATION_SMTP_HOST": "mail.example.org"}, clock=ManualClock()).layer(
                Endpoint.NOTIFICATION
            )
        ]
    ).connection("notification")
    assert (connection.security, connection.port) == ("tls", 465)


async def test_s0_18_a_changed_token_is_used_without_any_snapshot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path, catcher=Catcher(users={"a": "new"})) as here:
        settings = {"host": "127.0.0.1", "port": here.catcher.port, "security": "none", "user": "a"}
        await here.eilbote.settings.change({**settings, "password": "old"})
        failed = await here.notify(wait_at_most="2s", store_result="context", store_as="mail")
        assert result(failed)["status"] in {"deferred", "failed"}
        await here.eilbote.settings.change({**settings, "password": "new"})
        later = await here.notify(store_result="context", store_as="later")
        assert result(later, "later")["status"] == "accepted"


async def test_s0_19_s0_24_s0_25_s0_32_recipients_stand_between_commas_or_semicolons(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.notify(
            to="a@example.org, B <b@example.org>; c@example.org",
            cc="d@example.org",
            bcc="eve@elsewhere.example",
        )
        assert sorted(path[0] for path in here.mail.forward_paths) == ["a", "b", "c", "d", "e"]
        assert "b@example.org" in here.mail.header("To")
        assert here.mail.header("Cc") == "d@example.org"
        assert b"elsewhere.example" not in here.mail.octets


async def test_s0_20_s0_21_subject_and_rich_content_arrive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.notify(subject="Grüße", content="<h2>News</h2><ul><li><b>One</b></li></ul>")
        assert here.mail.subject == "Grüße"
        assert "<b>One</b>" in here.mail.html
        assert "One" in here.mail.text


@pytest.mark.parametrize("shelf", ["input", "context"])
async def test_s0_22_s0_33_the_result_is_kept_where_it_is_said_under_its_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shelf: str
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        run = await here.notify(store_result=shelf, store_as="sent.mail")
        kept = run.input if shelf == "input" else run.context
        sent = kept["sent"]
        assert isinstance(sent, dict)
        mail = sent["mail"]
        assert isinstance(mail, dict)
        assert (mail["status"], mail["accepted"]) == ("accepted", ["anna@example.org"])
        assert mail["messageId"] == here.mail.header("Message-ID")


async def test_s0_22_s0_30_by_default_nothing_is_kept_and_nothing_stops(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(
        monkeypatch, tmp_path, catcher=Catcher(faults=[refuse("rcpt", "550 5.1.1 nobody")])
    ) as here:
        run = await here.run(
            {"id": "mail", "kind": "email_notification", "to": "anna@example.org", "subject": "s"},
            {"id": "on", "kind": "set_value", "values": {"context.went_on": True}},
        )
        assert (run.status, run.context, dict(run.input)) == ("done", {"went_on": True}, {})


async def test_s0_23_stop_on_error_halts_the_flow_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(
        monkeypatch, tmp_path, catcher=Catcher(faults=[refuse("rcpt", "550 5.1.1 nobody")])
    ) as here:
        run = await here.notify(stop_on_error=True, store_result="context", store_as="mail")
        assert run.status == "failed"
        assert "nobody" in str(run.error)
        assert result(run)["status"] != "accepted"


async def test_s0_26_asynchronous_goes_on_at_once_and_the_result_follows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        run = await here.notify(asynchronous=True, store_result="context", store_as="mail")
        assert run.status == "done"
        assert result(run)["queued"] is True
        await here.catcher.next()


async def test_s0_26_synchronous_waits_until_the_mail_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        run = await here.notify(store_result="context", store_as="mail")
        assert len(here.catcher.messages) == 1
        assert result(run)["status"] == "accepted"


async def test_s0_27_s0_35_s0_36_s0_40_the_mail_is_in_its_frame(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.eilbote.settings.change(
            {
                "brand_product": "Acme & Sons",
                "brand_logo": "https://acme.example/logo.png",
                "brand_website": "https://acme.example/",
                "brand_contact": "abuse@acme.example",
            }
        )
        run = await here.run(
            {
                "id": "mail",
                "kind": "email_notification",
                "to": "anna@example.org",
                "subject": "Order of {{ input.name }}",
                "content": "<p>Dear {{ input.name }}</p>",
            },
            given={"name": "<img src=x onerror=alert(1)>"},
        )
        assert run.status == "done", run.error
        html, text = here.mail.html, " ".join(here.mail.text.split())
        places = [
            html.index(part) for part in ("logo.png", "<h1", "Dear ", ">https://acme.example/</a>", "abuse@")
        ]
        assert places == sorted(places)
        assert "onerror=alert(1)>" not in html
        assert re.search(r"Acme & Sons.*abuse@acme\.example.*[0-9a-f]{24}-[0-9a-f]{24}", text)


async def test_s0_29_to_and_subject_are_required_and_content_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        for field in ("to", "subject"):
            with pytest.raises(FlowError) as refused:
                await here.notify(**{field: ""})
            assert refused.value.field == f"mail.{field}"
        assert (await here.notify()).status == "done"


@pytest.mark.parametrize("word, header", [("high", "1"), ("low", "5"), (None, "")])
async def test_s0_30_s0_31_priority_is_high_normal_or_low(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str | None, header: str
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        await here.notify(priority=word)
        assert here.mail.header("X-Priority").partition(" ")[0] == header


async def test_s0_34_values_stand_in_every_text_and_what_has_none_is_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as here:
        run = await here.run(
            {
                "id": "mail",
                "kind": "email_notification",
                "to": "{{ input.to }}{{ input.nothing }}",
                "cc": "{{ context.nobody }}",
                "subject": "[{{ input.missing.altogether }}] {{ input.number }}",
                "content": "{{ input.number }}",
            },
            given={"to": "anna@example.org", "number": 4711},
        )
        assert run.status == "done"
        assert (here.mail.subject, here.mail.header("Cc")) == ("[] 4711", "")


async def test_s0_37_names_and_passwords_come_from_mounted_secrets_and_change_with_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "creds"
    folder.mkdir()
    (folder / "smtp-email-basic-username").write_text("reports\n")
    (folder / "smtp-email-basic-password").write_text("s3cret\n")
    environment = {"EMAIL_NOTIFICATION_SMTP_AUTH_TYPE": "basic", "EILBOTE_SECRETS_DIR": str(folder)}
    async with house(
        monkeypatch, tmp_path, catcher=Catcher(users={"reports": "s3cret"}), environment=environment
    ) as here:
        assert (await here.notify(stop_on_error=True)).status == "done"


async def test_s0_38_a_second_mailer_for_accounts_has_variables_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = {
        "SYSTEM_SMTP_HOST": "127.0.0.1",
        "SYSTEM_SMTP_PORT": "PORT",
        "SYSTEM_SMTP_FROM": "accounts@example.org",
        "SYSTEM_SMTP_CONNECTION_TYPE": "none",
    }
    async with house(monkeypatch, tmp_path, environment=environment) as here:
        run = await here.send(connection="system", **{"from": None})
        assert run.status == "done", run.error
        assert here.mail.header("From") == "accounts@example.org"


async def test_s0_39_a_server_that_is_busy_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    busy = Catcher(faults=[refuse("rcpt", "451 4.3.0 busy")])
    async with house(monkeypatch, tmp_path, catcher=busy) as here:
        run = await here.notify(wait_at_most="1s", store_result="context", store_as="mail")
        assert result(run)["status"] == "deferred"
        assert run.status == "done", "the message goes on, however long the flow waits for it"


async def test_a_deferred_mail_is_an_error_for_those_who_say_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    busy = Catcher(faults=[refuse("rcpt", "451 4.3.0 busy")])
    async with house(monkeypatch, tmp_path, catcher=busy) as here:
        run = await here.notify(wait_at_most="1s", deferred_is_error=True, stop_on_error=True)
        assert run.status == "failed"
