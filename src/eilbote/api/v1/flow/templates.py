"""Templates: put values in, check them, and look at the result in the frame of notifications. Nothing is sent and nothing is kept."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.remedies import ForClients
from eilbote.engine.flow_branding import branding_or_usual
from eilbote.template.branding import Branding
from eilbote.template.finding import TextFinding, Weight
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text
from eilbote.template.lint import lint
from eilbote.template.localized import read_time_zone
from eilbote.template.rich_content import safe_content
from eilbote.template.template import Markup, Missing, Template

router = APIRouter(prefix="/templates", tags=["Templates"])

Reader = Annotated[Acting, Depends(needs(Permission.AUTOMATIONS_READ))]
_LONGEST: Final = 1_000_000
_REPORT: Final = "00000000"
"""In place of the id by which a real mail can be told from others."""
PREVIEW_POLICY: Final = (
    "sandbox; default-src 'none'; img-src data: https:; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""The result is shown and does nothing: no scripts, no forms, no cookies of ours."""
_EXAMPLE: Final[dict[str, JsonValue]] = {
    "template": "<p>Dear {{ input.name }}, your order {{ input.order }} is ready.</p>",
    "markup": "html",
    "values": {"input": {"name": "Anna", "order": "A-17"}},
    "locale": "en",
}


class TemplateInput(BaseModel):
    """A template, and values such as it will get."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    template: str = Field(max_length=_LONGEST, description="A text with places for values, in Liquid")
    markup: Markup = Field(default=Markup.TEXT, description="What it is; in HTML, values are escaped")
    values: dict[str, JsonValue] = Field(
        default={},
        description="By name; flows give `input` and `context`",
        examples=[{"input": {"name": "Anna"}}],
    )
    locale: str = Field(
        default="en", max_length=35, description="How dates, numbers and money are written", examples=["de"]
    )
    time_zone: str = Field(default="UTC", max_length=64, examples=["Europe/Berlin"])
    missing: Missing = Field(
        default=Missing.EMPTY, description="What becomes of variables without a value: `empty` or `error`"
    )
    frame: bool = Field(
        default=False, description="Put it into the frame of notifications, in the look of the organization"
    )
    heading: str = Field(default="Subject", max_length=500, description="What stands above it in the frame")


class Rendered(BaseModel):
    """A text with its values."""

    markup: Markup
    rendered: str = Field(examples=["<p>Dear Anna, your order A-17 is ready.</p>"])
    text: str = Field(
        description="The same for readers without HTML", examples=["Dear Anna, your order A-17 is ready."]
    )


class LintInput(BaseModel):
    """A template to be checked."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"template": "Dear {{ input.nam }}", "sample": {"input": {"name": "Anna"}}}]
        },
    )

    template: str = Field(max_length=_LONGEST)
    markup: Markup = Markup.TEXT
    sample: dict[str, JsonValue] | None = Field(
        default=None, description="Values such as it will get; null when nothing is known about them"
    )


class TemplateFinding(BaseModel):
    """Something about a template."""

    severity: Weight = Field(description="`error`, `warning` or `hint`")
    position: int | None = Field(description="Offset in characters from 0; null when it concerns all of it")
    line: int | None = None
    column: int | None = None
    what: str
    cause: ForClients = ""
    remedy: ForClients = ""


class Linted(BaseModel):
    """What was found."""

    ok: bool = Field(description="Whether there is no error")
    findings: list[TemplateFinding]


@router.post("/render", summary="Put values into a template", operation_id="render_template")
async def render_template(acting: Reader, wanted: TemplateInput) -> Rendered:
    """Give the text that would be sent. Work and length are limited, as they are when flows run."""
    look = await branding_or_usual(acting.eilbote.settings, acting.organization)
    return await asyncio.to_thread(_rendered, wanted, look)


@router.post(
    "/preview",
    summary="Look at a template with its values",
    operation_id="preview_template",
    response_class=HTMLResponse,
    responses={200: {"description": "A page that does nothing but be looked at"}},
)
async def preview_template(acting: Reader, wanted: TemplateInput) -> HTMLResponse:
    """Give it as a page in the frame of notifications, in a sandbox: no scripts, no forms."""
    look = await branding_or_usual(acting.eilbote.settings, acting.organization)
    made = await asyncio.to_thread(_rendered, wanted.model_copy(update={"frame": True}), look)
    return HTMLResponse(made.rendered, headers={"Content-Security-Policy": PREVIEW_POLICY})


@router.post("/lint", summary="Check a template", operation_id="lint_template")
async def lint_template(_acting: Reader, wanted: LintInput) -> Linted:
    """Tell whether it is Liquid, whether its variables will have values, and what is written as other languages write it."""
    found = await asyncio.to_thread(lint, wanted.template, markup=wanted.markup, sample=wanted.sample)
    return Linted(
        ok=not any(each.severity is Weight.ERROR for each in found),
        findings=[_shape(each, wanted.template) for each in found],
    )


def _rendered(wanted: TemplateInput, look: Branding) -> Rendered:
    template = Template(wanted.template, markup=wanted.markup, missing=wanted.missing)
    zone = read_time_zone(wanted.time_zone)
    made = template.render(wanted.values, locale=wanted.locale, time_zone=zone)
    text = html_to_text(made) if wanted.markup is Markup.HTML else made
    if not wanted.frame:
        return Rendered(markup=wanted.markup, rendered=made, text=text)
    content = made if wanted.markup is Markup.HTML else escape(made).replace("\n", "<br>\n")
    page = framed(
        safe_content(content),
        heading=wanted.heading,
        report_id=_REPORT,
        branding=look,
        language=wanted.locale,
    )
    return Rendered(markup=Markup.HTML, rendered=page, text=text)


def _shape(found: TextFinding, text: str) -> TemplateFinding:
    line = column = None
    if found.position is not None:
        before = text[: found.position]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return TemplateFinding(
        severity=found.severity,
        position=found.position,
        line=line,
        column=column,
        what=found.what,
        cause=found.cause or "",
        remedy=found.remedy or "",
    )
