"""Which links say where they really lead."""

import pytest

from mailbox.mime.links import name_targets, true_target
from mailbox.mime.sanitize import sanitize


@pytest.mark.parametrize(
    ("href", "text", "target"),
    [
        ("https://evil.test/", "https://bank.test/login", "evil.test"),
        ("https://evil.test/", "Log in at www.bank.test", "evil.test"),
        ("https://evil.test/", "bank.test", "evil.test"),
        ("https://evil.test/", "help@bank.test", "evil.test"),
        ("https://bank.test.evil.test/", "bank.test", "bank.test.evil.test"),
        ("https://evilbank.test/", "bank.test", "evilbank.test"),
        ("https://bank.test@evil.test/", "My bank", "evil.test"),
        ("https://xn--80ak6aa92e.com/", "Apple", "xn--80ak6aa92e.com"),
        ("https://p\u0430ypal.com/", "Pay", "xn--pypal-4ve.com"),
        ("https://日本語.jp/", "https://far.test/", "日本語.jp"),
        ("mailto:eve@evil.test?subject=x", "bob@bank.test", "eve@evil.test"),
        ("https://bank.test/login", "https://bank.test/", ""),
        ("https://www.bank.test/", "bank.test", ""),
        ("https://bank.test/", "www.bank.test", ""),
        ("https://news.bank.test/", "bank.test", ""),
        ("https://日本語.jp/", "A page", ""),
        ("https://far.test/", "report.pdf", ""),
        ("https://far.test/", "Click here", ""),
        ("mailto:bob@bank.test", "bob@bank.test", ""),
        ("tel:+4930123", "030 123", ""),
        ("https://[/", "bank.test", ""),
    ],
)
def test_a_link_names_its_target_where_its_text_misleads(href, text, target):
    assert true_target(href, text) == target


def test_the_target_stands_inside_the_link():
    html = sanitize('<a href="https://evil.test/?a&b">https://<b>bank</b>.test</a>').html

    assert name_targets(html).endswith('https://<b>bank</b>.test<span class="lb-target">evil.test</span></a>')


def test_nobody_else_can_write_a_target():
    html = sanitize('<a href="https://evil.test/">Bank <span class="lb-target">bank.test</span></a>').html

    assert 'class="lb-target">bank.test' not in name_targets(html)


def test_links_that_say_what_they_do_stay_as_they_are():
    html = sanitize('<a href="https://a.test/">https://a.test/</a> <a name="x">y</a><p>bank.test</p>').html

    assert name_targets(html) == html


@pytest.mark.parametrize("html", ['<a href="https://a.test">' * 5_000, '<a href="https://a.test">b.test<b>' * 5_000])
def test_hostile_lengths_end(html):
    assert "<a" in name_targets(sanitize(html).html)
