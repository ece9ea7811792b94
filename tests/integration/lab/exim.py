"""Exim, from its unpacked Debian package, delivering everything to one maildir.

It is the second opinion on everything Postfix says: another parser, GnuTLS in place of OpenSSL, another way to do CHUNKING, and its
own NTLM beside Dovecot's mechanisms.
"""

from __future__ import annotations

import os

from tests.integration.lab.accounts import USERS
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.dovecot import MECHANISMS, DovecotSasl
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.mailbox import Maildir
from tests.integration.lab.namespace import SystemUser, inside, unpacked
from tests.integration.lab.process import PORTS, ServerProcess, listens, make_directory

DOMAIN = "lab.example"
EXIM_UID = 60_101
REFUSED = {"refused": 550, "greylisted": 450}

_CONFIGURATION = r"""
primary_hostname = exim.lab.example
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
keep_environment =
spool_directory = {directory}/spool
log_file_path = {directory}/log/%slog
pid_file_path = {directory}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {ports}
tls_on_connect_ports = {tls}
tls_advertise_hosts = ${{if inlist{{$received_port}}{{{plain} : {plain_with_login}}}{{}}{{*}}}}
tls_certificate = {certificate}
tls_privatekey = {key}
auth_advertise_hosts = ${{if inlist{{$received_port}}{{{plain} : {starttls_anonymous}}}{{}}{{${{if or{{{{def:tls_in_cipher}}{{eq{{$received_port}}{{{plain_with_login}}}}}}}{{*}}}}}}}}
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
chunking_advertise_hosts = *
pipelining_advertise_hosts = *
accept_8bitmime = true
message_size_limit = 64M
host_lookup =
rfc1413_query_timeout = 0s
# What a test session does is unusual for mail and usual here.
smtp_accept_max = 200
smtp_accept_max_nonmail = 10000
smtp_accept_queue_per_connection = 0
smtp_max_synprot_errors = 1000
smtp_max_unknown_commands = 1000
# Deliver as the user that runs Exim, at once, to where the routers below say.
deliver_drop_privilege = true
acl_smtp_mail = sender
acl_smtp_rcpt = recipient

begin acl
sender:
  require message = 530 5.7.0 Authentication required
          condition = ${{if or{{{{inlist{{$received_port}}{{{plain} : {starttls_anonymous}}}}}{{def:authenticated_id}}}}}}
  accept
recipient:
  deny local_parts = refused
       message = 550 5.1.1 no such mailbox in the laboratory
  defer local_parts = greylisted
        message = 450 4.7.1 come back later
  accept domains = {domain}
  deny message = 550 5.7.1 no mail leaves the laboratory

begin routers
all:
  driver = accept
  domains = {domain}
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {directory}/mail
  create_directory
  envelope_to_add
  return_path_add
  user = Debian-exim

begin authenticators
"""

_DOVECOT_MECHANISM = """
{name}:
  driver = dovecot
  public_name = {mechanism}
  server_socket = {socket}
  server_set_id = $auth1
"""

# Exim's own NTLM, which it calls Secure Password Authentication; it knows the first version of the protocol only.
_SPA = """
NTLM:
  driver = spa
  public_name = NTLM
  server_password = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1
"""


class Exim:
    """One Exim. Each attribute that is an Endpoint is a port with one habit; README.md says what each is for."""

    def __init__(self, certificates: Certificates, sasl: DovecotSasl) -> None:
        root = unpacked("exim4-daemon-heavy")
        directory = make_directory("exim")
        ca_file = certificates.ca_file
        self.plain = Endpoint(port=PORTS.take())
        self.plain_with_login = Endpoint(port=PORTS.take())
        self.starttls = Endpoint(port=PORTS.take(), security=Security.STARTTLS, ca_file=ca_file)
        self.starttls_anonymous = Endpoint(port=PORTS.take(), security=Security.STARTTLS, ca_file=ca_file)
        self.tls = Endpoint(port=PORTS.take(), security=Security.TLS, ca_file=ca_file)
        endpoints = (self.plain, self.plain_with_login, self.starttls, self.starttls_anonymous, self.tls)
        configuration = _CONFIGURATION.format(
            directory=directory,
            domain=DOMAIN,
            ports=" : ".join(str(endpoint.port) for endpoint in endpoints),
            plain=self.plain.port,
            plain_with_login=self.plain_with_login.port,
            starttls_anonymous=self.starttls_anonymous.port,
            tls=self.tls.port,
            certificate=certificates.good.chain,
            key=certificates.good.key,
        )
        configuration += "".join(
            _DOVECOT_MECHANISM.format(
                name=mechanism.replace("-", "_"), mechanism=mechanism, socket=sasl.socket
            )
            for mechanism in MECHANISMS
        )
        configuration += _SPA.format(user=USERS["ordinary"].user, password=USERS["ordinary"].password)
        (directory / "exim.conf").write_text(configuration)
        for name in ("spool", "log", "mail"):
            (directory / name).mkdir()
            os.chown(directory / name, EXIM_UID, EXIM_UID)
        command = ["/usr/sbin/exim4", "-C", str(directory / "exim.conf"), "-bdf"]
        enter = inside(root, directory, [SystemUser(name="Debian-exim", uid=EXIM_UID)])
        self._maildir = Maildir(directory / "mail")
        self._process = ServerProcess(directory, enter + command)
        self._process.wait_ready(
            lambda: all(listens(endpoint.port) for endpoint in endpoints), directory / "log/paniclog"
        )
        self.received = self._maildir.received
        self.stored = self._maildir.stored

    def stop(self) -> None:
        """End it."""
        self._process.stop()
