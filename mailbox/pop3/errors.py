"""What can go wrong with a POP3 server. Permanent or temporary is in the type or in the response code."""

import re
from typing import Self

_RESPONSE_CODE = re.compile(r"\[([A-Za-z0-9][^\[\]\s]*)\]\s*")
_LOCKED = re.compile(
    r"\b(?:lock(?:ed|s)?|in use|busy|another (?:session|client|process|connection)|wait a few"
    r"|too many (?:simultaneous |concurrent )?(?:connections|sessions|logins))\b",
    re.I,
)
# The person is locked out, not the maildrop in use.
_SUSPENDED = re.compile(r"\b(?:account|user)\b(?!.*\b(?:another|in use|session)\b).*\block(?:ed)?\b", re.I)
_SPOKEN_LENGTH = 300


class Failure(Exception):
    """What every failure of this package is."""


class Refused(Failure):
    """The server answered -ERR.

    `code` is its response code in capitals ("AUTH", "IN-USE", "SYS/TEMP", "SYS/PERM", "LOGIN-DELAY", RFC 2449, 8 and
    RFC 3206), "" without one. `text` is the rest of the line: the server's own words, made printable and shortened.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text

    @classmethod
    def from_reply(cls, words: bytes) -> Self:
        """Read what follows -ERR."""
        text = printable(words)
        code = _RESPONSE_CODE.match(text)
        if code is None:
            return cls("", text)
        return cls(code[1].upper(), text[code.end() :])

    def __str__(self) -> str:
        return f"[{self.code}] {self.text}" if self.code else self.text

    @property
    def is_password_wrong(self) -> bool:
        """Only [AUTH] says so: without a code a busy server and a wrong password read alike (RFC 3206, 4)."""
        return self.code == "AUTH"

    @property
    def is_locked(self) -> bool:
        """Another session has the maildrop: by [IN-USE] or, where there is no code, by the wording."""
        if self.code:
            return self.code == "IN-USE"
        return _LOCKED.search(self.text) is not None and _SUSPENDED.search(self.text) is None

    @property
    def is_temporary(self) -> bool:
        """Worth another try with the same password. A code nobody knows, or none, counts as temporary."""
        return self.code not in {"AUTH", "SYS/PERM"}


class Garbled(Failure):
    """The server breaks the protocol, or answers without end. The connection is of no further use."""


class Unreachable(Failure):
    """No connection, or it was lost, or too slow. Nothing is known about what the server did last."""


class Untrusted(Unreachable):
    """TLS cannot be had as asked: no STLS, or a certificate that does not verify. No password was sent."""


def printable(words: bytes) -> str:
    """Show a server's words to people: decoded leniently, no control characters, at most 300 characters."""
    text = words.decode("utf-8", "replace")
    kept = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * _SPOKEN_LENGTH]).strip()
    return kept if len(kept) <= _SPOKEN_LENGTH else kept[:_SPOKEN_LENGTH] + "…"
