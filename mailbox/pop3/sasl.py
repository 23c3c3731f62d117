"""SASL mechanisms as pure answers (RFC 4616, RFC 2195, RFC 7628); how they travel over POP3 is in RFC 5034."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

# RFC 2449, 4: a command line has at most 255 octets with its CRLF.
COMMAND_LINE_OCTETS = 255

type Answer = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Mechanism:
    """How to log in: what to say first, if the client speaks first, then an answer to each challenge."""

    name: str
    initial: bytes | None = field(default=None, repr=False)
    answers: tuple[Answer, ...] = field(default=(), repr=False)

    def fits_in_one_line(self) -> bool:
        return self.initial is not None and len(self.command_line()) <= COMMAND_LINE_OCTETS

    def command_line(self) -> bytes:
        """AUTH with the initial response on it."""
        return b"AUTH %s %s\r\n" % (self.name.encode(), b64encode(self.initial or b"") or b"=")

    def all_answers(self) -> Iterable[Answer]:
        """The answers in their order when the first response was not sent with the command."""
        first = self.initial
        return self.answers if first is None else (lambda _challenge: first, *self.answers)


def plain(user: str, password: str) -> Mechanism:
    return Mechanism("PLAIN", f"\0{user}\0{password}".encode())


def login(user: str, password: str) -> Mechanism:
    return Mechanism("LOGIN", None, (lambda _challenge: user.encode(), lambda _challenge: password.encode()))


def cram_md5(user: str, password: str) -> Mechanism:
    def answer(challenge: bytes) -> bytes:
        return f"{user} {hmac.new(password.encode(), challenge, 'md5').hexdigest()}".encode()

    return Mechanism("CRAM-MD5", None, (answer,))


def xoauth2(user: str, token: str) -> Mechanism:
    # A refusal comes as a challenge that wants an empty line before the -ERR.
    return Mechanism("XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1".encode(), (lambda _refusal: b"",))


def oauthbearer(user: str, token: str) -> Mechanism:
    name = user.replace("=", "=3D").replace(",", "=2C")
    initial = f"n,a={name},\1auth=Bearer {token}\1\1".encode()
    return Mechanism("OAUTHBEARER", initial, (lambda _refusal: b"\1",))


PASSWORD_MECHANISMS: dict[str, Callable[[str, str], Mechanism]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
}
TOKEN_MECHANISMS: dict[str, Callable[[str, str], Mechanism]] = {"OAUTHBEARER": oauthbearer, "XOAUTH2": xoauth2}
