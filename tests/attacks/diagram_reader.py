"""Reads diagrams for the attacks on them, each in a process of its own, and tells what that took.

Run as a program it takes paths of diagrams by line and answers by line: the seconds of processor time, the octets by which its
memory grew, and what came of it. It has one thread and has imported all it needs, so that each of its children begins the same.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from lxml import etree  # noqa: F401 - so that no child counts what importing takes

from eilbote.author.process.bpmn.reading import read_bpmn
from eilbote.author.process.bpmn.xml_text import decoded
from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.check.check import check_process
from eilbote.author.process.written.read_definition import read_definition
from eilbote.errors import ProcessError

MOST_SHOWN = 4000


def read(xml: bytes) -> str:
    """Read a diagram as everybody who publishes one has it read, and tell what came of it."""
    try:
        diagram = read_bpmn(xml)
        findings = check_process(read_definition(write_bundle(Bundle(bpmn=decoded(xml)))))
    except ProcessError as fault:
        return f"refused: {fault}"
    except BaseException as fault:  # noqa: BLE001 - whatever else comes out is what the test is there to find
        return f"broke: {type(fault).__name__} {fault}"
    return f"read: {' '.join(map(str, findings))[:3000]} {diagram}"


def answer(path: str) -> None:
    """Read a diagram and write what it took."""
    xml = Path(path).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF)
    said = read(xml)
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    octets = (after.ru_maxrss - before.ru_maxrss) * 1024
    print(json.dumps({"seconds": seconds, "octets": octets, "said": said[:MOST_SHOWN]}), flush=True)  # noqa: T201 - that is the answer


def main() -> None:
    """Answer until nobody asks any more."""
    read(b"<definitions/>")  # what is imported late is imported now
    for line in sys.stdin:
        child = os.fork()
        if not child:
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
            answer(line.rstrip("\n"))
            os._exit(0)
        os.waitpid(child, 0)
        print(flush=True)  # noqa: T201 - so that who asks sees the end of a child that was ended


if __name__ == "__main__":
    main()
