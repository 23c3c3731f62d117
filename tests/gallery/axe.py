"""What axe-core finds wrong with a page."""

from collections.abc import Collection, Mapping
from importlib.resources import files

from playwright.sync_api import Page

_SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# WCAG 2.2 AA with what it is built on, and what the makers of axe count as good practice.
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# All that another set of colours can change.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Bars and lists that stand on many screens, and look the same there as on those of the lists.
SHELL = (".sidebar", ".topbar", ".bottombar", ".mail__list")
_RUN = """async ([rules, without]) => {
  // Foreign HTML lies in frames without scripts: what its author wrote is not this page's to answer for.
  const options = { runOnly: rules, resultTypes: ["violations"], iframes: false };
  const exclude = without.filter((each) => document.querySelector(each)).map((each) => [each]);
  const { violations } = await axe.run(exclude.length ? { exclude } : document, options);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) =>
    `${id}: ${help}\\n    ${html.slice(0, 200)}\\n    ${failureSummary.replace(/\\s+/g, " ").slice(0, 300)}`));
}"""


def findings(page: Page, rules: Mapping[str, object] = EVERYTHING, without: Collection[str] = ()) -> list[str]:
    """Return a paragraph for each element that breaks one of `rules`, as axe names them (its option runOnly).

    What lies in a part that `without` selects is not looked at.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate("(source) => (0, eval)(source)", _SOURCE)
    found: list[str] = page.evaluate(_RUN, [dict(rules), list(without)])
    return found
