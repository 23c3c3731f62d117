"""HTML bodies made harmless: when they are shown, or by a worker as soon as they came, for nobody likes to wait.

A newsletter is opened once, so that what is kept afterwards helps nobody. A message that a lost task left out is
sanitised when it is opened.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import metadata
from inspect import getsource

import zstandard
from django.utils import timezone

from mailbox.mime import allowed, links, markup, paper, remote, sanitize, styles, trackers
from mailbox.mime.paper import Paper
from mailbox.mime.parse import Parsed
from mailbox.mime.remote import Remote, RemoteKind, RemoteReference
from mailbox.models import Document, Folder, Message
from webmail.celery import wake

# Octets: a shorter message is sanitised in a millisecond, a longer one is no newsletter.
SHORTEST, LONGEST = 10_000, 1_000_000
# Of one batch; the rest of a mailbox that comes for the first time waits for its readers.
MOST = 50
_NEW = timedelta(days=2)
_DECIDING = (allowed, links, markup, paper, remote, sanitize, styles, trackers)


@dataclass(frozen=True, slots=True)
class Clean:
    """A body as harmless HTML with the true targets of its links, what it loads from elsewhere, and its paper."""

    html: str
    remote: tuple[RemoteReference, ...]
    paper: Paper


def clean(html: str, images: Mapping[str, str], remote: Remote | None = None) -> Clean:
    """Return an HTML body made harmless; `images` and `remote` as for `sanitize`."""
    found = sanitize.sanitize(html, images=images, remote=remote)
    return Clean(links.name_targets(found.html), found.remote, paper.paper_of(found.html))


def ask_for(messages: Iterable[Message]) -> None:
    """Have a worker make the documents of those of these messages, just stored, that somebody will soon open."""
    since = timezone.now() - _NEW
    wanted = [each.pk for each in messages if _is_awaited(each) and each.received_at > since]
    if wanted:
        wake("make_documents", *wanted[:MOST])


def _is_awaited(message: Message) -> bool:
    is_unread = message.folder == Folder.INBOX and not message.is_read
    # One that the account had already is not stored again, and has no key.
    return message.pk is not None and is_unread and SHORTEST <= message.octets_count <= LONGEST


def make(message: Message) -> None:
    """Store the document of `message`, where its bodies are HTML that nothing else decides. May run twice at once."""
    parsed = message.parsed()
    if not _is_alone(parsed):
        return
    made = [clean(body.text(), {}) for body in parsed.bodies]
    if sum(len(each.html) for each in made) <= LONGEST:
        row = Document(original_id=message.original_id, version=version(), compressed=_written(made))
        Document.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["original"],
            update_fields=["version", "compressed", "made_at"],
        )


def _is_alone(parsed: Parsed) -> bool:
    """Whether the bodies bring no images along: those have addresses that differ from reader to reader."""
    is_html = all(body.media_type == "text/html" for body in parsed.bodies)
    return bool(parsed.bodies) and is_html and not any(part.content_id for part in parsed.parts)


def made(message: Message) -> list[Clean] | None:
    """Return the bodies of `message`, with nothing loaded, as a worker has made them; None where none has."""
    row: Document | None = getattr(message.original, "document", None)
    return _read(bytes(row.compressed)) if row and row.version == version() else None


@cache
def version() -> str:
    """Return what stands for the code that decides: a sanitiser that was mended believes nothing made before."""
    sources = [getsource(module) for module in _DECIDING]
    text = "\n".join([*map(metadata.version, ("nh3", "tinycss2")), getsource(clean), *sources])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _written(bodies: Sequence[Clean]) -> bytes:
    values = [[each.html, each.paper, [[one.address, one.kind] for one in each.remote]] for each in bodies]
    return zstandard.compress(json.dumps(values).encode())


def _read(compressed: bytes) -> list[Clean]:
    values = json.loads(zstandard.decompress(compressed))
    return [
        Clean(html, tuple(RemoteReference(address, RemoteKind(kind)) for address, kind in found), Paper(name))
        for html, name, found in values
    ]
