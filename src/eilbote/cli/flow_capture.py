"""What ``eilbote flow run --capture`` does: the whole of a run, with nothing kept and nothing sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.cli.flow_captured import captured_data, show_captured, write_captured
from eilbote.cli.flow_data import run_data
from eilbote.cli.flow_view import show_run
from eilbote.cli.flow_wish import conclude, quiet_log
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import counted
from eilbote.cli.times import span_text
from eilbote.testing.flow_trial import Skipped, Trial, Tried, Unanswered, try_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.definition import Flow
    from eilbote.cli.flow_wish import Wish
    from eilbote.cli.screen import Screen
    from eilbote.model.data import Data
    from eilbote.testing.flow_trial import Passing

_EXPIRED: Final = "expired"


def capture(
    text: str, flow: Flow | None, wish: Wish, given: Mapping[str, Data] | None, screen: Screen
) -> None:
    """Try a flow, and show what would have arrived.

    Raises:
        EilboteError: The flow or its input cannot be used, or a message not be written to a file.
        typer.Exit: The run has failed (1).
    """
    if given is None:
        given = dict(flow.sample) if flow else {}
        if given:
            screen.note("eilbote: no input is given; the run gets the flow's sample")
    tried = try_flow(text, wish, given, screen)
    with outliving_lost_output():
        files = [] if wish.into is None else write_captured(tried.caught, wish.into)
        if screen.as_json:
            screen.data({**run_data(tried.run, tried.mails), "captured": captured_data(tried.caught, files)})
        else:
            show_run(tried.run, tried.mails, screen, now=tried.at, links=False)
            show_captured(tried.caught, files, screen)
            screen.note(
                f"{counted(len(tried.caught), 'message')} would have been sent; nothing has left this machine, and nothing is kept"
            )
    conclude(tried.run)


def try_flow(text: str, wish: Wish, given: Mapping[str, Data], screen: Screen) -> Tried:
    """Run a flow to its end, with nothing kept and nothing sent.

    Args:
        text: The flow.
        wish: Session, organization, and id of the run, and what people answer.
        given: The input.
        screen: Where it is noted what was skipped.

    Raises:
        EilboteError: The flow or its input cannot be used.
    """
    trial = Trial(
        text=text,
        input=given,
        session=wish.session,
        organization=wish.organization,
        run_id=wish.run_id,
        answers=wish.answers,
        author="cli",
        answered_by="--answer",
    )

    def note(passing: Passing) -> None:
        match passing:
            case Skipped(node=node, seconds=seconds):
                screen.note(f"eilbote: {node} waits {span_text(round(seconds))}; that is skipped")
            case Unanswered(node=node):
                screen.note(
                    f"eilbote: {node} waits for an answer; --answer CHOICE gives one, --answer {_EXPIRED} lets its time pass"
                )

    with quiet_log(screen):
        return asyncio.run(try_out(trial, on_passing=note))
