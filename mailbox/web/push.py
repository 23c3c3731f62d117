"""Web Push: a message for one browser, sealed so that its push service can neither read nor change it.

Encryption is that of RFC 8291 over RFC 8188, who we are is told by RFC 8292; the request itself is the caller's.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from .errors import Forbidden
from .target import read_target

LONGEST = 3_000
"""Octets of a message; a push service takes about 4,000 with what encryption adds (RFC 8030, 7.2)."""
_JWT_SECONDS = 12 * 3600
_SECRET_OCTETS, _KEY_OCTETS = 16, 65


@dataclass(frozen=True, slots=True)
class Sealed:
    """The content and the header fields of a request to a push service."""

    content: bytes
    fields: Mapping[str, str]


def seal(message: bytes, *, public_key: str, secret: str) -> bytes:
    """Return `message` for the browser with these keys, both in base64url (RFC 8291, 3.4). Raises Forbidden."""
    assert len(message) <= LONGEST, "the caller writes short messages"
    key, shared = browser_keys(public_key, secret)
    own = ec.generate_private_key(ec.SECP256R1())
    sealed: bytes = http_ece.encrypt(message, private_key=own, dh=key, auth_secret=shared, version="aes128gcm")
    return sealed


def browser_keys(public_key: str, secret: str) -> tuple[bytes, bytes]:
    """Return the keys of a browser as octets. Raises Forbidden for what is no key: a point that is not on the curve."""
    try:
        key, shared = decoded(public_key), decoded(secret)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError as error:
        raise Forbidden("no keys of a browser") from error
    if len(key) != _KEY_OCTETS or len(shared) != _SECRET_OCTETS:
        raise Forbidden("no keys of a browser")
    return key, shared


def fields(
    endpoint: str, private_key: ec.EllipticCurvePrivateKey, *, contact: str, seconds: int, topic: str = ""
) -> dict[str, str]:
    """Return the header fields of a push to `endpoint`, whose service keeps it for `seconds` (RFC 8030, 5).

    What has the same `topic` (at most 32 characters of base64url) and still waits there is replaced. `contact` is a
    mailto: address of whoever runs this. Raises Forbidden where the endpoint is no address.
    """
    target = read_target(endpoint)
    claims = {
        "sub": contact,
        "aud": f"{target.scheme}://{target.host_field}",
        "exp": int(time.time()) + _JWT_SECONDS,
    }
    found = Vapid02(private_key=private_key).sign(claims)
    found |= {"TTL": str(seconds), "Urgency": "normal", "Content-Encoding": "aes128gcm"}
    return found | ({"Topic": topic} if topic else {})


def encoded(octets: bytes) -> str:
    """Return octets in base64url without padding, as all of Web Push writes them."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes:
    """Return the octets of base64url text, padded or not. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
