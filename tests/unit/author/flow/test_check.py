"""What an author hears of a flow before it runs."""

from __future__ import annotations

import textwrap
import time

import pytest

from eilbote.author.flow.check import Finding, check_flow
from eilbote.template.finding import Weight

GOOD = """
name: orders
sample: {email: anna@example.org, lines: [{name: Bolt}], vip: true}
nodes:
  - id: ask
    kind: send_smtp_email
    to: "{{ input.email }}"
    subject: "{{ input.lines | size }} lines"
    store_result: input
    store_as: mail
  - id: ok
    kind: branch
    if: input.mail.status == "accepted"
    then: each
    else: keep
  - id: keep
    kind: set_value
    values: {context.failed: {at: "{{ input.mail.error.message }}", times: 1}}
    next: tell
  - id: tell
    kind: email_notification
    to: ops@example.org
    subject: "Failed {{ context.failed.times }} times: {{ context.failed.at }}"
    next: end
  - id: each
    kind: for_each
    items: "{{ input.lines }}"
    as: line
    do: one
    next: end
  - id: one
    kind: email_notification
    to: a@example.org; b@example.org
    subject: "{{ line.name }} {{ line_index }}"
    next: end
"""


def flow(nodes: str, head: str = "sample: {email: a@example.org, name: Anna}") -> str:
    return f"name: test\n{head}\nnodes:\n{textwrap.indent(textwrap.dedent(nodes).strip(), '  ')}\n"


def only(text: str, **known: tuple[str, ...]) -> Finding:
    found = check_flow(text, **known)
    assert len(found) == 1, found
    return found[0]


def test_no_fault_hides_those_of_other_fields_and_nodes() -> None:
    found = check_flow(
        flow(
            """
            - id: a b
              kind: end
              eror: x
            - id: tell
              kind: email_notification
              to: x@example.org
              subjekt: x
              next: nowhere
            - {id: tell, kind: branch, if: a > 1, then: no_one}
            - {kind: wait, for: soon}
            """
        )
    )
    assert [(each.field, each.place.line if each.place else 0) for each in found] == [
        ("nodes.0.id", 4),
        ("a b.eror", 6),
        ("tell.subjekt", 10),
        ("nodes.1.next", 11),
        ("nodes.2.id", 12),
        ("nodes.2.then", 12),
        ("nodes.3.id", 13),
        ("nodes.3.for", 13),
    ]


@pytest.mark.parametrize("field", ["for: soon", "until: tomorrow"])
def test_a_time_that_is_none_is_found_before_a_run_waits_for_it(field: str) -> None:
    found = only(flow(f"- {{id: pause, kind: wait, {field}}}"))
    assert (found.severity, found.field) == (Weight.ERROR, f"pause.{field.partition(':')[0]}")
    assert check_flow(flow("- {id: pause, kind: wait, for: '{{ input.name }}'}")) == ()


def test_nothing_is_said_of_a_flow_that_is_well() -> None:
    assert check_flow(GOOD) == ()


@pytest.mark.parametrize(
    "wrong, right, place",
    [
        ("input.email }}", "input.emial }}", "email"),
        ("line.name", "lin.name", "one.subject"),
    ],
)
def test_an_unknown_variable_is_pointed_at(wrong: str, right: str, place: str) -> None:
    text = GOOD.replace(wrong, right, 1)
    found = only(text)
    assert found.place is not None
    assert text.splitlines()[found.place.line - 1][found.place.column - 1 :].startswith(
        right.partition(" ")[0]
    )
    assert place in f"{found.field} {found.remedy}"


@pytest.mark.parametrize(
    "node, piece",
    [
        ("kind: branch\n  if: input.name and input.nmae\n  then: end\n  else: a", "input.nmae"),
        (
            "kind: send_smtp_email\n  to: a@b.example\n  subject: s\n  attachments: [{kind: url, url: 'https://a.example/{{ input.name }}/{{ input.nmae }}'}]",
            "input.nmae",
        ),
        ("kind: set_value\n  values:\n    context.x: [1, '{{ input.nmae }}']", "input.nmae"),
    ],
)
def test_the_place_is_right_where_a_node_takes_its_text_apart(node: str, piece: str) -> None:
    text = flow(f"- id: a\n  {node}\n")
    found = next(each for each in check_flow(text) if "nmae" in each.what)
    assert found.place is not None
    assert text.splitlines()[found.place.line - 1][found.place.column - 1 :].startswith(piece)


def test_without_a_sample_nobody_knows_the_input() -> None:
    text = flow(
        '- {id: a, kind: email_notification, to: "{{ input.x }}", subject: "{{ input.y.z }}"}', head=""
    )
    assert check_flow(text) == ()


def test_what_only_some_ways_have_kept_may_be_empty() -> None:
    found = only(
        flow(
            """
            - {id: which, kind: branch, if: input.name, then: keep, else: tell}
            - {id: keep, kind: set_value, values: {context.greeting: Hello}}
            - {id: tell, kind: email_notification, to: a@example.org, subject: "{{ context.greeting }}"}
            """
        )
    )
    assert (found.severity, found.field) == (Weight.WARNING, "tell.subject")
    assert found.what == "context.greeting may be empty"


def test_what_a_later_node_keeps_is_not_there_yet() -> None:
    found = only(
        flow(
            """
            - {id: tell, kind: email_notification, to: a@example.org, subject: "{{ context.greeting }}"}
            - {id: keep, kind: set_value, values: {context.greeting: Hello}}
            """
        )
    )
    assert found.field == "tell.subject"


def test_the_name_of_an_item_is_known_inside_its_loop_only() -> None:
    found = only(
        flow(
            """
            - {id: each, kind: for_each, items: ["a"], as: letter, do: tell, next: after}
            - {id: tell, kind: email_notification, to: a@example.org, subject: "{{ letter }}", next: end}
            - {id: after, kind: email_notification, to: a@example.org, subject: "{{ letter }}"}
            """
        )
    )
    assert (found.severity, found.field, found.what) == (
        Weight.WARNING,
        "after.subject",
        "letter may be empty",
    )


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "from", "reply_to"])
def test_an_address_that_is_written_out_is_read_at_once(field: str) -> None:
    fields = {"to": "a@example.org"} | {field: "anna@"}
    said = "".join(f"  {name}: {value}\n" for name, value in fields.items())
    found = only(flow(f"- id: a\n  kind: send_smtp_email\n  subject: s\n{said}"))
    assert (found.severity, found.field) == (Weight.ERROR, f"a.{field}")
    assert found.place is not None


def test_the_names_of_an_item_are_those_of_the_sample() -> None:
    head = "sample: {people: [{email: a@b.example, name: Anna}], other: [1]}"
    nodes = """
    - {id: each, kind: for_each, items: "{{ input.people }}", as: person, do: tell, next: end}
    - {id: tell, kind: email_notification, to: "{{ person.email }}", subject: "{{ person.nmae }}", next: end}
    """
    found = only(flow(nodes, head))
    assert (found.field, found.remedy) == ("tell.subject", "Did you mean 'name'?")
    assert check_flow(flow(nodes.replace("input.people", "context.people"), head)) != ()
    assert check_flow(flow(nodes.replace('"{{ input.people }}"', "[{x: 1}]"), head)) == ()


@pytest.mark.parametrize(
    "to, piece",
    [
        ("{{ input.email }}, anna@", "anna@"),
        ("a@example.org; b c@; {{ input.email }}", "b c@"),
        ('{{ input.name | append: ", x@" }}', None),
        ("{% if input.name %}a@b.example{% else %}x{% endif %}", None),
        ("{{ input.email }}", None),
        ('"Doe, Anna" <a@b.example>, {{ input.email }}', None),
        ("Team: a@b.example, {{ input.email }};", None),
    ],
)
def test_addresses_between_values_are_read_as_well(to: str, piece: str | None) -> None:
    found = check_flow(flow(f"- id: a\n  kind: email_notification\n  subject: s\n  to: '{to}'\n"))
    assert [each.severity for each in found] == ([] if piece is None else [Weight.ERROR])
    assert all(each.place and each.place.line == 7 for each in found)


def test_every_node_that_cannot_be_read_is_told_at_once() -> None:
    found = check_flow(
        flow(
            """
            - {id: a, kind: email_notification, subject: s}
            - {id: b, kind: email_notifcation, to: a@b.example, subject: s}
            - {id: c, kind: send_smtp_email, to: a@b.example, subject: "{{ a || b }}"}
            - {id: d, kind: end}
            """
        )
    )
    assert [each.field for each in found] == ["a.to", "b.kind", "c.subject"]
    assert all(each.place for each in found)


def test_a_run_that_would_never_end_is_an_error() -> None:
    found = only(
        flow(
            """
            - {id: a, kind: set_value, values: {input.n: 1}}
            - {id: b, kind: wait, for: 1h}
            - {id: c, kind: set_value, values: {input.m: 1}, next: b}
            """
        )
    )
    assert (found.severity, found.field) == (Weight.ERROR, "a")
    assert "never ends" in found.what


@pytest.mark.parametrize(
    "nodes, said",
    [
        ("- {id: a, kind: branch, if: input.name}", "neither way"),
        ("- {id: a, kind: branch, if: input.name, then: b, else: b}\n- {id: b, kind: end}", "the same"),
        ("- {id: a, kind: for_each, items: [1]}", "does nothing"),
    ],
)
def test_a_node_that_changes_nothing_is_told(nodes: str, said: str) -> None:
    found = only(flow(nodes))
    assert found.severity is Weight.WARNING
    assert said in found.what


def test_a_way_round_with_a_way_out_is_well() -> None:
    assert (
        check_flow(
            flow(
                """
                - {id: a, kind: wait, for: 1h}
                - {id: b, kind: branch, if: input.name, then: a, else: end}
                """
            )
        )
        == ()
    )


def test_a_connection_that_nobody_knows_is_told_where_they_are_known() -> None:
    text = flow("- {id: a, kind: send_smtp_email, connection: ofice, to: a@example.org, subject: s}")
    assert check_flow(text) == ()
    found = only(text, connections=("office", "shop"))
    assert (found.severity, found.field) == (Weight.WARNING, "a.connection")
    assert "office" in (found.remedy or "")
    assert check_flow(text.replace("ofice", "Office"), connections=("office",)) == ()


def test_a_result_that_nobody_reads_is_a_hint() -> None:
    node = (
        "- {id: a, kind: email_notification, to: a@b.example, subject: s, store_result: input, store_as: m}\n"
    )
    assert only(flow(node)).severity is Weight.HINT
    assert (
        check_flow(flow(node + '- {id: b, kind: set_value, values: {context.x: "{{ input.m.status }}"}}'))
        == ()
    )


def test_expressions_of_another_product_are_told_in_ours() -> None:
    found = check_flow(
        flow('- {id: a, kind: email_notification, to: a@b.example, subject: "{{ ci.name }} ${input.name}"}')
    )
    assert [each.remedy for each in found] == ["Write input", "Write {{ input.name }}"]
    assert [each.severity for each in found] == [Weight.ERROR, Weight.HINT]


def test_a_flow_that_cannot_be_read_has_one_finding_with_its_place() -> None:
    found = only("name: a\nnodes:\n  - id: x\n    kind: email_notifcation\n")
    assert found.severity is Weight.ERROR
    assert found.place is not None
    assert found.place.line in {3, 4}
    assert only("").place is None


def test_the_findings_of_a_thousand_nodes_come_at_once() -> None:
    nodes = "".join(
        f"  - {{id: n{n}, kind: send_smtp_email, to: 'a@example.org, {{{{ input.email }}}}', subject: 'x {{{{ context.v{n} }}}}', "
        f"store_result: context, store_as: v{n + 1}}}\n"
        for n in range(1000)
    )
    text = f"name: big\nsample: {{email: a@example.org}}\nnodes:\n{nodes}"
    begun = time.process_time()
    assert [each.field for each in check_flow(text)] == ["n0.subject"]
    assert time.process_time() - begun < 5, "a second on a quiet machine"


def test_a_truth_value_in_place_of_a_word_is_explained() -> None:
    found = only(
        flow("- {id: mail, kind: email_notification, to: a@example.org, subject: s, store_result: yes}")
    )
    assert (found.field, "truth values" in (found.cause or "")) == ("mail.store_result", True)
