"""The kinds of nodes that flows can be made of: eilbote's own, and those that installed packages bring along.

A package brings kinds by entry points of the group ``eilbote.nodes``, each named as the kind and leading to its class::

    [project.entry-points."eilbote.nodes"]
    post_to_wiki = "acme_nodes:PostToWiki"
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.author.flow.node import Node

GROUP: Final = "eilbote.nodes"
_OWN: Final = {
    "ask": ("ask", "AskNode"),
    "branch": ("branch", "Branch"),
    "email_notification": ("email_notification", "EmailNotification"),
    "end": ("end", "End"),
    "for_each": ("for_each", "ForEach"),
    "http_request": ("http_request", "WebRequest"),
    "raise_notification": ("raise_notification", "NotificationNode"),
    "send_smtp_email": ("send_smtp_email", "SendSmtpEmail"),
    "set_value": ("set_value", "SetValue"),
    "start": ("start", "Start"),
    "wait": ("wait", "Wait"),
}


@cache
def node_kind(word: str) -> type[Node]:
    """Give a kind of node.

    Raises:
        FlowError: There is none of that name, or the package that brings it is broken.
    """
    if word in _OWN:
        module, name = _OWN[word]
        return cast("type[Node]", getattr(import_module(f"eilbote.author.flow.nodes.{module}"), name))
    found = [point for point in entry_points(group=GROUP) if point.name == word]
    if not found:
        import difflib

        alike = difflib.get_close_matches(word[:60], node_kinds(), n=1, cutoff=0.5)
        raise FlowError(
            f"{word[:60]!r} is no kind of node",
            field="kind",
            remedy=f"Did you mean {alike[0]!r}?" if alike else f"There are {', '.join(node_kinds())}",
        )
    try:
        return cast("type[Node]", found[0].load())
    except Exception as fault:
        raise FlowError(
            f"the kind of node {word!r} cannot be loaded",
            field="kind",
            cause=f"{type(fault).__name__}: {fault}"[:200],
            remedy=f"Mend or reinstall the package that brings it: {found[0].value}",
        ) from fault


def node_kinds() -> tuple[str, ...]:
    """Name every kind there is."""
    return tuple(sorted({*_OWN, *(point.name for point in entry_points(group=GROUP))}))
