"""What checks find in flows, processes and routes, each with its place, so that an editor can show it there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from eilbote.api.error_places import body_place
from eilbote.api.problems import FieldProblem
from eilbote.api.remedies import ForClients
from eilbote.author.flow.check import Finding
from eilbote.author.process.finding import ProcessFinding
from eilbote.author.process.route.finding import RouteFinding

if TYPE_CHECKING:
    from starlette.requests import Request

ERROR: Final = "error"
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text", "definition"),
    "diagram": ("bpmn",),
    "settings": ("settings",),
}
"""Where in a body each text stands."""


class FindingShape(BaseModel):
    """Something that a check has found."""

    severity: str = Field(
        description="`error`: it cannot be used so; `warning`: hardly as it was meant; `hint` or `note`: worth knowing",
        examples=["error"],
    )
    what: str = Field(description="What it is", examples=["this kind of node has no field 'subjekt'"])
    field: str = Field(
        default="", description="A node and its field, a setting, a property", examples=["notify.subjekt"]
    )
    element: str = Field(default="", description="In processes: the id of the element or arrow")
    found_in: str = Field(
        default="text", description="To which text the line belongs: `text`, `diagram`, `settings`"
    )
    line: int | None = Field(default=None, description="Where it stands, from 1 on", examples=[21])
    column: int | None = Field(default=None, description="In that line, from 1 on", examples=[5])
    cause: ForClients = Field(default="", description="Why", examples=["The subject is missing."])
    remedy: ForClients = Field(default="", description="What to do", examples=["Did you mean 'subject'?"])

    def as_problem(self, request: Request) -> FieldProblem:
        """Give it as a part of a problem: the place in the body is that of the text in which it was found."""
        at = f" (line {self.line})" if self.line else ""
        said = [f"{self.what}{at}", self.cause, self.remedy]
        return FieldProblem(
            pointer=body_place(request, *_MEMBERS[self.found_in]),
            field=".".join(each for each in (self.element, self.field) if each),
            detail=" ".join(each if each.endswith((".", "?", "!")) else f"{each}." for each in said if each),
            code="finding",
        )


def of_flow(findings: Iterable[Finding]) -> list[FindingShape]:
    """Give what was found in a flow."""
    return [
        FindingShape(
            severity=each.severity.value,
            what=each.what,
            field=each.field or "",
            line=each.place.line if each.place else None,
            column=each.place.column if each.place else None,
            cause=each.cause or "",
            remedy=each.remedy or "",
        )
        for each in findings
    ]


def of_route(findings: Iterable[RouteFinding]) -> list[FindingShape]:
    """Give what was found in a route."""
    return [
        FindingShape(
            severity=each.severity.value,
            what=each.what,
            field=each.field,
            line=each.place.line if each.place else None,
            column=each.place.column if each.place else None,
            cause=each.cause or "",
            remedy=each.remedy or "",
        )
        for each in findings
    ]


def of_process(findings: Iterable[ProcessFinding]) -> list[FindingShape]:
    """Give what was found in a process."""
    return [
        FindingShape(
            severity=each.severity.value,
            what=each.what,
            field=each.field,
            element=each.element,
            found_in=each.found_in.value,
            line=each.line or None,
            cause=each.cause or "",
            remedy=each.remedy or "",
        )
        for each in findings
    ]


def is_sound(findings: Iterable[FindingShape]) -> bool:
    """Tell whether there is no error among them."""
    return all(each.severity != ERROR for each in findings)


def problems_of(request: Request, findings: Iterable[FindingShape]) -> list[FieldProblem]:
    """Give the errors among them as parts of a problem."""
    return [each.as_problem(request) for each in findings if each.severity == ERROR]
