"""Airflow 3.1 and later: a notifier for callbacks of tasks and DAGs, such as ``on_failure_callback``.

::

    from eilbote.adapters.airflow import EilboteNotifier

    @task(on_failure_callback=EilboteNotifier(to="data-team@example.org"))
    def load(): ...

What it says is on the disk of the outbox when the callback returns, and a courier delivers it. One try of one task tells once, however
often Airflow runs the callback.
"""

# Airflow is published without type information, or is not here where types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Final

from airflow.sdk import BaseNotifier

from eilbote.adapters.loop_thread import LoopThread
from eilbote.adapters.outbox_settings import OutboxSettings, outbox_settings
from eilbote.model.draft import Draft

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from eilbote.app import Eilbote
    from eilbote.engine.submission_settings import SubmissionSettings

_SUBJECT: Final = "{{ ti.task_id if ti is defined and ti else 'DAG' }} of {{ dag.dag_id }}: {{ ti.state if ti is defined and ti else 'see the run' }}"
_TEXT: Final = """\
DAG:   {{ dag.dag_id }}
{% if run_id is defined %}Run:   {{ run_id }}
{% endif %}{% if ti is defined and ti %}Task:  {{ ti.task_id }}, try {{ ti.try_number }}
Log:   {{ ti.log_url }}
{% endif %}{% if exception is defined and exception %}
{{ exception }}
{% endif %}"""
_VISIT: Final = ("dag_id", "run_id", "task_id", "map_index", "try_number")


class EilboteNotifier(BaseNotifier):  # type: ignore[misc] # Airflow is not installed where types are checked
    """Hands a message to eilbote's outbox.

    ``to``, ``cc``, ``bcc``, ``from_``, ``subject``, ``text`` and ``html`` are Airflow's templates. Airflow does not escape what it puts
    into HTML: use ``| e`` there.

    Args:
        to: Recipients.
        subject: The subject line; names task, DAG and state when it is not said.
        text: The plain text; tells run, try, log and exception when neither this nor ``html`` is said.
        html: The HTML text.
        from_: The author; the connection's default when empty.
        cc: Recipients everybody sees.
        bcc: Recipients nobody sees.
        connection: The name of a connection; the default one when empty.
        organization: On whose behalf.
        outbox: Where the outbox is, as :class:`~eilbote.app.Eilbote` takes it: ``data_dir``, ``database_url``, ``connections``,
            ``author``. What is left out the environment says.
        context: What Airflow's triggerer tells a notifier that is awaited.

    Raises:
        SettingsError: ``outbox`` cannot be used.
    """

    template_fields: Sequence[str] = ("to", "cc", "bcc", "from_", "subject", "text", "html")

    def __init__(
        self,
        *,
        to: str | Sequence[str],
        subject: str = _SUBJECT,
        text: str | None = None,
        html: str | None = None,
        from_: str = "",
        cc: str | Sequence[str] = "",
        bcc: str | Sequence[str] = "",
        connection: str = "",
        organization: str = "",
        outbox: OutboxSettings | None = None,
        context: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(**({} if context is None else {"context": context}))
        self.to, self.cc, self.bcc, self.from_ = to, cc, bcc, from_
        self.subject = subject
        self.text = _TEXT if text is None and html is None else text
        self.html = html
        self.connection = connection
        self.organization = organization
        self.outbox = outbox_settings(outbox, where="outbox", author="airflow")

    def __call__(self, *args: object) -> None:
        """Put the values into the templates and hand the message in; Airflow calls this.

        Airflow puts what it has rendered in place of the templates. A notifier that is called again would render that: the
        message of an exception would be run as a template. So each call has a copy of its own.
        """
        super(EilboteNotifier, copy(self)).__call__(*args)

    def __await__(self) -> Generator[object, None, None]:
        """Do the same where Airflow's triggerer awaits it."""
        awaited: Generator[object, None, None] = super(EilboteNotifier, copy(self)).__await__()
        return awaited

    def notify(self, context: Mapping[str, object]) -> None:
        """Hand the message in; Airflow calls this in a callback.

        Raises:
            EilboteError: It cannot be said safely, or not be kept; Airflow logs it.
        """
        kept = LoopThread("eilbote for Airflow", self._opening)
        try:
            kept.call(lambda eilbote: self._submit(eilbote, context))
        finally:
            kept.close()

    async def async_notify(self, context: Mapping[str, object]) -> None:
        """Hand the message in; Airflow's triggerer calls this.

        Raises:
            EilboteError: As :meth:`notify`.
        """
        async with self._opening() as eilbote:
            await self._submit(eilbote, context)

    async def _submit(self, eilbote: Eilbote, context: Mapping[str, object]) -> None:
        draft = Draft(
            to=self.to,
            cc=self.cc,
            bcc=self.bcc,
            from_=self.from_ or None,
            subject=" ".join(self.subject.split()),
            text=self.text,
            html=self.html,
            auto_submitted="auto-generated",
        )
        settings: SubmissionSettings = {"organization": self.organization}
        if self.connection:
            settings["connections"] = self.connection
        if (key := self._key(context)) is not None:
            settings["idempotency_key"] = key
        await eilbote.submit(draft, **settings)

    def _key(self, context: Mapping[str, object]) -> str | None:
        """Name what is told: the try of a task, or the end of a run; ``None`` where neither is known."""
        told = context.get("ti") or context.get("task_instance")
        visit = [str(getattr(told, name, "")) for name in _VISIT] if told else []
        if not told and (run := context.get("run_id")):
            visit = [str(getattr(context.get("dag"), "dag_id", "")), str(run), str(context.get("reason", ""))]
        if not visit:
            return None
        said = [*visit, str(getattr(told, "state", "")), repr((self.to, self.cc, self.bcc, self.subject))]
        return f"airflow/{hashlib.sha256(repr(said).encode()).hexdigest()}"

    def _opening(self) -> AbstractAsyncContextManager[Eilbote]:
        from eilbote.app import Eilbote

        return Eilbote(**self.outbox)
