"""Postfix as a relay: smtp-source hands messages in, Postfix makes them durable and hands them on to the sink.

An instance of its own, with Postfix's settings as they come wherever they do not concern where it runs: queue and log in
a folder of the benchmark, one port to take messages, the sink as relayhost. No lookups, because the sink has no name.
The time ends when the sink has counted everything.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from benchmarks.peers.contract import Options, Usage, measured, read_options, report
from benchmarks.peers.smtp_source_peer import PATH, run
from benchmarks.sinks.launch import Sink

ROOT = Path(__file__).resolve().parents[2]
MASTER = Path("/usr/lib/postfix/sbin/master")
LONGEST = 240.0
PAUSE = 0.005

_MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
import_environment = MAIL_CONFIG
myhostname = bench.localhost
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
relayhost = [127.0.0.1]:{sink}
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtpd_client_connection_count_limit = 0
"""

_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
postlog   unix-dgram n  - n  -  1 postlogd
pickup    unix  n  -  n  60  1  pickup
cleanup   unix  n  -  n  -   0  cleanup
qmgr      unix  n  -  n  300 1  qmgr
rewrite   unix  -  -  n  -   -  trivial-rewrite
bounce    unix  -  -  n  -   0  bounce
defer     unix  -  -  n  -   0  bounce
trace     unix  -  -  n  -   0  bounce
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -   -  proxymap
smtp      unix  -  -  n  -   -  smtp
relay     unix  -  -  n  -   -  smtp
error     unix  -  -  n  -   -  error
retry     unix  -  -  n  -   -  error
anvil     unix  -  -  n  -   1  anvil
tlsmgr    unix  -  -  n  1000? 1 tlsmgr
"""

_QUEUES = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold"),
    *("incoming", "maildrop", "private", "public", "saved", "trace"),
)


@dataclass(frozen=True, slots=True)
class Relay:
    """A running Postfix."""

    port: int
    master: int

    def cpu_seconds(self) -> float:
        """Give what it has used, all its processes together; those that are gone are in the master's account."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            if int(fields[2]) == self.master:  # its process group
                ticks += int(fields[11]) + int(fields[12])
                if stat.parent.name == str(self.master):
                    ticks += int(fields[13]) + int(fields[14])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def postfix(sink: int) -> Iterator[Relay]:
    """Run a Postfix of its own that hands everything on to a port of this machine."""
    if os.getuid() != 0 or not MASTER.exists():
        raise SystemExit("Postfix is not installed, or this is not root, whom it wants to be started by")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # Its processes have another user, who has to pass through every folder above.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as name:
        directory = Path(name)
        directory.chmod(0o755)
        _lay_out(directory, port, sink)
        process = subprocess.Popen([str(MASTER), "-d", "-c", name], start_new_session=True)
        try:
            _wait_until_listening(port, process)
            yield Relay(port, process.pid)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _lay_out(directory: Path, port: int, sink: int) -> None:
    owner = pwd.getpwnam("postfix")
    (directory / "main.cf").write_text(_MAIN.format(directory=directory, sink=sink))
    (directory / "master.cf").write_text(_SERVICES.format(port=port))
    for name in ("main.cf", "master.cf"):
        os.utime(directory / name, (0, 0))  # Postfix waits for a file that was just changed to come to rest
    for folder in (directory / "data", *(directory / "queue" / name for name in (*_QUEUES, "pid"))):
        folder.mkdir(parents=True)
        if folder.name != "pid":
            os.chown(folder, owner.pw_uid, -1)
            folder.chmod(0o700)
    for name in ("public", "maildrop"):
        os.chown(directory / "queue" / name, owner.pw_uid, _group("postdrop"))
        (directory / "queue" / name).chmod(0o710 if name == "public" else 0o730)


def _group(name: str) -> int:
    import grp

    return grp.getgrnam(name).gr_gid


def _wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("Postfix did not start") from None
            with suppress(subprocess.TimeoutExpired):
                process.wait(PAUSE)
        else:
            return


def relay(through: Relay, sink: Sink, options: Options, count: int) -> None:
    """Hand in so many messages, and wait until the sink has them."""
    taken = sink.messages()
    program = shutil.which("smtp-source", path=PATH)
    assert taken is not None
    assert program is not None
    asked = Options(
        host="127.0.0.1",
        port=through.port,
        shape=options.shape,
        count=count,
        sessions=options.sessions,
        warmup=0,
        attachment=None,
    )
    run(program, asked, count)
    deadline = time.monotonic() + LONGEST
    while (sink.messages() or 0) < taken + count:
        if time.monotonic() > deadline:
            raise SystemExit("Postfix did not deliver everything")
        Event().wait(PAUSE)


def main() -> None:
    options = read_options()
    asked = subprocess.run(
        ["postconf", "-d", "-h", "mail_version"], check=True, capture_output=True, text=True
    )
    usage = Usage(messages=options.count, version=f"Postfix {asked.stdout.strip()}")
    sink = Sink(port=options.port, name="sink", counts=True)
    with postfix(options.port) as through:
        if options.warmup:
            relay(through, sink, options, options.warmup)
        before = through.cpu_seconds()
        with measured(usage):
            relay(through, sink, options, options.count)
        usage.cpu_seconds += through.cpu_seconds() - before
    report(usage)


if __name__ == "__main__":
    main()
