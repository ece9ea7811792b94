"""The e-mails of processes: over a communication route into the outbox, once for each element and iteration.

The key of a message is the name of its deed. Whoever takes an instance up again looks first whether the outbox has an entry under
that name: if so that one is meant, even where the message would read differently by now, because the route was mended meanwhile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.process.details import MessageDetails, OnFailure
from eilbote.author.process.instance import MAIL_FAILED, DeedDone
from eilbote.engine.flow_mail import reverse_path
from eilbote.engine.flow_mail_result import accepted_only, forgotten, settled
from eilbote.engine.process.process_deeds import Parked, digest_of, failed
from eilbote.errors import AlreadySubmittedError, EntryNotFoundError
from eilbote.model.ids import entry_id_text
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, SubmissionOptions
from eilbote.outbox.store import EntryFilter, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.author.process.instance import SendOverRoute
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.process.process_deeds import Asked, Performed
    from eilbote.engine.process.route_desk import RouteMail
    from eilbote.model.data import Data
    from eilbote.model.draft import Draft
    from eilbote.model.ids import EntryId
    from eilbote.outbox.entry import Entry, History
    from eilbote.outbox.store import OutboxStore

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_OVER: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})


class Routes(Protocol):
    """Gives messages that go over routes (:class:`~eilbote.engine.process.route_desk.RouteDesk`)."""

    async def mail(
        self, message_name: str, values: Mapping[str, Data], *, organization: str = ""
    ) -> RouteMail:
        """Give the message.

        Raises:
            EilboteError: There is no such route, it is disabled, or the values do not make a message.
        """
        ...


class ProcessMail:
    """Sends the messages of processes.

    Args:
        routes: Makes them.
        submit: Hands a message to the outbox.
        outbox: Where messages and their fates are.
        mark: Puts into a message by what its answer is known; nothing when ``None``.
        built_in: Gives, for an instance, values for attributes that a route may declare and nobody need map.
    """

    def __init__(
        self,
        routes: Routes,
        submit: Submit,
        outbox: Callable[[], OutboxStore],
        *,
        mark: Callable[[Draft, str], Draft] | None = None,
        built_in: Callable[[str], Mapping[str, Data]] = lambda _: {},
    ) -> None:
        self._routes = routes
        self._submit = submit
        self._outbox = outbox
        self._mark = mark
        self._built_in = built_in

    async def perform(self, asked: Asked, deed: SendOverRoute, /) -> Performed:
        """Hand the message in, or look what became of it.

        Raises:
            EilboteError: It cannot be handed in.
        """
        entry, is_new = asked.entry, False
        if entry is None:
            entry, is_new = await self._entry(asked, deed)
        if deed.on_failure is OnFailure.RECORD:
            return DeedDone(result=await self._accepted(asked, entry), entry=entry_id_text(entry))
        if is_new:
            return Parked(entry=entry)  # it cannot be settled yet, and who looks for that is told when it is
        return await self._looked_at(deed, entry)

    async def _looked_at(self, deed: SendOverRoute, entry: EntryId) -> Performed:
        text = entry_id_text(entry)
        try:
            history = await self._outbox().history(entry)
        except EntryNotFoundError:
            return _gone(text)
        if not is_decided(history.entry):
            return Parked(entry=entry)
        if _is_in_doubt(history.entry):
            return _in_doubt(history)
        path = await reverse_path(self._outbox(), entry)
        outcome = settled(history, reverse_path=path)
        if outcome.error is None:
            return DeedDone(result=outcome.result, entry=text)
        error = {name: value for name, value in outcome.error.items() if name != "node"}
        return DeedDone(
            result=outcome.result,
            error={**error, "code": MAIL_FAILED},
            catchable=deed.on_failure is OnFailure.ERROR,
            entry=text,
        )

    async def _accepted(self, asked: Asked, entry: EntryId) -> Mapping[str, Data]:
        """Give what is known of a message that the outbox has taken, where the process wants to know it."""
        details = asked.definition.details.get(asked.wanted.element)
        if not (isinstance(details, MessageDetails) and details.result):
            return {}
        history = await self._outbox().history(entry)
        path = await reverse_path(self._outbox(), entry)
        return accepted_only(history.entry, reverse_path=path).result

    async def _entry(self, asked: Asked, deed: SendOverRoute) -> tuple[EntryId, bool]:
        """Give the deed's entry, made now if there is none yet; the second value tells."""
        organization = asked.kept.organization
        key = mail_key(asked.name)
        if asked.again and (found := await self._found(key, organization)) is not None:
            return found.id, False
        if (former := await self._former(asked)) is not None:
            return former, False
        values = {**self._built_in(asked.kept.id), **deed.values}
        mail = await self._routes.mail(deed.route, values, organization=organization)
        draft = mail.draft if self._mark is None else self._mark(mail.draft, asked.wanted.key)
        options = SubmissionOptions(
            idempotency_key=key,
            connections=(mail.connection,) if mail.connection else (),
            organization=organization,
            on_in_doubt=InDoubtPolicy.RETRY if deed.on_failure is OnFailure.RECORD else InDoubtPolicy.PARK,
        )
        try:
            submission = await self._submit(draft, options, author=asked.author)
        except AlreadySubmittedError:
            # Another worker, which has lost the instance by now, was quicker and had another text of the route.
            found = await self._found(key, organization)
            if found is None:
                raise
            return found.id, False
        return submission.id, submission.is_new

    async def _former(self, asked: Asked) -> EntryId | None:
        """Give the message of a try before, where it may still arrive or has arrived: then there is no second one.

        One that stands still in doubt is sent again as it is, with the same Message-ID, because people have said so.
        """
        for name in asked.former:
            entry = await self._found(mail_key(name), asked.kept.organization)
            if entry is None:
                continue
            if entry.state is EntryState.HELD:
                await self._outbox().apply(Wish.RELEASE, (entry.id,), now=asked.now)
            is_over = entry.state in _OVER and not any(
                recipient.status is RecipientStatus.ACCEPTED for recipient in entry.recipients
            )
            return None if is_over else entry.id
        return None

    async def _found(self, key: str, organization: str) -> Entry | None:
        which = EntryFilter(idempotency_key=key, organization=organization)
        found = await self._outbox().entries(which, limit=1)
        return found[0] if found else None


def mail_key(name: str) -> str:
    """Give the idempotency key of a deed's message: ``process/`` and its name, or a digest of a name that cannot be one."""
    key = f"process/{name}"
    return key if _KEY.fullmatch(key) else f"process/{digest_of(name)}"


def is_decided(entry: Entry) -> bool:
    """Tell whether nothing more will happen to a message by itself, or nobody knows what has."""
    return entry.state in _OVER or _is_in_doubt(entry)


def _is_in_doubt(entry: Entry) -> bool:
    states = {recipient.status for recipient in entry.recipients}
    return RecipientStatus.IN_DOUBT in states and entry.state in {EntryState.HELD, EntryState.DONE}


def _in_doubt(history: History) -> DeedDone:
    entry = history.entry
    text = entry_id_text(entry.id)
    return failed(
        "in_doubt",
        "nobody knows whether the message was taken",
        cause=entry.reason or (history.attempts[-1].reply if history.attempts else None),
        remedy=f"Ask whether it has arrived; `eilbote outbox show {text}` tells the dialogue. Trying again may send it twice",
        in_doubt=True,
        entry=text,
    )


def _gone(entry: str) -> DeedDone:
    error = forgotten(entry).error or {}
    return DeedDone(
        error={name: value for name, value in error.items() if name != "node"}, in_doubt=True, entry=entry
    )
