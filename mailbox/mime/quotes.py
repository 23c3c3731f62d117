"""The history that replies carry below them, found by the marks of the programs that write it, and folded.

Reads and writes the HTML that `sanitize` made: balanced, every attribute in double quotes, classes and ids prefixed.
"""

import html as entities
import re
from dataclasses import dataclass

from mailbox.mime.allowed import VOID

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)(?: [^\s"=<>]+="[^"]*+")*+>')
_CLASSES = "gmail_quote|gmail_quote_container|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|moz-cite-prefix"
_MARK = re.compile(
    rf"""<(?:div|blockquote)(?=\ )[^<>]*?\ (?:class="(?:[^"]*\ )?m-(?P<class>{_CLASSES})(?:\ [^"]*)?"
         | id="m-(?P<id>appendonsend|divRplyFwdMsg|yahoo_quoted_[0-9]+|reply-intro)"
         | (?P<cite>type="cite")
         | style="border:none;border-top:solid\ [^";]{{3,20}}\ 1\.0pt;(?P<rule>padding:3\.0pt[^"]*)")""",
    re.X,
)
_VISIBLE = re.compile(r"[^\s\u200b\u200c\u200d\ufeff]")
_FIELD = re.compile(r"\s*[^\s:：]{1,16}(?:\s[^\s:：]{1,16})?\s?[:：]")
_OPENING_BEFORE = re.compile(r"<div(?: [^\s\"=<>]+=\"[^\"]*+\")*+>\s*\Z")
_MOST = 50
_FIELD_WITHIN = 600


@dataclass(frozen=True, slots=True)
class _Quote:
    start: int
    end: int


def history_of(html: str) -> tuple[int, int] | None:
    """Where the history of a reply begins and ends in `html`, None where nothing is to be folded.

    One quotation is folded wherever it stands; of several, which are answered between the lines, only one at the end.
    A message that is nothing else, such as a forwarded one, stays open.
    """
    found = _quotes(html)
    if not found:
        return None
    last = found[-1]
    if len(found) > 1 and _is_visible(html[last.end :]):
        return None
    if not _is_visible(html[: last.start]) and not _is_visible(html[last.end :]):
        return None
    return last.start, last.end


def fold_quotes(html: str, label: str) -> str:
    """`html` with its history folded, if it has any, as by `fold`."""
    return fold(html, history_of(html), label)


def fold(html: str, history: tuple[int, int] | None, label: str) -> str:
    """`html` with its history inside `<details class="lb-quote">`, whose button is named `label`."""
    if history is None:
        return html
    start, end = history
    name = entities.escape(label)
    button = f'<summary class="lb-quote__button" title="{name}" aria-label="{name}">•••</summary>'
    return f'{html[:start]}<details class="lb-quote">{button}{html[start:end]}</details>{html[end:]}'


def _quotes(html: str) -> list[_Quote]:
    """The outermost quotations in their order."""
    found: list[_Quote] = []
    at = 0
    while len(found) < _MOST and (mark := _MARK.search(html, at)):
        quote = _quote(html, mark)
        if quote:
            found.append(quote)
        at = quote.end if quote else mark.end()
    return found


def _quote(html: str, mark: re.Match[str]) -> _Quote | None:
    if mark["class"] == "moz-cite-prefix":
        return _with_attribution(html, mark.start())
    if mark["id"] in ("appendonsend", "divRplyFwdMsg", "reply-intro"):
        return _Quote(mark.start(), _end(html, mark.start(), is_container=True))
    if mark["rule"]:
        return _below_rule(html, mark.start())
    return _Quote(mark.start(), _end(html, mark.start()))


def _with_attribution(html: str, start: int) -> _Quote | None:
    """Thunderbird: who wrote stands before the `blockquote`; an answer may follow."""
    end = _end(html, start)
    following = _MARK.search(html, end)
    if not following or not following["cite"] or _is_visible(html[end : following.start()]):
        return None
    return _Quote(start, _end(html, following.start()))


def _below_rule(html: str, start: int) -> _Quote | None:
    """Outlook: a rule, the header fields, then everything to the end of what holds them."""
    if not _FIELD.match(_text(html[start : start + _FIELD_WITHIN])):
        return None
    end = _end(html, start)
    while (opening := _OPENING_BEFORE.search(html, max(0, start - 400), start)) and html[end:].lstrip()[:6] == "</div>":
        start, end = opening.start(), html.index("</div>", end) + len("</div>")
    return _Quote(start, _end(html, start, is_container=True))


def _end(html: str, start: int, *, is_container: bool = False) -> int:
    """Where the element that starts at `start` ends; with `is_container`, where the one that holds it would."""
    depth = 0
    for tag in _TAG.finditer(html, start):
        if tag[2] in VOID:
            continue
        depth += -1 if tag[1] else 1
        if depth < 0:
            return tag.start()
        if depth == 0 and not is_container:
            return tag.end()
    return len(html)


def _text(html: str) -> str:
    return entities.unescape(_TAG.sub("", html))


def _is_visible(html: str) -> bool:
    return "<img" in html or _VISIBLE.search(_text(html)) is not None
