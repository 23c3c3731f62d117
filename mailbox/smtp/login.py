"""SASL logins of RFC 4954, chosen from what the server offers: PLAIN, LOGIN and CRAM-MD5; XOAUTH2 and OAUTHBEARER."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence

from mailbox.smtp.errors import Garbled, Refused
from mailbox.smtp.wire import Reply

Answer = Callable[[bytes], bytes]
Exchange = Callable[[bytes], Reply]

CONTINUE = 334
SUCCEEDED = 235
MECHANISM_UNKNOWN = 504


def log_in(user: str, password: str, *, offered: str, is_encrypted: bool, exchange: Exchange) -> None:
    """Log in by the best mechanism of the AUTH line `offered`; `exchange` sends a line and returns the reply.

    Only "mechanism unknown" leads to the next one: trying a wrong password again and again locks accounts.
    Raises Refused, Garbled, and ValueError for a NUL in either secret (RFC 4616, 2).
    """
    if "\0" in user + password:
        raise ValueError("A login cannot hold a NUL character.")
    for name in mechanisms(offered, is_encrypted=is_encrypted):
        reply = _carry_through(name, _answers(name, user.encode(), password.encode()), exchange)
        if reply.code != MECHANISM_UNKNOWN:
            break
    if reply.code != SUCCEEDED:
        raise Refused(reply.code, reply.text)


def present_token(user: str, token: str, *, offered: str, exchange: Exchange) -> None:
    """Log in with an access token: XOAUTH2 as the large providers have it, or OAUTHBEARER (RFC 7628).

    Raises Refused and Garbled, and ValueError for a control character in `user` or `token`, which would end its field.
    """
    if not (user + token).isprintable():
        raise ValueError("A login cannot hold control characters.")
    names = offered.upper().split()
    if "XOAUTH2" in names:
        opening, consent = f"user={user}\1auth=Bearer {token}\1\1", b""
        reply = exchange(b"AUTH XOAUTH2 " + b64encode(opening.encode()))
    elif "OAUTHBEARER" in names:
        opening, consent = f"n,a={_saslname(user)},\1auth=Bearer {token}\1\1", b"\1"
        reply = exchange(b"AUTH OAUTHBEARER " + b64encode(opening.encode()))
    else:
        raise Refused(0, "The server offers no login by access token.")
    if reply.code == CONTINUE:
        # What is wrong stands in the challenge; only after an answer does the server say no (RFC 7628, 3.2.3).
        reply = exchange(b64encode(consent))
    if reply.code == CONTINUE:
        raise Garbled("The server's login asks for more than the mechanism has.")
    if reply.code != SUCCEEDED:
        raise Refused(reply.code, reply.text)


def _saslname(user: str) -> str:
    """RFC 5801, 4."""
    return user.replace("=", "=3D").replace(",", "=2C")


def mechanisms(offered: str, *, is_encrypted: bool) -> list[str]:
    """Names to try in order. On a plain line the one that keeps the password secret comes first."""
    order = ["PLAIN", "LOGIN", "CRAM-MD5"] if is_encrypted else ["CRAM-MD5", "PLAIN", "LOGIN"]
    names = offered.upper().split()
    if not names:
        raise Refused(0, "The server offers no login here; check the port and the encryption.")
    known = [name for name in order if name in names]
    if not known:
        raise Refused(0, f"The server offers no login by password, only {' '.join(names)}.")
    return known


def _answers(name: str, user: bytes, password: bytes) -> Sequence[Answer]:
    if name == "PLAIN":
        return [lambda _: b"\0" + user + b"\0" + password]
    if name == "LOGIN":
        return [lambda _: user, lambda _: password]
    return [lambda challenge: user + b" " + hmac.new(password, challenge, "md5").hexdigest().encode()]


def _carry_through(name: str, answers: Sequence[Answer], exchange: Exchange) -> Reply:
    reply = exchange(_opening(name, answers))
    for answer in answers:
        if reply.code != CONTINUE:
            return reply
        reply = exchange(b64encode(answer(_challenge(reply))))
    if reply.code == CONTINUE:
        raise Garbled("The server's login asks for more than the mechanism has.")
    return reply


def _opening(name: str, answers: Sequence[Answer]) -> bytes:
    if name != "PLAIN":
        return b"AUTH " + name.encode()
    # The initial response saves a round trip; a server that ignores it asks, and is answered the same.
    return b"AUTH PLAIN " + b64encode(answers[0](b""))


def _challenge(reply: Reply) -> bytes:
    try:
        return b64decode(reply.text)
    except Base64Error as error:
        raise Garbled("The server's login challenge is not base64.") from error
