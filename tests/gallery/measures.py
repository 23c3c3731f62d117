"""What can be measured about a page by looking at its boxes: what is cut off, and what a finger misses."""

from playwright.sync_api import Page

# Boxes that scroll by themselves are meant to hold more than is seen.
_CUT_OFF = """() => {
  const page = document.documentElement;
  const told = page.scrollWidth > page.clientWidth ? [`the page is ${page.scrollWidth} wide`] : [];
  const scrolls = (box) => {
    const style = getComputedStyle(box);
    return ["auto", "scroll"].includes(style.overflowX) && box.scrollWidth > box.clientWidth;
  };
  const isHidden = (box) => getComputedStyle(box).clipPath !== "none";
  const lies = (box) => {
    for (let each = box; each !== page; each = each.parentElement) if (scrolls(each) || isHidden(each)) return true;
    return Boolean(box.closest(".visually-hidden, .skip-to-content-link"));
  };
  const canBeReached = (box) => {
    for (let each = box; each !== page; each = each.parentElement) {
      const { overflowY, position } = getComputedStyle(each);
      if (["auto", "scroll"].includes(overflowY) && each.scrollHeight > each.clientHeight) return true;
      if (position === "fixed") return false;
    }
    return page.scrollHeight > page.clientHeight && getComputedStyle(document.body).overflowY !== "clip";
  };
  const isClipped = (box) => {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(box);
    if (textOverflow !== "clip" || box.matches("input, select, textarea") || lies(box)) return false;
    const isWide = overflowX !== "visible" && box.scrollWidth > box.clientWidth + 1;
    const isHigh = ["clip", "hidden"].includes(overflowY) && box.scrollHeight > box.clientHeight + 2;
    return isWide || isHigh;
  };
  const seen = { opacityProperty: true, visibilityProperty: true };
  for (const box of document.querySelectorAll("a, button, input, select, textarea, h1, h2, h3, p, dd, summary")) {
    const { left, right, top, bottom, width, height } = box.getBoundingClientRect();
    if (!box.checkVisibility(seen) || width < 2 || height < 2) continue;
    if (getComputedStyle(box).clipPath !== "none") continue;
    if ((right > page.clientWidth + 1 || left < -1) && !lies(box)) {
      told.push(`${Math.round(left)} to ${Math.round(right)}: ${box.outerHTML.slice(0, 120)}`);
    }
    if ((bottom > page.clientHeight + 1 || top < -1) && !canBeReached(box) && !lies(box)) {
      told.push(`${Math.round(top)} to ${Math.round(bottom)} of the height: ${box.outerHTML.slice(0, 120)}`);
    }
    if (isClipped(box)) told.push(`more text than room: ${box.outerHTML.slice(0, 120)}`);
  }
  return told;
}"""

# WCAG 2.2, 2.5.8: a link within a sentence is as high as its line; the words of a control belong to its target.
_SMALL = """(least) => {
  const isInSentence = (box) => getComputedStyle(box).display === "inline"
    && box.parentElement.textContent.trim() !== box.textContent.trim();
  const targetOf = (box) => box.closest("label, .people__chips") ?? (box.type === "checkbox" && box.labels[0] || box);
  const isClipped = (box) => box && (getComputedStyle(box).clipPath !== "none" || isClipped(box.parentElement));
  const told = [];
  const seen = { opacityProperty: true, visibilityProperty: true };
  const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  for (const box of document.querySelectorAll(pressed)) {
    if (!box.checkVisibility(seen) || isInSentence(box) || isClipped(box)) continue;
    const own = box.matches(".people__chips button") ? box : targetOf(box);
    let { width, height } = own.getBoundingClientRect();
    if (width < 2 || height < 2) continue;
    // A layer over it that it is drawn without, to be hit.
    const layer = getComputedStyle(box, "::after");
    if (layer.position === "absolute") {
      width = Math.max(width, parseFloat(layer.width));
      height = Math.max(height, parseFloat(layer.height));
    }
    const isSmall = Math.min(width, height) < least - 0.5;
    if (isSmall) told.push(`${Math.round(width)} by ${Math.round(height)}: ${box.outerHTML.slice(0, 140)}`);
  }
  return told;
}"""


def cut_off(page: Page) -> list[str]:
    """Return what lies outside the window, where no scrolling can bring it into sight, and texts that are cut short."""
    told: list[str] = page.evaluate(_CUT_OFF)
    return told


def small_targets(page: Page, least: int) -> list[str]:
    """Return what can be pressed and is smaller than `least` CSS pixels either way."""
    told: list[str] = page.evaluate(_SMALL, least)
    return told
