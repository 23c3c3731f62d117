"""The one line under a subject, and readable text from HTML; both fast, because every message takes this way."""

import html
import re

# Letters without width, with which newsletters push their own text out of the preview.
_FILLER = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\x00-\x08\x0e-\x1f\x7f]+"
)
_SIGNATURE = ("-- ", "--", "__")
_ATTRIBUTION = re.compile(
    r"^(?:on\b.{3,200}\bwrote|am\b.{3,200}\bschrieb.*|le\b.{3,200}\ba [ée]crit|el\b.{3,200}\bescribi[óo]"
    r"|\d{4}[年/-].{3,200})\s?[:\uff1a]$",
    re.I,
)
_OLD_MESSAGE = re.compile(
    r"^-{3,} ?(?:original message|forwarded message|ursprüngliche nachricht|元のメッセージ)", re.I
)
_RULE = re.compile(r"[-=_*~#+]{4,}")
_LOOKED_AT = 20_000
_LONGEST_MARKUP = 3_000_000

_SKIPPED_ELEMENTS = ("style", "script", "head", "title", "template", "textarea", "svg", "math")
# Letters outside ASCII equal none of these: without re.A, "ſ" would be an "s".
_SKIPPED = re.compile(rf"<(?:!--|({'|'.join(_SKIPPED_ELEMENTS)})(?=[\s/>])[^<>]*>)", re.I | re.A)
# By element; that of a comment has no name.
_END = {name: re.compile(f"</{name}", re.I | re.A) for name in _SKIPPED_ELEMENTS} | {"": re.compile("-->")}
# Looks ahead first: trying thirty names at each of three million angles takes a second.
_BLOCK_TAG = re.compile(
    r"<(?=[/a-z])/?(?=[a-df-hlmnopstu])"
    r"(?:address|article|aside|blockquote|br|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr|li|main"
    r"|nav|ol|p|pre|section|table|tbody|tfoot|thead|tr|ul)\b[^<>]*>",
    re.I,
)
_CELL_TAG = re.compile(r"</?(?:td|th)\b[^<>]*>", re.I)
_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")


def preview(text: str, *, length: int = 200) -> str:
    """The first `length` characters worth reading of a message's text, as one line without filler.

    Quotes, their attribution and the signature are passed over, unless there is nothing else.
    """
    text = text[:_LOOKED_AT]
    own = " ".join(_own_lines(text.split("\n"), length))
    return own[:length].rstrip() if own else _fold(text)[:length].rstrip()


def _own_lines(lines: list[str], length: int) -> list[str]:
    own: list[str] = []
    room = length
    for line in lines:
        if line.startswith(_SIGNATURE) and line.rstrip() in ("--", "__", "___"):
            break
        if line.startswith(">"):
            _drop_wrapped_attribution(own)
            continue
        folded = _fold(_RULE.sub(" ", line))
        if _OLD_MESSAGE.match(line):
            break
        if not folded or _ATTRIBUTION.match(folded):
            continue
        own.append(folded)
        room -= len(folded) + 1
        if room <= 0:
            break
    return own


def _drop_wrapped_attribution(own: list[str]) -> None:
    """`On … <alice@home.test>` and `wrote:` on two lines, as mailers wrap them."""
    if len(own) > 1 and own[-1].endswith((":", "\uff1a")) and _ATTRIBUTION.match(" ".join(own[-2:])):
        del own[-2:]


def _fold(text: str) -> str:
    return " ".join((text if text.isascii() and text.isprintable() else _FILLER.sub("", text)).split())


def html_text(markup: str, *, limit: int = 1_000_000) -> str:
    """What a reader sees of HTML as plain text, one line per block; looks at `8 * limit` characters or fewer.

    Not a sanitiser: the result is text, and is escaped wherever it is shown.
    """
    text = _without_skipped(markup[: min(8 * limit, _LONGEST_MARKUP)])
    text = text.replace("\n", " ")
    text = _BLOCK_TAG.sub("\n", text)
    text = _TAG.sub("", _CELL_TAG.sub(" ", text))
    text = html.unescape(text) if "&" in text else text
    lines = (" ".join(line.split()) for line in text.replace("\x00", "").split("\n"))
    return "\n".join(filter(None, lines))[:limit]


def _without_skipped(markup: str) -> str:
    """Without comments and elements whose content is not text; one that is never closed loses its tag only."""
    kept: list[str] = []
    unclosed: set[str] = set()
    at = 0
    while found := _SKIPPED.search(markup, at):
        kept.append(markup[at : found.start()])
        name = (found[1] or "").lower()
        end = None if name in unclosed else _END[name].search(markup, found.end() if name else found.start() + 2)
        if end is None:
            unclosed.add(name)
            at = found.end()
        else:
            at = end.start() if name else end.end()
    kept.append(markup[at:])
    return " ".join(kept)
