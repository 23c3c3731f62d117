"""What a message would load from elsewhere, for the line above it: how much, from whom, and what the reader said."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.core.signing import Signer
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import User
from mailbox.mime.parse import Header
from mailbox.mime.places import Places
from mailbox.mime.remote import Remote, RemoteKind, RemoteReference
from mailbox.models import Message, TrustedSender
from mailbox.views.sheet import Sheet

# Of one message; a newsletter has fifty, and each is a question to a stranger.
IMAGES_LIMIT = 300
_LONGEST_ADDRESS = 4_000
_SESSION = "shown_images"
# Messages whose images are shown until the person signs out; the oldest choice is forgotten first.
_REMEMBERED = 50
_ADDRESS = re.compile(r"[^\s<>@]+@([\w.-]+\.\w+)")
_DENIED = re.compile(r"\bdmarc\s*=\s*fail\b", re.I)
_signer = Signer(salt="mailbox.remote")


@dataclass(frozen=True, slots=True)
class Host:
    """Whom a message would ask, and how often."""

    name: str
    count: int
    is_tracker: bool


@dataclass(frozen=True, slots=True)
class RemoteLine:
    """The line above one message."""

    images_count: int
    trackers_count: int
    styles_count: int
    hosts: Sequence[Host]
    sender: str
    is_shown: bool
    is_trusted: bool
    may_trust: bool
    """Whether the reader may have this sender's images shown always."""
    url: str
    """Where the reader's word goes."""
    around: str = "message"
    """The class of what its answer takes the place of."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What one person has said about images: of single messages, and of senders."""

    shown: Collection[str]
    trusted: Collection[str]

    def trusts(self, message: Message, header: Header) -> bool:
        return message.sender_address.lower() in self.trusted and is_plain_sender(header)

    def shows(self, message: Message, header: Header) -> bool:
        return message.key in self.shown or self.trusts(message, header)


def choices(request: HttpRequest, messages: Iterable[Message]) -> Choices:
    """Return what the reader has said about these messages and their senders. One query, none without messages."""
    addresses = {message.sender_address for message in messages if message.sender_address}
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return Choices(
        shown=request.session.get(_SESSION, ()),
        trusted=TrustedSender.among(request.user, addresses) if addresses else (),
    )


def with_remote_lines(request: HttpRequest, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the sheets, each with its line where its message would load anything. At most one query."""
    loading = [sheet.message for sheet in sheets if sheet.remote]
    said = choices(request, loading)
    return [replace(sheet, remote_line=_line(sheet, said)) if sheet.remote else sheet for sheet in sheets]


def show_images(session: SessionBase, key: str) -> None:
    """Note for this session that the images of one message are shown."""
    session[_SESSION] = [*[each for each in session.get(_SESSION, ()) if each != key], key][-_REMEMBERED:]


def hide_images(session: SessionBase, key: str) -> None:
    if key in session.get(_SESSION, ()):
        session[_SESSION] = [each for each in session[_SESSION] if each != key]


def enclosed_line(
    request: HttpRequest, message: Message, places: Places, remote: Sequence[RemoteReference]
) -> RemoteLine | None:
    """Return the line of the message inside `message`. Nobody vouches for who wrote it, so no sender is trusted."""
    return (
        RemoteLine(
            **_counted(remote),
            sender="",
            is_shown=inside(message.key, places) in request.session.get(_SESSION, ()),
            is_trusted=False,
            may_trust=False,
            url=reverse("enclosed_images", args=[message.key, places]),
            around="enclosed",
        )
        if remote
        else None
    )


def inside(key: str, places: Places) -> str:
    """Return the name by which a session remembers a message, or the one inside it at `places`."""
    return ".".join([key, *map(str, places)])


def remote_of(request: HttpRequest, message: Message, places: Places = ()) -> Remote | None:
    """Return what gives the remote images of `message` their addresses on this site, None where they are not wanted.

    With `places` those of the message inside it, which the reader decides for itself.
    """
    if not _is_wanted(request, message, places):
        return None
    found: set[str] = set()

    def here(address: str) -> str | None:
        if len(address) > _LONGEST_ADDRESS or len(found) >= IMAGES_LIMIT:
            return None
        found.add(address)
        return address_here(message.key, address)

    return here


def _is_wanted(request: HttpRequest, message: Message, places: Places) -> bool:
    if inside(message.key, places) in request.session.get(_SESSION, ()):
        return True
    if places:
        return False
    said = choices(request, [message])
    # Only for a sender who may be trusted the message is parsed.
    return bool(said.trusted) and said.trusts(message, message.parsed().header)


def images_of(remote: Iterable[RemoteReference]) -> list[str]:
    """Return the addresses that may ever be loaded."""
    found = (each.address for each in remote if each.kind == RemoteKind.IMAGE)
    return [address for address in found if len(address) <= _LONGEST_ADDRESS][:IMAGES_LIMIT]


def address_here(key: str, address: str) -> str:
    """Return the address on this site of an image that the message of that key holds.

    It is signed for the message: nobody can make one for an address that no message of his holds.
    """
    token = f"{urlsafe_base64_encode(address.encode())}.{_signature(key, address)}"
    return f"{_place(key)}{token}/"


@lru_cache(maxsize=64)
def _place(key: str) -> str:
    # A message may have hundreds of images, and to build an address takes longer than to sign it.
    return reverse("remote_image", args=[key, "-"]).removesuffix("-/")


def address_there(key: str, token: str) -> str | None:
    """Return the address that `token` was made of for the message of that key, None for any other."""
    encoded, _, signature = token.partition(".")
    try:
        address = urlsafe_base64_decode(encoded).decode()
    except ValueError:
        return None
    return address if constant_time_compare(signature, _signature(key, address)) else None


def _signature(key: str, address: str) -> str:
    return _signer.signature(f"{key} {address}")


def is_plain_sender(header: Header) -> bool:
    """Whether one sender is named, in no way that is usual for a forger's mail.

    Authentication-Results that deny are believed whoever added them: to forge those gains nobody anything.
    """
    if len(header.from_) != 1 or _DENIED.search(header.field("Authentication-Results")):
        return False
    sender = header.from_[0]
    named = _ADDRESS.search(sender.name)
    return "@" in sender.address and (named is None or sender.address.lower().endswith(f"@{named[1].lower()}"))


def _line(sheet: Sheet, said: Choices) -> RemoteLine:
    assert sheet.parsed
    message, header = sheet.message, sheet.parsed.header
    return RemoteLine(
        **_counted(sheet.remote),
        sender=message.sender_address,
        is_shown=said.shows(message, header),
        is_trusted=said.trusts(message, header),
        may_trust=is_plain_sender(header),
        url=reverse("remote_choice", args=[message.key]),
    )


def _counted(remote: Sequence[RemoteReference]) -> dict[str, Any]:
    """Return what a line says of the addresses alone."""
    kinds = Counter(each.kind for each in remote)
    return {
        "images_count": kinds[RemoteKind.IMAGE],
        "trackers_count": kinds[RemoteKind.TRACKER],
        "styles_count": kinds[RemoteKind.STYLE],
        "hosts": _hosts(remote),
    }


def _hosts(remote: Iterable[RemoteReference]) -> list[Host]:
    counts = Counter((_host(each.address), each.kind == RemoteKind.TRACKER) for each in remote)
    return [Host(name, count, is_tracker) for (name, is_tracker), count in counts.most_common()]


def _host(address: str) -> str:
    """The host as name servers know it, so that no letter can pass for another."""
    try:
        return (urlsplit(address).hostname or "").encode("idna").decode("ascii")
    except ValueError:
        return "?"
