"""What the commands for kept flows do once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.flow_checking import findings_of, show_and_refuse
from eilbote.cli.flow_texts import is_file, read_file
from eilbote.cli.kept_drafts import (
    drafted_data,
    show_drafted,
    show_saved,
    show_versions,
    what_is_meant,
)
from eilbote.cli.printable import printable
from eilbote.errors import FlowNotFoundError, SettingsError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.flow.store import FlowVersion
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
            screen.data([drafted_data(each, kind="flow") for each in found])
        elif not found:
            screen.note("no flow is kept; 'eilbote flow publish FILE' keeps one")
        else:
            show_drafted(found, screen, kind="flow", now=moment_of(eilbote.clock.now()))

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
    if publish and not screen.as_json:
        for each in told:
            screen.text(f"{each['flow']}: version {each['version']} is published")
    else:
        show_saved(told, screen, kind="flow")


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
    show_versions(found, screen, kind="flow", now=now)


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
    remedy = what_is_meant(
        name,
        kept,
        elsewhere=elsewhere,
        otherwise="'eilbote flow list' shows all; a file is named with its ending",
    )
    return FlowNotFoundError(f"no flow called {name[:60]!r} is published", field="name", remedy=remedy)
