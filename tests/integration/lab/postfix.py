"""Postfix: one instance with a port for each habit, delivering everything to one maildir.

It is set up to be strict: a bare line feed, a command sent ahead of a reply that it must wait for, an address without angle
brackets, 8-bit content that is not labelled are refused. What it stores is what it was given: no header field is dropped or added,
so that a Bcc field that leaks is seen.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

from tests.integration.lab.accounts import USERS
from tests.integration.lab.certificates import SERVER_NAME, Certificates
from tests.integration.lab.dovecot import DovecotSasl
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.mailbox import DELIVERY_SECONDS, Maildir
from tests.integration.lab.process import POLL_SECONDS, PORTS, ServerProcess, listens, make_directory, require

DOMAIN = "lab.example"
SMALL_SIZE = 10_000
FEW_RECIPIENTS = 3
CYRUS_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "NTLM")

# Recipients that are refused on every port, by local part.
REFUSED = {
    "refused": "550 5.1.1 no such mailbox in the laboratory",
    "greylisted": "450 4.7.1 come back later",
    "overquota": "452 4.2.2 mailbox full",
    "policy": "554 5.7.1 not from you",
}

_MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
mail_owner = postfix
myhostname = {name}
mydomain = {domain}
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtputf8_enable = yes
import_environment = MAIL_CONFIG OPENSSL_CONF
# No mail leaves this machine.
default_transport = error:5.1.2 the laboratory delivers to {domain} only
relay_transport = error
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {directory}
virtual_mailbox_maps = inline:{{ {{@{domain} = mail/}} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_mailbox_limit = 0
message_size_limit = 67108864
# What was sent is what is stored.
message_drop_headers =
local_header_rewrite_clients =
always_add_missing_headers = no
# Strict where a client may be wrong.
smtpd_helo_required = yes
strict_rfc821_envelopes = yes
strict_8bitmime_body = yes
strict_mime_encoding_domain = yes
smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
# Quick where a server would slow a client down.
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_junk_command_limit = 1000
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access inline:{{ {{refused-sender@{domain} = 550 5.1.8 not this sender}} }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {refused} }}, reject_unauth_destination
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_CAfile = {ca_file}
smtpd_tls_session_cache_database =
smtpd_tls_dh1024_param_file = auto
smtpd_sasl_path = {sasl}
smtpd_sasl_type = dovecot
smtpd_sasl_local_domain = {domain}
"""

_SERVICES = """
postlog   unix-dgram n  - n  -  1 postlogd
pickup    unix  n  -  n  60  1  pickup
cleanup   unix  n  -  n  -   0  cleanup
qmgr      unix  n  -  n  300 1  qmgr
rewrite   unix  -  -  n  -   -  trivial-rewrite
bounce    unix  -  -  n  -   0  bounce
defer     unix  -  -  n  -   0  bounce
trace     unix  -  -  n  -   0  bounce
verify    unix  -  -  n  -   1  verify
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -   -  proxymap
showq     unix  n  -  n  -   -  showq
error     unix  -  -  n  -   -  error
retry     unix  -  -  n  -   -  error
discard   unix  -  -  n  -   -  discard
virtual   unix  -  n  n  -   -  virtual
anvil     unix  -  -  n  -   1  anvil
tlsmgr    unix  -  -  n  1000? 1 tlsmgr
"""

_LOGIN_REQUIRED = {
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_client_restrictions": "permit_sasl_authenticated,check_client_access static:{530 5.7.0 Authentication required}",
    "smtpd_delay_reject": "yes",
}
_STARTTLS = {"smtpd_tls_security_level": "encrypt", "smtpd_tls_auth_only": "yes"}
_TLS = {"smtpd_tls_wrappermode": "yes", "smtpd_tls_security_level": "encrypt"}

# Cyrus computes the NT hash with MD4, which OpenSSL 3 keeps in its legacy provider.
_OPENSSL = """
openssl_conf = start
[start]
providers = all
[all]
default = on
legacy = on
[on]
activate = 1
"""

_CYRUS = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {directory}/sasl/sasldb2
mech_list: {mechanisms}
"""


# What `postfix check` would make, in a second or two; without chroot and without local submission this is all of it.
_QUEUES = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
    "incoming", "maildrop", "private", "public", "saved", "trace",
)  # fmt: skip

_WAITING = ("maildrop", "incoming", "active", "deferred")


class Postfix:
    """One Postfix. Each attribute that is an Endpoint is a port with one habit; README.md says what each is for."""

    def __init__(self, certificates: Certificates, sasl: DovecotSasl) -> None:
        # Not `postfix start-fg`: that leaves this process group and so could not be ended as a whole.
        program = require("/usr/lib/postfix/sbin/master")
        self.directory = directory = make_directory("postfix")
        self._services = [_SERVICES]
        ca_file = certificates.ca_file
        self.plain = self._listen(Security.NONE)
        self.plain_with_login = self._listen(Security.NONE, _LOGIN_REQUIRED)
        self.starttls = self._listen(Security.STARTTLS, _LOGIN_REQUIRED, ca_file=ca_file)
        self.starttls_anonymous = self._listen(Security.STARTTLS, ca_file=ca_file)
        self.tls = self._listen(Security.TLS, _LOGIN_REQUIRED, ca_file=ca_file)
        self.tls_anonymous = self._listen(Security.TLS, ca_file=ca_file)
        self.cyrus = self._listen(
            Security.STARTTLS,
            _LOGIN_REQUIRED,
            {"smtpd_sasl_type": "cyrus", "smtpd_sasl_path": "smtpd"},
            ca_file=ca_file,
        )
        ask = {"smtpd_tls_ask_ccert": "yes", "smtpd_tls_req_ccert": "yes"}
        self.client_certificate = self._listen(Security.STARTTLS, ask, ca_file=ca_file)
        self.client_certificate_tls = self._listen(Security.TLS, ask, ca_file=ca_file)
        self.without_chunking = self._listen(Security.NONE, {"smtpd_discard_ehlo_keywords": "chunking"})
        self.without_pipelining = self._listen(Security.NONE, {"smtpd_discard_ehlo_keywords": "pipelining"})
        self.without_extensions = self._listen(
            Security.NONE,
            {
                "smtpd_discard_ehlo_keywords": "pipelining,size,vrfy,etrn,starttls,auth,enhancedstatuscodes,8bitmime,dsn,smtputf8,chunking"
            },
        )
        self.small = self._listen(Security.NONE, {"message_size_limit": str(SMALL_SIZE)})
        self.few_recipients = self._listen(
            Security.NONE,
            {"smtpd_recipient_limit": str(FEW_RECIPIENTS), "smtpd_recipient_overshoot_limit": "1000"},
        )
        self._configure(certificates, sasl)
        self._maildir = Maildir(directory / "mail")
        self._process = ServerProcess(
            directory,
            [program, "-d", "-c", directory],
            environment={"OPENSSL_CONF": str(directory / "openssl.cnf")},
        )
        self._process.wait_ready(lambda: listens(self.few_recipients.port), directory / "log")
        self.received = self._maildir.received
        self.stored = self._maildir.stored

    def log(self) -> str:
        """What Postfix has logged so far."""
        return (self.directory / "log").read_text(errors="replace")

    def wait_until_delivered(self, within: float = DELIVERY_SECONDS) -> None:
        """Wait until the queue is empty: what has arrived by then is all that was sent.

        Raises AssertionError when it is not ``within`` so many seconds.
        """
        deadline = time.monotonic() + within
        while waiting := [path for name in _WAITING for path in (self.directory / "queue" / name).rglob("*")]:
            assert time.monotonic() < deadline, f"{len(waiting)} messages are still in the queue"
            time.sleep(POLL_SECONDS)  # noqa: TID251 - another process delivers, by a clock that nobody turns

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    def _listen(self, security: Security, *settings: dict[str, str], ca_file: Path | None = None) -> Endpoint:
        endpoint = Endpoint(port=PORTS.take(), security=security, ca_file=ca_file)
        options: dict[str, str] = {
            "smtpd_tls_security_level": "none",
            "syslog_name": f"postfix/{endpoint.port}",
        }
        match security:
            case Security.STARTTLS:
                options |= _STARTTLS
            case Security.TLS:
                options |= _TLS
            case Security.NONE:
                pass
        for more in settings:
            options |= more
        lines = [f"{endpoint.host}:{endpoint.port} inet n - n - - smtpd\n"]
        lines += [f"  -o {{ {name} = {value} }}\n" for name, value in options.items()]
        self._services.append("".join(lines))
        return endpoint

    def _configure(self, certificates: Certificates, sasl: DovecotSasl) -> None:
        directory, owner, nobody = self.directory, pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
        refused = ", ".join(f"{{{name}@{DOMAIN} = {reply}}}" for name, reply in REFUSED.items())
        main = _MAIN.format(
            directory=directory,
            name=SERVER_NAME,
            domain=DOMAIN,
            uid=nobody.pw_uid,
            gid=nobody.pw_gid,
            refused=refused,
            certificate=certificates.good.chain,
            key=certificates.good.key,
            ca_file=certificates.ca_file,
            sasl=sasl.socket,
        )
        (directory / "main.cf").write_text(main)
        (directory / "master.cf").write_text("".join(self._services))
        # Postfix waits, 0.3 s at a time, for a file that was just changed to come to rest: this one did, long ago.
        for name in ("main.cf", "master.cf"):
            os.utime(directory / name, (0, 0))
        (directory / "openssl.cnf").write_text(_OPENSSL)
        _make(directory / "mail", nobody.pw_uid, nobody.pw_gid)
        _make(directory / "data", owner.pw_uid, owner.pw_gid)
        _make(directory / "queue", 0, 0)
        _make(directory / "queue/pid", 0, 0)
        for name in _QUEUES:
            _make(directory / "queue" / name, owner.pw_uid, owner.pw_gid)
        self._fill_cyrus()

    def _fill_cyrus(self) -> None:
        directory = self.directory / "sasl"
        directory.mkdir()
        (directory / "smtpd.conf").write_text(
            _CYRUS.format(directory=self.directory, mechanisms=" ".join(CYRUS_MECHANISMS))
        )
        for account in USERS.values():
            # A name with an at sign is user@realm to Cyrus.
            user, _, realm = account.user.partition("@")
            subprocess.run(
                [
                    require("saslpasswd2"),
                    "-p",
                    "-c",
                    "-f",
                    directory / "sasldb2",
                    "-u",
                    realm or DOMAIN,
                    user,
                ],
                input=account.password.encode("utf-8"),
                check=True,
                capture_output=True,
            )
        shutil.chown(directory / "sasldb2", "postfix", "postfix")


def _make(directory: Path, uid: int, gid: int) -> None:
    directory.mkdir()
    os.chown(directory, uid, gid)
