"""Pictures of processes are well-formed, safe, say in words what they show, and place what no file has placed."""

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.author.process.drawn_diagrams import K, diagram, element, flow, order

from eilbote.author.process.diagram import Diagram, Edge, EventKind, Label, Shape
from eilbote.author.process.instance import Passage, PassageKind
from eilbote.author.process.picture.layout import lay_out
from eilbote.author.process.picture.marks import AMBER, BLUE, GREEN, GREY, PURPLE, RED
from eilbote.author.process.picture.picture import draw
from eilbote.author.process.picture.place import place
from eilbote.author.process.picture.state import ElementState, InstanceState, MailMark, state_of
from eilbote.author.process.picture.svg import node, number, words
from eilbote.author.process.picture.text import text_width, wrapped

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - a picture of ours


def titles(text: str) -> list[str]:
    return [each.text or "" for each in drawn(text).iter(f"{SVG}title")]


# -- what it says --------------------------------------------------------------------------------------------------


def test_a_picture_says_what_it_is_and_what_stands_where() -> None:
    picture = draw(
        order(),
        title="Order ready",
        state=InstanceState(
            elements={
                "tell": ElementState(done=1, mails={MailMark.ACCEPTED: 2, MailMark.FAILED: 1}),
                "check": ElementState(tokens=1, incident="the route is disabled"),
            },
            taken={"start-tell": 1},
        ),
    )
    root = drawn(picture)
    assert root[0].text == "Order ready"
    assert root[1].tag == f"{SVG}desc"
    assert "Check the order (user task): incident: the route is disabled, 1 here" in (root[1].text or "")
    assert "Tell the customer (send task): 1 done, 2 e-mail accepted, 1 e-mail failed" in titles(picture)
    assert "Compute (scriptTask, not executed)" in titles(picture)
    assert "2 days (timer boundary event)" in titles(picture)


def test_a_flow_that_was_taken_differs_in_more_than_its_colour() -> None:
    def stroke(picture: str) -> str | None:
        arrow = next(each for each in drawn(picture).iter() if each.get("data-flow") == "start-tell")
        return arrow[0].get("stroke-width")

    none = draw(order(), title="x", state=InstanceState(elements={}, taken={}))
    taken = draw(order(), title="x", state=InstanceState(elements={}, taken={"start-tell": 2}))
    assert float(stroke(taken) or 0) > float(stroke(none) or 0) * 1.5
    assert "×2" in taken
    assert "×2" not in none


@pytest.mark.parametrize("colour", [BLUE, GREEN, RED, GREY, AMBER, PURPLE])
def test_marks_can_be_told_from_paper(colour: str) -> None:
    def part(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (part(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert 1.05 / (light + 0.05) >= 4.5


def test_a_diagram_without_anything_is_a_picture_too() -> None:
    assert drawn(draw(diagram([], []), title="Nothing")).tag == f"{SVG}svg"


# -- what a stranger wrote ----------------------------------------------------------------------------------------

HOSTILE = "</text><script>alert(1)</script>\" onload='x' &lt; \x00\x1b[31m \u202egnp.exe ]]>"


def test_what_a_stranger_wrote_stays_text() -> None:
    picture = draw(
        diagram(
            [
                element('a" onload="x', K.START_EVENT, HOSTILE),
                element("b", K.USER_TASK, HOSTILE),
                element("c", K.UNSUPPORTED, HOSTILE, tag=HOSTILE),
            ],
            [flow('a" onload="x', "b", HOSTILE), flow("b", "c", HOSTILE)],
            labels=(
                Label(id="l", kind=HOSTILE, text=HOSTILE),
                Label(id="p", kind="participant", text=HOSTILE),
            ),
            shapes=None,
        ),
        title=HOSTILE,
        subtitle=HOSTILE,
        state=InstanceState(elements={"b": ElementState(incident=HOSTILE)}, taken={}),
    )
    known = {
        "svg",
        "g",
        "title",
        "desc",
        "rect",
        "circle",
        "line",
        "polyline",
        "polygon",
        "path",
        "text",
        "tspan",
    }
    for each in drawn(picture).iter():
        assert each.tag.removeprefix(SVG) in known
        for name, value in each.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert name != "style"
            assert "url(" not in value
    assert "\u202e" not in picture
    assert "\x1b" not in picture


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_makes_a_well_formed_element(text: str, value: str) -> None:
    root = drawn(node("g", node("title", words(text)), data_element=value, x=1.5))
    assert [each.tag for each in root.iter()] == ["g", "title"]


@given(st.floats())
def test_any_number_can_be_written(value: float) -> None:
    assert re.fullmatch(r"-?\d+(\.\d+)?", number(value))


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, -1e12])
def test_a_file_that_places_something_absurdly_is_placed_here(value: float) -> None:
    whole = order()
    shapes = {id_: Shape(element=id_, x=0, y=0, width=100, height=80) for id_ in whole.elements}
    shapes["tell"] = Shape(element="tell", x=value, y=0, width=100, height=80)
    placing = place(with_shapes(whole, shapes))
    assert all(math.isfinite(each.x) and abs(each.x) < 10_000 for each in placing.shapes.values())


# -- where things stand -------------------------------------------------------------------------------------------


def with_shapes(whole: Diagram, shapes: dict[str, Shape]) -> Diagram:
    from dataclasses import replace

    return replace(whole, shapes=shapes)


def overlaps(one: Shape, other: Shape) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def test_what_no_file_has_placed_stands_beside_one_another() -> None:
    whole = order()
    region = lay_out(whole)
    flat = [
        region.shapes[each.id]
        for each in whole.elements.values()
        if each.scope == "P" and not each.attached_to
    ]
    for number_, one in enumerate(flat):
        for other in flat[number_ + 1 :]:
            assert not overlaps(one, other), (one, other)
    assert region.shapes["start"].x < region.shapes["tell"].x < region.shapes["big"].x
    inner, outer = region.shapes["fold"], region.shapes["pack"]
    assert outer.x < inner.x
    assert inner.x + inner.width < outer.x + outer.width
    assert set(region.edges) == {*whole.flows, "says"}


def test_ways_that_part_take_rows_of_their_own() -> None:
    whole = diagram(
        [
            element("split", K.PARALLEL_GATEWAY),
            *(element(f"t{index}", K.TASK) for index in range(4)),
            element("join", K.PARALLEL_GATEWAY),
            element("end", K.END_EVENT),
        ],
        [
            *(flow("split", f"t{index}") for index in range(4)),
            *(flow(f"t{index}", "join") for index in range(4)),
            flow("join", "end"),
            flow("split", "end", "past everything"),
        ],
    )
    region = lay_out(whole)
    assert len({region.shapes[f"t{index}"].y for index in range(4)}) == 4
    assert region.shapes["split"].y + 25 == region.shapes["join"].y + 25 == region.shapes["t0"].y + 40
    for corner in region.edges["split-end"].points[1:-1]:
        for shape in region.shapes.values():
            assert not (
                shape.x < corner[0] < shape.x + shape.width and shape.y < corner[1] < shape.y + shape.height
            )


def test_arrows_begin_and_end_at_their_elements() -> None:
    whole = order()
    region = lay_out(whole)
    for each in whole.flows.values():
        corners = region.edges[each.id].points
        for (x, y), shape in (
            (corners[0], region.shapes[each.source]),
            (corners[-1], region.shapes[each.target]),
        ):
            assert shape.x - 1 <= x <= shape.x + shape.width + 1
            assert shape.y - 1 <= y <= shape.y + shape.height + 1


def test_the_names_of_arrows_that_leave_together_stand_apart() -> None:
    split = diagram(
        [element("split", K.EXCLUSIVE_GATEWAY), element("up", K.TASK), element("down", K.TASK)],
        [flow("split", "up", "yes"), flow("split", "down", "no")],
        shapes=[
            Shape(element="split", x=100, y=100, width=50, height=50),
            Shape(element="up", x=300, y=85, width=100, height=80),
            Shape(element="down", x=300, y=285, width=100, height=80),
        ],
    )
    edges = {
        "split-up": Edge(element="split-up", points=((150, 125), (300, 125))),
        "split-down": Edge(element="split-down", points=((150, 125), (280, 125), (280, 325), (300, 325))),
    }
    picture = draw(replace(split, edges=edges), title="Split")

    places = {
        each.text: (float(each.attrib["x"]), float(each.attrib["y"]))
        for each in drawn(picture).iter()
        if each.text in {"yes", "no"} and "x" in each.attrib
    }
    assert math.dist(places["yes"], places["no"]) > 30


def test_a_long_chain_is_placed_without_recursion() -> None:
    count = 3000
    whole = diagram(
        [element(f"t{index}", K.TASK) for index in range(count)],
        [flow(f"t{index}", f"t{index + 1}") for index in range(count - 1)],
    )
    region = lay_out(whole)
    assert region.shapes["t2999"].x > region.shapes["t2998"].x


def test_what_a_file_may_hold_is_drawn_in_little_room_whatever_its_arrows_do() -> None:
    """Arrows past a thousand columns each would otherwise keep cells free in all of them."""
    count = 1000
    whole = diagram(
        [element(f"t{index}", K.EXCLUSIVE_GATEWAY) for index in range(count)],
        [flow(f"t{index}", f"t{index + 1}") for index in range(count - 1)]
        + [flow(f"t{index}", f"t{count - 1 - index // 2}") for index in range(0, count - 50, 2)],
    )
    region = lay_out(whole)
    assert region.height < 10_000
    assert sum(len(edge.points) for edge in region.edges.values()) < 6 * len(whole.flows)


def test_arrows_in_a_circle_are_placed() -> None:
    whole = diagram(
        [element(each, K.TASK) for each in "abc"],
        [flow("a", "b"), flow("b", "c"), flow("c", "a"), flow("b", "b")],
    )
    assert set(lay_out(whole).edges) == {"a-b", "b-c", "c-a", "b-b"}


def test_a_closed_sub_process_shows_what_is_inside() -> None:
    whole = order()
    shapes = {
        id_: Shape(element=id_, x=150 * at, y=0, width=100, height=80)
        for at, id_ in enumerate(each.id for each in whole.elements.values() if each.scope == "P")
    }
    # The modeler drew the inside on a page of its own: its places lie over those of other elements.
    shapes |= {id_: Shape(element=id_, x=0, y=0, width=100, height=80) for id_ in ("begin", "fold", "close")}
    shapes["pack"] = Shape(element="pack", x=1500, y=300, width=100, height=80, is_expanded=False)
    picture = draw(
        with_shapes(whole, shapes),
        title="x",
        state=InstanceState(elements={"fold": ElementState(tokens=1, mails={MailMark.FAILED: 1})}, taken={}),
    )
    assert "Pack (sub-process): 1 here, 1 e-mail failed" in titles(picture)
    assert not [each for each in titles(picture) if each.startswith("Fold the box")]


def test_an_arrow_that_no_file_has_drawn_is_a_straight_line() -> None:
    whole = diagram(
        [element("a", K.TASK), element("b", K.TASK)],
        [flow("a", "b")],
        shapes=[
            Shape(element="a", x=0, y=0, width=100, height=80),
            Shape(element="b", x=300, y=0, width=100, height=80),
        ],
    )
    assert place(whole).edges["a-b"] == Edge(element="a-b", points=((100, 40), (300, 40)))


def test_the_picture_is_as_large_as_what_stands_in_it() -> None:
    whole = diagram(
        [element("a", K.TASK)],
        [],
        shapes=[Shape(element="a", x=-5000, y=-300, width=100, height=80)],
    )
    left, top, width, height = map(float, (drawn(draw(whole, title="x")).get("viewBox") or "").split())
    assert left < -5000
    assert left + width > -4900
    assert top < -300
    assert top + height > -220
    assert width < 300


# -- what a text takes --------------------------------------------------------------------------------------------


@given(st.text(max_size=200), st.integers(min_value=1, max_value=5))
def test_lines_fit_into_their_room(text: str, most: int) -> None:
    lines = wrapped(text, width=90, most=most)
    assert len(lines) <= most
    assert all(text_width(line) <= 90 + 1e-6 or len(line) == 1 for line in lines)


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    assert wrapped("one two three four", width=40, most=1) == ("one…",)
    assert wrapped("one", width=40, most=1) == ("one",)


# -- from an instance ---------------------------------------------------------------------------------------------


def passage(id_: str, kind: PassageKind, iteration: int = 0) -> Passage:
    return Passage(element=id_, iteration=iteration, kind=kind, at=0)


def test_passages_are_added_up() -> None:
    state = state_of(
        [
            passage("start", PassageKind.ENTERED),
            passage("start", PassageKind.LEFT),
            passage("tell", PassageKind.ENTERED),
            passage("tell", PassageKind.LEFT),
            passage("tell", PassageKind.ENTERED, 1),
            passage("check", PassageKind.ENTERED),
            passage("check", PassageKind.CANCELLED),
        ],
        taken={"start-tell": 1},
        incidents=[("tell", "no route")],
        mails=[("tell", MailMark.ACCEPTED), ("tell", MailMark.ACCEPTED), ("tell", MailMark.IN_DOUBT)],
    )
    assert state.elements["start"] == ElementState(done=1)
    assert state.elements["tell"] == ElementState(
        tokens=1, done=1, incident="no route", mails={MailMark.ACCEPTED: 2, MailMark.IN_DOUBT: 1}
    )
    assert state.elements["check"] == ElementState(cancelled=1)


@pytest.mark.parametrize("kind", list(K))
@pytest.mark.parametrize("event", list(EventKind))
def test_every_kind_can_be_drawn(kind: K, event: EventKind) -> None:
    whole = diagram([element("a", kind, "A", event=event)], [])
    assert any(each.startswith("A (") for each in titles(draw(whole, title="x")))
