"""Many small style sheets or scripts as one text: shorter, and each as harmless to the others as a file of its own."""

from collections.abc import Iterable

import rjsmin
import tinycss2
from tinycss2.ast import Node


def joined_styles(sheets: Iterable[str]) -> str:
    """Return the rules of all sheets in order, without comments and idle white space.

    A sheet that does not close a block or a comment ends as it would in a file of its own.
    """
    return "\n".join(_tight(sheet) for sheet in sheets)


def _tight(sheet: str) -> str:
    nodes = tinycss2.parse_component_value_list(sheet, skip_comments=True)
    return str(tinycss2.serialize(_without_idle_space(nodes)))


def _without_idle_space(nodes: list[Node]) -> list[Node]:
    """Drop white space at the ends, beside blocks, semicolons and commas; elsewhere it may part a selector or a sum."""
    kept: list[Node] = []
    for node, after in zip(nodes, [*nodes[1:], None], strict=False):
        if node.type == "whitespace":
            if _parts(kept[-1] if kept else None) or _parts(after):
                continue
            node.value = " "
        elif node.type == "{} block":
            node.content = _without_idle_space(node.content)
        kept.append(node)
    return kept


def _parts(node: Node | None) -> bool:
    return node is None or node.type == "{} block" or (node.type == "literal" and node.value in {";", ","})


def joined_scripts(scripts: Iterable[str]) -> str:
    """Return all scripts in order, without comments (but for licences: `/*! … */`) and idle white space.

    One that throws while it starts is reported as an uncaught error, and the next one starts all the same. Each is the
    body of a function, so only what it sets on `window` is seen by the others.
    """
    return "\n".join(_guarded(rjsmin.jsmin(script, keep_bang_comments=True)) for script in scripts)


def _guarded(script: str) -> str:
    return f"try{{(()=>{{{script}\n}})()}}catch(error){{reportError(error)}}"
