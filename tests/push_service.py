"""A push service on loopback, and the browser behind it: what comes is opened as a browser opens it (RFC 8291)."""

import json
import secrets
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailbox.web.push import encoded
from tests.pop3.misbehaving import Line
from tests.web.odd_web import OddWeb, hear_request, response


class Browser:
    """The keys that a browser gives away, and those that it keeps."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._secret = secrets.token_bytes(16)

    @property
    def public_key(self) -> str:
        return encoded(self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def secret(self) -> str:
        return encoded(self._secret)

    def read(self, content: bytes) -> dict[str, Any]:
        """Open a sealed message."""
        opened: dict[str, Any] = json.loads(
            http_ece.decrypt(content, private_key=self._private, auth_secret=self._secret, version="aes128gcm")
        )
        return opened


class PushService(OddWeb):
    """Takes what comes with the status that it was given, and keeps it."""

    def __init__(self, status: str = "201 Created") -> None:
        super().__init__(self._take)
        self.status = status
        self.contents: list[bytes] = []

    @property
    def endpoint(self) -> str:
        return f"{self.url}/push/of-a-browser"

    @property
    def fields(self) -> dict[str, str]:
        """The header fields of the last request, their names in lower case."""
        pairs = (line.decode().partition(": ") for line in self.lines[-1].heard[1:])
        return {name.lower(): value for name, colon, value in pairs if colon}

    def _take(self, line: Line) -> None:
        hear_request(line)
        length = next(int(each.split()[1]) for each in line.heard if each.lower().startswith(b"content-length:"))
        self.contents.append(line.hear_octets(length))
        line.say(response(b"", "text/plain", status=self.status))
