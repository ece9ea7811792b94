"""What the commands that keep, switch, export and forget routes do once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import at_desk
from eilbote.cli.printable import printable
from eilbote.cli.route_checking import BETWEEN, sound_routes
from eilbote.errors import RouteError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.process.route.route import Route
    from eilbote.cli.route_checking import WrittenRoute
    from eilbote.cli.screen import Screen


def save_routes(
    files: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str, force: bool
) -> None:
    """Keep the routes of files.

    Raises:
        RouteError: One would break a published process; those before it are kept.
        typer.Exit: One cannot be used (3); none is kept.
    """
    written = _each_once(sound_routes(files, screen))

    async def work(eilbote: Eilbote) -> list[Mapping[str, object]]:
        told: list[Mapping[str, object]] = []
        for text, route in written:
            kept = await eilbote.routes.save(text.text, organization=organization, force=force)
            told.append(
                {
                    "route": route.message_name,
                    "organization": organization or None,
                    "is_new": kept.revision == 1,
                    "disabled": route.is_disabled,
                }
            )
        return told

    told = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    _show_kept(told, screen)


def import_routes(
    files: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str, replaces: bool
) -> None:
    """Keep those routes of files that are not there yet, and others where they are to be replaced.

    Raises:
        RouteError: One would break a published process; those before it are kept.
        typer.Exit: One cannot be used (3); none is kept.
    """
    written = _each_once(sound_routes(files, screen))

    async def work(eilbote: Eilbote) -> list[Mapping[str, object]]:
        kept = {each.message_name: each.text for each in await eilbote.routes.list(organization)}
        told: list[Mapping[str, object]] = []
        for text, route in written:
            before = kept.get(route.message_name)
            if before is None or (replaces and before != text.text):
                await eilbote.routes.save(text.text, organization=organization)
            done = (
                "imported"
                if before is None
                else "unchanged"
                if before == text.text
                else "replaced"
                if replaces
                else "left"
            )
            told.append({"route": route.message_name, "organization": organization or None, "done": done})
        return told

    told = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    if screen.as_json:
        screen.data(told)
        return
    for each in told:
        others = "; it is kept otherwise here: --replace takes this one" if each["done"] == "left" else ""
        screen.text(f"{each['route']}: {each['done']}{others}")


def export_routes(
    names: Sequence[str],
    screen: Screen,
    *,
    data_dir: Path | None,
    organization: str,
    output: Path | None,
) -> None:
    """Write the texts of routes.

    Raises:
        RouteNotFoundError: There is no route of one of these names.
        SettingsError: The file is there already, or cannot be written.
    """

    async def work(eilbote: Eilbote) -> list[str]:
        if not names:
            return [each.text for each in await eilbote.routes.list(organization)]
        return [(await eilbote.routes.get(name, organization=organization)).text for name in names]

    texts = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    text = BETWEEN.join(each if each.endswith("\n") else f"{each}\n" for each in texts)
    if not texts:
        screen.note("no route is kept")
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except OSError as fault:
        raise SettingsError(
            f"{str(output)!r} cannot be written",
            field="file",
            cause="It is there already" if isinstance(fault, FileExistsError) else fault.strerror,
            remedy="Choose another file",
        ) from fault
    screen.note(f"{output} is written")


def drop_routes(
    names: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str, force: bool
) -> None:
    """Forget routes.

    Raises:
        RouteNotFoundError: There is no route of one of these names; the ones before it are forgotten.
        RouteError: A published process uses one.
    """

    async def work(eilbote: Eilbote) -> None:
        for name in names:
            await eilbote.routes.drop(name, organization=organization, force=force)

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"dropped": list(names)})
    else:
        screen.text(f"{', '.join(printable(name) for name in names)}: forgotten")


def switch_routes(
    names: Sequence[str], screen: Screen, *, data_dir: Path | None, organization: str, is_disabled: bool
) -> None:
    """Disable routes, or enable them.

    Raises:
        RouteNotFoundError: There is no route of one of these names; the ones before it are switched.
    """

    async def work(eilbote: Eilbote) -> None:
        for name in names:
            await eilbote.routes.switch(name, is_disabled=is_disabled, organization=organization)

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data([{"route": name, "disabled": is_disabled} for name in names])
        return
    for name in names:
        screen.text(f"{printable(name)}: {'disabled' if is_disabled else 'enabled'}")


def _each_once(written: list[tuple[WrittenRoute, Route]]) -> list[tuple[WrittenRoute, Route]]:
    seen: set[str] = set()
    for text, route in written:
        if route.message_name in seen:
            raise RouteError(
                f"two routes are called {route.message_name!r}",
                field="message_name",
                cause=f"One of them stands in {text.name}, line {text.line + 1} and below",
                remedy="Give each its own message name",
            )
        seen.add(route.message_name)
    return written


def _show_kept(told: Sequence[Mapping[str, object]], screen: Screen) -> None:
    if screen.as_json:
        screen.data([*told] if len(told) > 1 else told[0])
        return
    for each in told:
        disabled = ", disabled" if each["disabled"] else ""
        screen.text(f"{each['route']}: {'kept' if each['is_new'] else 'changed'}{disabled}")
