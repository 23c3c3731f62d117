"""Nothing active survives, newsletters do."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox.mime.allowed import ATTRIBUTES, TAGS
from mailbox.mime.limits import HtmlLimits
from mailbox.mime.markup import Pairs, rewrite
from mailbox.mime.remote import RemoteKind
from mailbox.mime.sanitize import sanitize

PAYLOADS = (Path(__file__).parent / "payloads.txt").read_text().splitlines()
NEWSLETTERS = sorted((Path(__file__).parent / "newsletters").glob("*.html"))
IMAGES = {"logo@x": "/m/1/part/2/"}
OWN_IMAGE = re.compile(r"url\((?:/m/1/part/2/|data:image/png;base64,[A-Za-z0-9+/=]+)\)")
ALWAYS = {"target", "rel"}


class Elements(HTMLParser):
    """The elements of sanitised HTML, as (tag, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def nothing(tag: str, pairs: Pairs) -> str:
    """Writes tags without attributes."""
    return ""


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
        assert "background" not in attributes
        assert all(name.startswith("m-") for name in attributes.get("class", "").split())
        assert attributes.get("id", "m-").startswith("m-")
        assert_harmless_css(attributes.get("style", ""))
    if html.startswith("<style>"):
        assert_harmless_css(html[len("<style>") : html.index("</style>")])


def assert_harmless_css(css: str) -> None:
    css = OWN_IMAGE.sub("", css)
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

    markup = rewrite(f"<{tag}>" * 20_000 + "x", limits, nothing)

    assert markup.html.count("<") <= 50
    assert markup.html.endswith("x")


def test_closing_tags_free_their_depth():
    markup = rewrite("<div><b>x</b></div>" * 500, HtmlLimits(depth=5), nothing)

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

    assert sanitize("".join(f"<p style='color:re{n}'>x" for n in range(5)), limits=limits).html.count("style") == 2
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


def place(address: str) -> str | None:
    """The address on this site for a remote image: what a proxy would give."""
    return f"/remote/{address.split('/')[-1]}?of=1"


def test_remote_images_are_shown_from_the_place_given_for_them():
    html = (
        '<style>.hero{background:#eee url("https://far.test/hero.jpg") no-repeat}</style>'
        '<body background="https://far.test/paper.png"><table background="//far.test/wood.png"><tr><td>'
        '<img src="http://far.test/a b.png"><p style="background-image:url(https://far.test/p.png);color:red">x'
    )

    cleaned = sanitize(html, remote=place)

    assert ".m-hero{background:#eee url(/remote/hero.jpg?of=1) no-repeat}" in cleaned.html
    assert '<div class="m-body" style="background-image:url(/remote/paper.png?of=1)">' in cleaned.html
    assert '<table background="/remote/wood.png?of=1">' in cleaned.html
    assert '<img src="/remote/a%20b.png?of=1">' in cleaned.html
    assert "background-image:url(/remote/p.png?of=1);color:red" in cleaned.html
    assert [each.address for each in cleaned.remote] == [
        "https://far.test/wood.png",
        "http://far.test/a%20b.png",
        "https://far.test/p.png",
        "https://far.test/paper.png",
        "https://far.test/hero.jpg",
    ]
    assert cleaned.blocked_count == 0


@pytest.mark.parametrize("here", [None, "", "//far.test/a", "javascript:x()", "/a)b", "/a b", '/a"b', "/a<b"])
def test_an_image_without_a_safe_place_is_blocked(here):
    cleaned = sanitize('<img src="https://far.test/a.png" alt="Sale">', remote=lambda address: here)

    assert cleaned.html == '<img alt="Sale">'
    assert cleaned.blocked_count == 1


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://far.test/o" width="1" height="1">',
        '<img src="https://far.test/o" style="width:2px; height:2px">',
        '<img src="https://far.test/o" width=600 height=0>',
        '<img src="https://far.test/o" style="display:none !important">',
        '<img src="https://far.test/o" style="max-height:0;opacity:0">',
        '<img src="https://far.test/o" hidden>',
        '<img src="https://click.far.test/wf/open?upn=abc">',
        '<img src="https://far.test/track/open.php?u=1" width="100" height="100">',
    ],
)
def test_a_tracker_is_named_and_never_asked_for(html):
    asked: list[str] = []

    cleaned = sanitize(html, remote=asked.append)

    assert [each.kind for each in cleaned.remote] == [RemoteKind.TRACKER]
    assert "src" not in cleaned.html
    assert not asked


def test_an_image_for_phones_is_no_tracker():
    html = "<style>@media (max-width:600px){.phone{display:block!important}}</style>"
    html += '<img class="phone" src="https://far.test/small.png" width="320" style="display:none">'

    cleaned = sanitize(html, remote=place)

    assert [each.kind for each in cleaned.remote] == [RemoteKind.IMAGE]
    assert cleaned.blocked_count == 0


@pytest.mark.parametrize("control", ["\u202e", "\u2067", "&#x202e;", "&#8238;", "&#x202E"])
def test_characters_that_turn_the_direction_of_text_are_left_out(control):
    html = f'<p title="a{control}b">bank.test{control}moc</p><a href="http://ok.test/">x{control}y</a>'

    cleaned = sanitize(html).html

    assert "bank.testmoc" in cleaned
    assert not any(mark in cleaned for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_nothing_overrides_the_direction_of_letters():
    html = '<bdo dir="rtl">moc.knab</bdo><p style="unicode-bidi:bidi-override;direction:rtl">moc.knab</p>'

    assert sanitize(html).html == 'moc.knab<p style="direction:rtl">moc.knab</p>'


def test_languages_that_are_written_from_the_right_keep_their_direction():
    html = '<p dir="rtl">\u05e9\u05dc\u05d5\u05dd\u200f!</p>'

    assert sanitize(html).html == html


def test_an_image_that_is_seen_somewhere_is_no_tracker():
    small, large = '<img src="//far.test/a" width=1 height=1>', '<img src="https://far.test/a" width=600>'

    assert [each.kind for each in sanitize(small + large).remote] == [RemoteKind.IMAGE]


def test_styles_and_fonts_are_named_and_never_loaded():
    html = (
        '<link rel="stylesheet" href="https://far.test/a.css"><style>@import url("//far.test/b.css");'
        "@font-face{font-family:x;src:url(https://far.test/c.woff)}</style>"
    )

    cleaned = sanitize(html, remote=place)

    assert cleaned.html == ""
    assert {each.kind for each in cleaned.remote} == {RemoteKind.STYLE}
    assert cleaned.blocked_count == 3


def test_an_address_counts_once():
    assert sanitize('<img src="http://far.test/a"><img src="http://far.test/a">').blocked_count == 1


def test_remote_addresses_beyond_the_limit_are_blocked_unseen():
    html = "".join(f'<img src="http://far.test/{n}">' for n in range(20))

    cleaned = sanitize(html, remote=place, limits=HtmlLimits(remote_count=5))

    assert len(cleaned.remote) == 5
    assert cleaned.html.count("src") == 5


def test_the_largest_of_several_sizes_is_taken():
    html = '<img srcset="https://far.test/1.png 1x, https://far.test/2.png 2x">'

    assert '<img src="/remote/2.png?of=1">' in sanitize(html, remote=place).html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_sanitising_again_changes_nothing_shown_by_the_hook(payload):
    once = sanitize(payload, images=IMAGES, remote=place)
    places = {each.address: place(each.address) or "" for each in once.remote}

    assert sanitize(once.html, images=IMAGES | places, remote=place).html == once.html


def test_the_title_of_a_link_is_where_it_leads():
    assert sanitize('<a title="My bank" href="https://far.test/?a=1&copy=2&amp;b=3">x</a>').html == (
        '<a target="_blank" href="https://far.test/?a=1&amp;copy=2&amp;b=3" title="https://far.test/?a=1&amp;copy=2&amp;b=3"'
        ' rel="noopener noreferrer">x</a>'
    )


def test_a_link_leads_where_a_browser_would_go():
    assert 'href="https://evil.test/@bank.test"' in sanitize('<a href="https://evil.test\\@bank.test">x</a>').html


@pytest.mark.parametrize("path", NEWSLETTERS, ids=lambda path: path.stem)
def test_a_newsletter_is_harmless_and_stays_as_it_is(path):
    html = path.read_text()
    once = sanitize(html, images=IMAGES)
    shown = sanitize(html, images=IMAGES, remote=place)
    places = {each.address: place(each.address) or "" for each in shown.remote}

    assert_harmless(once.html)
    assert sanitize(once.html, images=IMAGES).html == once.html
    assert sanitize(shown.html, images=IMAGES | places, remote=place).html == shown.html


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("weekly", '<table role="presentation" class="m-wrap" border="0" cellpadding="0" cellspacing="0" width="600"'),
        ("weekly", "@media only screen and (max-width: 620px){.m-wrap{width:100% !important}"),
        ("weekly", '<td align="center" bgcolor="#166534" style="border-radius:6px">'),
        ("shop", "background:linear-gradient(180deg,#fde047,#facc15);border-radius:22px"),
        ("shop", 'bgcolor="#4c1d95" valign="middle"'),
        ("dark", "@media (prefers-color-scheme: dark){.m-body,.m-outer{background:#111111 !important}"),
        ("receipt", '<table width="100%" cellpadding="8" cellspacing="0" border="1" bordercolor="#dddddd"'),
        ("receipt", ".m-body a{color:#0066c0}"),
        ("japanese", "font-family:'ＭＳ Ｐゴシック','Hiragino Kaku Gothic ProN',Meiryo,sans-serif"),
        ("japanese", '<font color="#FFFFFF" size="5">'),
        ("letter", "<li>varnish, the <i>matt</i> one</li>"),
    ],
)
def test_newsletters_keep_their_looks(name, kept):
    assert kept in sanitize((Path(__file__).parent / "newsletters" / f"{name}.html").read_text()).html


def test_newsletters_lose_what_only_other_programs_read():
    html = "".join(sanitize(path.read_text()).html for path in NEWSLETTERS)

    for gone in ("v:rect", "[if", "ogsc", "far.test/hero", "<link", "far.test/o.gif"):
        assert gone not in html.replace('href="https', "")


def test_the_hero_of_a_newsletter_comes_through_the_hook():
    cleaned = sanitize((Path(__file__).parent / "newsletters/shop.html").read_text(), remote=place)

    assert 'background="/remote/hero.jpg?of=1"' in cleaned.html
    assert "background-image:url(/remote/hero.jpg?of=1)" in cleaned.html
    assert [each.address for each in cleaned.remote if each.kind == RemoteKind.TRACKER] == ["https://t.far.test/o.gif"]


pieces = st.sampled_from([*PAYLOADS, "</style>", "</div>", "<table>", "</table>", "<p>", "<b>", "<!--", '"', ">", "<"])
addresses = st.sampled_from(["http://far.test/a.png", "//far.test/b", "cid:logo@x", "data:image/png;base64,AA==", "x"])
images = st.builds(
    '<img src="{}" width={}><p style="background:url({})">'.format, addresses, st.integers(0, 9), addresses
)


@settings(max_examples=150, deadline=None)
@given(st.lists(pieces | images, max_size=6).map("".join))
def test_sanitising_any_mixture_again_changes_nothing(html):
    once, shown = sanitize(html, images=IMAGES), sanitize(html, images=IMAGES, remote=place)
    places = {each.address: place(each.address) or "" for each in shown.remote}

    assert_harmless(once.html)
    assert sanitize(once.html, images=IMAGES).html == once.html
    assert sanitize(shown.html, images=IMAGES | places, remote=place).html == shown.html


@pytest.mark.parametrize("address", ["http\u017f://evil.test/x", "\u017fms:1", "http\u017f://evil.test"])
def test_a_scheme_with_a_letter_that_only_looks_like_one_is_no_link(address):
    assert "href" not in sanitize(f'<a href="{address}">x</a>').html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<b x="1>one</b><b x="1>two">three</b>', '<b>two"&gt;three</b>'),
        ("<i>one</i><i", "<i>one</i>"),
        ('<i a=">">one</i><i a=">">two</i>', "<i>one</i><i>two</i>"),
        ("<i>one</i><!-- <i> --><i>two</i>", "<i>one</i><i>two</i>"),
    ],
)
def test_a_tag_that_came_before_is_read_as_if_it_were_the_first(html, expected):
    assert sanitize(html).html == expected
