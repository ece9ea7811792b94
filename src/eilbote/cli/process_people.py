"""``eilbote process tasks|complete|message|reply|retry|skip``: what instances wait for, and what people decide."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.process_options import (
    INSTANCE,
    NAMES,
    WHICH,
    By,
    Correlation,
    Data,
    Instance,
    Organization,
    Sets,
)
from eilbote.cli.screen import Screen


def tasks(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            metavar="TEXT",
            help="Those with this title.",
            show_default=False,
            rich_help_panel=WHICH,
        ),
    ] = None,
    organization: Organization = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="At most so many; 1000 otherwise.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List what people have to do, what has waited longest on top. JSON is one object a line."""
    from eilbote.cli.process_looking import list_tasks

    list_tasks(_screen(context, json), data_dir=data_dir, organization=organization, title=title, limit=limit)


def complete(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    instance: Instance,
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK",
            help="The element's id, or the key of the task; may be left out when only one is open.",
            show_default=False,
        ),
    ] = "",
    answer: Annotated[
        str,
        typer.Option(
            "--answer",
            metavar="CHOICE",
            help="What is chosen, such as approve, where there are choices.",
            show_default=False,
            rich_help_panel=INSTANCE,
        ),
    ] = "",
    text: Annotated[
        str,
        typer.Option(
            "--text",
            metavar="TEXT",
            help="Words to go with it.",
            show_default=False,
            rich_help_panel=INSTANCE,
        ),
    ] = "",
    by: By = None,
    data: Data = None,
    sets: Sets = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Say that a task is done, and what came of it; the first who says so counts. A courier goes on with the instance.

    Exit code 3 when there is no such task, or the answer is none of its choices.

    \b
      eilbote process complete order-4711 Check_order --answer approve --text "Looks good"
    """
    from eilbote.cli.process_looking import Done, complete_task

    done = Done(
        instance=instance,
        task=task,
        answer=answer,
        text=text,
        by=by,
        data=data or (),
        sets=sets or (),
    )
    complete_task(done, _screen(context, json), data_dir=data_dir)


def message(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="MESSAGE", help="The name of the message, as the diagram says.")
    ],
    correlation: Correlation = None,
    instance: Annotated[
        str | None,
        typer.Option(
            "--instance",
            metavar="ID",
            help="The instance, in place of a correlation key.",
            show_default=False,
            rich_help_panel=INSTANCE,
        ),
    ] = None,
    message_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="Your own name for the message: given twice under one name it is taken in once.",
            show_default=False,
            rich_help_panel=INSTANCE,
        ),
    ] = None,
    data: Data = None,
    sets: Sets = None,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Give a message to the instance that waits for it; when none does, the process that begins with it begins an instance.

    Exit code 3 when nobody waits for it.

    \b
      eilbote process message payment --correlation 4711 --data amount=70
    """
    from eilbote.cli.process_running import Given, give_message

    given = Given(
        name=name,
        data=data or (),
        sets=sets or (),
        organization=organization or "",
        correlation=correlation or "",
        instance=instance or "",
        message_id=message_id,
    )
    screen = _screen(context, json)
    screen.names |= {"name": "MESSAGE", "instance": "--instance", "id": "--id"}
    give_message(given, screen, data_dir=data_dir)


def reply(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The message as it was received; - is stdin.")],
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Give an e-mail that has come back to the instance that it answers: a mail server hands it in here.

    It decides a task, or goes to an element that waits for the message 'reply'. Exit code 1 when it is for
    nobody; 0 as well when a program has written it, or it was handed in before, so that nothing bounces.

    \b
      |/usr/bin/eilbote process reply -        (in an aliases file, or a Sieve pipe)
    """
    from eilbote.cli.process_running import hand_in

    hand_in(file, _screen(context, json), data_dir=data_dir, organization=organization)


def retry(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    instance: Instance,
    element: Annotated[
        str,
        typer.Argument(
            metavar="ELEMENT", help="The incident at this element; all of them otherwise.", show_default=False
        ),
    ] = "",
    by: By = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Have done again what an incident stopped at; mend what is to blame first.

    One that is in doubt may have been done: trying again may then send a message twice.
    """
    from eilbote.cli.process_looking import decide

    decide(instance, element, _screen(context, json), data_dir=data_dir, retries=True, by=by)


def skip(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    instance: Instance,
    element: Annotated[
        str,
        typer.Argument(
            metavar="ELEMENT", help="The incident at this element; all of them otherwise.", show_default=False
        ),
    ] = "",
    by: By = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Let an instance go on behind an incident, as if what failed had been done."""
    from eilbote.cli.process_looking import decide

    decide(instance, element, _screen(context, json), data_dir=data_dir, retries=False, by=by)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES | {"element": "ELEMENT", "incident": "ELEMENT"}
    return screen
