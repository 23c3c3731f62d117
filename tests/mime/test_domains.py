"""Names of hosts: which belong together, and which are disguised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.domains import domain_of, is_at_or_below, is_disguised, punycode, readable, site, skeleton


@pytest.mark.parametrize(
    "host",
    [
        "xn--pple-43d.com",  # Cyrillic а before Latin letters
        "xn--80ak6aa92e.com",  # apple throughout in Cyrillic
        "gооgle.com",
        "mail.gооgle.com",
        "paypaⅼ.test".replace("ⅼ", "ӏ"),
        "ωindows.test",
        "xn--zzzzzzzz.test",  # nothing that can be decoded
        "ոnline.test",
    ],
)
def test_names_the_disguised(host: str) -> None:
    assert is_disguised(host)


@pytest.mark.parametrize(
    "host",
    [
        "far.test",
        "münchen.de",
        "xn--mnchen-3ya.de",
        "日本語.jp",
        "カタカナとkanji漢字.jp",
        "お名前.com",
        "пример.рф",
        "сор.рф",
        "почта.com",
        "ελλάδα.gr",
        "한국.kr",
        "מייל.test",
        "łódź.pl",
        "1password.com",
        "",
    ],
)
def test_lets_names_in_one_script_be(host: str) -> None:
    assert not is_disguised(host)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("аррӏе.com", "apple.com"),
        ("paypa1.com", "paypal.com"),
        ("rnicrosoft.com", "microsoft.com"),
        ("g00gle.com", "google.com"),
        ("ｂａｎｋ.test", "bank.test"),
        ("bánk.test", "bank.test"),
        ("Dana  Fern", "dana fern"),
        ("Dаna", "Dana"),
    ],
)
def test_look_alikes_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_kana_with_marks_are_other_letters() -> None:
    assert skeleton("ハナ") != skeleton("バナ")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("mail.far.test", "far.test"),
        ("far.test", "far.test"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("mx.example.ne.jp", "example.ne.jp"),
        ("a.co.com", "co.com"),
        ("localhost", "localhost"),
    ],
)
def test_tells_what_was_registered(host: str, name: str) -> None:
    assert site(host) == name


def test_who_owns_a_name_owns_those_below() -> None:
    assert is_at_or_below("mail.far.test", "far.test")
    assert is_at_or_below("far.test", "FAR.test.")
    assert not is_at_or_below("far.test", "mail.far.test")
    assert not is_at_or_below("nofar.test", "far.test")
    assert not is_at_or_below("far.test", "test")
    assert not is_at_or_below("far.test", "")


def test_reads_and_writes_punycode() -> None:
    assert readable("XN--MNCHEN-3YA.de.") == "münchen.de"
    assert punycode("münchen.de") == "xn--mnchen-3ya.de"
    assert domain_of("dana@xn--mnchen-3ya.de") == "münchen.de"
    assert domain_of("dana") == ""


@given(st.text(max_size=60))
def test_never_raises(host: str) -> None:
    punycode(host), site(host), is_disguised(host), skeleton(host), domain_of(host), readable("xn--" + host)
