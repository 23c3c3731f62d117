"""At which addresses a message reached the person who reads it, as far as its header tells."""

from collections.abc import Iterator
from itertools import islice

from mailbox.mime.addresses import addresses
from mailbox.mime.parse import Header

# What servers note of the envelope: before aliases are resolved (Postfix, Exim, qmail-scanner), and after.
_AS_ADDRESSED = (b"x-original-to", b"envelope-to", b"x-envelope-to", b"x-rcpt-to")
_AS_DELIVERED = (b"delivered-to", b"x-delivered-to", b"apparently-to")


def receivers(header: Header, *, limit: int = 500) -> tuple[str, ...]:
    """Addresses in small letters, each once, the likeliest first.

    The envelope's recipient, then To and Cc, then the maildrop in which it ended: an alias is what people wrote to,
    the maildrop behind it is nobody's business. Anybody can forge all of them, so they may choose among a person's own
    addresses and prove nothing.
    """
    return tuple(islice(dict.fromkeys(_all(header, limit)), limit))


def _all(header: Header, limit: int) -> Iterator[str]:
    yield from _named(header, _AS_ADDRESSED, limit)
    for each in (*header.to, *header.cc):
        yield each.address.lower()
    yield from _named(header, _AS_DELIVERED, limit)


def _named(header: Header, names: tuple[bytes, ...], limit: int) -> Iterator[str]:
    for name, value in header.raw_fields:
        if name.lower() in names:
            yield from (each.address.lower() for each in addresses(value, limit=limit))
