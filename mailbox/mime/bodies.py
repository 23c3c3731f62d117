"""Which parts a reader sees as the message, which are its attachments (RFC 2046, 5.1; RFC 2183; RFC 2387)."""

from dataclasses import dataclass, field

from mailbox.mime.parameters import read_parameters
from mailbox.mime.structure import Node

# Texts that are files to people, or need a program of their own; any other is read as plain text (RFC 2046, 4.1.4).
_NO_BODIES = frozenset(
    f"text/{subtype}"
    for subtype in (
        *("calendar", "vcard", "x-vcard", "directory", "rtf", "css", "csv", "tab-separated-values", "javascript"),
        *("ecmascript", "xml", "x-amp-html", "watch-html", "rfc822-headers", "x-moz-deleted"),
    )
)
# Other renderings of what is shown anyway: no attachment to anyone.
_RENDERINGS = ("text/enriched", "text/richtext", "text/rtf", "text/x-amp-html", "text/watch-html")
# What only says how to read the part beside it: the resource fork of a Macintosh file (RFC 1740), and the version
# that stands in front of what PGP encrypted (RFC 3156, 4).
_CONTROLS = {"multipart/appledouble": "application/applefile", "multipart/encrypted": "application/pgp-encrypted"}


@dataclass(slots=True)
class Choice:
    """Leaves by the role they play."""

    shown: list[Node] = field(default_factory=list)
    readable: list[Node] = field(default_factory=list)
    """As `shown`, but with the plain text of each alternative in place of its HTML."""
    attached: list[Node] = field(default_factory=list)


def choose(root: Node) -> Choice:
    """The roles of all leaves below `root`; a leaf that is another rendering of a shown one has none."""
    choice = Choice()
    _visit(root, choice)
    if not choice.shown:
        _show_a_file(choice)
    return choice


def _show_a_file(choice: Choice) -> None:
    """Show the first text that only its name made a file, where nothing else is to be read."""
    texts = (node for node in choice.attached if _is_text(node) and _disposition(node)[0] != "attachment")
    if text := next(texts, None):
        choice.attached = [node for node in choice.attached if node is not text]
        choice.shown.append(text)
        choice.readable.append(text)


def _visit(node: Node, choice: Choice) -> None:
    if not node.children:
        _place(node, choice)
    elif node.media_type == "multipart/alternative":
        _visit_alternative(node, choice)
    elif node.media_type == "multipart/related":
        _visit_related(node, choice)
    else:
        control = _CONTROLS.get(node.media_type)
        for child in node.children:
            if child.media_type != control:
                _visit(child, choice)


def _place(node: Node, choice: Choice) -> None:
    if is_body(node):
        choice.shown.append(node)
        choice.readable.append(node)
    elif not node.media_type.startswith("multipart/") or node.end > node.start:
        choice.attached.append(node)


def is_body(node: Node) -> bool:
    """Whether the leaf is text to be read in place: not declared an attachment, and without a file name."""
    if not _is_text(node):
        return False
    disposition, parameters = _disposition(node)
    return disposition != "attachment" and not (parameters.get("filename") or node.parameters.get("name"))


def _is_text(node: Node) -> bool:
    return node.media_type.startswith("text/") and node.media_type not in _NO_BODIES


def _disposition(node: Node) -> tuple[str, dict[str, str]]:
    return read_parameters(node.fields.get(b"content-disposition", b""))


def _visit_alternative(node: Node, choice: Choice) -> None:
    """The last alternative that can be shown is the best (RFC 2046, 5.1.4), and HTML before plain text."""
    visited = [(child, _visited(child)) for child in node.children]
    best = _best([found for _, found in visited])
    plain = next((found for _, found in visited if _is_plain(found)), None)
    if best:
        choice.shown += best.shown
        choice.readable += plain.readable if plain else best.readable
    for child, found in visited:
        if found is not best and child.media_type in _RENDERINGS:
            continue
        choice.attached += found.attached


def _visited(node: Node) -> Choice:
    choice = Choice()
    _visit(node, choice)
    return choice


def _best(found: list[Choice]) -> Choice | None:
    for media_type in ("text/html", "text/plain"):
        if candidates := [each for each in found if any(node.media_type == media_type for node in each.shown)]:
            return candidates[-1]
    return next((each for each in reversed(found) if each.shown), None)


def _is_plain(found: Choice) -> bool:
    """Whether it is plain text with something in it; mailers put an empty one beside their HTML."""
    return bool(found.shown) and all(n.media_type == "text/plain" and n.end - n.start > 2 for n in found.shown)


def _visit_related(node: Node, choice: Choice) -> None:
    """The root is named by `start`, else it is the first part (RFC 2387, 3.2); the rest belongs to it."""
    start = node.parameters.get("start", "").strip("<>").encode()
    roots = [child for child in node.children if start and start in child.fields.get(b"content-id", b"")]
    root = roots[0] if roots else node.children[0]
    _visit(root, choice)
    for child in node.children:
        if child is root:
            continue
        found = _visited(child)
        # Text parts beside the root are files of it, unless the root shows nothing.
        choice.attached += [*found.shown, *found.attached] if choice.shown else found.attached
        if not choice.shown:
            choice.shown += found.shown
            choice.readable += found.readable
