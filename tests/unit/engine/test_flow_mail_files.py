"""A file that a message goes without is told to whoever runs the flow, with the reason and the message it is missing from."""

import pytest
from tests.unit.engine.flow_scene import FlowScene

from eilbote.errors import AttachmentError
from eilbote.record.notice import NoticeKind

FLOW = """
name: invoices
nodes:
  - id: send
    kind: send_smtp_email
    to: anna@example.org
    subject: Your invoice
    attachments: {kind: url, url: "https://files.example.org/7.pdf", if_unavailable: skip}
"""


@pytest.mark.asyncio
async def test_it_is_told_once_which_file_was_left_out_and_why() -> None:
    scene = await FlowScene.opened()
    scene.left_out.append(
        AttachmentError("the file cannot be fetched", field="attachments[0]", cause="the server answered 404")
    )
    begun = await scene.begin(FLOW)
    await scene.work(begun.id)
    await scene.settle()
    await scene.work(begun.id)
    (entry,) = await scene.entries()
    (told,) = [each for each in scene.told.notices if each.kind is NoticeKind.FILE_LEFT_OUT]
    assert (told.entry, told.flow, told.run) == (entry, "invoices", begun.id)
    assert told.text == "send: attachments[0]: the file cannot be fetched. the server answered 404."
