"""HTML bodies made harmless: when they are shown, or by a worker as soon as they came, for nobody likes to wait.

A newsletter is opened once, so that what is kept afterwards helps nobody. A message that a lost task left out is
sanitised when it is opened.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import metadata
from inspect import getsource
from itertools import batched
from typing import Any

import zstandard
from django.utils import timezone

from mailbox.mime import allowed, links, markup, paper, quotes, remote, sanitize, styles, trackers
from mailbox.mime.paper import Paper
from mailbox.mime.parse import Parsed
from mailbox.mime.remote import Remote, RemoteKind, RemoteReference
from mailbox.models import Document, Folder, Message
from webmail.celery import wake

# Octets of a newsletter: a longer message is none, and a shorter one is sanitised in a millisecond.
SHORTEST, LONGEST = 10_000, 1_000_000
# Of one batch; the rest of a mailbox that comes for the first time waits for its readers.
MOST = 50
# So many that come together are made ready however short they are: nobody opens more of them in the next minutes.
FEW = 10
_TOGETHER = 10
_NEW = timedelta(days=2)
_DECIDING = (allowed, links, markup, paper, quotes, remote, sanitize, styles, trackers)


@dataclass(frozen=True, slots=True)
class Outline:
    """What the page around a body has to know of it."""

    remote: tuple[RemoteReference, ...] = ()
    """What it loads from elsewhere."""
    paper: Paper = Paper.OURS


@dataclass(frozen=True, slots=True)
class Clean:
    """A body as harmless HTML with the true targets of its links, and where the history of a reply stands in it."""

    html: str
    outline: Outline
    history: tuple[int, int] | None = None


def clean(html: str, images: Mapping[str, str], remote: Remote | None = None) -> Clean:
    """Return an HTML body made harmless; `images` and `remote` as for `sanitize`."""
    found = sanitize.sanitize(html, images=images, remote=remote)
    named = links.name_targets(found.html)
    return Clean(named, Outline(found.remote, paper.paper_of(named)), quotes.history_of(named))


def ask_for(messages: Iterable[Message]) -> None:
    """Have a worker make the documents of those of these messages, just stored, that somebody will soon open."""
    since = timezone.now() - _NEW
    awaited = [each for each in messages if _is_awaited(each) and each.received_at > since]
    wanted = awaited if len(awaited) <= FEW else [each for each in awaited if each.octets_count >= SHORTEST]
    if wanted:
        wake("make_documents", *[each.pk for each in wanted[:MOST]])


def _is_awaited(message: Message) -> bool:
    is_unread = message.folder == Folder.INBOX and not message.is_read
    # One that the account had already is not stored again, and has no key.
    return message.pk is not None and is_unread and message.octets_count <= LONGEST


def make(messages: Iterable[Message]) -> None:
    """Store the documents of those of `messages` whose bodies are HTML that nothing else decides. May run twice."""
    for some in batched(messages, _TOGETHER):
        Document.objects.bulk_create(
            [row for each in some if (row := _row(each))],
            update_conflicts=True,
            unique_fields=["original"],
            update_fields=["version", "compressed", "made_at"],
        )


def _row(message: Message) -> Document | None:
    parsed = message.parsed()
    if not _is_alone(parsed):
        return None
    bodies = [clean(body.text(), {}) for body in parsed.bodies]
    if sum(len(each.html) for each in bodies) > LONGEST:
        return None
    return Document(original_id=message.original_id, version=version(), compressed=_written(bodies))


def _is_alone(parsed: Parsed) -> bool:
    """Whether the bodies bring no images along: those have addresses that differ from reader to reader."""
    is_html = all(body.media_type == "text/html" for body in parsed.bodies)
    return bool(parsed.bodies) and is_html and not any(part.content_id for part in parsed.parts)


def made(message: Message) -> list[Clean] | None:
    """Return the bodies of `message`, with nothing loaded, as a worker has made them; None where none has."""
    stored = _stored(message)
    return list(_bodies(stored)) if stored else None


def outlines(message: Message) -> list[Outline] | None:
    """Return the outlines of the same bodies, which cost a tenth of the bodies."""
    stored = _stored(message)
    return [_outline(each) for each in _heads(stored)[0]] if stored else None


def _stored(message: Message) -> bytes | None:
    row: Document | None = getattr(message.original, "document", None)
    return zstandard.decompress(bytes(row.compressed)) if row and row.version == version() else None


@cache
def version() -> str:
    """Return what stands for the code that decides: a sanitiser that was mended believes nothing made before."""
    sources = [getsource(module) for module in _DECIDING]
    text = "\n".join([*map(metadata.version, ("nh3", "tinycss2")), getsource(clean), getsource(_written), *sources])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _written(bodies: Sequence[Clean]) -> bytes:
    """Return a line of JSON about the bodies, then their HTML, one after the other and as it is."""
    octets = [each.html.encode() for each in bodies]
    heads = [
        {
            "octets": len(html),
            "paper": each.outline.paper,
            "remote": [[one.address, one.kind] for one in each.outline.remote],
            "history": each.history,
        }
        for each, html in zip(bodies, octets, strict=True)
    ]
    return zstandard.compress(json.dumps(heads).encode() + b"\n" + b"".join(octets))


def _heads(stored: bytes) -> tuple[list[dict[str, Any]], int]:
    """Return what is said of each body, and where the first one begins."""
    end = stored.index(b"\n")
    return json.loads(stored[:end]), end + 1


def _bodies(stored: bytes) -> Iterator[Clean]:
    heads, at = _heads(stored)
    for head in heads:
        end = at + head["octets"]
        history = head["history"]
        yield Clean(stored[at:end].decode(), _outline(head), (history[0], history[1]) if history else None)
        at = end


def _outline(head: Mapping[str, Any]) -> Outline:
    remote = tuple(RemoteReference(address, RemoteKind(kind)) for address, kind in head["remote"])
    return Outline(remote, Paper(head["paper"]))
