"""The two mail nodes by themselves, against a real catcher: they do what they do in a flow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.integration.flow_house import FROM, house

from eilbote import EilboteError, EmailNotification, FlowError, SendSmtpEmail
from eilbote.testing import Catcher, refuse

pytestmark = pytest.mark.asyncio


def notification(**fields: object) -> EmailNotification:
    usual = {"to": "{{ input.email }}", "subject": "Order {{ input.number }} is ready"}
    return EmailNotification(**{**usual, **fields})  # type: ignore[arg-type]


def own_mail(**fields: object) -> SendSmtpEmail:
    usual = {"to": "anna@example.org", "subject": "Hello", "connection": "office", "from_": FROM}
    return SendSmtpEmail(**{**usual, **fields})  # type: ignore[arg-type]


ORDER = {"email": "anna@example.org", "number": 4711, "total": 1.5}


async def test_a_notification(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with house(monkeypatch, tmp_path) as at:
        done = await notification(content="<p>{{ input.total }}</p>").run(ORDER, eilbote=at.eilbote)

        assert done.result["status"] == "accepted"
        assert (done.error, done.stops) == ({}, False)
        assert done.input == {"email": "anna@example.org", "number": 4711, "total": Decimal("1.5")}
        assert done.context == {}
        assert at.mail.subject == "Order 4711 is ready"


async def test_it_is_what_a_flow_of_one_node_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with house(monkeypatch, tmp_path) as at:
        run = await at.notify(
            to="anna@example.org", subject="Order 4711", store_result="context", store_as="mail"
        )
        done = await notification(subject="Order 4711", store_result="context", store_as="mail").run(
            ORDER, eilbote=at.eilbote
        )

        def compared(result: object) -> dict[str, object]:
            assert isinstance(result, dict)
            return {k: v for k, v in result.items() if k not in {"id", "messageId", "messageTime", "index"}}

        assert compared(done.context["mail"]) == compared(run.context["mail"])
        assert done.result == done.context["mail"]


@pytest.mark.parametrize("shelf", ["none", "input", "context"])
async def test_the_result_is_kept_where_the_node_says_and_given_in_any_case(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shelf: str
) -> None:
    fields = {} if shelf == "none" else {"store_result": shelf, "store_as": "order.mail"}
    async with house(monkeypatch, tmp_path) as at:
        done = await own_mail(**fields).run({"a": 1}, {"kept": [1, "{{ 2 }}", None]}, eilbote=at.eilbote)

        kept = {"order": {"mail": done.result}}
        assert done.input == {"a": 1} | (kept if shelf == "input" else {})
        assert done.context == {"kept": [1, "{{ 2 }}", None]} | (kept if shelf == "context" else {})
        assert done.result["accepted"] == ["anna@example.org"]


async def test_the_context_is_seen_and_its_values_are_not_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A value that looks like a template must arrive as it is: whoever sends it could otherwise read the input."""
    hostile = "{{ input.secret }}{% raw %}"
    async with house(monkeypatch, tmp_path) as at:
        await own_mail(subject="{{ context.customer.name }}").run(
            {"secret": "hunter2"}, {"customer": {"name": hostile}}, eilbote=at.eilbote
        )

        assert at.mail.subject == hostile


async def test_an_input_that_has_our_own_names_keeps_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {"eilbote_result": 1, "eilbote_context": {"a": 2}}
    async with house(monkeypatch, tmp_path) as at:
        done = await own_mail().run(given, {"b": 3}, eilbote=at.eilbote)

        assert done.input == given
        assert done.context == {"b": 3}


@pytest.mark.parametrize("stops", [False, True])
async def test_a_mail_that_is_refused_is_an_error_and_stops_where_the_node_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stops: bool
) -> None:
    catcher = Catcher(faults=[refuse("rcpt", "550 5.1.1 No such user")])
    async with house(monkeypatch, tmp_path, catcher=catcher) as at:
        done = await own_mail(stop_on_error=stops).run(eilbote=at.eilbote)

        assert done.error["code"] == "recipients_refused"
        assert done.result["status"] == "failed"
        assert done.stops is stops


async def test_a_mail_that_the_input_makes_impossible_raises_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as at:
        done = await notification().run({"number": 1}, eilbote=at.eilbote)

        assert (done.error["code"], done.error["field"], done.stops) == ("no_recipients", "to", False)
        assert at.catcher.messages == ()


async def test_asynchronously_it_is_done_once_the_outbox_has_the_mail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as at:
        done = await own_mail(asynchronous=True).run(eilbote=at.eilbote)

        assert (done.result["status"], done.result["queued"], done.error) == ("queued", True, {})
        await at.catcher.next()


async def test_run_twice_under_one_name_the_mail_goes_out_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with house(monkeypatch, tmp_path) as at:
        first = await own_mail().run({"a": 1}, {"b": 2}, eilbote=at.eilbote, run_id="order-4711")
        again = await own_mail().run({"a": 1}, {"b": 2}, eilbote=at.eilbote, run_id="order-4711")

        assert again == first
        assert at.mail.subject == "Hello"


@pytest.mark.parametrize(
    "given,context,field",
    [
        ([1], {}, "input"),
        ({"when": object()}, {}, "input.when"),
        ({}, [], "context"),
        ({}, {"two words": 1}, "context"),
        ({}, {"a.b": 1}, "context"),
        ({}, {7: 1}, "context"),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: object, context: object, field: str
) -> None:
    async with house(monkeypatch, tmp_path) as at:
        with pytest.raises(FlowError) as refused:
            await own_mail().run(given, context, eilbote=at.eilbote)  # type: ignore[arg-type]

        assert field in (refused.value.field or "")
        assert at.catcher.messages == ()


async def test_where_a_loop_runs_the_other_way_is_named() -> None:
    with pytest.raises(EilboteError, match=r"await node\.run"):
        own_mail().run_sync()


async def test_without_an_outbox_at_hand_the_one_of_the_environment_is_opened_and_delivers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with Catcher() as catcher:
        monkeypatch.setenv("EILBOTE_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("EILBOTE_CONNECTION_OFFICE", catcher.uri)
        done = await own_mail().run()

        assert done.result["status"] == "accepted"
