"""A tool for language models: send an e-mail, to people that the program has chosen and not the model.

What a model writes may have been put into its mouth by a page that it has read. So it says subject and text and nothing else: no
recipient (unless the program lists who may be chosen), no sender, no header, no HTML, no attachment, and no more messages than the
program allows. It cannot carry off anything to anybody but those who are named here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from eilbote.errors import DraftError, EilboteError, NoRecipientsError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.draft import Draft
from eilbote.model.ids import entry_id_text
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from eilbote.app import Eilbote
    from eilbote.engine.submission_settings import SubmissionSettings
    from eilbote.model.mailbox import Mailbox

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
"""What a schema and a result are made of."""

LONGEST_SUBJECT: Final = 200
LONGEST_TEXT: Final = 20_000
_MOST: Final = 10
_DESCRIPTION: Final = "Sends an e-mail with a subject and a plain text. It cannot be taken back."


def email_tool(
    eilbote: Eilbote,
    *,
    to: str | Sequence[str] = (),
    allowed: Sequence[str] = (),
    name: str = "send_email",
    description: str = _DESCRIPTION,
    connection: str = "",
    organization: str = "",
    from_: str | None = None,
    subject_prefix: str = "",
    most: int = _MOST,
) -> EmailTool:
    """Make a tool.

    Args:
        eilbote: The open outbox that its messages go to.
        to: Who gets every message.
        allowed: Addresses among which the model chooses one for each message, beside ``to``; none when empty.
        name: What the model calls it.
        description: What the model is told of it.
        connection: The name of a connection; the default one when empty.
        organization: On whose behalf.
        from_: The author; the connection's default when ``None``.
        subject_prefix: What every subject begins with, such as ``[agent] ``.
        most: How many messages may be sent with it, over its whole life.

    Raises:
        AddressError: An address cannot be read.
        NoRecipientsError: Neither ``to`` nor ``allowed`` names anybody.
        DraftError: ``most`` is no number of messages.
    """
    always = tuple(mailboxes(parse_address_list(_listed(to), field="to")))
    choice = tuple(mailboxes(parse_address_list(_listed(allowed), field="allowed")))
    if not always and not choice:
        raise NoRecipientsError(
            "the tool has nobody to write to",
            field="to",
            cause="The model may not think of recipients",
            remedy="Give to, or allowed for those among whom it may choose",
        )
    check_kind(most, (int,), field="most", fault=DraftError)
    if most < 1:
        raise DraftError("this is no number of messages", field="most", remedy="Give a whole number from 1")
    settings: SubmissionSettings = {"organization": organization}
    if connection:
        settings["connections"] = connection
    return EmailTool(
        name=name,
        description=description,
        eilbote=eilbote,
        always=always,
        choice=choice,
        from_=from_,
        subject_prefix=subject_prefix,
        settings=settings,
        left=most,
    )


@dataclass(slots=True, kw_only=True)
class EmailTool:
    """A tool that a model calls; :func:`email_tool` makes it.

    Attributes:
        name: What the model calls it.
        description: What the model is told of it.
        left: How many messages may still be sent.
    """

    name: str
    description: str
    left: int
    eilbote: Eilbote = field(repr=False)
    always: tuple[Mailbox, ...]
    choice: tuple[Mailbox, ...]
    from_: str | None
    subject_prefix: str
    settings: SubmissionSettings = field(repr=False)

    @property
    def schema(self) -> dict[str, Json]:
        """What the model may say, as JSON Schema (draft 2020-12)."""
        fields: dict[str, Json] = {
            "subject": {"type": "string", "maxLength": LONGEST_SUBJECT, "description": "One line."},
            "text": {
                "type": "string",
                "maxLength": LONGEST_TEXT,
                "description": "The whole message, in plain words.",
            },
        }
        if self.choice:
            addresses: list[Json] = [each.addr_spec for each in self.choice]
            fields["to"] = {"type": "string", "enum": addresses, "description": "Who gets it."}
        names: list[Json] = list(fields)
        return {"type": "object", "properties": fields, "required": names, "additionalProperties": False}

    @property
    def definition(self) -> dict[str, Json]:
        """Name, description and schema, as the Model Context Protocol names them: ``inputSchema``."""
        return {"name": self.name, "description": self.description, "inputSchema": self.schema}

    async def call(self, arguments: Mapping[str, object], *, call_id: str = "") -> dict[str, Json]:
        """Do what the model asks for, and give what it is told.

        Args:
            arguments: What it has said.
            call_id: The id of the call, when there is one: called again with the same one, nothing is sent again.

        Returns:
            ``{"sent": True, "id": ..., "to": [...]}``, or ``{"sent": False, "error": ..., "remedy": ...}``: faults are for the model
            to mend or to tell, so none is raised.
        """
        try:
            return await self._sent(arguments, call_id)
        except EilboteError as fault:
            return _told(fault)

    async def _sent(self, arguments: Mapping[str, object], call_id: str) -> dict[str, Json]:
        subject, text, to = self._read(arguments)
        draft = Draft(
            to=to,
            from_=self.from_,
            subject=f"{self.subject_prefix}{subject}",
            text=text,
            auto_submitted="auto-generated",
        )
        settings: SubmissionSettings = {**self.settings}
        if call_id:
            settings["idempotency_key"] = f"tool/{self.name}/{call_id}"
        if self.left < 1:
            raise DraftError(
                "no more messages may be sent",
                cause="The program allows only so many",
                remedy="Tell the person you work for what you wanted to write",
            )
        self.left -= 1  # before anything is awaited, so that calls side by side cannot exceed it
        try:
            accepted = await self.eilbote.submit(draft, **settings)
        except EilboteError:
            self.left += 1
            raise
        if not accepted.is_new:
            self.left += 1
        return {"sent": True, "id": entry_id_text(accepted.id), "to": [each.addr_spec for each in to]}

    def _read(self, arguments: Mapping[str, object]) -> tuple[str, str, tuple[Mailbox, ...]]:
        known = cast("dict[str, Json]", self.schema["properties"])
        for name in arguments:
            if name not in known:
                raise DraftError(
                    f"there is no argument {str(name)[:60]!r}",
                    field=str(name)[:60],
                    remedy=f"Give {', '.join(known)}",
                )
        subject, text = _text(arguments, "subject", LONGEST_SUBJECT), _text(arguments, "text", LONGEST_TEXT)
        if not self.choice:
            return subject, text, self.always
        wanted = _text(arguments, "to", LONGEST_SUBJECT)
        chosen = tuple(each for each in self.choice if each.addr_spec == wanted)
        if not chosen:
            raise DraftError(
                "this recipient may not be chosen",
                field="to",
                remedy=f"Choose {' or '.join(each.addr_spec for each in self.choice)}",
            )
        return subject, text, (*self.always, *chosen)


def _listed(addresses: str | Sequence[str]) -> str:
    return addresses if isinstance(addresses, str) else ", ".join(addresses)


def _text(arguments: Mapping[str, object], name: str, longest: int) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DraftError(f"the {name} is missing", field=name, remedy="Give a text")
    if len(value) > longest:
        raise DraftError(
            f"the {name} has {len(value):,} characters", field=name, remedy=f"Give at most {longest:,}"
        )
    return value


def _told(fault: EilboteError) -> dict[str, Json]:
    told: dict[str, Json] = {"sent": False, "error": fault.what}
    if fault.field:
        told["field"] = fault.field
    if fault.remedy:
        told["remedy"] = fault.remedy
    return told
