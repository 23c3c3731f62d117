"""The demo's HTML mail: a letter's text, in a small mark-up, set into one of the layouts in `layouts/`.

"# x" is a heading, "| a | b" a line of a table, "&& x" a column beside the next "&& y", "[x] URL" a button, "![x] y"
the picture y (a file of the letter, or a URL), "**x**" bold; what follows "--" is the footer. Blank lines separate.
"""

import re
from collections.abc import Callable
from html import escape
from itertools import pairwise
from pathlib import Path
from string import Template

from webmail.demo.letters import Letter
from webmail.demo.pictures import PICTURES

LAYOUTS = Path(__file__).parent / "layouts"


def html(letter: Letter, content_id: Callable[[str], str]) -> str:
    """Return the HTML document of a letter; `content_id` gives the id of a file that it shows."""
    body, _, footer = letter.text.partition("\n--\n")
    blocks = [block for block in body.strip().split("\n\n") if block]
    layout = Template((LAYOUTS / f"{letter.layout}.html").read_text("utf-8"))
    return layout.substitute(
        title=escape(letter.subject),
        brand=escape(letter.author.name),
        colour=letter.colour,
        domain=letter.author.domain,
        reader=letter.id,
        rows="\n".join(_row(block, letter, content_id) for block in blocks),
        footer=_inline(footer.strip()),
    )


def _row(block: str, letter: Letter, content_id: Callable[[str], str]) -> str:
    padding = "6px 0" if letter.layout != "newsletter" else "8px 32px"
    style = f"padding:{padding};font-size:15px;line-height:23px"
    return f'<tr><td style="{style}">{_block(block, letter, content_id)}</td></tr>'


def _block(block: str, letter: Letter, content_id: Callable[[str], str]) -> str:
    if block.startswith("# "):
        return f'<h1 style="margin:12px 0 4px;font-size:24px;line-height:30px">{_inline(block[2:])}</h1>'
    if block.startswith("|"):
        return _table(block)
    if block.startswith("&& "):
        return _columns(block)
    if found := _PICTURE.fullmatch(block):
        source = found[2] if "://" in found[2] else f"cid:{content_id(found[2])}"
        return (
            f'<img src="{escape(source)}" alt="{escape(found[1])}"{_size(found[2])} style="max-width:100%;height:auto">'
        )
    if found := _BUTTON.fullmatch(block):
        return _button(found[1], found[2], letter.colour)
    return f'<p style="margin:0 0 6px">{_inline(block)}</p>'


def _size(name: str) -> str:
    """As careful senders write it: with both, nothing moves when the picture comes."""
    if name not in PICTURES:
        return 'width="480"'
    width, height, _paint = PICTURES[name]
    return f'width="480" height="{round(480 * height / width)}"'


_PICTURE = re.compile(r"!\[(.*)\] (\S+)")
_BUTTON = re.compile(r"\[(.+)\] (https://\S+)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def _inline(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", escape(text, quote=False))


def _button(label: str, url: str, colour: str) -> str:
    link = f'<a href="{escape(url)}" style="color:#ffffff;text-decoration:none">{escape(label)}</a>'
    style = "padding:10px 18px;border-radius:4px;font-family:Arial,sans-serif"
    return f'{_TABLE}<tr><td bgcolor="{colour}" style="{style}">{link}</td></tr></table>'


_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0">'


def _table(block: str) -> str:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    lines = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in rows)
    return f'<table width="100%" cellpadding="6" cellspacing="0" border="0" style="font-size:14px">{lines}</table>'


def _cells(row: list[str]) -> list[str]:
    sides = ["left"] * (len(row) - 1) + ["right"]
    style = "border-bottom:1px solid #e3ddd2"
    return [f'<td align="{side}" style="{style}">{_inline(cell)}</td>' for side, cell in zip(sides, row, strict=True)]


def _columns(block: str) -> str:
    starts = [found.start() for found in re.finditer(r"^&& ", block, re.MULTILINE)]
    texts = [block[start + 3 : end].strip() for start, end in pairwise([*starts, len(block)])]
    style = "padding:8px 12px 8px 0;font-size:14px;line-height:20px"
    opening = f'<td width="{100 // len(texts)}%" valign="top" style="{style}">'
    cells = "".join(f"{opening}{_column(text)}</td>" for text in texts)
    return f"{_TABLE}<tr>{cells}</tr></table>"


def _column(text: str) -> str:
    return _inline(text).replace("</b>", "</b><br>", 1)
