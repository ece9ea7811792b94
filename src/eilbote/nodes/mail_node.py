"""What both nodes have in common: the fields of every mail node, and how one node is run.

The node becomes the text of a flow, which is read when the node is made, so that a fault is told before anything is run. Two things
are added that an author of flows would write himself: the result is always kept, so that it can be given back, and a context that was
handed in is put into the run's conversation by a ``set_value`` node in front.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, cast

from eilbote.author.flow.shelf import read_key
from eilbote.author.flow.source import FlowTextError
from eilbote.engine.run_flow import flow_of
from eilbote.errors import EilboteError, FlowError
from eilbote.model.kinds import check_kind
from eilbote.nodes.node_result import NodeResult

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.app import Eilbote
    from eilbote.engine.flow_view import FlowRun
    from eilbote.model.data import Data

_NODE: Final = "mail"
_NOWHERE: Final = "none"
_OF_THE_FLOW: Final = frozenset({"locale", "time_zone"})
# YAML, of which JSON is a part, reads these only where they are escaped; those above U+FFFF only where they are not.
_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_NO_DATA: Final[Mapping[str, Data]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailNode:
    """A node that sends mail; every text is a template that sees ``input`` and ``context``.

    Values of people belong into the input, never into a template: what stands in a template is run.

    Attributes:
        to: Recipients, as one text with commas or as several.
        subject: The subject line; a text, or a table of texts by language.
        content: Rich content, the same way.
        cc: Recipients of a copy that everybody sees.
        bcc: Recipients of a copy that nobody else sees.
        priority: ``high``, ``normal`` or ``low``.
        store_result: Where the result is kept: ``none``, ``input`` or ``context``.
        store_as: Under which name; dots lead into tables.
        stop_on_error: Whether :attr:`NodeResult.stops` is set when the mail cannot be sent.
        asynchronous: Whether the node is done once the outbox has the mail; a courier delivers it.
        wait_at_most: How long it waits for the mail to be settled, such as ``90s``; ``60s`` when empty.
        deferred_is_error: Whether it is an error when the mail is not settled by then.
        result_shows_bcc: Whether the result names recipients of blind copies.
        locale: The language in which numbers, money and times are written.
        time_zone: The zone in which times are told.

    Raises:
        FlowError: A field cannot be used; ``field`` names it.
    """

    KIND: ClassVar[str]

    to: str | Sequence[str]
    subject: str | Mapping[str, str]
    content: str | Mapping[str, str] = ""
    cc: str | Sequence[str] = ""
    bcc: str | Sequence[str] = ""
    priority: str = "normal"
    store_result: str = _NOWHERE
    store_as: str = ""
    stop_on_error: bool = False
    asynchronous: bool = False
    wait_at_most: str = ""
    deferred_is_error: bool = False
    result_shows_bcc: bool = False
    locale: str = "en"
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        try:
            flow_of(self._text(self._said()))
        except FlowTextError as fault:  # nobody has seen that text, so its lines say nothing
            name = (fault.field or "").removeprefix(f"{_NODE}.")
            raise FlowError(
                fault.what, field=name, position=fault.position, cause=fault.reason, remedy=fault.remedy
            ) from None

    async def run(
        self,
        input: Mapping[str, object] = _NOTHING,  # noqa: A002 - the author's word
        context: Mapping[str, object] = _NOTHING,
        *,
        eilbote: Eilbote | None = None,
        run_id: str | None = None,
        organization: str = "",
    ) -> NodeResult:
        """Run the node once.

        Where no courier works for the outbox, one is at work while the node waits for its mail.

        Args:
            input: What templates see as ``input``: texts, numbers, true, false, ``None``, lists and tables.
            context: What they see as ``context``; its names are letters, digits, ``_`` and ``-``.
            eilbote: An open outbox; the one of the environment is opened and closed when ``None``.
            run_id: A name of the caller's: run twice under one name, the mail goes out once and the result is the same. 1 to
                100 visible ASCII characters.
            organization: On whose behalf.

        Raises:
            FlowError: Input, context or ``run_id`` cannot be used. That a mail cannot be sent raises nothing: ``error`` tells.
            ConfigurationError: The environment's settings cannot be used.
            OutboxError: The outbox cannot be opened, or keeps nothing for now.
        """
        check_kind(input, (Mapping,), field="input", fault=FlowError)
        check_kind(context, (Mapping,), field="context", fault=FlowError)
        if eilbote is None:
            from eilbote.app import Eilbote

            async with Eilbote() as opened:
                return await self._run(opened, input, context, run_id, organization)
        return await self._run(eilbote, input, context, run_id, organization)

    def run_sync(
        self,
        input: Mapping[str, object] = _NOTHING,  # noqa: A002 - the author's word
        context: Mapping[str, object] = _NOTHING,
        *,
        run_id: str | None = None,
        organization: str = "",
    ) -> NodeResult:
        """Run the node once, from a program without an event loop, with the outbox of the environment.

        Args:
            input: As :meth:`run`.
            context: As :meth:`run`.
            run_id: As :meth:`run`.
            organization: As :meth:`run`.

        Raises:
            EilboteError: As :meth:`run`; also when an event loop runs in this thread.
        """
        with suppress(RuntimeError):  # which is how asyncio says that there is none
            asyncio.get_running_loop()
            raise EilboteError(
                "run_sync() was called where an event loop runs",
                cause="it would stop that loop until the mail is settled",
                remedy="Use `await node.run(...)`",
            )
        return asyncio.run(self.run(input, context, run_id=run_id, organization=organization))

    # -- as a flow -----------------------------------------------------------------------------------------------

    async def _run(
        self,
        eilbote: Eilbote,
        given: Mapping[str, object],
        context: Mapping[str, object],
        run_id: str | None,
        organization: str,
    ) -> NodeResult:
        said = self._said()
        result, before = _unused("eilbote_result", given), _unused("eilbote_context", given)
        keeps = said.get("store_result", _NOWHERE) != _NOWHERE
        if not keeps:
            said |= {"store_result": "input", "store_as": result}
        text = self._text(said, _in_front(context, before))
        handed = {**given, before: list(context.values())} if context else given
        async with _delivering(eilbote, waits=not self.asynchronous):
            run = await eilbote.flows.run(text, handed, run_id=run_id, organization=organization)
        shelves = {"input": run.input, "context": run.context}
        found = _at(shelves[str(said["store_result"])], str(said["store_as"]))
        error = run.error or next((step.error for step in run.steps if step.error), _NO_DATA)
        return NodeResult(
            input=MappingProxyType(
                {name: value for name, value in run.input.items() if name not in {result, before}}
            ),
            context=MappingProxyType(dict(run.context)),
            result=MappingProxyType(found),
            error=MappingProxyType(dict(error)),
            stops=bool(run.error) or not _is_done(run),
            run=run.id,
        )

    def _said(self) -> dict[str, object]:
        """Give the fields that are said, under the names that they have in a flow."""
        said: dict[str, object] = {}
        for each in fields(self):
            value: object = getattr(self, each.name)
            if value is None or value == each.default or _is_empty(value):
                continue
            if each.name in {"to", "cc", "bcc"} and not isinstance(value, str):
                said[each.name] = _joined(value, each.name)
            else:
                said[each.name.rstrip("_")] = _plain(value)
        return said

    def _text(self, said: Mapping[str, object], in_front: Sequence[Mapping[str, object]] = ()) -> str:
        node = {name: value for name, value in said.items() if name not in _OF_THE_FLOW}
        flow = {
            "name": self.KIND,
            **{name: said[name] for name in sorted(_OF_THE_FLOW & said.keys())},
            "nodes": [*in_front, {"id": _NODE, "kind": self.KIND, **node}],
        }
        try:
            written = json.dumps(flow, indent=1, ensure_ascii=False)
        except TypeError as fault:
            raise FlowError(
                "a field holds something that no flow can say",
                cause=str(fault),
                remedy="Give texts, numbers, true, false, lists and tables",
            ) from None
        return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


@asynccontextmanager
async def _delivering(eilbote: Eilbote, *, waits: bool) -> AsyncGenerator[None]:
    """Deliver in this process while a mail is waited for, where no courier does so already."""
    if not waits or any(not is_gone for _, _, is_gone in await eilbote.store.couriers()):
        yield
        return
    async with eilbote.courier():
        yield


def _is_empty(value: object) -> bool:
    return isinstance(value, Sequence | Mapping) and not value


def _joined(value: object, field: str) -> str:
    addresses = cast("Sequence[object]", value if isinstance(value, Sequence) else (value,))
    texts = [each for each in addresses if isinstance(each, str)]
    if len(texts) < len(addresses):
        raise FlowError("these are no addresses", field=field, remedy="Give a text, or a list of texts")
    return ", ".join(texts)


def _plain(value: object) -> object:
    """Give tables and lists of any kind as those that JSON knows."""
    if isinstance(value, Mapping):
        table = cast("Mapping[object, object]", value)
        return {str(name): _plain(inner) for name, inner in table.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in cast("Sequence[object]", value)]
    return value


def _in_front(context: Mapping[str, object], shelf: str) -> list[dict[str, object]]:
    """Give the node that puts a context into the run's conversation: by variables, so that no value of it is run."""
    for name in cast("Mapping[object, object]", context):
        if not isinstance(name, str) or "." in name:
            raise FlowError(
                f"{str(name)[:60]!r} cannot be a name in a context",
                field="context",
                remedy="Give letters, digits, _ and -, beginning with a letter",
            )
        read_key(name, field="context")
    values = {f"context.{name}": f"{{{{ input.{shelf}[{number}] }}}}" for number, name in enumerate(context)}
    return [{"id": "context", "kind": "set_value", "values": values}] if values else []


def _unused(name: str, given: Mapping[str, object]) -> str:
    while name in given:
        name += "_"
    return name


def _at(values: Mapping[str, Data], key: str) -> dict[str, Data]:
    """Give the table under a key; an empty one when there is none."""
    found: Data = dict(values)
    for name in key.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return dict(found) if isinstance(found, dict) else {}


def _is_done(run: FlowRun) -> bool:
    return run.status == "done"
