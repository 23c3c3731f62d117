"""Bundles: every small file is in one, none is named beside them, and joining changes nothing that they say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template

from webmail.bundles import SCRIPT_FILES, SCRIPTS, STYLE_FILES, STYLES, style_paths
from webmail.joining import joined_scripts, joined_styles
from webmail.templatetags import bundles as tags

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
SOURCES = [source for sources in (STYLE_FILES | SCRIPT_FILES).values() for source in sources]


def drawn(text: str) -> str:
    return Template(text).render(Context())


def test_every_small_file_is_listed_once():
    # The worker is no script of a page: its view hands it out.
    own = [*STATIC.glob("css/**/*.css"), *STATIC.glob("js/*.js"), *STATIC.glob("vendor/*/*.js")]

    assert sorted(SOURCES) == sorted(str(path.relative_to(STATIC)) for path in own)


def test_every_listed_file_is_there():
    assert [source for source in SOURCES if not finders.find(source)] == []


def test_templates_name_bundles_and_no_small_files():
    named = [
        (path.name, found)
        for path in (ROOT / "templates").rglob("*.html")
        for found in re.findall(r"""static ['"]([^'"]+\.(?:css|js))['"]""", path.read_text())
    ]

    assert named == []


def test_style_sheets_name_no_files():
    # Their addresses would be those of the bundle's folder, and their names without a hash.
    naming = [each for each in STATIC.glob("css/**/*.css") if re.search(r"url\(|@import", each.read_text())]

    assert naming == []


def test_pages_name_bundles():
    assert drawn('{% load bundles %}{% styles "shell" %}').endswith('/bundles/shell.css">')
    assert drawn('{% load bundles %}{% scripts "rich" %}').endswith('/bundles/rich.js" defer></script>')


def test_pages_name_the_small_files_in_their_order_while_debug_is_on(settings: Any):
    settings.DEBUG = True
    tags.styles.cache_clear()
    tags.scripts.cache_clear()
    try:
        links = re.findall(r'href="/static/([^"]+)"', drawn('{% load bundles %}{% styles "shell" %}'))
        scripts = re.findall(r'src="/static/([^"]+)"', drawn('{% load bundles %}{% scripts "compose" %}'))
    finally:
        tags.styles.cache_clear()
        tags.scripts.cache_clear()

    assert tuple(links) == STYLES["shell"] == style_paths("shell")
    assert tuple(scripts) == SCRIPTS["compose"]


def test_a_joined_sheet_has_no_comments_and_keeps_the_spaces_that_matter():
    sheet = """/* Why. */
    .a :is(b, i) > p { margin: 0 calc(1px + 2px); /* here */ .c & { color: red } }
    @media (width < 720px) and (not print) { .d::before { content: "  /* " } }
    """

    assert joined_styles([sheet]) == (
        ".a :is(b, i) > p{margin: 0 calc(1px + 2px);.c &{color: red}}"
        '@media (width < 720px) and (not print){.d::before{content: "  /* "}}'
    )


@pytest.mark.parametrize(
    "broken", ["p { color: red", "@layer screens { p { color: red }", "/* never ended", "p { a: (1"]
)
def test_a_sheet_that_does_not_end_leaves_the_next_one_alone(broken: str):
    assert joined_styles([broken, "b { color: green }"]).endswith("\nb{color: green}")


def test_joined_scripts_have_no_comments_but_licences():
    joined = joined_scripts(
        ["// Why.\nwindow.a = `${1}  // no comment`;\n", "/*! Somebody, MIT */\n/* what */ window.b = 2;"]
    )

    assert "Why" not in joined
    assert "what" not in joined
    assert "`${1}  // no comment`" in joined
    assert "/*! Somebody, MIT */" in joined


def test_collectstatic_leaves_bundles_by_hashed_names_and_compressed(collected: Path):
    named = json.loads((collected / "staticfiles.json").read_text())["paths"]

    for path in STYLE_FILES | SCRIPT_FILES:
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", named[path])
        assert all((collected / f"{named[path]}{ending}").stat().st_size for ending in ("", ".gz", ".br"))


def test_what_a_bundle_holds_has_no_address_of_its_own(collected: Path):
    named = json.loads((collected / "staticfiles.json").read_text())["paths"]

    assert set(SOURCES).isdisjoint(named)
    assert "img/icons.svg" in named
