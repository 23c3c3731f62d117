"""Which addresses a message would load from elsewhere."""

import pytest

from mailbox.mime.remote import References, absolute, best_candidate


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("https://x.test/a.png", "https://x.test/a.png"),
        ("  HTTP://x.test/a b\n.png ", "HTTP://x.test/a%20b.png"),
        ("//x.test/a", "https://x.test/a"),
        ("https://x.test/a'b\"c(d)", "https://x.test/a%27b%22c%28d%29"),
        ("https://x.test/あ\u3000い", "https://x.test/あ%E3%80%80い"),
        ("/m/1/", None),
        ("a.png", None),
        ("https:///a", None),
        ("http:x.test", None),
        ("javascript:x()", None),
        ("https://x.test/" + "a" * 10_000, None),
    ],
)
def test_addresses_are_made_absolute(value, address):
    assert absolute(value) == address


@pytest.mark.parametrize(
    ("srcset", "address"),
    [
        ("a.png 1x, b.png 2x", "b.png"),
        ("a.png 320w, b.png 1200w, c.png 640w", "b.png"),
        ("a.png", "a.png"),
        ("a.png nonsense", "a.png"),
        ("", ""),
        (", ,", ""),
    ],
)
def test_the_largest_candidate_is_the_best(srcset, address):
    assert best_candidate(srcset) == address


def test_a_place_is_asked_for_once():
    asked: list[str] = []
    references = References({}, lambda address: asked.append(address) or "/here/")

    assert [references.image("//x.test/a"), references.image("https://x.test/a")] == ["/here/", "/here/"]
    assert asked == ["https://x.test/a"]


def test_an_image_that_came_along_is_found_by_its_encoded_id():
    assert References({"logo@x": "/m/1/part/2/"}).image("CID:logo%40x") == "/m/1/part/2/"
    assert References({"logo@x": "/m/1/part/2/"}).image("cid:other") is None
