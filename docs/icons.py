#!/usr/bin/env python
"""Draws the icons of the installed app from the drawings of the screens: `.venv/bin/python -m docs.icons`."""

import re
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "static" / "img"
FOLDER = IMAGES / "app"
RED, WHITE = "#b3261e", "#fff"


def main() -> None:
    """Write every icon anew."""
    FOLDER.mkdir(exist_ok=True)
    letterbox = (IMAGES / "favicon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for size in (192, 512):
            draw(page, f"icon-{size}", size, letterbox)
            draw(page, f"maskable-{size}", size, on_red(mark(letterbox), room=-0.1))
        # iOS cuts its own corners and knows no transparency.
        draw(page, "touch-180", 180, on_red(mark(letterbox), room=-0.15))
        # Android draws it in one colour, from its transparency alone.
        draw(page, "badge-96", 96, svg(mark(letterbox), "-1 -1 26 26"))
        for name in ("compose", "search"):
            draw(page, f"{name}-96", 96, on_red(symbol(name), room=0.5))
        browser.close()


def draw(page: Page, name: str, size: int, drawing: str) -> None:
    """Write a drawing as a square PNG of `size` pixels."""
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size}px; height: {size}px }}</style>{drawing}"
    )
    page.screenshot(path=FOLDER / f"{name}.png", omit_background=True)


def mark(letterbox: str) -> str:
    """The strokes of the letterbox without its box."""
    found = re.search(r"<path [^>]*/>", letterbox)
    assert found, "favicon.svg holds one path"
    return found[0]


def symbol(name: str) -> str:
    """The strokes of one icon of the sprite, in white."""
    found = re.search(rf'<symbol id="{name}"[^>]*>(.*?)</symbol>', (IMAGES / "icons.svg").read_text(), re.DOTALL)
    assert found, name
    stroke = f'stroke="{WHITE}" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    return f'<g fill="none" {stroke}>{found[1]}</g>'


def on_red(strokes: str, *, room: float) -> str:
    """The strokes on a full square; `room` is the share of their own size that is added around them."""
    edge = 24 * room / 2
    side = 24 + 2 * edge
    box = f'<rect x="{-edge}" y="{-edge}" width="{side}" height="{side}" fill="{RED}"/>'
    return svg(box + strokes, f"{-edge} {-edge} {side} {side}")


def svg(content: str, box: str) -> str:
    """A drawing of its own."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{content}</svg>'


if __name__ == "__main__":
    main()
