"""The short ways of the SMTP core say and hear what the long ways do."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import example, given

from eilbote.errors import EilboteError
from eilbote.model.envelope import Envelope
from eilbote.model.message import BodyKind, Message
from eilbote.smtp.commands import (
    Bdat,
    Data,
    Mail,
    Rcpt,
    everyday_envelope,
    mail_line,
    octets,
    rcpt_line,
    whole_content,
)
from eilbote.smtp.extensions import Extensions
from eilbote.smtp.replies import Reply, ReplyParser, enhanced_in
from eilbote.smtp.script import Route, envelope_octets

PIECES = st.text("ab@.<> =\r\n\0\x7f\x85\u2028\u200d\ud800ü", max_size=8)


@given(PIECES, PIECES, PIECES, st.booleans())
@example("a\u200d@b", "c@d", "", True)
@example("a@b", "c@d\r\nRCPT TO:<e@f>", "", True)
@example("a@b", "c@d", "\n", False)
@example("a@b", "c@d\ud800", "", False)
@example("a@b", "c@d", " SIZE=3", True)
def test_an_everyday_envelope(reverse_path: str, forward_path: str, parameters: str, data: bool) -> None:
    def attempt(way: str) -> bytes | str:
        try:
            if way == "short":
                made = everyday_envelope(reverse_path, forward_path, parameters, data=data)
                if made is not None:
                    return made
            lines = [mail_line(reverse_path, parameters), rcpt_line(forward_path, "")]
            return octets([*lines, "DATA"] if data else lines)
        except EilboteError as refusal:
            return str(refusal)

    assert attempt("short") == attempt("long")


@given(st.integers(min_value=0, max_value=2**63))
def test_a_whole_content(size: int) -> None:
    assert whole_content(size) == octets((Bdat(size).line(),))


@given(
    st.sampled_from(["", "a@b.example", "jürgen@b.example"]),
    st.sampled_from(["c@d.example", "müller@d.example"]),
    st.sampled_from(BodyKind),
    st.booleans(),
    st.sampled_from(Route),
    st.sampled_from([Extensions(), Extensions(announces_size=True, smtputf8=True)]),
)
def test_the_script_of_one_recipient(  # noqa: PLR0917 - drawn by name
    reverse_path: str, path: str, body: BodyKind, smtputf8: bool, route: Route, extensions: Extensions
) -> None:
    message = Message(message_id="<m@x>", segments=(b"x\r\n",), size=3, body=body, smtputf8=smtputf8)
    parameters = ["SIZE=3"] if extensions.announces_size else []
    if body is not BodyKind.SEVEN_BIT:
        parameters.append(f"BODY={body.value}")
    if smtputf8 or not (reverse_path + path).isascii():
        parameters.append("SMTPUTF8")
    lines = [Mail(reverse_path, tuple(parameters)).line(), Rcpt(path).line()]
    if route is Route.DATA:
        lines.append(Data().line())

    envelope = Envelope(reverse_path=reverse_path, forward_paths=(path,))

    assert envelope_octets(envelope, message, extensions, route) == octets(lines)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([250, 354, 421, 450, 550]),
            st.from_regex(
                r"([2-6]\.[0-9]{1,2}\.[0-9]{1,3})?[ x]?(Ok|\x80|ü| queued as [0-9A-F]{4})?", fullmatch=True
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
@example([(250, "2.0.0 Ok"), (250, "5.0.0 Ok"), (550, "2.0.0 Ok"), (250, "2.0.0"), (250, "2.0.0Ok")])
@example([(250, "2.0.10 Ok"), (250, "2.0.105 Ok"), (250, "2.0.0\u00fc"), (250, "2.0.0 \u00fc")])
def test_the_codes_of_a_reply(replies: list[tuple[int, str]]) -> None:
    data = b"".join(f"{code} {text}\r\n".encode() for code, text in replies)
    for _ in ("for the first time", "and from memory, in another session"):
        heard: list[Reply] = []
        ReplyParser().feed(data, heard)
        assert heard == [Reply(code, (text,), enhanced_in(text, code)) for code, text in replies]
