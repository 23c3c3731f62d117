"""What axe-core finds wrong with a page."""

from collections.abc import Mapping
from importlib.resources import files

from playwright.sync_api import Page

_SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# WCAG 2.2 AA with what it is built on, and what the makers of axe count as good practice.
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# All that another set of colours can change.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_RUN = """async ([source, rules]) => {
  if (!window.axe) (0, eval)(source);
  // Foreign HTML lies in frames without scripts: what its author wrote is not this page's to answer for.
  const options = { runOnly: rules, resultTypes: ["violations"], iframes: false };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) =>
    `${id}: ${help}\\n    ${html.slice(0, 200)}\\n    ${failureSummary.replace(/\\s+/g, " ").slice(0, 300)}`));
}"""


def findings(page: Page, rules: Mapping[str, object] = EVERYTHING) -> list[str]:
    """Return a paragraph for each element that breaks one of `rules`, as axe names them (its option runOnly)."""
    found: list[str] = page.evaluate(_RUN, [_SOURCE, dict(rules)])
    return found
