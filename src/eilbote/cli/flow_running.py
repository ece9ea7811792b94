"""What ``eilbote flow run`` does: begin a run, stay with it, and let the person watch."""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.delivering import deliveries
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.faults import CommandLineError
from eilbote.cli.flow_checking import findings_of, show_and_refuse
from eilbote.cli.flow_data import run_data
from eilbote.cli.flow_keeping import no_flow
from eilbote.cli.flow_missing import missing_names
from eilbote.cli.flow_texts import is_file, read_file, read_input
from eilbote.cli.flow_view import headline, show_run, show_step
from eilbote.cli.flow_wish import conclude, quiet_log
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.engine.run_mails import mails_of, mails_on_their_way, why_it_waits
from eilbote.errors import FlowNotFoundError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rich.status import Status

    from eilbote.app import Eilbote
    from eilbote.author.flow.definition import Flow
    from eilbote.cli.flow_wish import Wish
    from eilbote.cli.screen import Screen
    from eilbote.engine.flow_view import FlowRun
    from eilbote.model.data import Data

_LOOK_SECONDS: Final = 0.15
_DELIVERY_SECONDS: Final = 10.0
"""How long messages are delivered that the run itself does not wait for."""
_LONGEST_STATUS: Final = 74


def run_flow(wish: Wish, screen: Screen, *, data_dir: Path | None) -> None:
    """Run a flow.

    Raises:
        EilboteError: The flow or its input cannot be used, or the database not be opened.
        typer.Exit: The run has failed (1), or the flow cannot run (3).
    """
    _check(wish)
    given = read_input(wish.input, wish.sets)
    text, flow = _text_of_file(wish, screen) if is_file(wish.flow) else (None, None)
    if wish.captures:
        from eilbote.cli.flow_capture import capture

        if text is None:
            text, flow = _text_of_name(wish, screen, data_dir)
        if flow is not None:
            _note_missing(flow, given, screen)
        capture(text, flow, wish, given, screen)
        return
    if flow is not None:
        check_input(flow, given)
        _note_missing(flow, given, screen)
    try:
        with quiet_log(screen):
            run = at_desk(
                lambda eilbote: _work(eilbote, wish, text, given, screen),
                data_dir=data_dir,
                screen=screen,
                makes=text is not None,
                quietly=True,
            )
    except KeyboardInterrupt:
        screen.note("The run is kept; 'eilbote courier' or 'eilbote flow resume' goes on with it.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    conclude(run)


def check_input(flow: Flow, given: Mapping[str, Data] | None) -> None:
    """Refuse to run a flow without the input that its sample shows.

    Raises:
        CommandLineError: There is none.
    """
    if given is None and flow.sample:
        names = ", ".join(list(flow.sample)[:8])
        raise CommandLineError(
            f"the flow {flow.name!r} takes an input, and none is given",
            field="input",
            cause=f"Its sample has {names}",
            remedy=f"Give --input FILE, or --set {next(iter(flow.sample))}=...; --input '{{}}' gives nothing, and --capture takes the sample",
        )


def _note_missing(flow: Flow, given: Mapping[str, Data] | None, screen: Screen) -> None:
    if given and (missing := missing_names(flow.sample, given)):
        screen.note(
            f"eilbote: the sample has {missing}, and the input does not; what asks for it stays empty"
        )


def _check(wish: Wish) -> None:
    alone = {"answer": wish.answers, "into": wish.into}
    for field, given in alone.items():
        if given and not wish.captures:
            raise CommandLineError(
                f"--{field} goes with --capture",
                field=field,
                remedy="Give --capture as well, or leave it out",
            )
    if wish.captures and not wish.waits:
        raise CommandLineError(
            "--capture stays with the run to its end", field="no_wait", remedy="Leave --no-wait out"
        )
    if wish.version is not None and is_file(wish.flow):
        raise CommandLineError(
            "a file has no version",
            field="version",
            remedy="Name a flow that is kept, or leave --version out",
        )


def _text_of_file(wish: Wish, screen: Screen) -> tuple[str, Flow | None]:
    written = read_file(wish.flow, field="file")
    flow, findings = findings_of(written.text)
    show_and_refuse(written, findings, screen)
    return written.text if "\n" in written.text else f"{written.text}\n", flow


def _text_of_name(wish: Wish, screen: Screen, data_dir: Path | None) -> tuple[str, Flow | None]:
    async def work(eilbote: Eilbote) -> str:
        return await text_of(eilbote, wish)

    text = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    return text, findings_of(text)[0]


async def text_of(eilbote: Eilbote, wish: Wish) -> str:
    """Give the text of a kept flow.

    Raises:
        FlowNotFoundError: There is none, or no such version; the nearest name is told.
    """
    try:
        return await eilbote.flows.text(wish.flow, organization=wish.organization, version=wish.version)
    except FlowNotFoundError:
        kept = await eilbote.flows.flows()
        if any((flow.organization, flow.name) == (wish.organization, wish.flow) for flow in kept):
            raise
        elsewhere = [flow.organization for flow in kept if flow.name == wish.flow]
        names = [flow.name for flow in kept if flow.organization == wish.organization]
        raise no_flow(wish.flow, names, elsewhere=elsewhere) from None


# -- at work --------------------------------------------------------------------------------------------------


async def _work(
    eilbote: Eilbote, wish: Wish, text: str | None, given: Mapping[str, Data] | None, screen: Screen
) -> FlowRun:
    if text is None:
        flow = findings_of(await text_of(eilbote, wish))[0]
        if flow is not None:
            check_input(flow, given)
            _note_missing(flow, given, screen)
    before = moment_of(eilbote.clock.now())
    run = await eilbote.flows.begin(
        text or wish.flow,
        given or {},
        session=wish.session,
        organization=wish.organization,
        version=wish.version,
        run_id=wish.run_id,
        author="cli",
    )
    if run.began < before:
        screen.note(
            f"eilbote: a run {printable(run.id)} was begun before; no other one was begun. "
            "For one more give another --run-id"
        )
    if not wish.waits:
        screen.data(run_data(run)) if screen.as_json else screen.text(run.id)
        return run
    return await stay_with(eilbote, run, screen)


async def stay_with(eilbote: Eilbote, run: FlowRun, screen: Screen) -> FlowRun:
    """Stay with a run, deliver its messages, and show it."""
    async with deliveries(eilbote):
        return await stay(eilbote, run, screen)


async def stay(eilbote: Eilbote, run: FlowRun, screen: Screen) -> FlowRun:
    """Stay with a run until it has ended or waits for something that may take long, and show it."""
    watcher = Watcher(eilbote, screen)
    staying = asyncio.ensure_future(eilbote.flows.resume(run.id))
    with watcher:
        while not staying.done():
            await asyncio.wait({staying}, timeout=_LOOK_SECONDS)
            if watcher.is_live:
                await watcher.look(run.id)
    (run,) = staying.result()
    await tell(eilbote, run, screen, shown=watcher.shown)
    return run


async def tell(eilbote: Eilbote, run: FlowRun, screen: Screen, *, shown: int = 0) -> None:
    """Tell how a run stands; of its steps only those that nobody has seen yet."""
    mails = await mails_on_their_way(eilbote, run, seconds=_DELIVERY_SECONDS)
    now = moment_of(eilbote.clock.now())
    with outliving_lost_output():
        if screen.as_json:
            screen.data(run_data(run, mails))
            return
        if shown:
            from dataclasses import replace

            rest = [replace(mail, step=mail.step - shown) for mail in mails if mail.step >= shown]
            show_run(replace(run, steps=run.steps[shown:]), rest, screen, now=now, values=False, head=False)
            screen.text()
            screen.text(headline(run))
        else:
            show_run(run, mails, screen, now=now, values=False)
        screen.note(f"eilbote flow show {printable(run.id)} tells everything about it")


class Watcher:
    """Shows the steps of a run on a terminal as they are taken, and below them what it is doing now."""

    def __init__(self, eilbote: Eilbote, screen: Screen) -> None:
        self._eilbote = eilbote
        self._screen = screen
        self.is_live = not screen.as_json and sys.stdout.isatty()
        self.shown = 0
        self._status: Status | None = None

    def __enter__(self) -> None:
        """Begin to draw."""
        if self.is_live:
            from eilbote.cli.screen import console

            self._status = console().status("beginning")
            self._status.start()

    def __exit__(self, *_: object) -> None:
        """Take away what is drawn below the steps."""
        if self._status is not None:
            self._status.stop()

    async def look(self, run_id: str) -> None:
        """Show what is new."""
        run = await self._eilbote.flows.get(run_id)
        if self._status is None:
            return
        if len(run.steps) > self.shown:
            mails = await mails_of(self._eilbote, run)
            with self._paused():
                for number in range(self.shown, len(run.steps)):
                    here = [mail for mail in mails if mail.step == number]
                    show_step(run.steps[number], here, self._screen)
            self.shown = len(run.steps)
        self._status.update(await self._doing(run))

    def _paused(self) -> AbstractContextManager[object]:
        status = self._status
        if status is None:
            return nullcontext()
        status.stop()
        return _Restarted(status)

    async def _doing(self, run: FlowRun) -> str:
        if run.has_ended:
            return "done"
        if run.entry is not None:
            entry = (await self._eilbote.history(run.entry)).entry
            why = await why_it_waits(self._eilbote, entry)
            return printable(
                f"{run.node}: the message is {entry.state.value}{f': {why}' if why else ''}",
                longest=min(_LONGEST_STATUS, max(shutil.get_terminal_size().columns - 4, 20)),
            )
        return printable(run.node or run.status)


@dataclass(slots=True)
class _Restarted:
    status: Status

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self.status.start()
