"""Tries the usual names of servers. Each is checked as every server that a person names, and nobody logs in."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from accounts.hosts import HostError, HostUnknown, checked_address
from accounts.models import Security
from mailbox import pop3, smtp
from mailbox.finding.values import Place, Servers, Silent

SECONDS = 3.0
_POP3_LIMITS = pop3.Limits(connect_seconds=1.5, command_seconds=1.5, session_seconds=2.8)
_SMTP_LIMITS = smtp.Limits(connect_seconds=1.5, command_seconds=1.5, session_seconds=2.8)
# The likeliest first; one that is better protected before one that is likelier.
_POP3_PREFIXES = ("pop.", "mail.", "pop3.", "")
_SMTP_PREFIXES = ("smtp.", "mail.", "")
_POP3_PORTS = ((995, Security.TLS), (110, Security.STARTTLS))
_SMTP_PORTS = ((465, Security.TLS), (587, Security.STARTTLS))


class _Nowhere(Exception):
    """There is no such name."""


def guessed(domain: str) -> Servers | None:
    """Return the first of the usual servers that answer as mail servers, with certificates that prove their names.

    None unless there is one for POP3. Raises Silent where not one of the names was known.
    """
    incoming = [Place(f"{prefix}{domain}", *port) for port in _POP3_PORTS for prefix in _POP3_PREFIXES]
    outgoing = [Place(f"{prefix}{domain}", *port) for port in _SMTP_PORTS for prefix in _SMTP_PREFIXES]
    pool = ThreadPoolExecutor(max_workers=len(incoming) + len(outgoing))
    try:
        asked = [pool.submit(_try, _meet_pop3, place) for place in incoming]
        asked += [pool.submit(_try, _meet_smtp, place) for place in outgoing]
        wait(asked, timeout=SECONDS)
    finally:
        # Whoever still waits for a server ends by its own limits.
        pool.shutdown(wait=False, cancel_futures=True)
    if all(isinstance(_result(each), _Nowhere) for each in asked):
        raise Silent
    pop3_place = _first(incoming, asked[: len(incoming)])
    return Servers(pop3=pop3_place, smtp=_first(outgoing, asked[len(incoming) :])) if pop3_place else None


def _first(places: Sequence[Place], asked: Sequence[Future[object]]) -> Place | None:
    return next((place for place, each in zip(places, asked, strict=True) if _result(each) is True), None)


def _result(future: Future[object]) -> object:
    return future.result() if future.done() and not future.cancelled() else None


def _try(meet: Callable[[Place, str], None], place: Place) -> object:
    """Whether a server is there; a name that does not resolve comes as _Nowhere."""
    try:
        meet(place, checked_address(place.host, place.port))
    except HostUnknown:
        return _Nowhere()
    except (HostError, pop3.Failure, smtp.SmtpError):
        return False
    return True


def _meet_pop3(place: Place, address: str) -> None:
    server = pop3.Server(place.host, place.port, pop3.Security(place.security), address)
    with pop3.Client.connect(server, limits=_POP3_LIMITS) as client:
        client.quit()


def _meet_smtp(place: Place, address: str) -> None:
    server = smtp.Server(place.host, place.port, smtp.Security(place.security), address)
    with smtp.Client.connect(server, limits=_SMTP_LIMITS):
        pass
