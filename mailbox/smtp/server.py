"""The server MTA for local maildrops: takes a message only for a recipient that is known, answers 250 only after it
was stored, and relays nothing. Who is known and where messages go is left to two functions of the caller.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from aiosmtpd.controller import Controller

from mailbox.smtp.conversation import Arrival, Conversation, Hooks, MailboxFull, Terms

STOP_SECONDS = 30.0
STOP_POLL_SECONDS = 0.02

__all__ = ["Arrival", "MailServer", "MailboxFull"]


class MailServer:
    """An SMTP server in a thread of its own (RFC 5321), from `start` to `stop`.

    `find(address)` is asked at RCPT and returns whatever stands for a local mailbox, or None: then the answer is 550.
    `receive(arrival)` is called after DATA; the message must be stored when it returns. Any exception becomes 451, so
    that the client keeps the message; `MailboxFull`, which both may raise, has a reply of its own. Both run in one of
    `threads` threads that live as long as the server.

    `port` 0 takes a free one. With `tls_context` STARTTLS is offered. A message may have `message_octets_limit`
    octets; a client that needs more than `command_seconds` for a command is cut off.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        hostname: str,
        find: Callable[[str], object | None],
        receive: Callable[[Arrival], None],
        message_octets_limit: int,
        recipients_limit: int = 100,
        tls_context: ssl.SSLContext | None = None,
        max_connections: int = 100,
        command_seconds: float = 300,
        threads: int = 4,
    ) -> None:
        self._host = host
        self._port = port
        self._terms = Terms(hostname, message_octets_limit, recipients_limit, max_connections, command_seconds)
        self._find = find
        self._receive = receive
        self._tls_context = tls_context
        self._thread_count = threads
        self._listener: _Listener | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; before `start`, the one asked for."""
        return self._listener.port if self._listener else self._port

    def start(self) -> None:
        """Listen. Raises OSError when the port cannot be had."""
        sock = _listen(self._host, self._port)
        threads = ThreadPoolExecutor(self._thread_count, thread_name_prefix="smtpd")
        hooks = Hooks(self._terms, find=self._find, receive=self._receive, threads=threads)
        listener = _Listener(hooks, sock, self._tls_context)
        try:
            listener.start()
        except BaseException:
            sock.close()
            threads.shutdown()
            raise
        self._listener = listener

    def stop(self) -> None:
        """Take no more connections, let messages that are being stored be answered, and end."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        asyncio.run_coroutine_threadsafe(listener.finish(), listener.loop).result()
        listener.stop()
        listener.hooks.threads.shutdown()


class _Listener(Controller):
    """aiosmtpd's thread and event loop, on a socket that listens already and with our conversations.

    asyncio itself sets TCP_NODELAY on every connection.
    """

    def __init__(self, hooks: Hooks, sock: socket.socket, tls_context: ssl.SSLContext | None) -> None:
        host, port = sock.getsockname()[:2]
        super().__init__(hooks, hostname=host, port=port)
        self.hooks = hooks
        self._sock = sock
        self._tls_context = tls_context

    def factory(self) -> Conversation:
        return Conversation(self.hooks, loop=self.loop, tls_context=self._tls_context)

    async def finish(self) -> None:
        """Close the door and wait, for a while, until nobody is halfway between DATA and its reply."""
        if self.server is not None:
            self.server.close()
        ends_at = self.loop.time() + STOP_SECONDS
        while self.hooks.storing and self.loop.time() < ends_at:
            await asyncio.sleep(STOP_POLL_SECONDS)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._sock)


def _listen(host: str, port: int) -> socket.socket:
    """Bind here and not in aiosmtpd's thread, which reports a port in use only after a wait."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
