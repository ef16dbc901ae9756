"""A valid certificate of a local service, and invalid ones that no client may accept."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

AUTHORITY = "authority.pem"
"""Name of the file with the certificate of the authority that signs the valid one."""

_DAY = timedelta(days=1)
_HERE = x509.IPAddress(ip_address("127.0.0.1"))
_ELSEWHERE = x509.DNSName("imodels.example.com")


@frozen
class Authority:
    """An authority that signs certificates.

    Attributes:
        key: Its key.
        certificate: Its own certificate, in PEM.
    """

    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    @classmethod
    def named(cls, name: str) -> "Authority":
        """Create an authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _certificate(subject, subject, key, datetime.now(UTC) + _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate.public_bytes(serialization.Encoding.PEM))

    def server_context(self, folder: Path, name: x509.GeneralName = _HERE, *, days: int = 1) -> ssl.SSLContext:
        """Create a server certificate for a name, valid for some days from now, and return a context that uses it."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.load_pem_x509_certificate(self.certificate).subject
        certificate = (
            _certificate(_name("server"), issuer, key, datetime.now(UTC) + days * _DAY)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        file = folder / "server.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def server_contexts(folder: Path) -> Mapping[str | None, ssl.SSLContext]:
    """Create the certificates, with the valid one under None, and write that of its authority to a file."""
    authority, stranger = Authority.named("authority"), Authority.named("stranger")
    (folder / AUTHORITY).write_bytes(authority.certificate)
    return {
        None: authority.server_context(folder),
        "untrusted": stranger.server_context(folder),
        "expired": authority.server_context(folder, days=-1),
        "for another name": authority.server_context(folder, _ELSEWHERE),
    }


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 30 * _DAY)
        .not_valid_after(until)
    )
