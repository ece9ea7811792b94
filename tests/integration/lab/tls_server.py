"""A very small SMTP server for one question: which TLS peer does a client accept?

It presents any certificate, speaks any range of TLS versions, may demand a client certificate, and remembers every command it
heard, so that a test can prove that nothing was said to a server that should not be trusted.
"""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from tests.integration.lab.certificates import Certified
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.process import HOST

SILENCE_SECONDS = 20.0


def server_context(
    certified: Certified,
    *,
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    client_ca_file: Path | None = None,
) -> ssl.SSLContext:
    """What the server presents and takes; with ``client_ca_file`` it demands a certificate signed by that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Level 0 lets the server present what a careful client refuses: old versions and short keys.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = minimum
        context.maximum_version = maximum
    context.load_cert_chain(certified.chain, certified.key)
    if client_ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca_file)
    return context


class TlsServer:
    """Listens until stopped, one thread a connection. ``commands`` and ``messages`` are what it heard."""

    def __init__(self, context: ssl.SSLContext, security: Security, *, ca_file: Path) -> None:
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self.failures: list[ssl.SSLError | OSError] = []
        self.client_names: list[str] = []
        self._context = context
        self._listener = socket.create_server((HOST, 0))
        self._connections: list[socket.socket] = []
        self.endpoint = Endpoint(port=self._listener.getsockname()[1], security=security, ca_file=ca_file)
        self._threads = [threading.Thread(target=self._accept, name="tls-server", daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """Close everything and wait until the threads have ended."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SILENCE_SECONDS)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(SILENCE_SECONDS)
            self._connections.append(connection)
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="tls-connection", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                if self.endpoint.security is Security.TLS:
                    connection = self._secure(connection)
                with connection:
                    self._converse(connection)
            except OSError as failure:  # ssl.SSLError is one
                self.failures.append(failure)

    def _secure(self, connection: socket.socket) -> ssl.SSLSocket:
        secured = self._context.wrap_socket(connection, server_side=True)
        self._connections.append(secured)
        if certificate := secured.getpeercert(binary_form=True):
            name = x509.load_der_x509_certificate(certificate).subject.get_attributes_for_oid(
                NameOID.COMMON_NAME
            )
            self.client_names.append(str(name[0].value))
        return secured

    def _converse(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        connection.sendall(b"220 tls.lab.example ESMTP\r\n")
        while line := lines.readline():
            command = line.rstrip(b"\r\n").decode("utf-8", "replace")
            self.commands.append(command)
            match command.split(" ")[0].upper():
                case "EHLO":
                    is_clear = not isinstance(connection, ssl.SSLSocket)
                    offer = (
                        b"250-STARTTLS\r\n"
                        if is_clear and self.endpoint.security is Security.STARTTLS
                        else b""
                    )
                    connection.sendall(b"250-tls.lab.example\r\n" + offer + b"250 8BITMIME\r\n")
                case "STARTTLS":
                    connection.sendall(b"220 2.0.0 go ahead\r\n")
                    lines.close()
                    connection = self._secure(connection)
                    lines = connection.makefile("rb")
                case "DATA":
                    connection.sendall(b"354 go ahead\r\n")
                    content = []
                    while (text := lines.readline()) not in {b".\r\n", b""}:
                        content.append(text.removeprefix(b"."))
                    self.messages.append(b"".join(content))
                    connection.sendall(b"250 2.0.0 taken\r\n")
                case "QUIT":
                    connection.sendall(b"221 2.0.0 bye\r\n")
                    break
                case _:
                    connection.sendall(b"250 2.0.0 fine\r\n")
        lines.close()
        connection.close()
