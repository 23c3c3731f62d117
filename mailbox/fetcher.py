"""The one way from here to the web servers that mail and browsers name: guarded, and walked by workers only.

It joins `mailbox.web`, which knows HTTP, to `accounts.hosts`, which knows what is public.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from accounts.hosts import HostRefused, HostUnknown, checked_web_addresses
from mailbox import web

# 429 is none: it says nothing of what was asked.
_WITH_REFUSALS = range(200, 429)
_TOKENS = web.Limits(octets=64 * 1024)
_ONE_CLICK = b"List-Unsubscribe=One-Click"


def image_at(address: str) -> web.Answer:
    """Return the image at `address`, its media type told by its octets. Raises web.WebError."""
    answer = web.get(address, resolve=_resolve, accept=web.MEDIA_TYPES, is_wanted=web.may_be_image)
    media_type = web.image_type(answer.content)
    if not media_type:
        raise web.Garbled("no image")
    return web.Answer(answer.status, answer.reason, media_type, answer.content)


def post_one_click(address: str) -> web.Answer:
    """Ask to be taken off a list (RFC 8058, 3.2). Raises web.WebError."""
    return web.post(address, _ONE_CLICK, "application/x-www-form-urlencoded", resolve=_resolve)


def post_push(address: str, content: bytes, fields: Mapping[str, str]) -> web.Answer:
    """Hand a sealed message to the push service that a browser has named (RFC 8030, 5). Raises web.WebError."""
    check_push_address(address)
    return web.post(address, content, "application/octet-stream", resolve=_resolve_push, fields=fields)


def check_push_address(address: str) -> None:
    """Raise web.Forbidden unless `address` may be that of a push service; it is not asked, nor is its name resolved."""
    is_listed = bool(settings.PRIVATE_PUSH_HOSTS)
    if not web.read_target(address).is_secure and not is_listed:
        raise web.Forbidden("a push service without TLS")


def post_form(address: str, fields: Mapping[str, str]) -> web.Answer:
    """Send a form to one of the operator's authorization servers (RFC 6749, 3.2); its refusals are answers too.

    Raises web.WebError.
    """
    if not web.read_target(address).is_secure and not settings.OAUTH_STAND_IN:
        raise web.Forbidden("an authorization server without TLS")
    return web.post(
        address,
        urlencode(fields).encode(),
        "application/x-www-form-urlencoded",
        resolve=_resolve_stand_in if settings.OAUTH_STAND_IN else _resolve,
        fields={"Accept": "application/json"},
        answers=_WITH_REFUSALS,
        limits=_TOKENS,
    )


def _resolve_stand_in(host: str, port: int) -> Sequence[str]:
    return _resolve(host, port, listed=[urlsplit(settings.OAUTH_STAND_IN).hostname or ""])


def _resolve_push(host: str, port: int) -> Sequence[str]:
    return _resolve(host, port, listed=settings.PRIVATE_PUSH_HOSTS)


def _resolve(host: str, port: int, listed: Sequence[str] | None = None) -> Sequence[str]:
    try:
        return checked_web_addresses(host, port, listed=listed)
    except HostRefused as error:
        raise web.Forbidden("a machine that is not asked") from error
    except HostUnknown as error:
        raise web.Unreachable("no such name") from error
