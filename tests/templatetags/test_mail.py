"""The words and times of the screens."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from mailbox.mime.headers import Address
from mailbox.mime.plain import Block, Span
from mailbox.templatetags import mail

NOW = datetime(2025, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Monday, 24 November 2025, 12:00."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2025, 11, 24, 14, 5, tzinfo=UTC), "14:05"),
        (datetime(2025, 11, 24, 0, 0, tzinfo=UTC), "00:00"),
        (datetime(2025, 11, 23, 23, 59, tzinfo=UTC), "Yesterday"),
        (datetime(2025, 11, 3, 9, 0, tzinfo=UTC), "Mon 3 Nov"),
        (datetime(2024, 12, 31, 9, 0, tzinfo=UTC), "2024-12-31"),
        (datetime(2025, 12, 1, 9, 0, tzinfo=UTC), "2025-12-01"),
        (None, ""),
    ],
)
def test_tells_a_time_as_shortly_as_it_can(moment: datetime | None, expected: str) -> None:
    with translation.override("en"):
        assert mail.when(moment) == expected


def test_tells_the_time_of_the_readers_zone() -> None:
    late = datetime(2025, 11, 24, 22, 30, tzinfo=UTC)
    with timezone.override("Asia/Tokyo"):
        assert mail.when(late) == "2025-11-25"


def test_tells_the_whole_time_with_its_zone() -> None:
    with translation.override("en"):
        assert mail.full_time(NOW) == "Monday 24 November 2025, 12:00 UTC"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Alice Adams", "AA"),
        ("alice", "A"),
        ("山田 太郎", "山"),
        ('"Bob" Brown', "BB"),
        ("Anna Maria von Stein", "AS"),
        ("", "?"),
        ("<> !!", "?"),
    ],
)
def test_finds_initials(name: str, expected: str) -> None:
    assert mail.initials(name) == expected


def test_a_correspondent_keeps_his_tint() -> None:
    assert mail.tint("Dana") == mail.tint("DANA")
    assert {mail.tint(f"name {number}") for number in range(100)} == set(map(str, range(mail.TINTS)))


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (184_320, "184 kB"), (2_340_000, "2.3 MB")]
)
def test_tells_sizes(count: int, expected: str) -> None:
    assert mail.octets(count) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([["Alice Adams", False]], "Alice Adams"),
        ([["Alice Adams", False], ["Bob Brown", True]], "Alice, Bob"),
        ([["Adams, Alice", False], ["bob@home.test", True]], "Adams, bob@home.test"),
        ([], "Unknown sender"),
        ([["", True]], "Unknown sender"),
    ],
)
def test_names_the_senders_in_a_lines_width(names: list[tuple[str, bool]], expected: str) -> None:
    assert mail.senders(names) == expected


def test_writes_addresses_with_their_names_and_cuts_a_mass_mailing_short() -> None:
    found = [Address("Bob", "bob@home.test"), Address("", "c@x.test")]
    assert mail.addresses(found) == "Bob <bob@home.test>, c@x.test"
    assert mail.addresses(found * mail.SHOWN_ADDRESSES).endswith(", 50 more")


def test_escapes_lines_and_links_them() -> None:
    spans = (Span("<b> "), Span("https://x.test/?a=1&b=2", "https://x.test/?a=1&b=2"), Span('"'))
    html = mail.lines(Block("text", 0, (spans, ())))
    link = '<a href="https://x.test/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">https://x.test/?a=1&amp;b=2</a>'
    assert html == f"&lt;b&gt; {link}&quot;\n"


def test_takes_braces_and_marks_in_a_text_for_text() -> None:
    spans = (Span("{0} {end} {{\ufffe\uffff"), Span("https://x.test/{}", "https://x.test/{}"), Span("}\uffff"))
    html = mail.lines(Block("text", 0, (spans, (Span("{}"),))))
    assert html.startswith("{0} {end} {{<a ")
    assert html.endswith(">https://x.test/{}</a>}\n{}")
    assert html.count("<a ") == 1


def test_marks_the_line_ends_that_a_narrow_screen_may_turn_into_spaces() -> None:
    first, second = "a" * 60, "b" * 70
    block = Block("text", 0, ((Span(first),), (Span(second),), (Span("end"),)))
    assert (
        mail.lines(block)
        == f'{first}<span class="plain-text__end">\n</span>{second}<span class="plain-text__end">\n</span>end'
    )
    assert mail.lines(replace(block, is_fixed=True)) == f"{first}\n{second}\nend"


@pytest.mark.parametrize(("depth", "expected"), [(1, 1), (3, 3), (4, 1), (20, 2)])
def test_colours_quotations_in_turn(depth: int, expected: int) -> None:
    assert mail.quote_depth(depth) == expected


def test_draws_an_icon_without_a_name() -> None:
    drawn = Template('{% load mail %}{% icon "star" small filled %}').render(Context())
    assert drawn.startswith('<svg class="icon icon--small icon--filled" aria-hidden="true">')
    assert drawn.endswith('icons.svg#star"></use></svg>')


def test_shows_disguised_domains_as_they_are():
    assert mail.unmasked("id@аррӏе.com") == "id@xn--80ak6aa92e.com"
    assert mail.unmasked("info@münchen.de") == "info@münchen.de"
    assert mail.unmasked("Dana") == "Dana"
    assert mail.addresses([Address("Apple", "id@аррӏе.com")]) == "Apple <id@xn--80ak6aa92e.com>"


def test_an_address_breaks_at_its_seams_and_stays_harmless() -> None:
    assert mail.breakable("a.long&name@mail.far.test") == "a.long&amp;name<wbr>@mail<wbr>.far<wbr>.test"
    assert mail.breakable("far.test<b>") == "far.test&lt;b&gt;"
