"""Diagrams for pictures, made of nouns: no file is read."""

from eilbote.author.process.diagram import (
    Diagram,
    Element,
    ElementKind,
    EventKind,
    Label,
    Loop,
    MessageFlow,
    ProcessPlan,
    SequenceFlow,
    Shape,
)

K = ElementKind


def element(id_: str, kind: ElementKind, name: str = "", **more: object) -> Element:
    fields: dict[str, object] = {"tag": kind.value, "line": 1, "scope": "P", **more}
    return Element(id=id_, name=name, kind=kind, **fields)  # type: ignore[arg-type]


def flow(source: str, target: str, name: str = "", condition: str | None = None) -> SequenceFlow:
    return SequenceFlow(id=f"{source}-{target}", name=name, source=source, target=target, condition=condition)


def diagram(
    elements: list[Element],
    flows: list[SequenceFlow],
    *,
    labels: tuple[Label, ...] = (),
    message_flows: tuple[MessageFlow, ...] = (),
    shapes: list[Shape] | None = None,
) -> Diagram:
    return Diagram(
        processes=(ProcessPlan(id="P", name="Order ready", is_executable=True),),
        elements={each.id: each for each in elements},
        flows={each.id: each for each in flows},
        message_flows=message_flows,
        labels=labels,
        shapes={each.element: each for each in shapes or []},
        edges={},
        errors={},
    )


def order() -> Diagram:
    """Give a process with a decision, a task with a deadline, a sub-process, and a loop back."""
    return diagram(
        [
            element("start", K.START_EVENT, "Order received", event=EventKind.MESSAGE),
            element("tell", K.SEND_TASK, "Tell the customer"),
            element("big", K.EXCLUSIVE_GATEWAY, "Is it large?", default="big-pack"),
            element("check", K.USER_TASK, "Check the order"),
            element(
                "late",
                K.BOUNDARY_EVENT,
                "2 days",
                event=EventKind.TIMER,
                attached_to="check",
                is_interrupting=False,
            ),
            element("remind", K.THROW_EVENT, "Remind", event=EventKind.MESSAGE),
            element("reminded", K.END_EVENT),
            element("pack", K.SUB_PROCESS, "Pack", loop=Loop(is_sequential=True, cardinality="3")),
            element("begin", K.START_EVENT, scope="pack"),
            element("fold", K.TASK, "Fold the box", scope="pack"),
            element("close", K.END_EVENT, scope="pack"),
            element("script", K.UNSUPPORTED, "Compute", tag="scriptTask"),
            element("end", K.END_EVENT, "Order ready", event=EventKind.MESSAGE),
        ],
        [
            flow("start", "tell"),
            flow("tell", "big"),
            flow("big", "check", "yes", "order.total > 1000"),
            flow("big", "pack", "no"),
            flow("check", "pack"),
            flow("late", "remind"),
            flow("remind", "reminded"),
            flow("begin", "fold"),
            flow("fold", "close"),
            flow("pack", "script"),
            flow("script", "tell", "once more"),
            flow("script", "end"),
        ],
        labels=(
            Label(id="shop", kind="participant", text="Shop", process="P"),
            Label(id="customer", kind="participant", text="Customer"),
        ),
        message_flows=(MessageFlow(id="says", name="confirmation", source="tell", target="customer"),),
    )
