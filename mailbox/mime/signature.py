"""The signature in a text that is being written: found while it is as it was put there, and changed for another.

In plain text it stands below the dashes and the blank that other programs look for (RFC 3676, 4.3); in HTML in a
`div` of its own, below the same mark.
"""

import re

from mailbox.mime.as_html import EMPTY_LINE, SIGNATURE_CLASS, line_html
from mailbox.mime.as_text import as_text
from mailbox.mime.outbound import ATTRIBUTION_CLASS

MARK = "-- "
_BLOCK = re.compile(rf'<div class="{SIGNATURE_CLASS}"[^<>]*>')
_DIV = re.compile(r"<(/?)div\b[^<>]*>")
_FORWARDED = re.compile(r"^-{5,} .{3,60} -{5,}$")


def text_block(signature: str) -> str:
    """The signature below its mark; "" for an empty one."""
    stripped = signature.strip()
    return f"{MARK}\n{stripped}\n" if stripped else ""


def html_block(signature: str, html: str = "") -> str:
    """The same for an editor: `html`, which is clean, or else the lines of the text."""
    stripped = signature.strip()
    content = html or "".join(line_html(line) for line in stripped.split("\n") if stripped)
    return f'<div class="{SIGNATURE_CLASS}">{MARK}<br>{content}</div>' if content else ""


def swap_text(text: str, old: str, new: str) -> str:
    """`text` with the block `new` in place of `old`; unchanged where `old` is not there as it was."""
    if old:
        at = text.rfind(old)
        # Above a quotation an empty line follows, which goes with it.
        end = at + len(old)
        if at < 0:
            return text
        return text[:at] + new + (text[end:] if new else text[end:].removeprefix("\n"))
    lines = text.split("\n")
    place = next((at for at, line in enumerate(lines) if line.startswith(">") or _FORWARDED.match(line)), None)
    if place is None:
        return f"{text.rstrip(chr(10))}\n\n{new}" if new else text
    is_answer = lines[place].startswith(">") and place > 0 and lines[place - 1].strip()
    place -= bool(is_answer)
    return "\n".join([*lines[:place], new, *lines[place:]]) if new else text


def swap_html(html: str, old: str, new: str) -> str:
    """As `swap_text` for HTML: compared by its words, for an editor writes the tags in its own way."""
    found = _BLOCK.search(html)
    if found:
        end = _end(html, found.end())
        is_untouched = as_text(html[found.start() : end]) == as_text(old)
        return html[: found.start()] + new + html[end:] if is_untouched else html
    if old or not new:
        return html
    at = html.find(f'<div class="{ATTRIBUTION_CLASS}"')
    return f"{html}{EMPTY_LINE}{new}" if at < 0 else f"{html[:at]}{new}{EMPTY_LINE}{html[at:]}"


def _end(html: str, start: int) -> int:
    """Where the `div` that was opened before `start` ends."""
    depth = 1
    for tag in _DIV.finditer(html, start):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.end()
    return len(html)
