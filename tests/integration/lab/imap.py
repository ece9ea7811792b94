"""Dovecot's IMAP server with one mailbox: STARTTLS on one port, TLS from the first octet on another."""

from __future__ import annotations

import imaplib
import ssl
from pathlib import Path

from tests.integration.lab.certificates import Certificates
from tests.integration.lab.process import (
    PORTS,
    ServerMissingError,
    ServerProcess,
    listens,
    make_directory,
    require,
)

USER = 'bounces "quoted" \\user'
PASSWORD = 'pass word"\\ä'

_CONFIGURATION = """
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
protocols = imap
auth_mechanisms = {mechanisms}
auth_username_chars =
auth_username_format = %u
auth_failure_delay = 0
disable_plaintext_auth = yes
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
default_internal_user = dovecot
mail_location = maildir:{directory}/mail
first_valid_uid = 1
passdb {{
  driver = static
  args = password={{PLAIN.b64}}cGFzcyB3b3JkIlzDpA==
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={directory}/home
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {starttls}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


class DovecotImap:
    """The server; ``put`` lays a message into the mailbox.

    Args:
        certificates: What it shows.
    """

    def __init__(self, certificates: Certificates) -> None:
        require("dovecot")
        if not Path("/usr/lib/dovecot/imap").exists():
            raise ServerMissingError("dovecot-imapd is not installed: run scripts/install-mail-servers")
        directory = make_directory("imap")
        for name in ("home", "mail"):
            (directory / name).mkdir()
            (directory / name).chmod(0o777)
        self.starttls, self.tls = PORTS.take(), PORTS.take()
        self.ca_file = str(certificates.ca_file)
        configuration = _CONFIGURATION.format(
            directory=directory,
            certificate=certificates.good.chain,
            key=certificates.good.key,
            starttls=self.starttls,
            tls=self.tls,
            mechanisms="plain login",
        )
        (directory / "dovecot.conf").write_text(configuration)
        self._process = ServerProcess(directory, [require("dovecot"), "-F", "-c", directory / "dovecot.conf"])
        self._process.wait_ready(
            lambda: listens(self.starttls) and listens(self.tls), directory / "dovecot.log"
        )

    def client(self) -> imaplib.IMAP4:
        """Give a session that is signed in."""
        client = imaplib.IMAP4_SSL(
            "localhost", self.tls, ssl_context=ssl.create_default_context(cafile=self.ca_file), timeout=10
        )
        client.authenticate("PLAIN", lambda _challenge: f"\0{USER}\0{PASSWORD}".encode())
        return client

    def put(self, *messages: bytes) -> None:
        """Empty the mailbox, and lay messages into it."""
        with self.client() as client:
            if client.select("INBOX")[1] != [b"0"]:
                client.store("1:*", "+FLAGS", r"(\Deleted)")
                client.expunge()
            for message in messages:
                client.append("INBOX", "()", "", message)

    def count(self, folder: str = "INBOX", which: str = "ALL") -> int:
        """Tell how many messages are in a folder; 0 without one."""
        with self.client() as client:
            if client.select(folder)[0] != "OK":
                return 0
            return len(client.search(None, which)[1][0].split())

    def make_folder(self, name: str) -> None:
        """Make a folder."""
        with self.client() as client:
            client.create(name)

    def stop(self) -> None:
        """End it."""
        self._process.stop()
