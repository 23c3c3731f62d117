"""What is said to authorization servers, and what they answer (RFC 6749, 7636, 8628, 7009).

The forms are small, so they are written here: a library for them would bring an HTTP client that resolves names by
itself. Nothing of an answer is kept in an error but its code and its words, with whatever was sent taken out of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.oauth import AuthorizationServer, SignInAway
from mailbox import fetcher, web

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# Where a server does not say how long (RFC 6749, 5.1), and the least seconds between two questions (RFC 8628, 3.5).
_LIFETIME, _INTERVAL = 3600, 5
_LONGEST_LIFETIME = 24 * 3600
_WORDS_LENGTH = 300
# The server itself is in trouble, whatever the status (RFC 6749, 4.1.2.1).
_TROUBLES = frozenset({"server_error", "temporarily_unavailable"})


class Declined(Exception):
    """The server answered with an error of the protocol. `code` is its name, `str()` what may be shown."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}" if words else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a server has issued (RFC 6749, 5.1); `scope` is "" where it is what was asked for."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scope: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types where, and what is asked with meanwhile (RFC 8628, 3.2). Times are in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    lifetime: int
    interval: int


def exchange(server: AuthorizationServer, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
    """Redeem an authorization code (RFC 6749, 4.1.3; RFC 7636, 4.5). Raises Declined and SignInAway."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return _tokens(_ask(server.token_endpoint, form | _client(server, is_public=False)))


def refresh(server: AuthorizationServer, refresh_token: str, *, is_public: bool) -> Tokens:
    """Renew an access token (RFC 6749, 6). Raises Declined and SignInAway."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _tokens(_ask(server.token_endpoint, form | _client(server, is_public=is_public)))


def ask_device_code(server: AuthorizationServer) -> DeviceCode:
    """Begin the way without a browser at the server (RFC 8628, 3.1). Raises Declined and SignInAway."""
    answer = _ask(server.device_endpoint, {"client_id": server.client_id, "scope": " ".join(server.scopes)})
    uri = _text(answer, "verification_uri") or _text(answer, "verification_url")
    code, user_code = _text(answer, "device_code"), _text(answer, "user_code")
    if not (code and user_code and uri.startswith(("https://", "http://"))):
        raise SignInAway("an answer without a code")
    lifetime, interval = _number(answer, "expires_in", 900), _number(answer, "interval", _INTERVAL)
    return DeviceCode(code, user_code, uri, min(lifetime, 3600), min(max(interval, 1), 60))


def poll_device(server: AuthorizationServer, device_code: str) -> Tokens:
    """Ask once whether the person has typed the code (RFC 8628, 3.4).

    Raises Declined, also with "authorization_pending" and "slow_down", and SignInAway.
    """
    form = {"grant_type": DEVICE_GRANT, "device_code": device_code}
    return _tokens(_ask(server.token_endpoint, form | _client(server, is_public=True)))


def revoke(server: AuthorizationServer, token: str) -> None:
    """Have a token forgotten with all that hangs on it (RFC 7009). Raises Declined and SignInAway."""
    _ask(server.revocation_endpoint, {"token": token, "token_type_hint": "refresh_token"}, is_empty=True)


def _client(server: AuthorizationServer, *, is_public: bool) -> dict[str, str]:
    secret = {"client_secret": server.client_secret} if server.client_secret and not is_public else {}
    return {"client_id": server.client_id, **secret}


def _ask(address: str, form: Mapping[str, str], *, is_empty: bool = False) -> Mapping[str, Any]:
    try:
        answer = fetcher.post_form(address, form)
    except web.WebError as error:
        raise SignInAway(str(error)) from error
    is_good = answer.status < 300
    read = {} if is_good and is_empty else _object(answer.content)
    if is_good and "error" not in read:
        return read
    code = _printable(_text(read, "error"), form)
    if not code or code in _TROUBLES:
        raise SignInAway(f"{answer.status} {answer.reason} {code}".strip())
    raise Declined(code, _printable(_text(read, "error_description"), form))


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SignInAway("an answer that is not JSON") from error
    return read if isinstance(read, dict) else {}


def _tokens(answer: Mapping[str, Any]) -> Tokens:
    token = _text(answer, "access_token")
    if not token or not token.isprintable():
        raise SignInAway("an answer without a token")
    seconds = min(_number(answer, "expires_in", _LIFETIME), _LONGEST_LIFETIME)
    expires_at = timezone.now() + timedelta(seconds=seconds)
    return Tokens(token, _text(answer, "refresh_token"), expires_at, _text(answer, "scope"))


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _number(answer: Mapping[str, Any], name: str, default: int) -> int:
    try:
        number = int(answer.get(name, default))
    except (TypeError, ValueError, OverflowError):
        return default
    return number if number > 0 else default


def _printable(words: str, form: Mapping[str, str]) -> str:
    """Return a server's words as they may be shown and kept: short, and without what was sent to it."""
    for secret in sorted(form.values(), key=len, reverse=True):
        if len(secret) > len("refresh_token"):
            words = words.replace(secret, "…")
    text = "".join(letter if letter.isprintable() else " " for letter in words).strip()
    return text if len(text) <= _WORDS_LENGTH else f"{text[:_WORDS_LENGTH]}…"
