"""Nothing active survives, newsletters do."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mailbox.mime.allowed import ATTRIBUTES, TAGS
from mailbox.mime.limits import HtmlLimits
from mailbox.mime.markup import rewrite
from mailbox.mime.sanitize import sanitize

PAYLOADS = (Path(__file__).parent / "payloads.txt").read_text().splitlines()
IMAGES = {"logo@x": "/m/1/part/2/"}
ALWAYS = {"target", "rel"}


class Elements(HTMLParser):
    """The elements of sanitised HTML, as (tag, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def assert_harmless(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag in TAGS or tag == "style"
        assert set(attributes) <= set(ATTRIBUTES["*"]) | set(ATTRIBUTES.get(tag, ())) | ALWAYS
        if "href" in attributes:
            assert urlsplit(attributes["href"]).scheme in ("http", "https", "mailto", "tel")
            assert attributes["target"] == "_blank"
            assert attributes["rel"] == "noopener noreferrer"
        if "src" in attributes:
            assert attributes["src"] in IMAGES.values() or attributes["src"].startswith("data:image/png")
        assert all(name.startswith("m-") for name in attributes.get("class", "").split())
        assert attributes.get("id", "m-").startswith("m-")
        assert_harmless_css(attributes.get("style", ""))
    if html.startswith("<style>"):
        assert_harmless_css(html[len("<style>") : html.index("</style>")])


def assert_harmless_css(css: str) -> None:
    for word in ("url", "@import", "@font", "@name", "expression", "behavior", "binding", "position:", "\\", "<", "["):
        assert word not in css.lower().replace("background-position:", "")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_active_survives(payload):
    cleaned = sanitize(payload, images=IMAGES)

    assert_harmless(cleaned.html)
    assert sanitize(cleaned.html, images=IMAGES).html == cleaned.html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_active_survives_inside_a_newsletter(payload):
    assert_harmless(sanitize(f"<body><table><tr><td>{payload}</td></tr></table><p>after</p>", images=IMAGES).html)


def test_keeps_what_newsletters_are_made_of():
    html = (
        '<table width="600" cellpadding="0" bgcolor="#f4f4f4" align="center"><tr><td valign="top" '
        "style=\"padding:0 10px; font-family:'Helvetica Neue', Arial; color:rgb(1, 2, 3)\">"
        '<font color="red" size="2">Sale</font></td></tr></table>'
    )

    cleaned = sanitize(html).html

    assert '<table width="600" cellpadding="0" bgcolor="#f4f4f4" align="center">' in cleaned
    assert "padding:0 10px;font-family:'Helvetica Neue', Arial;color:rgb(1, 2, 3)" in cleaned
    assert '<font color="red" size="2">Sale</font>' in cleaned


def test_keeps_media_rules_under_prefixed_names():
    cleaned = sanitize("<style>@media (max-width:600px){.col,#top{width:100%!important}}</style><p class=col id=top>x")

    assert cleaned.html == (
        '<style>@media (max-width:600px){.m-col,#m-top{width:100% !important}}</style><p class="m-col" id="m-top">x</p>'
    )


def test_body_becomes_a_wrapper_with_its_colours():
    cleaned = sanitize('<style>body{margin:0}</style><body bgcolor="#fff" style="color:#111" onload="x()">Hello</body>')

    assert cleaned.html == (
        '<style>.m-body{margin:0}</style><div style="color:#111" bgcolor="#fff" class="m-body">Hello</div>'
    )


def test_maps_cid_images_and_counts_remote_ones():
    cleaned = sanitize(
        '<img src="cid:logo%40x"><img src="http://far.test/a.gif" alt="Offer">'
        '<p style="background:url(//far.test/b)">x',
        images=IMAGES,
    )

    assert '<img src="/m/1/part/2/">' in cleaned.html
    assert '<img alt="Offer">' in cleaned.html
    assert cleaned.blocked_count == 2


def test_counts_backgrounds_that_would_load():
    html = '<body background="http://far.test/a"><table background="//far.test/b"><td background=local.png>x'

    assert sanitize(html).blocked_count == 2


def test_keeps_small_pictures_in_data_urls():
    small, large = "data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64," + "A" * 100_000

    assert small in sanitize(f'<img src="{small}">').html
    assert "src" not in sanitize(f'<img src="{large}">').html


def test_text_beside_dropped_elements_stays():
    assert sanitize("a<svg><path/></svg>b<select><option>x</select>c<noscript>d</noscript>").html == "abcd"


def test_unclosed_elements_do_not_swallow_the_message():
    assert sanitize("<title>Hello <svg> world <!-- and all").html == "Hello  world  and all"


@pytest.mark.parametrize("tag", ["div", "table", "blockquote", "b", "a", "font color=red", "span", "ul"])
def test_depth_is_bounded_before_the_tree_is_built(tag):
    limits = HtmlLimits(depth=50, formatting=10)

    markup = rewrite(f"<{tag}>" * 20_000 + "x", limits)

    assert markup.html.count("<") <= 50
    assert markup.html.endswith("x")


def test_closing_tags_free_their_depth():
    markup = rewrite("<div><b>x</b></div>" * 500, HtmlLimits(depth=5))

    assert markup.html.count("<div") == 500


def test_unclosed_list_items_and_paragraphs_are_not_depth():
    assert sanitize("<ul>" + "<li>item" * 400 + "</ul>").html.count("<li>") == 400


def test_formatting_is_not_reopened_without_bound():
    cleaned = sanitize("".join(f'<b title="{n}">' for n in range(2_000)) + "<p>x" * 2_000)

    assert cleaned.html.count("<b") <= 24 * 2_001


def test_what_lies_beyond_the_limits_is_cut():
    assert len(sanitize("x" * 100, limits=HtmlLimits(characters=10)).html) == 10
    assert sanitize("<p>x</p>" * 100, limits=HtmlLimits(tags_count=4)).html.count("<p>") == 2


def test_styles_beyond_the_limit_are_dropped():
    limits = HtmlLimits(style_characters=25)

    assert sanitize("<p style='color:red'>x" * 5, limits=limits).html.count("style") == 2
    assert (
        sanitize("<style>" + "p{color:red}" * 5 + "</style>", limits=limits).html
        == "<style>p{color:red}p{color:red}</style>"
    )


@pytest.mark.parametrize(
    "html",
    [
        "<" * 100_000,
        "<a b=" * 50_000,
        '<a b="' * 50_001,
        "<!--" * 50_000,
        "<style>" * 50_000,
        "<p a='x' " * 30_000,
        "<svg></svg" * 30_000,
        "</p" * 50_000,
        "&" * 100_000,
        "<p " + "a " * 100_000,
    ],
)
def test_hostile_lengths_end(html):
    assert_harmless(sanitize(html).html)


def test_character_references_of_a_body_attribute_cannot_leave_it():
    assert_harmless(sanitize('<body style="color:red" class="a&quot;&gt;&lt;script&gt;" dir="&quot;x">x').html)
