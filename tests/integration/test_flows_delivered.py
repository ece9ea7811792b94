"""Flows from Python, on a real database and with a real mail catcher: begun, worked, delivered, looked at."""

from pathlib import Path

import pytest

from eilbote import Eilbote, RunFilter
from eilbote.testing import Catcher

FLOW = """
name: order
nodes:
  - id: tell
    kind: send_smtp_email
    to: "{{ input.email }}"
    subject: "Order {{ input.number }}"
    content: "<p>It is <b>ready</b>.</p>"
    store_result: context
    store_as: told
  - {id: went, kind: branch, if: "context.told.status == 'accepted'", then: note, else: end}
  - {id: note, kind: set_value, values: {input.note: "{{ context.told.messageId }}"}}
"""
GIVEN = {"email": "anna@example.org", "number": 4711}


@pytest.mark.asyncio
async def test_what_is_due_is_worked_and_delivered_in_one_go(tmp_path: Path) -> None:
    """`eilbote courier --once`: the run is begun by one program, and worked to its end by the next."""
    async with Catcher() as catcher:
        ways = {"default": catcher.connection(default_from="shop@example.org")}
        async with Eilbote(data_dir=tmp_path, connections=ways) as eilbote:
            begun = await eilbote.flows.begin(FLOW, GIVEN, session="anna")
        async with Eilbote(data_dir=tmp_path, connections=ways) as eilbote:
            await eilbote.deliver_due()
            run = await eilbote.flows.get(begun.id)
            (listed,) = await eilbote.flows.runs(RunFilter(session="anna"))
    assert run.status == listed.status == "done"
    (message,) = catcher.messages
    assert message.subject == "Order 4711"
    assert run.input["note"] == message.header("Message-ID")
    assert [step.node for step in run.steps] == ["tell", "went", "note"]


@pytest.mark.asyncio
async def test_a_run_beside_a_courier_is_as_quick_as_its_message(tmp_path: Path) -> None:
    async with Catcher() as catcher:
        ways = {"default": catcher.connection(default_from="shop@example.org")}
        async with Eilbote(data_dir=tmp_path, connections=ways) as eilbote, eilbote.courier():
            await eilbote.flows.save(FLOW)
            await eilbote.flows.publish("order")
            run = await eilbote.flows.run("order", GIVEN)
            again = await eilbote.flows.run("order", GIVEN, run_id=run.id)
    assert (run.status, run.version, run.flow) == ("done", 1, "order")
    assert (again.status, again.id, again.began) == ("done", run.id, run.began)
    assert len(catcher.messages) == 1


@pytest.mark.asyncio
async def test_a_run_stays_with_its_message_for_as_long_as_it_is_told(tmp_path: Path) -> None:
    """Nobody delivers: the run is waiting when its author has waited long enough, and is not lost."""
    async with Eilbote(
        data_dir=tmp_path, connections={"default": "smtp://127.0.0.1:9?from=a@example.org"}
    ) as eilbote:
        run = await eilbote.flows.run(FLOW, GIVEN, wait_seconds=3)
        assert (run.status, run.awaits, run.node) == ("waiting", "mail", "tell")
        assert run.entry is not None
        assert (await eilbote.history(run.entry)).entry.author == f"flow:order#{run.id}"
