"""Django's e-mail backend: what a Django project sends is on the disk when ``send()`` returns, and a courier delivers it.

::

    EMAIL_BACKEND = "eilbote.adapters.django.EmailBackend"
    EILBOTE = {"data_dir": BASE_DIR / "mail", "connection": "office"}

With ``"direct": True`` the backend sends at once, and nothing is kept: then a failure is the program's to handle.
"""

# Django is published without type information, or is not here where types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from eilbote.adapters.django_draft import draft_of
from eilbote.adapters.loop_thread import LoopThread
from eilbote.adapters.outbox_settings import NAMES, OutboxSettings, outbox_settings
from eilbote.errors import DraftError, EilboteError, SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable
    from contextlib import AbstractAsyncContextManager

    from eilbote.adapters.django_draft import DjangoMessage
    from eilbote.app import Eilbote
    from eilbote.connections.connection import Connection
    from eilbote.engine.mailer import Mailer
    from eilbote.engine.submission_settings import SubmissionSettings
    from eilbote.model.draft import Draft

_SETTING: Final = "EILBOTE"
_OWN: Final = frozenset({"connection", "direct", "organization"})
_OF_SMTP: Final = frozenset({"username", "password"})
"""What Django's own functions hand to any backend, empty as a rule."""


class EmailBackend(BaseEmailBackend):  # type: ignore[misc] # Django has no type information
    """Hands a Django project's mail to eilbote.

    The setting ``EILBOTE`` is a table, and so are the options of a mailer or the keywords of ``get_connection()``, which go before
    it: ``data_dir``, ``database_url``, ``connections`` and ``author`` as :class:`~eilbote.app.Eilbote` takes them;
    ``connection``, the name of a connection or its URI; ``organization``; and ``direct``. What is left out the environment says.

    A message may have an attribute ``eilbote`` with options of its submission, such as ``{"idempotency_key": "invoice-17"}``.

    Args:
        fail_silently: Leave out messages that cannot be sent, instead of raising their errors.
        **options: As above.

    Raises:
        SettingsError: There is no such setting, or it cannot be used.
    """

    def __init__(self, fail_silently: bool = False, **options: object) -> None:  # noqa: FBT001, FBT002 - Django's signature
        alias = {"alias": options.pop("alias")} if "alias" in options else {}
        super().__init__(fail_silently=fail_silently, **alias)
        said = getattr(django_settings, _SETTING, None) or {}
        if not isinstance(said, Mapping):
            raise SettingsError("this is no table of settings", field=_SETTING, remedy="Give a dict")
        empty = {name for name in _OF_SMTP if not options.get(name)}
        given: dict[str, object] = {
            **cast("Mapping[str, object]", said),
            **{name: value for name, value in options.items() if name not in empty},
        }
        own = {name: given.pop(name) for name in tuple(given) if name in _OWN}
        for name in given:
            if name not in NAMES:
                raise SettingsError(
                    f"there is no setting {name[:60]!r}",
                    field=_SETTING,
                    cause="User and password belong to a connection" if name in _OF_SMTP else None,
                    remedy=f"Settings are {', '.join(sorted(NAMES | _OWN))}",
                )
        self._connection = cast("str | Connection", own.get("connection") or "")
        self._organization = str(own.get("organization") or "")
        self._outbox = outbox_settings(given, where=_SETTING, author="django")
        self._way: _Submitting | _Sending = (
            _Sending(self._connection, self._outbox, self._organization)
            if own.get("direct")
            else _Submitting(self._connection, self._outbox, self._organization)
        )

    def open(self) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] - documented so by Django
        """Open the outbox, or get ready to send; says whether it was this call that did."""
        try:
            return self._way.thread.open()
        except EilboteError:
            if not self.fail_silently:
                raise
            return False

    def close(self) -> None:
        """Close what :meth:`open` has opened."""
        self._way.thread.close()

    def send_messages(self, email_messages: Iterable[DjangoMessage]) -> int:
        """Hand messages in, or send them.

        Returns:
            How many were accepted: by the outbox, or when they are sent at once by the server, for one recipient at least.

        Raises:
            DraftError: A message cannot be said safely; those before it are accepted.
            EilboteError: The outbox cannot keep it, or the server does not take it.
        """
        messages = list(email_messages)
        if not messages:
            return 0
        accepted = 0
        try:
            opened = self._way.thread.open()
        except EilboteError:
            if not self.fail_silently:
                raise
            return 0
        try:
            for message in messages:
                try:
                    accepted += self._hand_in(message)
                except EilboteError:
                    if not self.fail_silently:
                        raise
        finally:
            if opened:
                self._way.thread.close()
        return accepted

    def _hand_in(self, message: DjangoMessage) -> bool:
        if type(message).message is not EmailMessage.message:  # type: ignore[attr-defined]
            raise DraftError(
                f"{type(message).__name__} writes its own MIME",
                field="message",
                cause="eilbote composes messages from their fields, and message() would not be asked",
                remedy="Say what it adds by headers and attachments",
            )
        if not any((*message.to, *message.cc, *message.bcc)):
            return False
        options = cast("SubmissionSettings", getattr(message, "eilbote", None) or {})
        self._way.hand_in(draft_of(message), options)
        return True


class _Submitting:
    """Keeps messages until a courier has delivered them."""

    def __init__(self, connection: str | Connection, outbox: OutboxSettings, organization: str) -> None:
        if connection and ("://" in connection if isinstance(connection, str) else True):
            # Given as it is: the outbox keeps only names, so couriers must know it under one as well.
            raise SettingsError(
                "a connection that couriers are to use has a name",
                field="connection",
                remedy="Keep it with `eilbote connection add`, or put it into connections and name it here",
            )
        self._options: SubmissionSettings = {}
        if connection:
            self._options["connections"] = cast("str", connection)
        if organization:
            self._options["organization"] = organization
        self._settings = outbox
        self.thread = LoopThread("eilbote for Django", self._opening)

    def _opening(self) -> AbstractAsyncContextManager[Eilbote]:
        from eilbote.app import Eilbote

        return Eilbote(**self._settings)

    def hand_in(self, draft: Draft, options: SubmissionSettings) -> None:
        wanted: SubmissionSettings = {**self._options, **options}

        async def submit(eilbote: Eilbote) -> None:
            await eilbote.submit(draft, **wanted)

        self.thread.call(submit)


class _Sending:
    """Sends messages at once."""

    def __init__(self, connection: str | Connection, outbox: OutboxSettings, organization: str) -> None:
        self._connection = connection
        self._settings = outbox
        self._organization = organization
        self.thread = LoopThread("eilbote for Django", self._opening)

    def _opening(self) -> AbstractAsyncContextManager[Mailer]:
        from eilbote.engine.mailer import Mailer

        connection = self._connection
        is_name = isinstance(connection, str) and "://" not in connection
        return self._known(cast("str", connection)) if is_name else Mailer(connection)

    @asynccontextmanager
    async def _known(self, name: str) -> AsyncGenerator[Mailer]:
        """Send through a connection that the outbox knows, with the tokens that its couriers use."""
        from eilbote.app import Eilbote
        from eilbote.engine.mailer import Mailer
        from eilbote.engine.token_sources import TokenSources
        from eilbote.engine.way_out import way_out

        async with Eilbote(**self._settings) as eilbote:
            known = eilbote.connections
            chosen = (
                await known.resolve(name, self._organization)
                if name
                else await known.default(self._organization)
            )
            connection = await known.get(chosen)
            egress = eilbote.config.egress.policy if connection.public_only else None
            sources = TokenSources(clock=eilbote.clock, store=eilbote.records.tokens)
            try:
                tokens = sources.of(connection, egress=egress)
                transport = way_out(connection, clock=eilbote.clock, egress=egress, tokens=tokens)
                async with Mailer(connection, clock=eilbote.clock, transport=transport) as mailer:
                    yield mailer
            finally:
                await sources.close()

    def hand_in(self, draft: Draft, options: SubmissionSettings) -> None:
        if options:
            raise DraftError(
                "a message that is sent at once has no options of a submission",
                field="eilbote",
                cause="nothing is kept of it, so no key could be recognized again",
                remedy="Leave them out, or send through the outbox: direct=False",
            )

        async def send(mailer: Mailer) -> None:
            await mailer.send(draft)

        self.thread.call(send)
