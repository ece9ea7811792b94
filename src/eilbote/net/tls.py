"""From a connection's TLS policy to an SSL context: certificates are verified unless the policy says not to.

A certificate must list its host as a subject alternative name (RFC 9525 §6.3 forbids reading the common name,
which Python would otherwise accept). Compression and renegotiation are off, the oldest version is TLS 1.2
(RFC 8996). Contexts are kept, because loading the system's certificates costs some 20 ms.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from eilbote.errors import SettingsError
from eilbote.model.tls import TlsPolicy, TlsVersion

_VERSIONS = {
    TlsVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3,
}
_Stamp = tuple[tuple[int, int], ...]


def context(policy: TlsPolicy) -> ssl.SSLContext:
    """Give the SSL context for a policy; the same one for equal policies, until one of its files changes.

    Raises:
        SettingsError: A PEM file is missing, unreadable or not what it should be; ``field`` names the setting.
    """
    return _context(policy, _stamp(policy))


def _stamp(policy: TlsPolicy) -> _Stamp:
    """Tell the policy's files by inode and time, so that a renewed certificate is used without a restart."""
    stamp: list[tuple[int, int]] = []
    for name in ("ca_file", "client_certificate", "client_key"):
        path: str | None = getattr(policy, name)
        if path is None:
            continue
        try:
            status = Path(path).stat()
        except OSError as error:
            raise _fault(name, path, error.strerror or str(error)) from error
        stamp.append((status.st_ino, status.st_mtime_ns))
    return tuple(stamp)


@lru_cache(maxsize=64)
def _context(policy: TlsPolicy, _stamp: _Stamp) -> ssl.SSLContext:
    # Made by hand instead of create_default_context(), which loads the system's authorities even when the
    # policy names its own, and would let a ca_file add to them instead of replacing them.
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = _VERSIONS[policy.minimum_version]
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    made.hostname_checks_common_name = False
    if not policy.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif policy.ca_file is not None:
        _trust(made, policy.ca_file)
    else:
        made.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if policy.client_certificate is not None:
        _show(made, policy)
    elif policy.client_key is not None:
        raise SettingsError(
            "a client key is set without its certificate",
            field="tls.client_certificate",
            remedy="Set tls.client_certificate as well",
        )
    return made


def _trust(made: ssl.SSLContext, ca_file: str) -> None:
    try:
        made.load_verify_locations(cafile=ca_file)
    except ssl.SSLError as error:
        raise _fault("ca_file", ca_file, "it holds no certificate in PEM form") from error
    except OSError as error:
        raise _fault("ca_file", ca_file, error.strerror or str(error)) from error


def _show(made: ssl.SSLContext, policy: TlsPolicy) -> None:
    certificate = policy.client_certificate or ""
    passphrase = policy.client_key_password
    asked = False

    def password() -> str:
        # Without a passphrase OpenSSL would ask at the terminal; an empty one makes it fail instead.
        nonlocal asked
        asked = True
        return "" if passphrase is None else passphrase.reveal()

    try:
        made.load_cert_chain(certificate, policy.client_key, password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise _fault(
                "client_key", policy.client_key or certificate, "it is another certificate's key"
            ) from error
        if asked:
            raise SettingsError(
                "the client key cannot be decrypted",
                field="tls.client_key_password",
                cause="the passphrase is missing or wrong",
                remedy="Set the passphrase of the key",
            ) from error
        raise _fault(
            "client_certificate", certificate, "it holds no certificate with its key in PEM form"
        ) from error
    except OSError as error:
        raise _fault("client_certificate", certificate, error.strerror or str(error)) from error


def _fault(name: str, path: str, cause: str) -> SettingsError:
    return SettingsError(
        f"the file {path} cannot be used",
        field=f"tls.{name}",
        cause=cause,
        remedy="Give the path of a readable PEM file",
    )
