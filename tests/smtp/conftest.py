"""Certificates made on the spot, and Postfix's smtp-source."""

import datetime
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import refuse
from tests.servers import Missing, program
from tests.smtpsink import SmtpSink


@pytest.fixture(scope="session")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[ssl.SSLContext, ssl.SSLContext]]:
    """contexts("localhost", days=30) makes a server's TLS context and a client's that trusts its certificate."""

    def make(name: str, *, days: int = 30) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        pem = tmp_path_factory.mktemp("tls") / "server.pem"
        _write_certificate(pem, name, days)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pem)
        return server, ssl.create_default_context(cafile=pem)

    return make


@pytest.fixture
def sink(smtp_sink: SmtpSink) -> Iterator[SmtpSink]:
    """An smtp-sink of the test's own; the shared one decides what happens where none is installed."""
    with SmtpSink() as fresh:
        yield fresh


@pytest.fixture
def smtp_source() -> str:
    """The path of Postfix's smtp-source."""
    try:
        return program("smtp-source", package="postfix")
    except Missing as missing:
        refuse(str(missing))


def _write_certificate(pem: Path, name: str, days: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
