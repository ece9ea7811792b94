"""How the API shows the test of a connection, and what may be asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from eilbote.api.remedies import ForClients
from eilbote.api.v1.named_fields import ConnectionFields
from eilbote.errors import DeliveryError

if TYPE_CHECKING:
    from eilbote.engine.probe_findings import Probe, Step
    from eilbote.errors import EilboteError

Address = Annotated[str, StringConstraints(min_length=1, max_length=320)]
_MOST_VERIFIED: Final = 10


class ProbeWish(BaseModel):
    """What is to be tested; sends no mail."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"mail_from": "orders@example.org", "check_sender": True}]},
    )

    mail_from: Address | None = Field(
        default=None, description="A reverse-path to offer to the server, which is then taken back"
    )
    verify: list[Address] = Field(
        default=[], max_length=_MOST_VERIFIED, description="Addresses to ask the server about (VRFY)"
    )
    suggest: bool = Field(
        default=False, description="Look where the same host would have answered; only at the host"
    )
    check_sender: bool = Field(
        default=False, description="Ask the name servers whether receivers will believe the sender"
    )


class ConnectionProbeWish(ProbeWish):
    """What is to be tested, perhaps with other fields than are kept."""

    settings: ConnectionFields | None = Field(
        default=None,
        description="Fields to be tried in place of those that are kept; nothing is kept of them. A stored secret goes nowhere else "
        "than it was entered for",
    )


class NewProbeWish(ProbeWish):
    """A connection that is not kept, to be tested."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"settings": {"host": "smtp.example.org", "port": 587, "security": "starttls"}}]
        }
    )

    settings: ConnectionFields


class FaultShape(BaseModel):
    """Why a step failed."""

    code: str = Field(description="What kind of error; never changes", examples=["connect"])
    what: str = Field(description="What happened")
    field: str = Field(default="", description="The field to be changed", examples=["host"])
    cause: ForClients = Field(default="", description="Why")
    remedy: ForClients = Field(default="", description="What to do")
    reply: str = Field(default="", description="What the server said, secrets struck out")


class ProbeStep(BaseModel):
    """One step of a test."""

    kind: Literal["step"] = "step"
    name: str = Field(
        description="`settings`, `dns`, `connect`, `tls`, `greeting`, `ehlo`, `starttls`, `token`, `auth`, `mail`, `verify` or `sender`",
        examples=["tls"],
    )
    ok: bool
    seconds: float = Field(description="How long it took")
    seen: str = Field(default="", description="What was found or said", examples=["TLSv1.3"])
    error: FaultShape | None = None
    warnings: list[str] = Field(default=[], description="What is not well and keeps nothing from working")


class ReachableShape(BaseModel):
    """Where the same host would have answered."""

    port: int
    security: str
    seen: str
    certificate_fault: str = ""


class ProbeShape(BaseModel):
    """What a test found."""

    kind: Literal["result"] = "result"
    ok: bool = Field(description="Whether every step went well")
    server: str = Field(examples=["smtp.example.org:465"])
    steps: list[ProbeStep] = Field(description="The steps made; nothing follows one that failed")
    extensions: list[str] = Field(default=[], description="What the server announces")
    tls_version: str = ""
    transcript: list[str] = Field(default=[], description="The dialogue, secrets struck out")
    reachable: list[ReachableShape] = []


def step_shape(step: Step, *, is_guarded: bool) -> ProbeStep:
    """Show a step.

    Args:
        step: Which.
        is_guarded: Whether it was made on behalf of an organization, which hears nothing about the network of the host.
    """
    return ProbeStep(
        name=step.name,
        ok=step.error is None,
        seconds=round(step.seconds, 3),
        seen=step.seen,
        error=None if step.error is None else fault_shape(step.error, is_guarded=is_guarded),
        warnings=list(step.warnings),
    )


def probe_shape(found: Probe, *, is_guarded: bool) -> ProbeShape:
    """Show what a test found; the arguments are those of :func:`step_shape`."""
    return ProbeShape(
        ok=found.ok,
        server=found.server,
        steps=[step_shape(step, is_guarded=is_guarded) for step in found.steps],
        extensions=list(found.extensions),
        tls_version=found.tls_version,
        transcript=list(found.transcript),
        reachable=[
            ReachableShape(
                port=each.port,
                security=each.security.value,
                seen=each.seen,
                certificate_fault=each.certificate_fault,
            )
            for each in found.reachable
        ],
    )


def fault_shape(error: EilboteError, *, is_guarded: bool) -> FaultShape:
    """Show why something failed.

    On behalf of an organization, a name that the host's own network knows and one that nobody knows are told in the same words: otherwise
    names could be tried until one exists.
    """
    if is_guarded and isinstance(error, DeliveryError) and error.stage == "dns":
        return FaultShape(
            code=error.code,
            what="the host leads to no public address",
            field="host",
            cause="Its name is not known, or leads to an address that may not be used from here",
            remedy="Check the spelling, and use a server on the public Internet",
        )
    return FaultShape(
        code=error.code,
        what=error.what,
        field=error.field or "",
        cause=error.cause or "",
        remedy=error.remedy or "",
        reply=(error.reply_text or "") if isinstance(error, DeliveryError) else "",
    )
