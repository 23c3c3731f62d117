"""HTML of strangers written out anew, tag by tag, before any tree is built of it.

What comes out has bounded size, depth and number of tags, holds well-formed tags only, and no element whose content
is not HTML; so the tree builder sees exactly what was counted here.
"""

import html
import re
from dataclasses import dataclass, field

from mailbox.mime.allowed import CLOSED_BY_SIBLINGS, DROPPED_WHOLE, FORMATTING, LINK_ATTRIBUTES, VOID
from mailbox.mime.limits import HtmlLimits
from mailbox.mime.trackers import is_pixel

_VALUE = r"\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++"
_ATTRIBUTE = re.compile(rf"([^\s\"'<>/=]++)(?:\s*+=\s*+({_VALUE}))?")
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+)(?![^\s/>])"
    rf"(?:(?P<attributes>(?:[\s/]*+[^\s\"'<>/=]++(?:\s*+=\s*+(?:{_VALUE}))?)*+)[\s/]*+>|(?P<broken>[^<>]*+)>)"
    rf"|<(?P<other>[!?/a-zA-Z])[^<>]*+>?|<"
)
_DESCRIPTOR = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)[wx]\Z")
_COMMENT_END = re.compile(r"--!?>")


@dataclass(slots=True)
class Markup:
    """The rewritten HTML, and what was read on the way; addresses are as written."""

    html: str = ""
    sheets: list[str] = field(default_factory=list)
    """The text of its style sheets, in order."""
    body: dict[str, str] | None = None
    """The attributes of its `body`, None without one."""
    style_links: list[str] = field(default_factory=list)
    """Addresses of style sheets elsewhere."""
    pixels: list[str] = field(default_factory=list)
    """Addresses of images too small to be seen."""
    pictures: list[str] = field(default_factory=list)
    """Addresses of all other images."""


def rewrite(source: str, limits: HtmlLimits) -> Markup:
    """`source` within `limits`: what lies beyond the characters or tags is cut, tags beyond the depth are dropped."""
    return _Rewriter(source[: limits.characters].replace("\x00", ""), limits).rewrite()


@dataclass(slots=True)
class _Rewriter:
    source: str
    limits: HtmlLimits
    out: list[str] = field(default_factory=list)
    markup: Markup = field(default_factory=Markup)
    lower: str = ""
    unclosed: set[str] = field(default_factory=set)
    open: dict[str, int] = field(default_factory=dict)  # by name
    depth: int = 1  # the wrapper that stands for `body`
    formatting: int = 0

    def rewrite(self) -> Markup:
        at, tags_count = 0, 0
        while found := _TAG.search(self.source, at):
            self.out.append(self.source[at : found.start()])
            tags_count += 1
            if tags_count > self.limits.tags_count:
                return self._markup()
            at = self._read(found)
        self.out.append(self.source[at:])
        return self._markup()

    def _markup(self) -> Markup:
        self.markup.html = "".join(self.out)
        return self.markup

    def _read(self, found: re.Match[str]) -> int:
        """Write what `found` is worth, and tell where to go on."""
        if found["name"]:
            return self._read_tag(found)
        if self.source.startswith("<!--", found.start()):
            return self._skip_comment(found.start())
        if not found["other"]:
            self.out.append("&lt;")
        return found.end()

    def _skip_comment(self, start: int) -> int:
        """HTML ends a comment also at `<!-->` and `--!>`; one without an end is only its mark."""
        if "-->" in self.unclosed:
            return start + 4
        end = _COMMENT_END.search(self.source, start + 2)
        if end:
            return end.end()
        self.unclosed.add("-->")
        return start + 4

    def _read_tag(self, found: re.Match[str]) -> int:
        name = found["name"].lower()
        if name in DROPPED_WHOLE:
            return found.end() if found["close"] else self._skip_element(name, found.end())
        if found["close"]:
            self._close(name)
            return found.end()
        attributes = found["attributes"]
        if attributes is None:
            attributes = _mended(found["broken"])
        if name in ("body", "img", "link"):
            attributes = self._read_values(name, attributes)
        if name not in ("body", "link") and self._open(name):
            self.out.append(f"<{name}{LINK_ATTRIBUTES if name == 'a' else ''} {attributes}>")
        return found.end()

    def _read_values(self, name: str, attributes: str) -> str:
        """Keep what is told by several attributes together, and return them as they are to be written."""
        values = attribute_values(attributes)
        if name == "body":
            self.markup.body = {**values, **(self.markup.body or {})}
        elif name == "link":
            if "stylesheet" in values.get("rel", "").lower():
                self.markup.style_links.append(values.get("href", ""))
        elif source := values.get("src", "") or best_candidate(values.get("srcset", "")):
            (self.markup.pixels if is_pixel(values) else self.markup.pictures).append(source)
            if not values.get("src"):
                attributes = f' src="{html.escape(source)}" {attributes}'
        return attributes

    def _skip_element(self, name: str, start: int) -> int:
        """Past the element's end; one that is never closed loses its tag only, and its text is shown."""
        if name in VOID or name in self.unclosed:
            return start
        self.lower = self.lower or _ascii_lower(self.source)
        end = self.lower.find("</" + name, start)
        if end < 0:
            self.unclosed.add(name)
            # Code is no text, and nothing after it can be told from it.
            return len(self.source) if name in ("script", "style") else start
        if name == "style":
            self.markup.sheets.append(self.source[start:end])
        return end

    def _open(self, name: str) -> bool:
        if name in VOID or name in CLOSED_BY_SIBLINGS:
            return True
        if name in FORMATTING:
            if self.formatting >= self.limits.formatting:
                return False
            self.formatting += 1
        if self.depth >= self.limits.depth:
            self.formatting -= name in FORMATTING
            return False
        self.depth += 1
        self.open[name] = self.open.get(name, 0) + 1
        return True

    def _close(self, name: str) -> None:
        if name in CLOSED_BY_SIBLINGS:
            self.out.append(f"</{name}>")
        elif self.open.get(name):
            self.open[name] -= 1
            self.depth -= 1
            self.formatting -= name in FORMATTING
            self.out.append(f"</{name}>")


def attribute_values(attributes: str) -> dict[str, str]:
    """Attributes by lower-case name, the first of a name counts, character references resolved."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(attributes):
        bare = value[1:-1] if value[:1] in ("'", '"') else value
        found.setdefault(name.lower(), html.unescape(bare))
    return found


def best_candidate(srcset: str) -> str:
    """The address of the largest image that `srcset` offers, "" if it offers none."""
    best, size = "", 0.0
    for candidate in srcset.split(", ")[:20]:
        address, _, descriptor = candidate.strip().strip(",").partition(" ")
        number = _DESCRIPTOR.match(descriptor.strip())
        found = float(number[1]) if number else 1.0
        if address and found > size:
            best, size = address, found
    return best


def _mended(broken: str) -> str:
    """The attributes that can be made out of a tag with stray quotes, quoted anew."""
    pairs = [(name, value) for name, value in _ATTRIBUTE.findall(broken) if value]
    return "".join(f" {name}={value}" for name, value in pairs)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    """Lower case of the same length; `str.lower` makes two characters of U+0130."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
