"""Signed and encrypted messages, recognised by their form."""

import pytest

from mailbox.mime.parse import parse
from mailbox.mime.protection import Protection

PARTS = b"\n--b\n\nwords\n--b\nContent-Type: %s\n\nx\n--b--\n"


def message(content_type: bytes, second: bytes = b"application/octet-stream") -> bytes:
    return b"Content-Type: " + content_type + b"\n" + (PARTS % second if b"boundary" in content_type else b"\nMIAG")


@pytest.mark.parametrize(
    ("octets", "protection"),
    [
        (b"\nwords", Protection.NONE),
        (message(b'multipart/signed; protocol="application/pgp-signature"; boundary=b'), Protection.OPENPGP_SIGNED),
        (message(b'multipart/signed; protocol="application/pkcs7-signature"; boundary=b'), Protection.SMIME_SIGNED),
        (message(b'multipart/signed; protocol="application/x-pkcs7-signature"; boundary=b'), Protection.SMIME_SIGNED),
        (message(b"multipart/signed; boundary=b", b"application/x-pkcs7-signature"), Protection.SMIME_SIGNED),
        (message(b"multipart/signed; boundary=b", b"application/pgp-signature"), Protection.OPENPGP_SIGNED),
        (
            message(b'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'),
            Protection.OPENPGP_ENCRYPTED,
        ),
        (message(b"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"), Protection.SMIME_ENCRYPTED),
        (message(b"application/pkcs7-mime; smime-type=authEnveloped-data"), Protection.SMIME_ENCRYPTED),
        (message(b"application/x-pkcs7-mime; name=smime.p7m"), Protection.SMIME_ENCRYPTED),
        (message(b"application/pkcs7-mime; smime-type=signed-data"), Protection.SMIME_SIGNED),
        (message(b"application/pkcs7-mime; smime-type=certs-only"), Protection.NONE),
        (message(b"application/pkcs7-mime; name=ca.p7c"), Protection.NONE),
        (b"\nhello\n-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n", Protection.OPENPGP_ENCRYPTED),
        (b"\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nwords\r\n", Protection.OPENPGP_SIGNED),
        (b"\n> -----BEGIN PGP MESSAGE-----\nquoted", Protection.NONE),
        (b"\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nmine", Protection.NONE),
        (message(b"multipart/mixed; boundary=b", b"multipart/signed; boundary=c"), Protection.NONE),
    ],
)
def test_names_the_protection(octets, protection):
    assert parse(octets).protection is protection


def test_what_encrypts_counts_before_what_signs():
    octets = (
        b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\n\n--b\n'
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx\n"
        b"--b\nContent-Type: application/pgp-signature\n\ny\n--b--\n"
    )

    assert parse(octets).protection is Protection.SMIME_ENCRYPTED
    assert parse(octets).protection.is_encrypted
    assert not parse(octets).protection.is_signed


def test_a_calendar_is_found_wherever_it_stands():
    octets = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
        b"--b\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR\n--b--\n"
    )

    parsed = parse(octets)

    assert parsed.calendar.text() == "BEGIN:VCALENDAR"
    assert parsed.calendar.parameters["method"] == "REQUEST"
    assert parse(b"\nplain").calendar is None
