"""Asks strangers' web servers, and gives nothing away: no cookies, no referrer, no name, no reused connection.

`resolve` decides which machines may be asked. It is called once for each host, redirects included, and the connection
goes to what it returned: a name that is answered differently the second time gains nothing.
"""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .errors import Answered, Garbled, Unreachable
from .resolving import resolved
from .target import Target, read_target, redirected
from .values import Answer, Limits, Resolve
from .wire import Wire, dial

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What every browser begins with; it tells neither program nor version, and servers that refuse strangers accept it.
_AGENT = "Mozilla/5.0"
_CHUNK = 16 * 1024
SUCCESSES = range(200, 300)
MALFORMED = (http.client.HTTPException, ValueError, OverflowError)
"""What `http.client` raises on an answer that is none."""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    fields: Mapping[str, str]
    body: bytes = b""
    answers: range = SUCCESSES


@dataclass(frozen=True, slots=True)
class _Moved:
    """The answer lies elsewhere."""

    status: int
    reason: str
    location: str


def get(
    address: str,
    *,
    resolve: Resolve,
    accept: str,
    is_wanted: Callable[[str], bool],
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Answer:
    """Return what lies at `address`, following redirects. `is_wanted` decides by the media type before the content
    is read. Raises WebError."""
    request = _Request("GET", {"Accept": accept})
    ends_at = time.monotonic() + limits.seconds
    target = read_target(address)
    for _hop in range(limits.redirects_count + 1):
        answer = _ask(target, request, resolve, is_wanted, limits, ends_at)
        if isinstance(answer, Answer):
            return answer
        target = redirected(target, answer.location)
    raise Garbled("too many redirects")


def post(
    address: str,
    body: bytes,
    media_type: str,
    *,
    resolve: Resolve,
    fields: Mapping[str, str] | None = None,
    answers: range = SUCCESSES,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Answer:
    """Send `body` to `address` and return the answer: one whose status is of `answers`. A redirect counts as none
    (RFC 8058, 3.1). Raises WebError."""
    about = {"Content-Type": media_type, "Content-Length": str(len(body))}
    request = _Request("POST", about | dict(fields or {}), body, answers)
    ends_at = time.monotonic() + limits.seconds
    answer = _ask(read_target(address), request, resolve, lambda _media_type: True, limits, ends_at)
    if isinstance(answer, _Moved):
        raise Answered(answer.status, answer.reason)
    return answer


def _ask(
    target: Target,
    request: _Request,
    resolve: Resolve,
    is_wanted: Callable[[str], bool],
    limits: Limits,
    ends_at: float,
) -> Answer | _Moved:
    addresses = resolved(target, resolve, ends_at=ends_at)
    room = {"ends_at": ends_at, "seconds": limits.connect_seconds, "allowance": limits.header_octets}
    with dial(target, addresses, **room) as wire:  # type: ignore[arg-type]
        wire.sendall(_octets(request, target))
        try:
            return _read(wire, request, is_wanted, limits)
        except http.client.RemoteDisconnected as error:
            # It counts as malformed too, but whether a line ends or is reset is a matter of moments.
            raise Unreachable("hung up without an answer") from error
        except MALFORMED as error:
            # IncompleteRead quotes what came; a log needs only its kind.
            raise Garbled(type(error).__name__) from error


def _octets(request: _Request, target: Target) -> bytes:
    fields = {
        "Host": target.host_field,
        "User-Agent": _AGENT,
        "Accept-Encoding": "identity",
        "Connection": "close",
        **request.fields,
    }
    header = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{request.method} {target.path} HTTP/1.1\r\n{header}\r\n".encode("ascii") + request.body


def _read(wire: Wire, request: _Request, is_wanted: Callable[[str], bool], limits: Limits) -> Answer | _Moved:
    response = http.client.HTTPResponse(wire, method=request.method)  # type: ignore[arg-type]
    response.begin()
    if response.status in _REDIRECTS and (location := response.getheader("Location")):
        return _Moved(response.status, _words(response.reason), location)
    if response.status not in request.answers:
        raise Answered(response.status, _words(response.reason))
    media_type = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    # What was squeezed may be any size when it is let out, and nobody asked for it.
    if (response.getheader("Content-Encoding") or "identity").strip().lower() != "identity" or not is_wanted(
        media_type
    ):
        raise Garbled("content of a kind that is not wanted")
    wire.allowance += limits.octets
    return Answer(response.status, _words(response.reason), media_type, _content(response, limits.octets))


def _content(response: http.client.HTTPResponse, limit: int) -> bytes:
    if response.length and response.length > limit:
        raise Garbled("too large")
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise Garbled("too large")
    if response.length:
        raise Unreachable("the answer was cut")
    return bytes(content)


def _words(reason: str | None) -> str:
    """The words beside a status, which a stranger chose: short and printable."""
    return "".join(character for character in reason or "" if character.isprintable())[:100]
