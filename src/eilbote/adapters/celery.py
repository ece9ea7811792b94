"""Celery: a task hands its mail to the outbox under its own id, so that retries and redeliveries never send it twice.

::

    from eilbote.adapters.celery import send_email

    send_email.delay(to="anna@example.org", subject="Your order", text="It is ready.")

A message that Celery delivers again (``acks_late``, a lost worker, a visibility timeout) and a task that is retried keep their id.
The outbox takes one message for each id; when another worker comes with the same one, it is told that it is there already.
"""

# Celery is published without type information, or is not here where types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypedDict, Unpack, cast

from celery import Task, shared_task

from eilbote.adapters.draft_fields import read_draft
from eilbote.adapters.loop_thread import LoopThread
from eilbote.adapters.outbox_settings import outbox_settings
from eilbote.errors import DraftError, EilboteError, OutboxUnavailableError
from eilbote.model.ids import entry_id_text

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from eilbote.app import Eilbote
    from eilbote.engine.submission_settings import SubmissionSettings
    from eilbote.model.draft import Draft
    from eilbote.model.submission import Submission

_SETTING: Final = "eilbote"
_PREFIX: Final = "celery"


class Accepted(TypedDict):
    """What a task gives back: plain data, so that every result backend can keep it.

    ``id`` is the outbox's entry, ``message_id`` the Message-ID, ``is_new`` whether this execution handed it in.
    """

    id: str
    message_id: str
    is_new: bool


class MailTask(Task):  # type: ignore[misc] # Celery has no type information
    """The base of tasks that send mail: ``@app.task(bind=True, base=MailTask)``.

    The setting ``eilbote`` of the Celery application is a table with ``data_dir``, ``database_url``, ``connections`` and ``author``
    as :class:`~eilbote.app.Eilbote` takes them; what is left out the environment says.
    """

    abstract = True

    def submit(self, draft: Draft, name: str = "", **settings: Unpack[SubmissionSettings]) -> Submission:
        """Hand a message to the outbox, under the id of this task.

        Args:
            draft: What to send.
            name: Tells the messages of one task apart, when it sends several; the same in each execution of the task.
            **settings: How it is to be carried, as :meth:`Eilbote.submit <eilbote.app.Eilbote.submit>` takes it. An
                ``idempotency_key`` of its own goes before the task's id.

        Raises:
            DraftError: The draft cannot be said safely, or the task has no id.
            ConfigurationError: A setting cannot be used.
            AlreadySubmittedError: An execution before this one has handed in another message under the same name.
            OutboxUnavailableError: Nothing can be kept for now; retry the task.
        """
        key = settings.get("idempotency_key") or self._key(name)
        wanted: SubmissionSettings = {**settings, "idempotency_key": key}

        async def submit(eilbote: Eilbote) -> Submission:
            return await eilbote.submit(draft, **wanted)

        outbox = LoopThread("eilbote for Celery", self._opening)
        try:
            return outbox.call(submit)
        finally:
            outbox.close()

    def _key(self, name: str) -> str:
        identifier = self.request.id
        if not identifier:
            raise DraftError(
                "this task has no id, so a message that it sends could not be recognized again",
                field="idempotency_key",
                cause="It was called as a function",
                remedy="Call it with delay() or apply(), or give an idempotency_key",
            )
        return "/".join(filter(None, (_PREFIX, str(identifier), name)))

    def _opening(self) -> AbstractAsyncContextManager[Eilbote]:
        from eilbote.app import Eilbote

        said = self.app.conf.get(_SETTING)
        return Eilbote(**outbox_settings(said, where=_SETTING, author="celery"))


@shared_task(  # type: ignore[untyped-decorator] # Celery has no type information
    bind=True,
    base=MailTask,
    name="eilbote.send_email",
    acks_late=True,  # a worker that dies leaves the task in the queue; the key keeps it from sending twice
    reject_on_worker_lost=True,
    autoretry_for=(OutboxUnavailableError,),
    retry_backoff=True,
    retry_backoff_max=300,
    max_retries=None,
)
def send_email(self: MailTask, *, options: Mapping[str, object] | None = None, **fields: object) -> Accepted:
    """Send a message: the fields of a draft as plain data, and ``options`` of its submission beside them.

    Raises:
        DraftError: It cannot be said safely, with the field; retrying does not help.
        ConfigurationError: A setting cannot be used.
    """
    try:
        accepted = self.submit(read_draft(fields), **cast("SubmissionSettings", dict(options or {})))
    except EilboteError as fault:
        fault.args = (str(fault),)  # all that Celery keeps of an error: with field and remedy in it
        raise
    return Accepted(id=entry_id_text(accepted.id), message_id=accepted.message_id, is_new=accepted.is_new)
