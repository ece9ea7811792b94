"""What ``eilbote snapshot`` tells about what is in one, and about what was done with it; never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.cli.printable import counted, printable
from eilbote.cli.times import moment_text
from eilbote.connections.repository import qualified_name
from eilbote.engine.snapshot_plan import Doing, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.cli.screen import Screen
    from eilbote.engine.snapshot_contents import Contents
    from eilbote.engine.snapshot_plan import Restored, RestoredItem

_DONE: Final[Mapping[Doing, tuple[str, str]]] = {
    Doing.ADD: ("added", "would be added"),
    Doing.REPLACE: ("replaced", "would be replaced"),
    Doing.SKIP: ("skipped", "would be skipped"),
    Doing.SAME: ("the same", "the same"),
}


def counts(contents: Contents) -> str:
    """Say how much is in a snapshot."""
    told = [
        counted(len(contents.flows), "flow"),
        counted(len(contents.connections), "connection"),
        f"settings of {counted(len(contents.settings), 'level')}",
        counted(len(contents.subscriptions), "subscription"),
    ]
    return f"{', '.join(told)}, {'secrets sealed' if contents.has_secrets else 'without secrets'}"


def contents_data(contents: Contents) -> dict[str, object]:
    """Give what is in a snapshot for programs."""
    return {
        "created": moment_text(contents.created),
        "has_secrets": contents.has_secrets,
        "flows": [
            {
                "organization": each.organization or None,
                "name": each.name,
                "versions": len(each.texts),
                "draft": each.draft is not None,
            }
            for each in contents.flows
        ],
        "connections": [
            {
                "name": each.qualified_name,
                "fields": dict(each.plain),
                "secrets": sorted(each.secret_names),
                "enabled": each.enabled,
                "default": each.is_default,
            }
            for each in contents.connections
        ],
        "settings": [
            {
                "organization": each.organization or None,
                "fields": dict(each.plain),
                "secrets": sorted(each.secret_names),
                "locked": sorted(each.locked),
            }
            for each in contents.settings
        ],
        "subscriptions": [
            {
                "id": each.id,
                "organization": each.organization or None,
                "event": each.pattern,
                "to": list(each.recipients),
            }
            for each in contents.subscriptions
        ],
    }


def show_contents(contents: Contents, screen: Screen) -> None:
    """Write a line for everything in a snapshot."""
    for kind, name, note in _lines(contents):
        screen.text(printable(f"  {kind:<13}{name}  {note}".rstrip(), longest=300))


def _lines(contents: Contents) -> Iterator[tuple[str, str, str]]:
    for flow in contents.flows:
        draft = "" if flow.draft is None else "a draft"
        published = counted(len(flow.texts), "version") if flow.texts else ""
        yield (
            "flow",
            qualified_name(flow.organization, flow.name),
            ", ".join(filter(None, (published, draft))),
        )
    for one in contents.connections:
        where = one.plain.get("host", one.plain.get("service", ""))
        yield (
            "connection",
            one.qualified_name,
            ", ".join(filter(None, (str(where), *sorted(one.secret_names)))),
        )
    for said in contents.settings:
        fields = ", ".join(sorted({*said.plain, *said.secret_names}))
        yield "settings", said.organization or "(host)", fields
    for each in contents.subscriptions:
        yield "subscription", each.id, f"{each.pattern} to {', '.join(each.recipients)}"


def items_data(restored: Restored) -> list[Mapping[str, object]]:
    """Give what was done for programs."""
    return [
        {
            "kind": each.kind.value,
            "organization": each.organization or None,
            "name": each.name or None,
            "done": each.doing.value,
            "missing_secrets": list(each.missing),
            "notes": list(each.notes),
        }
        for each in restored.items
    ]


def show_items(restored: Restored, screen: Screen) -> None:
    """Write what was done with everything, and what is left to do."""
    done = [(_DONE[each.doing][restored.is_dry], each) for each in restored.items]
    width = max((len(word) for word, _ in done), default=0)
    for word, each in done:
        notes = f"  ({'; '.join(each.notes)})" if each.notes else ""
        screen.text(printable(f"{word:<{width}}  {each.kind.value:<12}  {_name(each)}{notes}", longest=300))
    if not done:
        screen.note("there is nothing in it to be restored")
    skipped = sum(each.doing is Doing.SKIP for each in restored.items)
    if skipped:
        stays = "is there in another form and stays" if skipped == 1 else "are there in another form and stay"
        screen.note(f"{counted(skipped, 'item')} {stays} as it is; --replace takes the snapshot's")
    for each in restored.items:
        if each.missing:
            screen.note(printable(_to_do(each), longest=400))


def _name(item: RestoredItem) -> str:
    if item.kind is Kind.SETTINGS:
        return item.organization or "(host)"
    return qualified_name(item.organization, item.name)


def _to_do(item: RestoredItem) -> str:
    org = f" --org {item.organization}" if item.organization else ""
    secrets = " ".join(f"--secret {name}=FILE" for name in item.missing)
    missing = ", ".join(item.missing).replace("_", " ")
    if item.kind is Kind.SETTINGS:
        whose = f"the settings of {item.organization}" if item.organization else "the settings of the host"
        return f"{whose} lack {missing}: `eilbote settings set{org} {secrets}`"
    return (
        f"the connection {_name(item)} is disabled until its {missing} is entered: "
        f"`eilbote connection update {item.name}{org} {secrets}`, then `eilbote connection enable {item.name}{org}`"
    )
