"""Server-sent events in place of the poll, for `bench.live` to hold the poll against: no part of Letterbox.

The best that streams could do here: each open page holds one, `/live/stream/`, and however many pages a person has
open, the database is asked for his pulse once in EVERY seconds. With `STREAM_WATCH=page` each page asks for itself, as
if each were another person's. All other addresses are Letterbox's, under ASGI.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from http.cookies import SimpleCookie
from typing import Any

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
letterbox = get_asgi_application()

import webmail.wsgi  # noqa: E402, F401  # keeps connections to SQLite, as there
from mailbox.views.poll import _signed_in  # noqa: E402
from mailbox.views.pulse import pulse_of  # noqa: E402

EVERY = 1.5
IS_SHARED = os.environ.get("STREAM_WATCH") != "page"
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")],
}

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]


class Watch:
    """The pulse of one person, asked for again and again while somebody listens."""

    def __init__(self, user: int) -> None:
        self.pulse = ""
        self.changed = asyncio.Condition()
        self.task = asyncio.create_task(self._look(user))

    async def _look(self, user: int) -> None:
        while True:
            # In a thread, where Django's queries belong.
            pulse = str(await sync_to_async(pulse_of, thread_sensitive=False)(user))
            if pulse != self.pulse:
                async with self.changed:
                    self.pulse = pulse
                    self.changed.notify_all()
            await asyncio.sleep(EVERY)

    async def after(self, pulse: str) -> str:
        """Return the pulse once it is another one than `pulse`."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.pulse != pulse)
            return self.pulse


_watches: dict[int, Watch] = {}


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] == "http" and scope["path"] == "/live/stream/":
        await _stream(scope, receive, send)
    elif scope["type"] == "http":
        await letterbox(scope, receive, send)


async def _stream(scope: Message, receive: Receive, send: Send) -> None:
    cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode())
    user = await sync_to_async(_signed_in, thread_sensitive=False)(cookies["sessionid"].value)
    assert user is not None
    watch = (_watches.get(user) or _watches.setdefault(user, Watch(user))) if IS_SHARED else Watch(user)
    await send(_START)
    telling = asyncio.create_task(_tell(watch, send))
    while (await receive())["type"] != "http.disconnect":
        pass
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling
    if not IS_SHARED:
        watch.task.cancel()


async def _tell(watch: Watch, send: Send) -> None:
    pulse = ""
    while True:
        pulse = await watch.after(pulse)
        await send({"type": "http.response.body", "body": f"data: {pulse}\n\n".encode(), "more_body": True})
