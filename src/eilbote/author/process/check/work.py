"""Whether tasks can be done and messages can be waited for: user tasks, service tasks, and everything that catches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.process.check.scene import called
from eilbote.author.process.check.texts import check_duration, check_result, check_texts, is_literal
from eilbote.author.process.details import CatchDetails, FlowDetails, HttpDetails, TaskDetails
from eilbote.author.process.diagram import Element, ElementKind, EventKind
from eilbote.errors import EilboteError
from eilbote.model.address import parse_address_list
from eilbote.template.localized import read_locale, read_time_zone

if TYPE_CHECKING:
    from eilbote.author.process.check.scene import Scene

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_HOST: Final = re.compile(r"https?://[^/?#{}\s]+(?:[/?#]|$)", re.IGNORECASE)
_CODE: Final = ("class", "expression", "delegateExpression", "taskDefinition", "connector", "type", "topic")
"""How other engines say what a service task does."""


def check_work(scene: Scene) -> None:
    """Find tasks that cannot be done, and waits that never end."""
    for element in scene.graph.executed.values():
        match scene.definition.details.get(element.id):
            case TaskDetails() as details:
                _task(scene, element, details)
            case HttpDetails() as details:
                _http(scene, element, details)
            case FlowDetails() as details:
                _flow(scene, element, details)
            case CatchDetails() as details:
                _catch(scene, element, details)
            case _:
                _without(scene, element)
        if element.foreign and element.id in scene.graph.reached:
            _foreign(scene, element)


def _task(scene: Scene, element: Element, details: TaskDetails) -> None:
    for field in ("title", "record"):
        if value := getattr(details, field):
            check_texts(scene, element, value, field=field)
    for number, recipient in enumerate(details.recipients):
        field = f"recipients[{number}]"
        if not is_literal(recipient):
            check_texts(scene, element, recipient, field=field)
            continue
        try:
            parse_address_list(recipient, field=field)
        except EilboteError as fault:
            scene.fault(element, fault, field="recipients")
    check_duration(scene, element, details.due, field="due")
    check_result(scene, element, details.result)
    for field, read, value in (
        ("language", read_locale, details.language),
        ("time_zone", read_time_zone, details.time_zone),
    ):
        try:
            read(value)
        except EilboteError as fault:
            scene.error(element, fault.what, field=field, cause=fault.cause, remedy=fault.remedy)
    if not details.recipients:
        for field, is_said in (("reminds", details.reminds), ("choices", bool(details.choices))):
            if is_said:
                scene.warning(
                    element,
                    f"{called(element)} tells nobody, so {field!r} means little",
                    field=field,
                    cause="It has no recipients, and can be done by API and command line only",
                    remedy='Write recipients: ["boss@example.org"]',
                )
    if not element.name and not details.title:
        scene.warning(
            element,
            f"{called(element)} has neither name nor title",
            remedy="Write beside it what is to be done",
        )


def _http(scene: Scene, element: Element, details: HttpDetails) -> None:
    if not details.url:
        scene.error(
            element,
            f"{called(element)} asks a web server, and does not say which",
            field="http.url",
            remedy="Give its address, such as https://example.org/orders/{{ order.number }}",
        )
    elif is_literal(details.url) and not _URL.match(details.url):
        scene.error(
            element,
            f"{details.url[:60]!r} is no address of a web server",
            field="http.url",
            remedy="Begin it with https://",
        )
    if details.method not in _METHODS:
        scene.error(
            element,
            f"{details.method[:20]!r} is no method",
            field="http.method",
            remedy=scene.nearest(details.method, _METHODS),
        )
    _secrets(scene, element, details)
    check_texts(scene, element, details.url, field="http.url")
    check_texts(scene, element, dict(details.headers), field="http.headers")
    check_texts(scene, element, details.body, field="http.body")
    check_result(scene, element, details.result, field="http.result")


def _secrets(scene: Scene, element: Element, details: HttpDetails) -> None:
    """Check headers that name secrets, and that these go nowhere but where the author says."""
    for name, value in details.headers.items():
        field = f"http.headers.{name}"
        if isinstance(value, dict) and (
            len(value.keys() & {"env", "file"}) != 1 or value.keys() - {"env", "file", "before"}
        ):
            scene.error(
                element,
                "this names no secret",
                field=field,
                remedy='Give a text, or {env: EILBOTE_FLOW_SECRET_CRM, before: "Bearer "}, or file: and its name',
            )
        elif isinstance(value, dict) and not _HOST.match(details.url):
            scene.error(
                element,
                "a secret would go wherever a value says",
                field=field,
                cause="The address does not name the host",
                remedy="Write scheme and host into http.url, such as https://crm.example.org/{{ path }}",
            )
        elif isinstance(value, list):
            scene.error(element, "a header is one text", field=field, remedy="Give a text, in quotes")


def _flow(scene: Scene, element: Element, details: FlowDetails) -> None:
    flows = scene.known.flows
    if not details.flow:
        scene.error(
            element,
            f"{called(element)} runs a flow, and does not say which",
            field="flow.name",
            remedy=scene.nearest("", flows or (), otherwise="Name one of")
            or "Give the name of a published flow",
        )
    elif not is_literal(details.flow):
        scene.error(
            element,
            "a flow cannot be chosen by a template",
            field="flow.name",
            remedy="Name one flow, and draw a gateway before it when there is something to choose",
        )
    elif flows is not None and details.flow not in flows:
        scene.error(
            element,
            f"no published flow is called {details.flow[:60]!r}",
            field="flow.name",
            remedy=scene.nearest(details.flow, flows, none="Publish it with `eilbote flow publish`"),
        )
    check_texts(scene, element, dict(details.input), field="flow.input")
    check_result(scene, element, details.result, field="flow.result")


def _catch(scene: Scene, element: Element, details: CatchDetails) -> None:
    if not element.message:
        scene.error(
            element,
            f"{called(element)} does not say which message it waits for",
            field="message",
            remedy=f"Choose a message in the modeler, or write elements: {{{element.id}: {{message: payment}}}}",
        )
    elif not is_literal(element.message):
        scene.error(
            element,
            f"the message of {called(element)} cannot be chosen by a template",
            field="message",
            remedy="Give it a name of its own, and tell instances apart by correlation",
        )
    check_texts(scene, element, details.correlation, field="correlation")
    check_result(scene, element, details.result)
    if (
        details.correlation
        and element.kind is ElementKind.START_EVENT
        and scene.graph.is_process(element.scope)
    ):
        scene.warning(
            element,
            f"{called(element)} begins an instance, which has no key to wait with yet",
            field="correlation",
            remedy="Write correlation: at the top of the settings; it is made of the data that an instance begins with",
        )


def _without(scene: Scene, element: Element) -> None:
    if element.kind is ElementKind.SERVICE_TASK and element.id in scene.graph.reached:
        code = [each for each in element.foreign if each.partition(":")[2] in _CODE]
        scene.error(
            element,
            f"{called(element)} does not say what it does",
            cause=f"{' and '.join(code)} of another engine is never executed" if code else None,
            remedy=f"Write http:, flow: or a route into the settings, below elements: {element.id}:",
        )
    elif element.kind is ElementKind.TASK and element.id in scene.graph.reached:
        scene.note(
            element,
            f"nothing happens at {called(element)}; tokens pass it",
            cause="It is a task without a type",
            remedy="Make it a user, send or service task, or write recipients:, a route, http: or flow: into the settings",
        )
    elif element.kind is ElementKind.END_EVENT and element.event is EventKind.ERROR and not element.error:
        scene.warning(
            element,
            f"{called(element)} throws an error without a code",
            cause="Only events that catch every error catch it",
            remedy="Choose an error with a code in the modeler",
        )


def _foreign(scene: Scene, element: Element) -> None:
    found = element.foreign
    if element.event is EventKind.UNSUPPORTED or element.kind is ElementKind.UNSUPPORTED:
        return
    scene.note(
        element,
        f"unsupported, not executed in {called(element)}: {', '.join(found[:6])}{' and others' if len(found) > 6 else ''}",  # noqa: PLR2004 - as many as a line holds
        cause="It was written for another engine",
        remedy="Leave it there, it does no harm; say in eilbote's settings what is to happen",
    )
