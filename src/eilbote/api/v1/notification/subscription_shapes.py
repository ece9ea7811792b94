"""Shapes of subscriptions, for administrators and for people's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from eilbote.api.times import moment_or_none, time_or_none
from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.defaults import DEFAULTS
from eilbote.author.notification.escalation import LONGEST_MINUTES, MOST_STEPS, StepFields
from eilbote.author.notification.event import new_event
from eilbote.author.notification.schedule import time_of_day
from eilbote.author.notification.subscription import Cadence, Subscription
from eilbote.author.notification.wording import title_of
from eilbote.engine.notify_desk import SubscriptionFields
from eilbote.engine.notify_preview import Previewed
from eilbote.model.moment import Moment, as_datetime, moment_of
from eilbote.model.severity import Severity

_Event = Annotated[
    str,
    Field(
        max_length=100,
        description="Which kinds: a dotted name in which `*` stands for anything",
        examples=["flow.*"],
    ),
]
_Least = Annotated[Severity, Field(description="How bad an event has to be at least")]
_When = Annotated[
    str,
    Field(
        max_length=500,
        description="A condition (Liquid) over `data` and `event` that has to hold as well",
        examples=["data.total > 1000"],
    ),
]
_To = Annotated[
    list[Annotated[str, Field(max_length=320)]],
    Field(
        max_length=100,
        description="Who is told, each in a message of their own: addresses, `role:operator` for everybody with a role in the "
        "organization of the event, `user:ID`",
        examples=[["role:operator", "ops@example.org"]],
    ),
]
_CadenceField = Annotated[
    Cadence,
    Field(description="`immediately`, or gathered: `ten_minutes`, `hourly`, `daily`; `never` silences"),
]
_At = Annotated[str, Field(max_length=5, description="When, for the daily ones", examples=["07:00"])]
_Zone = Annotated[
    str,
    Field(
        max_length=100,
        description="IANA name; people with an account have their own",
        examples=["Europe/Berlin"],
    ),
]
_Quiet = Annotated[
    str,
    Field(
        max_length=11,
        description="When nothing is told but what is fatal; empty for never",
        examples=["22:00-07:00"],
    ),
]
_Language = Annotated[
    str,
    Field(
        max_length=35, description="For those who have none of their own: `en`, `de`, `ru`", examples=["en"]
    ),
]
_Replaces = Annotated[
    str,
    Field(
        max_length=64,
        description="An organization's: the host's subscription in place of which this one stands for its own events",
        examples=["default-organization"],
    ),
]
_Until = Annotated[
    AwareDatetime | None,
    Field(description="Until when nothing is told at all, and nothing afterwards either"),
]


class StepShape(BaseModel):
    """Who is told next when nobody has acknowledged an event."""

    model_config = ConfigDict(extra="forbid")

    after_minutes: int = Field(
        ge=1,
        le=LONGEST_MINUTES,
        description="After the step before, or after the first were told",
        examples=[15],
    )
    to: _To
    severity: Severity | None = Field(
        default=None, description="How bad it is by then, if that is worse; null leaves it as it is"
    )


_Escalation = Annotated[
    list[StepShape],
    Field(
        max_length=MOST_STEPS,
        description="Who is told next, step by step, until somebody acknowledges the event",
        examples=[[{"after_minutes": 15, "to": ["role:organization_administrator"], "severity": "fatal"}]],
    ),
]


class OwnSubscriptionInput(BaseModel):
    """What somebody wants to be told."""

    model_config = ConfigDict(extra="forbid")

    event: _Event = "*"
    severity: _Least = Severity.INFORMATION
    when: _When = ""
    cadence: _CadenceField = Cadence.IMMEDIATELY
    at: _At = "07:00"
    quiet: _Quiet = ""
    muted_until: _Until = None


class SubscriptionInput(OwnSubscriptionInput):
    """Who wants to be told of what."""

    to: _To = []
    everywhere: bool = Field(
        default=False, description="For the host's: events of every organization as well"
    )
    time_zone: _Zone = "UTC"
    language: _Language = "en"
    replaces: _Replaces = ""
    escalation: _Escalation = []


class OwnSubscriptionChange(BaseModel):
    """What is to be other than it is; what is left out stays, and null is as it is when nobody says anything."""

    model_config = ConfigDict(extra="forbid")

    event: _Event | None = None
    severity: _Least | None = None
    when: _When | None = None
    cadence: _CadenceField | None = None
    at: _At | None = None
    quiet: _Quiet | None = None
    muted_until: _Until = None
    revision: int | None = Field(default=None, ge=0, description="The one that was seen")


class SubscriptionChange(OwnSubscriptionChange):
    """What is to be other than it is."""

    to: _To | None = None
    left: _To | None = Field(
        default=None, description="Who has unsubscribed; leave somebody out to have them told again"
    )
    everywhere: bool | None = None
    time_zone: _Zone | None = None
    language: _Language | None = None
    replaces: _Replaces | None = None
    escalation: _Escalation | None = None


class Snooze(BaseModel):
    """For how long nothing is to be told."""

    model_config = ConfigDict(extra="forbid")

    minutes: int = Field(ge=1, le=525_600, description="From now on", examples=[60])


class SubscriptionShape(BaseModel):
    """Who wants to be told of what, how soon."""

    id: str = Field(examples=["default-organization"])
    organization: str = Field(description="Whose events; empty for the host")
    everywhere: bool = Field(description="Whether those of every organization are meant as well")
    event: str
    severity: Severity
    when: str
    to: list[str]
    left: list[str] = Field(description="Who has unsubscribed, though they are meant")
    replaces: str
    cadence: Cadence
    at: str
    time_zone: str
    quiet: str
    muted_until: datetime | None
    language: str
    escalation: list[StepShape]
    default: bool = Field(
        description="Whether it is there from the beginning; removing what was changed brings it back"
    )
    revision: int = Field(description="0 for a default that nobody has changed")


class PreviewShape(BaseModel):
    """What somebody would be told of one kind of events."""

    event: str = Field(examples=["flow.failed"])
    title: str
    severity: Severity
    mandatory: bool
    told: bool
    subscription: str = Field(description="By which; empty when they would not be told")
    gathered: bool = Field(description="Whether together with others, in one message")
    due: datetime | None = Field(description="When, were it raised now")
    condition: str = Field(description="What has to hold as well")


def shape_of(one: Subscription) -> SubscriptionShape:
    """Give a subscription as it is shown."""
    return SubscriptionShape(
        id=one.id,
        organization=one.organization,
        everywhere=one.everywhere,
        event=one.pattern,
        severity=one.least,
        when=one.when,
        to=list(one.recipients),
        left=list(one.left),
        replaces=one.replaces,
        cadence=one.cadence,
        at=time_of_day(one.daily_at),
        time_zone=one.time_zone,
        quiet=str(one.quiet or ""),
        muted_until=time_or_none(one.muted_until),
        language=one.language,
        escalation=[
            StepShape(after_minutes=step.after_minutes, to=list(step.recipients), severity=step.severity)
            for step in one.escalation
        ],
        default=one.id in {each.id for each in DEFAULTS},
        revision=one.revision,
    )


def preview_of(one: Previewed) -> PreviewShape:
    """Give what somebody would be told as it is shown."""
    telling = one.telling
    event = new_event(one.kind, id="preview", at=Moment(0))
    return PreviewShape(
        event=one.kind,
        title=title_of(event),
        severity=one.severity,
        mandatory=known_event(one.kind).mandatory,
        told=telling is not None,
        subscription="" if telling is None else telling.subscription,
        gathered=telling is not None and telling.gathered,
        due=None if telling is None else as_datetime(telling.due),
        condition=one.condition,
    )


def fields_of(said: OwnSubscriptionInput) -> SubscriptionFields:
    """Give what is said of a new subscription, as the desk takes it."""
    fields: SubscriptionFields = {
        "event": said.event,
        "severity": said.severity.value,
        "when": said.when,
        "cadence": said.cadence.value,
        "at": said.at,
        "quiet": said.quiet,
        "muted_until": moment_or_none(said.muted_until),
    }
    if isinstance(said, SubscriptionInput):
        fields |= {
            "to": said.to,
            "everywhere": said.everywhere,
            "time_zone": said.time_zone,
            "language": said.language,
            "replaces": said.replaces,
            "escalation": _steps(said.escalation),
        }
    return fields


def changes_of(said: OwnSubscriptionChange) -> SubscriptionFields:
    """Give what is to be changed, as the desk takes it; null means as usual (RFC 7396)."""
    usual = SubscriptionInput()
    fields: dict[str, object] = {}
    for name in said.model_fields_set - {"revision"}:
        value: object = getattr(said, name)
        if value is None:
            value = [] if name == "left" else getattr(usual, name)
        if isinstance(value, list) and name == "escalation":
            value = _steps(cast("list[StepShape]", value))
        if isinstance(value, datetime):
            value = moment_of(value)
        fields[name] = value.value if isinstance(value, Severity | Cadence) else value
    return cast("SubscriptionFields", fields)  # the names are those of the shape


def _steps(said: list[StepShape]) -> list[StepFields | str]:
    return [
        {
            "after_minutes": step.after_minutes,
            "to": step.to,
            "severity": None if step.severity is None else step.severity.value,
        }
        for step in said
    ]
