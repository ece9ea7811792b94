"""Code of many languages, wherever a process takes an expression: nothing of it is ever executed.

Engines of processes evaluate what a diagram says; a condition that writes a file has been shown for several of them. Here every
payload that could leave a mark is put into every place that holds an expression or a text, and no mark is left.
"""

from __future__ import annotations

import builtins
from pathlib import Path

import pytest
from tests.unit.author.process.drawn import END, HOUR, NOW, START, K, all_sent, element, mail, on, process

from eilbote.author.process.definition import Definition
from eilbote.author.process.details import CatchDetails, FlowDetails, HttpDetails, TaskDetails
from eilbote.author.process.diagram import Loop
from eilbote.author.process.instance import Instance
from eilbote.author.process.interpret.interpret import begin
from eilbote.errors import EilboteError
from eilbote.model.data import Data
from eilbote.model.moment import Moment

MARK = "{mark}"
PAYLOADS = (
    "__import__('pathlib').Path('{mark}').write_text('x') > 0",
    "open('{mark}', 'w').write('x')",
    "exec(\"open('{mark}','w').write('x')\")",
    "eval(\"__import__('os').system('touch {mark}')\")",
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'Popen'][0]('touch {mark}', shell=True)",
    "(lambda: __import__('os').system('touch {mark}'))()",
    "globals()['__builtins__']['open']('{mark}', 'w')",
    "setattr(__import__('builtins'), 'canary', 1)",
    "import os; os.system('touch {mark}')",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self.__init__.__globals__.os.system('touch {mark}') }}",
    "{{ cycler.__init__.__globals__.os.popen('touch {mark}').read() }}",
    "{% include '{mark}' %}",
    "{% render '/etc/passwd' %}",
    "{% assign x = data | system: 'touch {mark}' %}{{ x }}",
    "{% raw %}{% endraw %}{{ 'touch {mark}' | eval }}",
    "${Runtime.getRuntime().exec('touch {mark}')}",
    "#{T(java.lang.Runtime).getRuntime().exec('touch {mark}')}",
    "${''.getClass().forName('java.lang.Runtime')}",
    "${execution.setVariable('canary', 1)}",
    '=get value(context, "x") + function() external {java: {class: "java.lang.Runtime"}}',
    "require('child_process').execSync('touch {mark}')",
    "process.mainModule.require('fs').writeFileSync('{mark}', 'x')",
    "this.constructor.constructor('return process')().exit()",
    "new java.io.File('{mark}').createNewFile()",
    '"touch {mark}".execute()',
    "`touch {mark}`",
    "$(touch {mark})",
    "; touch {mark} #",
    "<script>fetch('//x/{mark}')</script>",
    "%}{% assign canary = 1 %}{% if true",
)
PLACES = (
    "condition",
    "timer",
    "cardinality",
    "collection",
    "until",
    "mapping",
    "title",
    "recipient",
    "correlation",
    "url",
    "input",
    "begin",
    "data",
)


def with_payload(place: str, said: str) -> Definition:
    """Draw a process that holds a text in one place."""

    def here(name: str, usual: str = "") -> str:
        return said if place == name else usual

    return process(
        [
            START,
            element("which", K.EXCLUSIVE_GATEWAY, default="which-tell"),
            element(
                "tell",
                K.SEND_TASK,
                loop=Loop(
                    is_sequential=True,
                    cardinality=None if place == "collection" else here("cardinality", "1"),
                    collection=said if place == "collection" else None,
                    until=here("until") or None,
                ),
            ),
            element("ask", K.SERVICE_TASK),
            element("run", K.SERVICE_TASK),
            element("look", K.USER_TASK),
            element("rest", K.BOUNDARY_EVENT, at="look", timer=here("timer", "PT1H")),
            element("wait", K.RECEIVE_TASK, message="go"),
            END,
        ],
        "start > which > tell > ask > run > look > wait > end",
        "rest > wait",
        *([f"which > wait if {said}"] if place == "condition" else []),
        details={
            "tell": mail("tell", mapping={"Text": here("mapping")}),
            "ask": HttpDetails(url=here("url"), body={"x": here("url")}),
            "run": FlowDetails(flow="f", input={"x": here("input")}),
            "look": TaskDetails(title=here("title"), recipients=(here("recipient"),)),
            "wait": CatchDetails(correlation=here("correlation")),
        },
        correlation=here("begin"),
    )


def run(definition: Definition, data: dict[str, Data]) -> Instance | None:
    try:
        instance = on(definition, begin(definition, data, instance_id="i", now=NOW))
    except EilboteError:
        return None
    instance, _ = all_sent(definition, instance)
    return on(definition, instance, now=Moment(NOW + 2 * HOUR))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_is_executed(payload: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    said = payload.replace(MARK, str(mark))
    data: dict[str, Data] = {"text": said, "data": said, said[:200]: 1}
    for place in PLACES:
        instance = run(with_payload(place, "{{ text }}" if place == "data" else said), data)
        assert not mark.exists(), place
        assert not hasattr(builtins, "canary"), place
        assert instance is None or instance.data == data, place
