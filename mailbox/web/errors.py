"""What can come of asking a stranger's web server; whether asking again may help is in the type."""


class WebError(Exception):
    """Nothing usable was answered. `str()` is for logs: it names no address and quotes no secrets."""

    is_permanent = True


class Forbidden(WebError):
    """The address is one that is never asked: its scheme, its port, the credentials in it, or where it leads."""


class Untrusted(WebError):
    """The server could not prove its name by TLS."""


class Garbled(WebError):
    """What came is not HTTP, or not of the kind, the size or the encoding that was asked for."""


class Unreachable(WebError):
    """No whole answer came in time."""

    is_permanent = False


class Answered(WebError):
    """The server answered with a status that is not a success (RFC 9110, 15)."""

    # Request Timeout, Too Early, Too Many Requests.
    _PASSING = frozenset({408, 425, 429})

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason

    @property
    def is_permanent(self) -> bool:  # type: ignore[override]
        """Whether the same request would be answered alike later."""
        return self.status < 500 and self.status not in self._PASSING
