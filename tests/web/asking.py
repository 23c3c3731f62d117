"""Asks the odd web servers of the tests, within limits that a test can wait for."""

from collections.abc import Sequence

from mailbox import web

LIMITS = web.Limits(seconds=2, connect_seconds=1, octets=10_000, header_octets=4_000)


def to_loopback(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def get(address: str, resolve: web.Resolve = to_loopback, limits: web.Limits = LIMITS) -> web.Answer:
    """The image at `address`, wherever `resolve` says that it lies."""
    return web.get(address, resolve=resolve, accept=web.MEDIA_TYPES, is_wanted=web.may_be_image, limits=limits)
