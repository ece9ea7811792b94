"""A reader who types in what a page shows: the Python blocks into one session, the console blocks into a shell.

The blocks of one page run in order and share their names, in a folder of their own that holds a few files to
attach and a diagram. ``uri`` names a running mail catcher; an SMTP URI with a host below ``example`` (RFC 2606) leads there too.
"""

import ast
import asyncio
import contextlib
import inspect
import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import Block, Command, blocks, commands, shows
from tests.mail_catcher import MailCatcher

ROOT = Path(__file__).parents[2]
FILES = {
    "report.pdf": b"%PDF-1.7\n%%EOF\n",
    "invoice.pdf": b"%PDF-1.7\n%%EOF\n",
    "logo.png": bytes.fromhex("89504e470d0a1a0a") + b"logo",
    "password.txt": b"correct horse\n",
    "hello.html": b"<p>Hello</p>\n",
    "order.bpmn": (ROOT / "tests" / "corpus" / "bpmn" / "camunda7-order-ready.bpmn").read_bytes(),
}
# What only prepares a machine. It cannot be tried from inside a test; that a script is there can.
PREPARES_A_MACHINE = re.compile(r"(?:git|pip|pipx|uv|python3?|cd|sudo|apt-get|docker|\.venv/bin/pip)\b")
OF_EXAMPLES = re.compile(
    r"smtps?://[^\s\"'?/]*\bexample\.?(?:org|com|net)?(?::\d+)?/?(?:\?[^\s\"']*)?(?=[\s\"'/]|$)"
)


@dataclass
class Reader:
    """Types in one page after the other; each into a fresh session."""

    folder: Path
    catcher: MailCatcher
    names: dict[str, object] = field(default_factory=dict)

    def read(self, page: Path) -> None:
        """Try every block of a page; the first that does not do what the page says is an AssertionError."""
        for name, content in FILES.items():
            (self.folder / name).write_bytes(content)
        self.names = {"__name__": "__main__", "uri": self.catcher.uri}
        output = ""
        with contextlib.ExitStack() as background, contextlib.chdir(self.folder):
            background.callback(_put_back, dict(os.environ))
            # A page that names no data folder has one of its own, and not the one of whoever runs the tests.
            os.environ["XDG_DATA_HOME"] = str(self.folder / ".data")
            for block in blocks(page.read_text()):
                caught = len(self.catcher.envelopes)
                if "file" in block.said:
                    (self.folder / block.said["file"]).write_text(block.text)
                    continue
                match block.language:
                    case "python":
                        output = self._type_into_python(block, page)
                    case "console":
                        self._type_into_shell(block, page, background)
                    case "text" if output:
                        assert shows(block.text, output), _differs(page, block.line, block.text, output)
                        output = ""
                    case _:
                        output = ""
                if "catches" in block.said:
                    arrived = len(self.catcher.envelopes) - caught
                    assert arrived == int(block.said["catches"]), (
                        f"{page}:{block.line}: {arrived} messages arrived"
                    )

    def _type_into_python(self, block: Block, page: Path) -> str:
        source = "\n" * (block.line - 1) + self._to_the_catcher(block.text)
        code = compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        expected = block.said.get("raises")
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                result = eval(code, self.names)  # noqa: S307 - running the page is what this is for
                if inspect.iscoroutine(result):
                    asyncio.run(_awaited(result))
        except Exception as exc:
            if type(exc).__name__ != expected:
                raise
            expected = None
        assert expected is None, f"{page}:{block.line}: nothing raised {expected}"
        return printed.getvalue()

    def _type_into_shell(self, block: Block, page: Path, background: contextlib.ExitStack) -> None:
        typed = commands(block)
        assert typed, f"{page}:{block.line}: a console block shows commands after '$ '"
        for command in typed:
            if command.line.startswith("scripts/"):
                assert os.access(ROOT / command.line.split()[0], os.X_OK), (
                    f"{page}:{block.line}: no such script"
                )
            elif not PREPARES_A_MACHINE.match(command.line):
                is_last = command is typed[-1]
                self._run(
                    command, page, block.line, int(block.said.get("exit", 0)) if is_last else 0, background
                )

    def _run(
        self, command: Command, page: Path, line: int, expected: int, background: contextlib.ExitStack
    ) -> None:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "120",
            "NO_COLOR": "1",
        }
        typed = self._to_the_catcher(command.line)
        if typed.endswith("&"):
            background.enter_context(_in_background(typed.removesuffix("&"), environment))
            return
        run = subprocess.run(
            ["bash", "-o", "pipefail", "-c", typed],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        output = run.stdout + run.stderr
        assert run.returncode == expected, f"{page}:{line}: {typed}\nended with {run.returncode}:\n{output}"
        if command.shown:
            enough = shows(command.shown, run.stdout) or shows(command.shown, output)
            assert enough, _differs(page, line, command.shown, output)

    def _to_the_catcher(self, text: str) -> str:
        return OF_EXAMPLES.sub(self.catcher.uri, text)


def _put_back(environment: dict[str, str]) -> None:
    """What a page sets for its programs is not for the readers of the next one."""
    os.environ.clear()
    os.environ.update(environment)


async def _awaited(result: object) -> None:
    assert inspect.isawaitable(result)
    await result


@contextlib.contextmanager
def _in_background(command: str, environment: dict[str, str]):  # noqa: ANN202 - a context manager of nothing
    """Run a command that does not end by itself; it is ready when it has said something."""
    with subprocess.Popen(
        ["bash", "-c", f"exec {command}"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline(), f"{command}: ended without a word"
        try:
            yield
        finally:
            process.terminate()


def _differs(page: Path, line: int, shown: str, real: str) -> str:
    return f"{page}:{line}: the page shows\n{shown}\nbut what came is\n{real}"
