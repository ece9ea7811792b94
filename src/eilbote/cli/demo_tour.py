"""What ``eilbote demo`` shows: an organization, a flow, a process, what arrived, and where to look for all of it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from eilbote.api.reference import PATH as REFERENCE
from eilbote.author.flow.definition import read_flow
from eilbote.cli.demo_server import Asked, Client, DemoServer, demo_server
from eilbote.cli.demo_view import show_asked, show_dialogue, show_message, show_next, show_text, show_title
from eilbote.cli.flow_starting import starter
from eilbote.cli.flow_view import show_run
from eilbote.cli.flow_wish import quiet_log
from eilbote.cli.picture import envelope_png
from eilbote.cli.process_starting import starter as process_starter
from eilbote.cli.process_view import show_instance
from eilbote.cli.screen import console
from eilbote.cli.signals import hear_signals
from eilbote.engine.process.instance_mails import mails_of as mails_of_instance
from eilbote.engine.run_mails import mails_on_their_way
from eilbote.engine.shown_data import plain
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from eilbote.cli.screen import Screen
    from eilbote.engine.process.instance_mails import ElementMail
    from eilbote.engine.process.process_view import ProcessInstance

_ORGANIZATION: Final = "acme"
_AUTHOR: Final = "anna@acme.example"
_FLOW, _PROCESS = "order-shipped", "order-ready"
_RUN, _INSTANCE = "order-17", "order-4711"
_PERMISSIONS: Final = ("automations:read", "automations:write", "automations:run", "messages:read")
_SECONDS: Final = 20
_LOOK_SECONDS: Final = 0.05
_GOING: Final = frozenset({EntryState.QUEUED, EntryState.ACTIVE})
_ORDER: Final = {
    "order": {"number": "4711", "total": 1200},
    "customer": {"name": "Lena", "email": "lena@example.org"},
}


def tour(screen: Screen, *, stays: bool) -> None:
    """Show the demonstration.

    Args:
        screen: Where.
        stays: Whether the server stays until a signal comes.
    """
    with quiet_log(screen), suppress(KeyboardInterrupt):
        asyncio.run(_tour(screen, stays=stays))


async def _tour(screen: Screen, *, stays: bool) -> None:
    async with demo_server() as server:
        shown = _Tour(server, screen, console())
        await shown.accounts()
        await shown.flow()
        await shown.process()
        shown.places(stays=stays)
        if stays:
            ending = asyncio.Event()
            hear_signals(ending.set)
            await ending.wait()


@dataclass(slots=True)
class _Tour:
    """One tour: what was made on the way is where to look in the end."""

    server: DemoServer
    screen: Screen
    out: Console
    asked: list[Asked] = field(default_factory=list[Asked])
    key: str = ""
    message: str = ""

    async def accounts(self) -> None:
        """Make an organization, an author, and a key for their program."""
        show_title(self.out, "A server", "the API, the courier and the outbox, in a folder that is temporary")
        self.out.print(f"  {self.server.address}", style="bold cyan")
        show_title(self.out, "An organization", "with an author, and a key for a program of theirs")
        administrator = Client(self.server.address, self.server.key, on_answer=self._hear)
        await administrator.ask("POST", "/organizations", {"name": _ORGANIZATION, "title": "Acme GmbH"})
        of = f"?organization={_ORGANIZATION}"
        await administrator.ask("POST", f"/users{of}", {"address": _AUTHOR, "name": "Anna", "role": "author"})
        made = await administrator.ask(
            "POST", f"/api-keys{of}", {"name": "shop", "permissions": list(_PERMISSIONS)}
        )
        self.key = str(made["key"])

    async def flow(self) -> None:
        """Publish a flow, run it, and show what arrived."""
        text = starter("demo", name=_FLOW, file="demo.yaml")
        given = {
            **cast("dict[str, object]", plain(dict(read_flow(text).sample))),
            "picture": b64encode(envelope_png()).decode("ascii"),
        }
        show_title(self.out, "A flow", "what its author writes")
        show_text(self.out, text)
        show_title(self.out, "Its run", "each step survives a crash, and each message goes out once")
        client = self._client()
        await client.ask("PUT", f"/flows/{_FLOW}/draft", text)
        await client.ask("POST", f"/flows/{_FLOW}/versions")
        body = {"flow": _FLOW, "run_id": _RUN, "input": given, "wait": _SECONDS}
        await client.ask("POST", "/runs", body)
        eilbote = self.server.eilbote
        run = await eilbote.flows.get(_RUN)
        mails = await mails_on_their_way(eilbote, run, seconds=_SECONDS)
        self.screen.text()
        now = moment_of(eilbote.clock.now())
        show_run(run, mails, self.screen, now=now, values=False, links=False)
        caught = self.server.catcher.messages
        for message, what in zip(
            caught, ("with an attachment", "in the frame of notifications"), strict=False
        ):
            show_title(self.out, "What arrived", f"{what}, as another program reads it")
            show_message(self.out, message)
        if mails:
            self.message = entry_id_text(mails[0].entry.id)
        if caught:
            show_title(self.out, "The dialogue", "what client and server said about the first one")
            show_dialogue(self.out, caught[0])

    async def process(self) -> None:
        """Publish a process with its route, begin an instance, do its task, and show how it stands."""
        places = {"diagram": f"{_PROCESS}.bpmn", "route": f"{_PROCESS}.route.yaml"}
        diagram, settings, route = process_starter(_PROCESS, places)
        show_title(self.out, "A process", "a BPMN diagram, as any modeler draws it; and a route to send over")
        client = self._client()
        await client.ask("PUT", f"/routes/{_PROCESS}", route)
        await client.ask("PUT", f"/processes/{_PROCESS}/draft", {"bpmn": diagram, "settings": settings})
        await client.ask("POST", f"/processes/{_PROCESS}/versions")
        body = {"process": _PROCESS, "instance_id": _INSTANCE, "data": _ORDER, "wait": _SECONDS}
        begun = await client.ask("POST", "/instances", body)
        tasks = cast("list[dict[str, object]]", begun["tasks"])
        for task in tasks:
            self.out.print(f"  waits for somebody: {task['title']}", style="yellow", soft_wrap=True)
        done = {"task": "Check_order", "text": "looks good"}
        await client.ask("POST", f"/instances/{_INSTANCE}/complete", done)
        eilbote = self.server.eilbote
        (instance,) = await eilbote.processes.resume(_INSTANCE, wait_seconds=_SECONDS)
        mails = await self._settled(instance)
        self.screen.text()
        show_instance(instance, mails, self.screen, now=moment_of(eilbote.clock.now()))

    def places(self, *, stays: bool) -> None:
        """Tell where everything can be looked at."""
        show_title(
            self.out, "Where to look", "every place is one of the API, for programs and for the portal"
        )
        rows = [
            ("the reference of the API", REFERENCE),
            ("the first message, with its timeline", f"/api/v1/messages/{self.message}"),
            ("the run, step by step", f"/api/v1/runs/{_RUN}"),
            ("the instance, and its picture", f"/api/v1/instances/{_INSTANCE}/picture"),
            ("what happens, live", "/api/v1/events/stream"),
        ]
        for what, path in rows:
            self.out.print(f"  {what}", soft_wrap=True)
            self.out.print(f"    {self.server.address}{path}", style="bold cyan", soft_wrap=True)
        self.out.print()
        if stays:
            self.out.print("  with the key of the program; Ctrl-C ends the server:", soft_wrap=True)
            self.out.print(f"    KEY={self.key}", soft_wrap=True)
            self.out.print('    curl -H "Authorization: Bearer $KEY" ...', soft_wrap=True)
        else:
            self.out.print(
                "  'eilbote demo --stay' leaves the server running, so that you can.", soft_wrap=True
            )
        show_title(self.out, "Next", "")
        show_next(self.out)
        self.screen.text()

    # -- within --------------------------------------------------------------------------------------------------

    async def _settled(self, instance: ProcessInstance) -> Sequence[ElementMail]:
        """Give the messages of an instance once none is on its way any more, or after some seconds."""
        eilbote = self.server.eilbote
        end = eilbote.clock.monotonic() + _SECONDS
        while True:
            mails = await mails_of_instance(eilbote, instance)
            is_over = eilbote.clock.monotonic() >= end
            if is_over or not any(mail.entry.state in _GOING for mail in mails):
                return mails
            await asyncio.sleep(_LOOK_SECONDS)

    def _client(self) -> Client:
        return Client(self.server.address, self.key, on_answer=self._hear)

    def _hear(self, asked: Asked) -> None:
        self.asked.append(asked)
        show_asked(self.out, asked)
