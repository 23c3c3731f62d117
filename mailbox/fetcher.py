"""The one way from here to the web servers that mail names: guarded, and walked by workers only.

It joins `mailbox.web`, which knows HTTP, to `accounts.hosts`, which knows what is public.
"""

from collections.abc import Sequence

from accounts.hosts import HostRefused, HostUnknown, checked_web_addresses
from mailbox import web

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


def _resolve(host: str, port: int) -> Sequence[str]:
    try:
        return checked_web_addresses(host, port)
    except HostRefused as error:
        raise web.Forbidden("a machine that is not asked") from error
    except HostUnknown as error:
        raise web.Unreachable("no such name") from error
