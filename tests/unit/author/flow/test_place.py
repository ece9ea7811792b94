"""A fault inside a text is pointed at where an editor shows it, however the text was written."""

from __future__ import annotations

import pytest

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.source import FlowTextError

HEAD = "name: test\nnodes:\n  - id: a\n    kind: email_notification\n    to: a@example.org\n    subject: Hi\n"
BRANCH = "name: test\nnodes:\n  - id: a\n    kind: branch\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEAD}    content: Hello {{{{ input.name @@ }}}}\n", id="plain"),
        pytest.param(f"{HEAD}    content: 'Hello {{{{ input.name @@ }}}}'\n", id="quoted"),
        pytest.param(
            f"{HEAD}    content: |\n      Hello @ you,\n\n      <b>{{{{ input.name @@ }}}}</b>\n      bye\n",
            id="lines as they are",
        ),
        pytest.param(
            f"{HEAD}    content: |-2\n        Hello\n      {{{{ input.name @@ }}}}\n",
            id="an indent of its own",
        ),
        pytest.param(f"{HEAD}    content: >\n      Hello\n      {{{{ input.name @@ }}}}\n", id="folded"),
        pytest.param(
            '{"name": "test", "nodes": [{"id": "a", "kind": "email_notification", "to": "a@example.org",\n'
            '"subject": "Order {{ input.name @@ }}"}]}',
            id="JSON",
        ),
        pytest.param(f'{BRANCH}    if: "input.total @@ 3"\n', id="a condition"),
        pytest.param(f"{BRANCH}    if: input.total @@ 3\n", id="a plain condition"),
    ],
)
def test_the_place_is_that_of_the_character(text: str) -> None:
    with pytest.raises(FlowTextError) as refused:
        read_flow(text)
    place = refused.value.place
    assert place is not None
    assert text.splitlines()[place.line - 1][place.column - 1 :].startswith("@@")


def test_where_escapes_hide_the_character_the_field_is_shown() -> None:
    text = f'{HEAD}    content: "\\u007b{{ input.name \\x40 }}}}"\n'
    with pytest.raises(FlowTextError) as refused:
        read_flow(text)
    place = refused.value.place
    assert place is not None
    assert (place.line, place.column) == (7, 5)
