"""Transcripts without secrets."""

from __future__ import annotations

from eilbote.model.redactor import Redactor
from eilbote.smtp.transcript import Transcript


def test_a_transcript_keeps_the_latest_lines() -> None:
    transcript = Transcript(Redactor(["secret-word"]), limit=4)
    transcript.client("EHLO client.example.org")
    transcript.server(250, ("mail.example.net", "secret-word \x1b"))
    transcript.content(1834)
    transcript.remark("TLS")
    assert transcript.lines() == (
        "S: 250-mail.example.net",
        "S: 250 *** \N{REPLACEMENT CHARACTER}",
        "C: [1,834 octets]",
        "-- TLS",
    )


def test_long_lines_are_cut() -> None:
    transcript = Transcript(Redactor())
    transcript.client("x" * 10_000)
    assert len(transcript.lines()[0]) < 600
