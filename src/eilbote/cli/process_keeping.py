"""What the commands for kept processes do once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.author.process.bundle import read_bundle, write_bundle
from eilbote.cli.at_desk import at_desk
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.flow_texts import Written
from eilbote.cli.kept_drafts import drafted_data, show_drafted, show_saved, show_versions
from eilbote.cli.printable import printable
from eilbote.cli.process_checking import (
    CheckedProcess,
    check_written,
    checked_data,
    show_checked,
    show_verdict,
)
from eilbote.cli.process_missing import no_process
from eilbote.cli.process_texts import WrittenProcess, is_diagram, read_process, stem_of
from eilbote.errors import SettingsError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.process.kept import ProcessVersion
    from eilbote.cli.screen import Screen
    from eilbote.model.moment import Moment


def list_processes(screen: Screen, *, data_dir: Path | None, organization: str | None) -> None:
    """Write a line for each process.

    Raises:
        EilboteError: The database cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        found = await eilbote.processes.processes(organization)
        if screen.as_json:
            screen.data([drafted_data(each, kind="process") for each in found])
        elif not found:
            screen.note("no process is kept; 'eilbote process publish FILE' keeps one")
        else:
            show_drafted(found, screen, kind="process", now=moment_of(eilbote.clock.now()))

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def save_processes(
    files: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str, settings: Path | None
) -> None:
    """Keep processes as drafts; all are read before any is kept.

    A draft need not be sound: what a modeler has exported can be kept before its settings are written.

    Raises:
        UnreadableFileError: A file cannot be read.
        ProcessError: A diagram or its settings cannot be read, or somebody has changed the draft meanwhile.
    """
    drafts = [read_process(file, settings) for file in files]

    async def work(eilbote: Eilbote) -> list[Mapping[str, object]]:
        told: list[Mapping[str, object]] = []
        for draft in drafts:
            kept = await eilbote.processes.save(draft.bundle, organization=organization)
            told.append(
                {
                    "process": kept.name,
                    "published": kept.published or None,
                    "organization": organization or None,
                }
            )
        return told

    told = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    show_saved(told, screen, kind="process")


def publish_processes(
    said: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str, settings: Path | None
) -> None:
    """Publish drafts, or diagrams in files, which are kept first; each is checked against what is kept here.

    Args:
        said: Files or names.
        screen: Where it is told.
        data_dir: What ``--data-dir`` said.
        organization: Whose they are.
        settings: The settings beside the one diagram.

    Raises:
        ProcessNotFoundError: There is no process of a name.
        ProcessError: One has no draft.
        typer.Exit: One cannot be published (3); those before it are.
    """
    written = {each: read_process(each, settings) for each in said if is_diagram(each)}

    async def work(eilbote: Eilbote) -> tuple[list[ProcessVersion], CheckedProcess | None]:
        published: list[ProcessVersion] = []
        for name in said:
            given = written.get(name)
            if given is None:
                await _must_be_there(eilbote, name, organization)
            draft = given or await _draft(eilbote, name, organization)
            if draft is not None:
                checked = check_written(draft, await eilbote.processes.known(organization))
                if checked.is_bad():
                    return published, checked
            kept = None
            if given is not None:
                kept = await eilbote.processes.save(given.bundle, organization=organization)
            published.append(
                await eilbote.processes.publish(kept.name if kept else name, organization=organization)
            )
        return published, None

    published, refused = at_desk(work, data_dir=data_dir, screen=screen, makes=bool(written), quietly=True)
    told: list[Mapping[str, object]] = [
        {"process": each.name, "version": each.version, "organization": organization or None}
        for each in published
    ]
    if screen.as_json:
        if refused is not None:
            screen.data({"ok": False, "published": told, **checked_data(refused)})
        else:
            screen.data(told if len(told) > 1 else told[0])
    else:
        for each in published:
            screen.text(f"{printable(each.name)}: version {each.version} is published")
        if refused is not None:
            show_checked(refused, screen)
            show_verdict(refused, screen)
    if refused is not None:
        raise typer.Exit(ExitCode.INVALID)


async def _must_be_there(eilbote: Eilbote, name: str, organization: str) -> None:
    kept = await eilbote.processes.processes()
    if not any((each.organization, each.name) == (organization, name) for each in kept):
        raise no_process(name, kept, organization)


async def _draft(eilbote: Eilbote, name: str, organization: str) -> WrittenProcess | None:
    """Give the draft of a kept process, as findings are told of it; nothing when there is none."""
    for each in await eilbote.processes.processes(organization):
        if each.name == name and each.draft is not None:
            bundle = read_bundle(each.draft)
            return WrittenProcess(
                diagram=Written(name=name, text=bundle.bpmn),
                settings=Written(name=f"settings of {name}", text=bundle.settings)
                if bundle.settings
                else None,
            )
    return None


def export_process(
    name: str,
    screen: Screen,
    *,
    data_dir: Path | None,
    organization: str,
    version: int | None,
    output: Path | None,
) -> None:
    """Write a process's diagram, and its settings beside it; or to stdout, both in one JSON object.

    Raises:
        ProcessNotFoundError: There is no such process or version.
        SettingsError: A file is there already, or cannot be written; none is written then.
    """

    async def work(eilbote: Eilbote) -> str:
        await _must_be_there(eilbote, name, organization)
        return await eilbote.processes.text(name, organization=organization, version=version)

    bundle = read_bundle(at_desk(work, data_dir=data_dir, screen=screen, quietly=True))
    if output is None:
        typer.echo(write_bundle(bundle))
        return
    texts = {output: bundle.bpmn}
    if bundle.settings:
        texts[output.with_name(f"{stem_of(output)}.yaml")] = bundle.settings
    for path in texts:
        if path.exists():
            raise SettingsError(f"{str(path)!r} is there already", field="file", remedy="Choose another file")
    for path, text in texts.items():
        try:
            with path.open("x", encoding="utf-8", newline="") as stream:
                stream.write(text)
        except OSError as fault:
            raise SettingsError(
                f"{str(path)!r} cannot be written",
                field="file",
                cause=fault.strerror,
                remedy="Choose another file",
            ) from fault
    screen.note(f"{' and '.join(map(str, texts))} {'are' if len(texts) > 1 else 'is'} written")


def list_versions(name: str, screen: Screen, *, data_dir: Path | None, organization: str) -> None:
    """Write a line for each published version.

    Raises:
        ProcessNotFoundError: There is no such process.
    """

    async def work(eilbote: Eilbote) -> tuple[Sequence[ProcessVersion], Moment]:
        await _must_be_there(eilbote, name, organization)
        found = await eilbote.processes.versions(name, organization=organization)
        return found, moment_of(eilbote.clock.now())

    found, now = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if not found and not screen.as_json:
        screen.note(f"{printable(name)} is a draft; 'eilbote process publish {printable(name)}' publishes it")
    show_versions(found, screen, kind="process", now=now)


def drop_processes(names: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str) -> None:
    """Forget processes.

    Raises:
        ProcessNotFoundError: There is no process of one of these names; the ones before it are forgotten.
    """

    async def work(eilbote: Eilbote) -> None:
        for name in names:
            if not await eilbote.processes.drop(name, organization=organization):
                raise no_process(name, await eilbote.processes.processes(), organization)

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"dropped": list(names)})
    else:
        screen.text(f"{', '.join(printable(name) for name in names)}: forgotten, with all versions")
