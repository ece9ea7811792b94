"""OpenSMTPD, from its unpacked Debian package: the server without PIPELINING and without CHUNKING.

Version 6.8 of Debian 12 ends every TLS handshake with OpenSSL 3 by an error, hence one port without TLS, and without AUTH, which
OpenSMTPD offers behind TLS only.
"""

from __future__ import annotations

import os

from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.mailbox import Maildir
from tests.integration.lab.namespace import SystemUser, inside, unpacked
from tests.integration.lab.process import PORTS, ServerProcess, listens, make_directory

DOMAIN = "lab.example"
DAEMON_UID, QUEUE_UID, MAIL_UID = 60_201, 60_202, 60_203

_CONFIGURATION = """
smtp max-message-size "64M"
table addressees {{ "@" = labmail }}
listen on 127.0.0.1 port {plain} hostname opensmtpd.lab.example
action "store" maildir "{directory}/mail" virtual <addressees>
match from any for domain "{domain}" action "store"
"""


class OpenSmtpd:
    """One OpenSMTPD with one port."""

    def __init__(self) -> None:
        root = unpacked("opensmtpd")
        directory = make_directory("opensmtpd")
        self.plain = Endpoint(port=PORTS.take())
        (directory / "smtpd.conf").write_text(
            _CONFIGURATION.format(directory=directory, domain=DOMAIN, plain=self.plain.port)
        )
        empty = directory / "lib/opensmtpd/empty"
        for path in (empty, directory / "spool/smtpd", directory / "run", directory / "mail"):
            path.mkdir(parents=True)
        (directory / "spool/smtpd").chmod(0o711)
        os.chown(directory / "mail", MAIL_UID, MAIL_UID)
        users = [
            SystemUser(name="opensmtpd", uid=DAEMON_UID, home=empty),
            SystemUser(name="opensmtpq", uid=QUEUE_UID, home=empty),
            SystemUser(name="labmail", uid=MAIL_UID, home=directory / "mail"),
        ]
        # Compiled in: the queue, the directory to chroot to, the control socket.
        binds = {"/var/spool": directory / "spool", "/var/lib": directory / "lib", "/run": directory / "run"}
        self._maildir = Maildir(directory / "mail")
        enter = inside(root, directory, users, binds=binds)
        self._process = ServerProcess(
            directory, [*enter, "/usr/sbin/smtpd", "-d", "-f", str(directory / "smtpd.conf")]
        )
        self._process.wait_ready(lambda: listens(self.plain.port))
        self.received = self._maildir.received
        self.stored = self._maildir.stored

    def stop(self) -> None:
        """End it."""
        self._process.stop()
