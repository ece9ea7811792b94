"""What the commands for kept flows do once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.flow_checking import findings_of, show_and_refuse
from eilbote.cli.flow_texts import is_file, read_file
from eilbote.cli.printable import printable
from eilbote.cli.times import distance_text, moment_text
from eilbote.errors import FlowNotFoundError, SettingsError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.flow.store import FlowVersion, StoredFlow
    from eilbote.cli.screen import Screen
    from eilbote.model.moment import Moment


def list_flows(screen: Screen, *, data_dir: Path | None, organization: str | None) -> None:
    """Write a line for each flow.

    Raises:
        EilboteError: The database cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        found = await eilbote.flows.flows(organization)
        if screen.as_json:
            screen.data([_flow_data(flow) for flow in found])
        elif not found:
            screen.note("no flow is kept; 'eilbote flow publish FILE' keeps one")
        else:
            _show_flows(found, screen, now=moment_of(eilbote.clock.now()))

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def save_flows(
    flows: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str, publish: bool
) -> None:
    """Keep flows as drafts, and publish them if that is wanted; all are checked before any is kept.

    Args:
        flows: Files; or names, where they are to be published.
        screen: Where it is told.
        data_dir: What ``--data-dir`` said.
        organization: Whose they are.
        publish: Whether the drafts become versions.

    Raises:
        FlowNotFoundError: There is no flow of a name.
        FlowError: A flow cannot run, or has no draft.
        typer.Exit: A flow cannot be used (3).
    """
    drafts: list[tuple[str, str | None]] = []
    for said in flows:
        if publish and not is_file(said):
            drafts.append((said, None))
            continue
        written = read_file(said, field="file")
        flow, findings = findings_of(written.text)
        show_and_refuse(written, findings, screen)
        drafts.append((flow.name if flow else said, written.text))

    async def work(eilbote: Eilbote) -> list[Mapping[str, object]]:
        told: list[Mapping[str, object]] = []
        for name, text in drafts:
            kept = None if text is None else await eilbote.flows.save(text, organization=organization)
            if publish:
                version = await eilbote.flows.publish(name, organization=organization)
                told.append({"flow": name, "version": version.version, "organization": organization or None})
            else:
                number = kept.published if kept else 0
                told.append({"flow": name, "published": number, "organization": organization or None})
        return told

    told = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    if screen.as_json:
        screen.data(told if len(told) > 1 else told[0])
        return
    for each in told:
        if publish:
            screen.text(f"{each['flow']}: version {each['version']} is published")
        else:
            behind = f"; version {each['published']} stays published" if each["published"] else ""
            screen.text(
                f"{each['flow']}: kept as a draft{behind}. 'eilbote flow publish {each['flow']}' publishes it"
            )


def export_flow(
    name: str,
    screen: Screen,
    *,
    data_dir: Path | None,
    organization: str,
    version: int | None,
    output: Path | None,
) -> None:
    """Write a flow's text.

    Raises:
        FlowNotFoundError: There is no such flow or version.
        SettingsError: The file is there already, or cannot be written.
    """

    async def work(eilbote: Eilbote) -> str:
        return await eilbote.flows.text(name, organization=organization, version=version)

    text = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if output is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    try:
        with output.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as fault:
        raise SettingsError(
            f"{str(output)!r} cannot be written",
            field="file",
            cause="It is there already" if isinstance(fault, FileExistsError) else fault.strerror,
            remedy="Choose another file",
        ) from fault
    screen.note(f"{output} is written")


def list_versions(name: str, screen: Screen, *, data_dir: Path | None, organization: str) -> None:
    """Write a line for each published version.

    Raises:
        FlowNotFoundError: There is no such flow.
    """

    async def work(eilbote: Eilbote) -> tuple[Sequence[FlowVersion], Moment]:
        found = await eilbote.flows.versions(name, organization=organization)
        if not found:
            kept = [flow.name for flow in await eilbote.flows.flows(organization)]
            raise no_flow(name, kept)
        return found, moment_of(eilbote.clock.now())

    found, now = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data(
            [
                {"flow": each.name, "version": each.version, "published_at": moment_text(each.published)}
                for each in found
            ]
        )
        return
    for each in found:
        screen.text(f"{each.version:>4}  published {distance_text(each.published, now)}")


def remove_flows(names: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str) -> None:
    """Forget flows.

    Raises:
        FlowNotFoundError: There is no flow of one of these names; the ones before it are forgotten.
    """

    async def work(eilbote: Eilbote) -> None:
        for name in names:
            if not await eilbote.flows.remove(name, organization=organization):
                raise no_flow(name, [flow.name for flow in await eilbote.flows.flows(organization)])

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"removed": list(names)})
    else:
        screen.text(f"{', '.join(printable(name) for name in names)}: forgotten, with all versions")


def no_flow(name: str, kept: Sequence[str], *, elsewhere: Sequence[str] = ()) -> FlowNotFoundError:
    """Say that there is no flow of that name, and what might be meant.

    Args:
        name: What was asked for.
        kept: The names that there are.
        elsewhere: The organizations that have a flow of that name.
    """
    import difflib

    alike = difflib.get_close_matches(name[:60], kept, n=1, cutoff=0.5)
    if elsewhere:
        remedy = (
            f"There is one of {elsewhere[0]}: --org {elsewhere[0]}"
            if elsewhere[0]
            else "There is one of the host: leave --org out"
        )
    elif alike:
        remedy = f"Did you mean {alike[0]!r}?"
    else:
        remedy = "'eilbote flow list' shows all; a file is named with its ending"
    return FlowNotFoundError(f"no flow called {name[:60]!r} is published", field="name", remedy=remedy)


def _show_flows(found: Sequence[StoredFlow], screen: Screen, *, now: Moment) -> None:
    rows = [
        (
            printable(f"{flow.organization}/{flow.name}" if flow.organization else flow.name),
            f"{flow.published}" if flow.published else "-",
            "draft" if flow.draft is not None else "",
            distance_text(flow.changed, now),
        )
        for flow in found
    ]
    header = ("FLOW", "VERSION", "DRAFT", "CHANGED")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        screen.text(typer.style(line, bold=True) if row is header else line)


def _flow_data(flow: StoredFlow) -> Mapping[str, object]:
    return {
        "flow": flow.name,
        "organization": flow.organization or None,
        "published": flow.published or None,
        "has_draft": flow.draft is not None,
        "changed_at": moment_text(flow.changed),
    }
