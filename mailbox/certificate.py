"""The certificate that a server showed, as people read it."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whom it names, who vouches for that, and until when."""

    subject: str
    issuer: str
    until: datetime


def read_certificate(der: bytes) -> Certificate | None:
    """Return what a certificate in DER says; None for no certificate, and for one that cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Certificate(_name(certificate.subject), _name(certificate.issuer), certificate.not_valid_after_utc)
    except (ValueError, TypeError):
        return None


def _name(name: x509.Name) -> str:
    """The common name, the organisation before it where there is one; printable and short, for a stranger wrote it."""
    kinds = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    words = [str(each.value) for kind in kinds for each in name.get_attributes_for_oid(kind)[:1]]
    text = ", ".join(words) or name.rfc4514_string()
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST_NAME]
