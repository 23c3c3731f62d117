"""Logging in: which way to take, and the conversation of each (RFC 1939, 7; RFC 5034)."""

import binascii
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from . import sasl
from .dialogue import Dialogue, read_status
from .errors import Garbled, Refused
from .wire import command


class _RefusedAtOnce(Refused):
    """-ERR before any challenge: the server may not know this form of the command."""


def best_mechanism(offered: Sequence[str], *, is_secure: bool, has_timestamp: bool, has_user: bool) -> str:
    """The best of what the server offers; in the clear first a way that hides the password."""
    if not is_secure and "CRAM-MD5" in offered:
        return "CRAM-MD5"
    if not is_secure and has_timestamp:
        return "APOP"
    if "PLAIN" in offered:
        return "PLAIN"
    return "LOGIN" if "LOGIN" in offered and not has_user else "USER"


def log_in(dialogue: Dialogue, mechanism: str, user: str, *, password: str, timestamp: bytes) -> None:
    """Log in by USER, APOP or one SASL mechanism. Raises Refused; its words never hold the password."""
    with _unspoken(password):
        if mechanism == "USER":
            dialogue.ask("USER", user)
            dialogue.ask("PASS", password)
        elif mechanism == "APOP":
            # Without a timestamp this is a digest that fails, never the password.
            digest = hashlib.md5(timestamp + password.encode(), usedforsecurity=False).hexdigest()
            dialogue.ask("APOP", user, digest)
        else:
            _authenticate(dialogue, sasl.PASSWORD_MECHANISMS[mechanism](user, password))


def log_in_with_token(dialogue: Dialogue, mechanism: str, user: str, *, token: str) -> None:
    with _unspoken(token):
        _authenticate(dialogue, sasl.TOKEN_MECHANISMS[mechanism](user, token))


def _authenticate(dialogue: Dialogue, mechanism: sasl.Mechanism) -> None:
    """AUTH in one step where the line is short enough, else in two (RFC 5034, 4)."""
    if mechanism.fits_in_one_line():
        _converse(dialogue, mechanism.command_line(), mechanism.answers)
        return
    try:
        _converse(dialogue, command("AUTH", mechanism.name), mechanism.all_answers())
    except _RefusedAtOnce as refusal:
        if mechanism.initial is None or refusal.code:
            raise
        # Some servers want the first response on the command's line, however long it gets.
        _converse(dialogue, mechanism.command_line(), mechanism.answers)


def _converse(dialogue: Dialogue, first: bytes, answers: Iterable[sasl.Answer]) -> None:
    """Answer challenges until +OK. Raises _RefusedAtOnce for -ERR before the first challenge."""
    dialogue.send(first)
    waiting = iter(answers)
    refusal: type[Refused] = _RefusedAtOnce
    while (challenge := _next_challenge(dialogue, refusal)) is not None:
        answer = next(waiting, None)
        # A lone asterisk gives up (RFC 5034, 4).
        dialogue.send(b"*\r\n" if answer is None else b64encode(answer(challenge)) + b"\r\n")
        refusal = Refused


def _next_challenge(dialogue: Dialogue, refusal: type[Refused]) -> bytes | None:
    """What the server asks, or None once it said +OK."""
    line = dialogue.connection.line()
    if line != b"+" and not line.startswith(b"+ "):
        read_status(line, refusal)
        return None
    try:
        return b64decode(line[1:].strip())
    except binascii.Error as error:
        raise Garbled("The server's challenge is not base64") from error


@contextmanager
def _unspoken(secret: str) -> Iterator[None]:
    """Some servers repeat the password in their refusal, which is shown to people and logged."""
    try:
        yield
    except Refused as refusal:
        text = refusal.text.replace(secret, "…") if secret else refusal.text
        raise Refused(refusal.code, text) from None
