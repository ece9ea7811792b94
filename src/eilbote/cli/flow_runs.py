"""``eilbote flow run|resume|runs|show|cancel|retry|answer|context``: flows at work."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.flow_options import CAPTURE, NAMES, RUN, WHICH, Organization, Version
from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen


class StatusWord(StrEnum):
    """What ``--status`` takes."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


RunId: TypeAlias = Annotated[str, typer.Argument(metavar="RUN", help="As 'eilbote flow runs' shows it.")]


def run(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    flow: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="A flow in a file (- is stdin), or a published one.")
    ],
    input_: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="FILE|JSON",
            help="What it is given: JSON, a file with JSON or YAML, or - for stdin.",
            show_default=False,
            rich_help_panel=RUN,
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="One value of the input; may be repeated. Dots lead into tables.",
            show_default=False,
            rich_help_panel=RUN,
        ),
    ] = None,
    session: Annotated[
        str,
        typer.Option(
            "--session",
            metavar="NAME",
            help="The conversation: runs of one share their context.",
            show_default=False,
            rich_help_panel=RUN,
        ),
    ] = "",
    run_id: Annotated[
        str | None,
        typer.Option(
            "--run-id",
            metavar="ID",
            help="Your own name for the run: begun twice under one name it runs once.",
            show_default=False,
            rich_help_panel=RUN,
        ),
    ] = None,
    version: Version = None,
    organization: Organization = None,
    no_wait: Annotated[
        bool,
        typer.Option(
            "--no-wait",
            help="Begin and return; a courier works it. Its id goes to stdout.",
            rich_help_panel=RUN,
        ),
    ] = False,
    capture: Annotated[
        bool,
        typer.Option(
            "--capture",
            help="Try it: nothing is kept, nothing leaves this machine, waits are skipped, and what would have arrived is shown.",
            rich_help_panel=CAPTURE,
        ),
    ] = False,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            metavar="CHOICE",
            help="With --capture: what people choose when the flow asks them, in this order.",
            show_default=False,
            rich_help_panel=CAPTURE,
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="DIR",
            help="With --capture: write each message into this folder, as .eml and .html.",
            show_default=False,
            rich_help_panel=CAPTURE,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Run a flow, and tell each step: how long it took and what came of it.

    The run is kept and outlives this program: what is left is gone on with by 'eilbote courier'.
    Exit code 0 when it is done or waits for a time or an answer, 1 when it failed.

    \b
      eilbote flow run order-ready.yaml --capture
      eilbote flow run order-ready --input order.json --run-id order-4711
    """
    from eilbote.cli.flow_running import run_flow
    from eilbote.cli.flow_wish import Wish

    screen = _screen(context, False if no_wait and json is None else json)
    screen.names |= {"file": "FILE"}
    if input_ is not None:
        screen.given["input"] = input_
    run_flow(
        Wish(
            flow=flow,
            input=input_,
            sets=tuple(sets or ()),
            session=session,
            organization=organization or "",
            run_id=run_id,
            version=version,
            waits=not no_wait,
            captures=capture,
            answers=tuple(answer or ()),
            into=into,
        ),
        screen,
        data_dir=data_dir,
    )


def resume(
    context: typer.Context,
    run_id: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="This one; all that are due otherwise.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Go on with runs that are due, deliver their messages, and return; what waits for its time is left.

    A courier that runs does the same by itself.
    """
    from eilbote.cli.flow_looking import resume_runs

    resume_runs(run_id, _screen(context, json), data_dir=data_dir)


def runs(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    flow: Annotated[
        str | None,
        typer.Option(
            "--flow", metavar="NAME", help="Of this flow.", show_default=False, rich_help_panel=WHICH
        ),
    ] = None,
    status: Annotated[
        StatusWord | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="Those that are running, waiting, done, failed, or cancelled.",
            show_default=False,
            rich_help_panel=WHICH,
        ),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            "--session",
            metavar="NAME",
            help="Of this conversation.",
            show_default=False,
            rich_help_panel=WHICH,
        ),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            metavar="ID",
            help="The one with this report id, as it stands in the footer of a notification.",
            show_default=False,
            rich_help_panel=WHICH,
        ),
    ] = None,
    failures: Annotated[
        bool,
        typer.Option(
            "--failures",
            help="In which a node failed, also where the run went on.",
            rich_help_panel=WHICH,
        ),
    ] = False,
    organization: Organization = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="At most so many; without it 50 as text, and all as JSON.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List runs, the latest on top; several conditions must all hold. JSON is one object a line."""
    from eilbote.cli.flow_looking import list_runs

    list_runs(
        _screen(context, json),
        data_dir=data_dir,
        flow=flow,
        status=status.value if status else None,
        session=session,
        report=report,
        failures=failures,
        organization=organization,
        limit=limit,
    )


def show(
    context: typer.Context,
    run_ids: Annotated[
        list[str], typer.Argument(metavar="RUN", help="The run; several are shown one after the other.")
    ],
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Tell everything about a run: each step with its time and exit, its messages, what it knows, and why it failed.

    Values called password, token and the like are struck out. Exit code 3 when there is no such run.
    """
    from eilbote.cli.flow_looking import show_runs_in_full

    show_runs_in_full(run_ids, _screen(context, json), data_dir=data_dir)


def cancel(
    context: typer.Context,
    run_ids: Annotated[list[str], typer.Argument(metavar="RUN", help="The run; may be several.")],
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Call runs back: each ends before its next step. Messages that it has handed in stay in the outbox.

    Exit code 1 when one had ended already, 3 when there is no such run.
    """
    from eilbote.cli.flow_looking import cancel_runs

    cancel_runs(run_ids, _screen(context, json), data_dir=data_dir)


def retry(
    context: typer.Context,
    run_id: RunId,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway",
            help="Also where its message has arrived or may still arrive: there is a second one then.",
            rich_help_panel=RUN,
        ),
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Let a failed run begin again at the node at which it failed, with all that it knows. A courier goes on with it.

    The nodes before it do nothing again. Exit code 1 when it cannot be tried again, 3 when there is no such run.
    """
    from eilbote.cli.flow_looking import retry_run

    retry_run(run_id, _screen(context, json), data_dir=data_dir, anyway=anyway)


def answer(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    run_id: RunId,
    choice: Annotated[str, typer.Argument(metavar="CHOICE", help="What is chosen, such as approve.")],
    text: Annotated[
        str,
        typer.Option(
            "--text", metavar="TEXT", help="Words to go with it.", show_default=False, rich_help_panel=RUN
        ),
    ] = "",
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="NAME",
            help="Who answers, as the flow is told; this user otherwise.",
            show_default=False,
            rich_help_panel=RUN,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Answer what a run asks, in place of those who have a link: the first answer counts. A courier goes on with it.

    Exit code 3 when it asks nothing, or the choice is none of those it gives.

    \b
      eilbote flow answer order-4711 approve --text "Asked her by telephone"
    """
    from eilbote.cli.flow_looking import answer_run

    screen = _screen(context, json)
    screen.names |= {"answer": "CHOICE", "text": "--text"}
    answer_run(run_id, choice, screen, data_dir=data_dir, text=text, by=by)


def context_(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    session: Annotated[str, typer.Argument(metavar="SESSION", help="The conversation.")],
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget what it keeps.", rich_help_panel=OUTPUT)
    ] = False,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Show what a conversation keeps for its next run, or forget it."""
    from eilbote.cli.flow_looking import show_context

    show_context(
        session,
        _screen(context, json),
        data_dir=data_dir,
        organization=organization or "",
        forget=forget,
    )


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES
    return screen
