"""Diagrams that are nearly right: whatever is lost, doubled or mixed up in one, it is told and nothing breaks."""

import json
import string
from collections.abc import Callable
from typing import TypeVar

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.author.process.written_bpmn import bpmn

from eilbote.author.process.bpmn.reading import read_bpmn
from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.check.check import check_process
from eilbote.author.process.finding import Severity
from eilbote.author.process.written.read_definition import read_definition
from eilbote.errors import ProcessError

T = TypeVar("T")
SOUND = bpmn(
    """
<startEvent id="begin"><messageEventDefinition messageRef="order"/></startEvent>
<sendTask id="tell" name="Tell"><extensionElements><eilbote:message systemName="told" state="Told" route="r"/></extensionElements></sendTask>
<boundaryEvent id="lost" attachedToRef="tell"><errorEventDefinition errorRef="failed"/></boundaryEvent>
<exclusiveGateway id="choose" default="choose-wait"/>
<userTask id="ask" name="Ask"><multiInstanceLoopCharacteristics camunda:collection="${order.items}"/></userTask>
<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT15M</timeDuration></timerEventDefinition></intermediateCatchEvent>
<subProcess id="pack">
<startEvent id="inner"/>
<callActivity id="call" calledElement="Ship"/>
inner->call
</subProcess>
<endEvent id="end"><errorEventDefinition errorRef="failed"/></endEvent>
begin->tell
tell->choose
choose->ask: ${order.total > 1000}
choose->wait
ask->pack
wait->pack
pack->end
lost->end
""",
    beside=(
        '<message id="order" name="order"/><error id="failed" errorCode="eilbote.mail_failed"/>'
        '<process id="Ship"><startEvent id="ship"/></process>'
        '<collaboration id="c"><participant id="us" processRef="Order"/><participant id="they"/>'
        '<messageFlow id="m" sourceRef="they" targetRef="begin"/></collaboration>'
    ),
)
LINES = SOUND.splitlines()
WORDS = sorted(
    {
        word
        for word in "".join(each if each.isalnum() else " " for each in SOUND).split()
        if word[0] in string.ascii_letters
    }
)


def _read(read: Callable[[], T]) -> T | None:
    """Read something; ``None`` when it is refused with a remedy, and any other exception is a failure."""
    try:
        return read()
    except ProcessError as fault:
        remedy = fault.remedy
    assert remedy
    return None


def looked_at(xml: str, beside: str = "") -> None:
    """Read and check a diagram; it may be refused, and says so in plain words."""
    text = write_bundle(Bundle(bpmn=xml, settings=beside))
    if (definition := _read(lambda: read_definition(text))) is None:
        return
    for each in check_process(definition):
        assert each.what
        assert each.remedy, each
        assert each.severity in Severity
        assert not str(each).endswith("..")


def test_the_diagram_that_is_changed_is_sound() -> None:
    definition = read_definition(
        write_bundle(Bundle(bpmn=SOUND, settings="elements: {tell: {on_failure: error}}"))
    )
    assert [str(each) for each in check_process(definition) if each.severity is Severity.ERROR] == []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_words_may_stand_in_one_anothers_place(data: st.DataObject) -> None:
    xml = SOUND
    for _ in range(data.draw(st.integers(1, 4))):
        old, new = (
            data.draw(st.sampled_from(WORDS)),
            data.draw(st.sampled_from([*WORDS, "", "x" * 300, "{{", "${a}"])),
        )
        at = data.draw(st.integers(0, 3))
        parts = xml.split(old)
        if len(parts) > at + 1:
            xml = old.join(parts[: at + 1]) + new + old.join(parts[at + 1 :])
    looked_at(xml)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, len(LINES) - 1), max_size=4), st.lists(st.integers(0, len(LINES) - 1), max_size=4)
)
@example([0], [])
@example([], list(range(len(LINES))))
def test_lines_may_be_lost_and_doubled(lost: list[int], doubled: list[int]) -> None:
    kept = [line for number, line in enumerate(LINES) if number not in lost]
    looked_at("\n".join(kept + [LINES[number] for number in doubled]))
    within = [
        line for number, line in enumerate(LINES) for _ in range((number not in lost) + (number in doubled))
    ]
    looked_at("\n".join(within))


_DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2000)
    | st.sampled_from([*WORDS, "", "{{ x }}", "{{", "PT5M", "a@b.c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.sampled_from(
    [
        "system_name",
        "state",
        "description",
        "destination",
        "route",
        "mapping",
        "on_failure",
        "message",
        "instance",
        "correlation",
        "title",
        "text",
        "duration",
        "importance",
        "record",
        "recipients",
        "due",
        "reminds",
        "language",
        "time_zone",
        "choices",
        "wants_text",
        "result",
        "http",
        "flow",
        "timer",
        "loop",
        "called",
        "error",
        "unknown",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["begin", "tell", "lost", "choose", "ask", "wait", "pack", "call", "end", "nobody"]),
        st.dictionaries(_FIELDS, _DATA, max_size=4) | _DATA,
        max_size=4,
    ),
    st.dictionaries(st.sampled_from(["choose-ask", "ask-pack", "nobody"]), _DATA, max_size=2),
)
def test_settings_may_say_anything(elements: dict[str, object], conditions: dict[str, object]) -> None:
    looked_at(SOUND, json.dumps({"elements": elements, "conditions": conditions}))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_octets_are_no_diagram(octets: bytes) -> None:
    _read(lambda: read_bpmn(octets))
