"""The certificate that a camera makes for itself, as cameras do."""

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFE = timedelta(days=3650)


def own(name: str, host: str) -> bytes:
    """Make a key and a self-signed certificate for it, both as PEM in one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)


def context(pem: bytes) -> ssl.SSLContext:
    """Make a server's TLS of it."""
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    load(made, pem)
    return made


def load(into: ssl.SSLContext, pem: bytes) -> None:
    """Show this certificate from the next connection on."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "camera.pem"
        file.touch(mode=0o600)
        file.write_bytes(pem)
        into.load_cert_chain(file)


def fingerprint(pem: bytes) -> str:
    """Tell the SHA-256 of the certificate, in hexadecimal."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()
