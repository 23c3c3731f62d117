"""Links that claim another target than they have: the true one is written behind their text.

Reads and writes the HTML that `sanitize` made, where every attribute stands in double quotes and links do not nest.
"""

import html as entities
import re
from urllib.parse import unquote, urlsplit

from mailbox.mime.domains import is_at_or_below, is_disguised, punycode, readable

_LINK = re.compile(r'(<a target="_blank" href="([^"]*+)"(?: [^\s"=<>]+="[^"]*+")*+>)((?:[^<]++|<(?!/a>))*+)(?=</a>)')
_TAG = re.compile(r'<[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+>')
_ADDRESS = re.compile(r"(?ai:https?://|www\.)([^\s/?#\"'<>()\[\]]+)", re.I)
_MAILBOX = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63})+)")
_BARE_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24})/?\Z")
# Names of files look like hosts.
_SUFFIXES = re.compile(r"css|csv|docx?|exe|gif|html?|jpe?g|js|json|md|pdf|php|png|pptx?|py|txt|xlsx?", re.I)
_LONGEST_TEXT = 1_000


def name_targets(html: str) -> str:
    """`html` with the true target, in `<span class="lb-target">`, in each link whose text names another host."""
    return _LINK.sub(_named, html) if "<a " in html else html


def _named(found: re.Match[str]) -> str:
    opening, href, content = found.groups()
    if "." not in content and href.isascii() and "xn--" not in href and "@" not in href:
        return found[0]
    target = true_target(entities.unescape(href), entities.unescape(_TAG.sub("", content)[:_LONGEST_TEXT]))
    return f'{opening}{content}<span class="lb-target">{entities.escape(target)}</span>' if target else found[0]


def true_target(href: str, text: str) -> str:
    """What a reader has to know of `href` beside `text`: its host or mailbox, "" where the text does not mislead."""
    if href[:7].lower() == "mailto:":
        mailbox = unquote(href[7:].partition("?")[0])
        claimed = _MAILBOX.search(text)
        return mailbox if claimed and claimed[0].lower() not in mailbox.lower() else ""
    host, has_login = _host(href)
    if not host:
        return ""
    claimed_host = _claimed_host(text)
    if is_disguised(host):
        return punycode(host)
    is_other = claimed_host and not is_at_or_below(host, claimed_host.removeprefix("www."))
    return readable(host) if has_login or is_other else ""


def _claimed_host(text: str) -> str:
    stripped = text.strip()
    if found := _ADDRESS.search(stripped):
        return _host(f"https://{found[1]}")[0].rstrip(".,;:!")
    if found := _MAILBOX.search(stripped):
        return found[1].lower()
    bare = _BARE_HOST.match(stripped)
    return stripped.rstrip("/").lower() if bare and not _SUFFIXES.fullmatch(bare[1]) else ""


def _host(href: str) -> tuple[str, bool]:
    """The host of a web address, and whether something that looks like another host stands before it."""
    try:
        parts = urlsplit(href)
        return parts.hostname or "", "@" in parts.netloc
    except ValueError:
        return "", False
