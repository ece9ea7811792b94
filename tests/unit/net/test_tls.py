"""From a TLS policy to a context: strict by default, and every bad file named with its setting."""

import ssl
from pathlib import Path

import pytest
from tests.integration.lab.certificates import Certificates

from eilbote.errors import SettingsError
from eilbote.model.secret import Secret
from eilbote.model.tls import TlsPolicy, TlsVersion
from eilbote.net.tls import context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_certificates_and_names_are_checked_unless_the_policy_says_otherwise() -> None:
    strict, lax = context(TlsPolicy()), context(TlsPolicy(verify=False))

    assert (strict.verify_mode, strict.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert strict.hostname_checks_common_name is False
    assert strict.minimum_version is ssl.TLSVersion.TLSv1_2
    assert strict.options & ssl.OP_NO_COMPRESSION
    assert (lax.verify_mode, lax.check_hostname) == (ssl.CERT_NONE, False)


def test_the_minimum_version_can_be_raised() -> None:
    made = context(TlsPolicy(minimum_version=TlsVersion.TLS_1_3))

    assert made.minimum_version is ssl.TLSVersion.TLSv1_3


def test_the_systems_authorities_are_trusted_only_without_a_ca_file(certificates: Certificates) -> None:
    own = context(TlsPolicy(ca_file=str(certificates.ca_file)))

    assert len(own.get_ca_certs()) == 1


def test_equal_policies_share_a_context_until_a_file_changes(
    certificates: Certificates, tmp_path: Path
) -> None:
    copy = tmp_path / "ca.pem"
    copy.write_bytes(certificates.ca_file.read_bytes())

    first, second = context(TlsPolicy(ca_file=str(copy))), context(TlsPolicy(ca_file=str(copy)))
    copy.unlink()
    copy.write_bytes(certificates.self_signed.chain.read_bytes())
    third = context(TlsPolicy(ca_file=str(copy)))

    assert first is second
    assert third is not first


@pytest.mark.parametrize("field", ["ca_file", "client_certificate"])
def test_a_missing_file_is_named(field: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        context(TlsPolicy(**{field: str(tmp_path / "absent.pem")}))  # type: ignore[arg-type]

    assert caught.value.field == f"tls.{field}"
    assert "absent.pem" in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"not PEM", b"\xff" * 100])
@pytest.mark.parametrize("field", ["ca_file", "client_certificate"])
def test_a_file_that_is_not_pem_is_named(field: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "odd.pem"
    file.write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        context(TlsPolicy(**{field: str(file)}))  # type: ignore[arg-type]

    assert caught.value.field == f"tls.{field}"


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        context(TlsPolicy(ca_file=str(tmp_path)))

    assert caught.value.field == "tls.ca_file"


def test_a_key_of_another_certificate_is_named(certificates: Certificates) -> None:
    policy = TlsPolicy(
        client_certificate=str(certificates.client.chain), client_key=str(certificates.good.key)
    )

    with pytest.raises(SettingsError) as caught:
        context(policy)

    assert caught.value.field == "tls.client_key"


def test_a_key_without_its_certificate_is_named(certificates: Certificates) -> None:
    with pytest.raises(SettingsError) as caught:
        context(TlsPolicy(client_key=str(certificates.client.key)))

    assert caught.value.field == "tls.client_certificate"


@pytest.mark.parametrize("passphrase", [None, Secret("wrong")])
def test_an_encrypted_key_never_asks_at_the_terminal(
    passphrase: Secret | None, certificates: Certificates, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(certificates.client.key.read_bytes(), password=None)
    encrypted = tmp_path / "encrypted.key"
    encrypted.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"right"),
        )
    )

    def policy(secret: Secret | None) -> TlsPolicy:
        return TlsPolicy(
            client_certificate=str(certificates.client.chain),
            client_key=str(encrypted),
            client_key_password=secret,
        )

    with pytest.raises(SettingsError) as caught:
        context(policy(passphrase))

    assert caught.value.field == "tls.client_key_password"
    assert "wrong" not in (caught.value.remedy or "")
    assert context(policy(Secret("right")))
