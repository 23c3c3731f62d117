"""HTML of strangers written out anew, tag by tag, before any tree is built of it.

What comes out has bounded size, depth and number of tags, holds well-formed tags only, and no element whose content
is not HTML; so the tree builder sees exactly what was counted here.
"""

import html
import re
from dataclasses import dataclass, field

from mailbox.mime.allowed import CLOSED_BY_SIBLINGS, DROPPED_WHOLE, FORMATTING, LINK_ATTRIBUTES, VOID
from mailbox.mime.limits import HtmlLimits

_VALUE = r"\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++"
_ATTRIBUTE = re.compile(rf"([^\s\"'<>/=]++)(?:\s*+=\s*+({_VALUE}))?")
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+)(?![^\s/>])"
    rf"(?:(?P<attributes>(?:[\s/]*+[^\s\"'<>/=]++(?:\s*+=\s*+(?:{_VALUE}))?)*+)[\s/]*+>|(?P<broken>[^<>]*+)>)"
    rf"|<(?P<other>[!?/a-zA-Z])[^<>]*+>?|<"
)
_COMMENT_END = re.compile(r"--!?>")


@dataclass(slots=True)
class Markup:
    """The rewritten HTML, the text of its style sheets in order, and the attributes of its `body`."""

    html: str
    sheets: list[str]
    body: dict[str, str] | None


def rewrite(source: str, limits: HtmlLimits) -> Markup:
    """`source` within `limits`: what lies beyond the characters or tags is cut, tags beyond the depth are dropped."""
    return _Rewriter(source[: limits.characters].replace("\x00", ""), limits).rewrite()


@dataclass(slots=True)
class _Rewriter:
    source: str
    limits: HtmlLimits
    out: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    body: dict[str, str] | None = None
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
        return Markup("".join(self.out), self.sheets, self.body)

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
        if name == "body":
            self.body = {**attribute_values(attributes), **(self.body or {})}
        elif self._open(name):
            self.out.append(f"<{name}{LINK_ATTRIBUTES if name == 'a' else ''} {attributes}>")
        return found.end()

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
            self.sheets.append(self.source[start:end])
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


def _mended(broken: str) -> str:
    """The attributes that can be made out of a tag with stray quotes, quoted anew."""
    pairs = [(name, value) for name, value in _ATTRIBUTE.findall(broken) if value]
    return "".join(f" {name}={value}" for name, value in pairs)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    """Lower case of the same length; `str.lower` makes two characters of U+0130."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
