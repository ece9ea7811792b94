"""The catcher's side of a session, octet by octet."""

import base64

import pytest

from eilbote.testing.faults import Fault, Faults, fall_silent, hang_up, refuse
from eilbote.testing.reception import Reception
from eilbote.testing.reception_options import ReceptionOptions


def session(*faults: Fault, **options: object) -> Reception:
    traps = Faults()
    for fault in faults:
        traps.add(fault)
    return Reception(ReceptionOptions(**options), traps, peer="127.0.0.1:9")


def say(reception: Reception, *lines: str) -> list[str]:
    """Send lines with CRLF and give the replies' lines."""
    reception.receive("".join(f"{line}\r\n" for line in lines).encode())
    return reception.take_output().decode().splitlines()


def greeted(*faults: Fault, **options: object) -> Reception:
    reception = session(*faults, **options)
    say(reception, "EHLO client.example")
    return reception


def codes(lines: list[str]) -> list[int]:
    return [int(line[:3]) for line in lines]


def test_a_message_is_caught_with_its_envelope() -> None:
    reception = greeted()
    replies = say(reception, "MAIL FROM:<a@x.example> BODY=8BITMIME", "RCPT TO:<b@y.example>", "DATA")
    assert codes(replies) == [250, 250, 354]
    assert codes(say(reception, "Subject: hi", "", "..two dots", ".")) == [250]
    (message,) = reception.take_messages()
    assert message.reverse_path == "a@x.example"
    assert message.forward_paths == ("b@y.example",)
    assert message.mail_parameters == {"BODY": "8BITMIME"}
    assert message.octets == b"Subject: hi\r\n\r\n.two dots\r\n"
    assert message.hello == "client.example"
    assert message.remarks == ()
    assert reception.take_messages() == []


def test_the_first_dot_of_a_line_goes_whatever_follows() -> None:
    """RFC 5321 §4.5.2: a line that begins with a dot loses it, doubled or not."""
    reception = greeted()
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA")
    say(reception, ".one", "..two", "three.", ".")
    assert reception.take_messages()[0].octets == b"one\r\n.two\r\nthree.\r\n"


def test_any_cutting_of_the_octets_gives_the_same_message() -> None:
    octets = (
        b"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n",
        b".\r\n",
        b"MAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n",
        b"..a\r\n\r\n.\r\nQUIT\r\n",
    )
    reception = session()
    for group in octets:
        for octet in group:
            reception.receive(bytes([octet]))
    assert [message.octets for message in reception.take_messages()] == [b"", b".a\r\n\r\n"]
    assert reception.closing


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\r\n.\r\r\n", b"\r\n\x00.\r\n"]
)
def test_only_crlf_dot_crlf_ends_the_content(end: bytes) -> None:
    """A receiver that takes another end lets a second message be smuggled inside the first."""
    reception = greeted()
    say(reception, "MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA")
    reception.receive(b"first" + end + b"MAIL FROM:<evil@x.example>\r\n")
    assert reception.take_output() == b""
    reception.receive(b"\r\n.\r\n")
    assert reception.take_output().startswith(b"550 5.6.0" if end != b"\r\n\x00.\r\n" else b"250 ")
    assert len(reception.take_messages()) == (0 if end != b"\r\n\x00.\r\n" else 1)


@pytest.mark.parametrize("line", [b"NOOP\nNOOP\r\n", b"NOOP\n", b"NO\rOP\r\n", b"NOOP\r\r\n"])
def test_a_command_line_ends_in_crlf_only(line: bytes) -> None:
    reception = greeted()
    reception.receive(line)
    assert reception.take_output().startswith(b"500 5.5.2")
    assert reception.closing


def test_content_sent_before_354_is_an_error() -> None:
    reception = greeted()
    replies = say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA", "Subject: too early")
    assert codes(replies) == [250, 250, 503]
    assert reception.closing


def test_chunks_are_joined_and_not_unstuffed() -> None:
    reception = greeted()
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>")
    reception.receive(b"BDAT 4\r\n..a\rBDAT 6 LAST\r\n\n\r\n.\r\nQUIT\r\n")
    assert codes(reception.take_output().decode().splitlines()) == [250, 250, 221]
    assert [message.octets for message in reception.take_messages()] == [b"..a\r\n\r\n.\r\n"]


def test_a_chunk_without_a_recipient_is_skipped_and_refused() -> None:
    reception = greeted(refuse("rcpt", "550 5.1.1 Unknown"))
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>")
    reception.receive(b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")
    assert codes(reception.take_output().decode().splitlines()) == [554, 250]


def test_a_refused_chunk_ends_the_transaction() -> None:
    reception = greeted(refuse("data", "451 4.3.0 Later"))
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>")
    reception.receive(b"BDAT 2\r\naaBDAT 2 LAST\r\n\r\n")
    assert codes(reception.take_output().decode().splitlines()) == [451, 503]
    assert reception.take_messages() == []


def test_a_chunk_of_unknown_size_ends_the_session() -> None:
    reception = greeted()
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>")
    assert codes(say(reception, "BDAT many", "MAIL FROM:<evil@x.example>")) == [501]
    assert reception.closing


@pytest.mark.parametrize(
    "command, code",
    [
        ("MAIL FROM: <a@x.example>", 501),
        ("MAIL FROM:a@x.example", 501),
        ("MAIL FROM:<a@x.example>  SIZE=1", 501),
        ("MAIL FROM:<a@x.example> SIZE=1 SIZE=2", 501),
        ("MAIL FROM:<a@x.example> SIZE=-1", 501),
        ("MAIL FROM:<a@x.example> SIZE=99999999999", 552),
        ("MAIL FROM:<a@x.example> BODY=BINARYMIME", 501),
        ("MAIL FROM:<a@x.example> REQUIRETLS", 555),
        ("MAIL FROM:<ä@x.example>", 550),
        ("MAIL FROM:<ä@x.example> SMTPUTF8", 250),
        ('MAIL FROM:<"a >b"@x.example>', 250),
        ("MAIL FROM:<a@x.example> RET=HDRS ENVID=17", 250),
        ("RCPT TO:<b@y.example>", 503),
        ("DATA", 503),
        ("HELO", 501),
        ("EHLO a b", 501),
        ("TURN", 500),
        ("AUTH PLAIN AGEAYg==", 502),
        ("NOOP \x07", 500),
    ],
)
def test_commands_are_read_strictly(command: str, code: int) -> None:
    assert codes(say(greeted(), command)) == [code]


def test_parameters_need_ehlo_and_the_extension() -> None:
    reception = session()
    say(reception, "HELO c")
    assert codes(say(reception, "MAIL FROM:<> SIZE=1")) == [555]
    assert codes(say(greeted(extensions=()), "MAIL FROM:<> BODY=8BITMIME")) == [555]


def test_too_large_is_refused_and_the_session_goes_on() -> None:
    reception = greeted(max_size=100)
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA")
    for _ in range(50):
        reception.receive(b"0123456789\r\n")
    assert codes(say(reception, ".", "NOOP")) == [552, 250]
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>")
    reception.receive(b"BDAT 102 LAST\r\n" + b"x" * 100 + b"\r\n")
    assert codes(reception.take_output().decode().splitlines()) == [552]
    assert reception.take_messages() == []


def test_a_content_of_exactly_the_limit_is_taken() -> None:
    reception = greeted(max_size=100)
    say(reception, "MAIL FROM:<> SIZE=100", "RCPT TO:<b@y.example>", "DATA")
    assert codes(say(reception, "x" * 98, ".")) == [250]


def test_too_many_recipients_are_told_to_come_again() -> None:
    reception = greeted(max_recipients=1)
    replies = say(reception, "MAIL FROM:<>", "RCPT TO:<a@y.example>", "RCPT TO:<b@y.example>")
    assert codes(replies) == [250, 250, 452]


def test_an_endless_line_and_an_endless_row_of_errors_end_the_session() -> None:
    reception = greeted()
    reception.receive(b"x" * 20000)
    assert reception.closing
    reception = greeted()
    assert codes(say(reception, *["WHAT"] * 30))[-1] == 421
    assert reception.closing


def sign_in(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_users_must_sign_in_and_passwords_are_not_noted() -> None:
    reception = greeted(users={"anna": "secret"})
    assert codes(say(reception, "MAIL FROM:<>")) == [530]
    wrong, right = sign_in("\0anna\0wrong"), sign_in("\0anna\0secret")
    assert codes(say(reception, f"AUTH PLAIN {wrong}")) == [535]
    assert codes(say(reception, "AUTH PLAIN", right)) == [334, 235]
    assert codes(say(reception, f"AUTH PLAIN {right}", "MAIL FROM:<>")) == [503, 250]
    assert not any(wrong in line or right in line for line in reception.dialogue)


def test_anybody_may_sign_in_and_nobody_must() -> None:
    assert codes(say(greeted(any_user=True), "MAIL FROM:<>")) == [250]
    reception = greeted(any_user=True)
    assert codes(say(reception, f"AUTH PLAIN {sign_in(chr(0).join(('', 'max', 'x')))}")) == [235]


def test_auth_login_asks_twice() -> None:
    reception = greeted(users={"anna": "secret"})
    replies = say(reception, "AUTH LOGIN", sign_in("anna"), sign_in("secret"))
    assert replies[:2] == [f"334 {sign_in('Username:')}", f"334 {sign_in('Password:')}"]
    assert codes(replies) == [334, 334, 235]
    assert sign_in("secret") not in "".join(reception.dialogue)


@pytest.mark.parametrize("answer", ["*", "&&&", "AAAA", base64.b64encode(b"\xff\0\xff\0\xff").decode()])
def test_an_unreadable_answer_ends_the_sign_in(answer: str) -> None:
    reception = greeted(users={"anna": "secret"})
    assert codes(say(reception, "AUTH PLAIN", answer, "NOOP")) == [334, 501, 250]


def test_the_dialogue_shows_which_commands_came_together() -> None:
    reception = greeted()
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA")
    say(reception, "text", ".")
    (message,) = reception.take_messages()
    assert list(message.dialogue) == reception.dialogue
    assert [line[:6] for line in reception.dialogue[-8:]] == [
        *("C: MAI", "C: RCP", "C: DAT", "S: 250", "S: 250", "S: 354", "C: [6 ", "S: 250"),
    ]


def test_remarks_say_what_a_stricter_server_would_mind() -> None:
    reception = greeted()
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA")
    say(reception, "Subject: ä", "", "ö", "x" * 999, "\0", ".")
    (message,) = reception.take_messages()
    assert [remark.split(",")[0] for remark in message.remarks] == [
        "line 4 is longer than 998 octets (RFC 5322 section 2.1.1)",
        "the header holds octets above 127",
        "the body holds octets above 127",
        "the content holds NUL octets (RFC 5322 section 3.5)",
    ]


def test_a_line_of_998_octets_is_no_reason_for_a_remark() -> None:
    reception = greeted()
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA")
    say(reception, "x" * 998, ".")
    assert reception.take_messages()[0].remarks == ()


def test_faults_strike_whom_they_concern_and_as_often_as_told() -> None:
    reception = greeted(refuse("rcpt", "450 4.2.1 Later", only="B@*", times=1))
    replies = say(
        reception,
        *("MAIL FROM:<>", "RCPT TO:<a@y.example>", "RCPT TO:<b@y.example>", "RCPT TO:<b@y.example>"),
    )
    assert codes(replies) == [250, 250, 450, 250]


def test_hanging_up_after_the_content_keeps_the_message() -> None:
    """The case nobody can decide from outside: it was taken, and the sender never heard so."""
    reception = greeted(hang_up("content"))
    say(reception, "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA")
    assert say(reception, "text", ".") == []
    assert reception.closing
    assert len(reception.take_messages()) == 1


def test_falling_silent_answers_nothing_more() -> None:
    reception = greeted(fall_silent("mail"))
    assert say(reception, "MAIL FROM:<>", "NOOP", "QUIT") == []
    assert not reception.closing


def test_refusing_the_connection_closes_it() -> None:
    reception = session(refuse("connect", "554 5.3.2 Not today"))
    assert reception.take_output() == b"554 5.3.2 Not today\r\n"
    assert reception.closing


@pytest.mark.parametrize("reply", ["550", "no", "550 a\r\n250 b", "199 early", "550 ä"])
def test_a_fault_s_reply_must_be_one(reply: str) -> None:
    with pytest.raises(ValueError, match="not a reply"):
        refuse("rcpt", reply)


# -- STARTTLS -------------------------------------------------------------------------------------------------


def protected() -> Reception:
    return session(starttls=True, any_user=True)


def test_starttls_is_announced_and_authentication_only_behind_it() -> None:
    reception = protected()
    assert "250 STARTTLS" in say(reception, "EHLO c.example")
    assert say(reception, "STARTTLS") == ["220 2.0.0 Go ahead with the TLS handshake"]
    assert reception.wants_handshake
    reception.secured("TLSv1.3")
    assert not reception.wants_handshake
    announced = say(reception, "EHLO c.example")
    assert "250 AUTH PLAIN LOGIN" in announced
    assert not any("STARTTLS" in line for line in announced)


def test_a_session_in_clear_may_do_nothing_that_matters() -> None:
    reception = protected()
    say(reception, "EHLO c.example")
    assert codes(say(reception, "MAIL FROM:<>")) == [530]
    assert codes(say(reception, "AUTH PLAIN AGEAYg==")) == [538]
    assert codes(say(reception, "STARTTLS now")) == [501]


def test_what_was_said_in_clear_is_forgotten() -> None:
    reception = protected()
    say(reception, "EHLO c.example", "STARTTLS")
    reception.secured("TLSv1.3")
    assert codes(say(reception, "MAIL FROM:<>")) == [503]
    say(reception, "EHLO d.example", "MAIL FROM:<>", "RCPT TO:<b@y.example>", "DATA")
    say(reception, ".")
    (message,) = reception.take_messages()
    assert (message.hello, message.tls_version) == ("d.example", "TLSv1.3")
    assert codes(say(reception, "STARTTLS")) == [503]


@pytest.mark.parametrize("later", [False, True], ids=["in one segment", "in the next"])
def test_commands_behind_starttls_end_the_session(later: bool) -> None:
    """RFC 3207 §6: they came in clear, and would be taken for encrypted."""
    reception = protected()
    say(reception, "EHLO c.example")
    if later:
        say(reception, "STARTTLS")
        replies = say(reception, "MAIL FROM:<evil@x.example>")
    else:
        replies = say(reception, "STARTTLS", "MAIL FROM:<evil@x.example>")
    assert codes(replies) == [503]
    assert reception.closing


def test_without_it_there_is_no_starttls() -> None:
    assert codes(say(greeted(), "STARTTLS")) == [502]
    assert codes(say(protected(), "STARTTLS")) == [220, 503]


def test_a_failed_handshake_is_noted_and_ends_the_session() -> None:
    reception = protected()
    say(reception, "EHLO c.example", "STARTTLS")
    reception.unsecured("tlsv1 alert unknown ca")
    reception.take_output()
    assert reception.dialogue[-1] == "S: [TLS handshake failed: tlsv1 alert unknown ca]"
    assert reception.closing
