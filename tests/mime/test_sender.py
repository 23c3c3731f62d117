"""Tricks with names and addresses, and the honest ways of writing that resemble them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.authentication import Authentication, Verdict
from mailbox.mime.parse import Header, parse
from mailbox.mime.sender import Finding, Known, Level, Sign, findings, is_whole_name

OWN = frozenset({"alice@home.test"})
VERIFIED = Authentication(server="mx.home.test", dmarc=Verdict.PASS, domain="far.test")
REFUTED = Authentication(server="mx.home.test", dmarc=Verdict.FAIL)
UNKNOWN = Authentication()


def header(from_: str, **others: str) -> Header:
    fields = {"From": from_, **{name.replace("_", "-"): value for name, value in others.items()}}
    return parse("".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n").header


def found(
    from_: str, *, authentication: Authentication = UNKNOWN, known: dict[str, Any] | None = None, **fields: str
) -> tuple[Finding, ...]:
    return findings(header(from_, **fields), authentication, Known(**{"own_addresses": OWN, **(known or {})}))


def levels(*arguments: str, **options: Any) -> dict[Sign, Level]:
    return {finding.sign: finding.level for finding in found(*arguments, **options)}


@pytest.mark.parametrize(
    "from_",
    [
        "Dana Fern <dana@far.test>",
        "dana@far.test",
        '"dana@far.test" <dana@far.test>',
        '"dana@far.test" <dana@mail.far.test>',
        "Büro München <info@xn--mnchen-3ya.de>",
        "お名前 <info@日本語.jp>",
        "Иван Петров <ivan@почта.рф>",
        "Booking.com <noreply@booking.com>",
        "TOKYO東京ニュース <news@far.test>",
        '"Fern, Dana (Sales @ Far)" <dana@far.test>',
        "Größe & Maß <info@far.test>",
    ],
)
def test_says_nothing_about_honest_names(from_: str) -> None:
    assert found(from_) == ()


@pytest.mark.parametrize(
    "from_",
    [
        '"service@bank.test" <x@evil.test>',
        '"Bank <service@bank.test>" <x@evil.test>',
        '"Bank (service@bank.test)" <x@evil.test>',
        "=?utf-8?q?service=40bank=2Etest?= <x@evil.test>",
        "ｓｅｒｖｉｃｅ＠ｂａｎｋ.ｔｅｓｔ <x@evil.test>",
        '"alice@home.test" <x@evil.test>',
        "service@bank.test <x@evil.test>",
    ],
)
def test_a_name_that_is_another_address_is_danger(from_: str) -> None:
    assert levels(from_) == {Sign.NAME_HOLDS_ADDRESS: Level.DANGER}


@pytest.mark.parametrize(
    ("from_", "fields"),
    [
        ('"dana@old.test" <dana@new.test>', {}),
        ('"dana@far.test via Documents" <share@service.test>', {}),
        ('"dana@far.test" <crew@list.test>', {"List-Id": "<crew.list.test>"}),
    ],
)
def test_usual_ways_of_naming_an_address_are_only_a_caution(from_: str, fields: dict[str, str]) -> None:
    assert levels(from_, **fields) == {Sign.NAME_HOLDS_ADDRESS: Level.CAUTION}


def test_the_old_address_of_somebody_new_is_danger() -> None:
    assert levels('"dana@old.test" <dana@new.test>', known={"is_first": True})[Sign.NAME_HOLDS_ADDRESS] == Level.DANGER


@pytest.mark.parametrize(
    ("host", "shown"),
    [("аррӏе.com", "xn--80ak6aa92e.com"), ("xn--pple-43d.com", "xn--pple-43d.com")],
)
def test_disguised_domains_are_danger_and_shown_as_they_are(host: str, shown: str) -> None:
    [finding] = found(f"Apple <id@{host}>")
    assert (finding.sign, finding.level, finding.other) == (Sign.DISGUISED, Level.DANGER, shown)


@pytest.mark.parametrize(
    ("host", "original"),
    [("paypa1.com", "paypal.com"), ("mail.rnicrosoft.com", "microsoft.com"), ("h0me.test", "home.test")],
)
def test_domains_that_look_like_a_known_one_are_danger(host: str, original: str) -> None:
    [finding] = found(f"Support <id@{host}>")
    assert (finding.sign, finding.level, finding.other) == (Sign.LOOKS_LIKE, Level.DANGER, original)


def test_a_disguised_answer_address_is_danger_too() -> None:
    assert levels("Shop <a@far.test>", Reply_To="a@paypa1.com")[Sign.LOOKS_LIKE] == Level.DANGER


def test_letters_of_two_scripts_in_one_word_are_a_caution() -> None:
    assert levels("PаyPal Service <a@far.test>") == {Sign.NAME_IS_MIXED: Level.CAUTION}


def test_an_answer_elsewhere_is_a_caution_and_on_lists_a_fact() -> None:
    assert levels("Dana <dana@far.test>", Reply_To="d@else.test") == {Sign.REPLY_ELSEWHERE: Level.CAUTION}
    listed = levels("Dana <dana@far.test>", Reply_To="crew@list.test", List_Id="<crew.list.test>")
    assert listed == {Sign.REPLY_ELSEWHERE: Level.FACT}


@pytest.mark.parametrize("reply_to", ["dana@far.test", "d@sub.far.test", "alice@home.test", ""])
def test_an_answer_to_the_same_house_or_to_oneself_is_nothing(reply_to: str) -> None:
    assert found("Dana <dana@far.test>", Reply_To=reply_to) == ()


def test_several_authors_are_named() -> None:
    [finding] = found("Dana <dana@far.test>, Eve <eve@else.test>")
    assert (finding.sign, finding.level, finding.value) == (
        *(Sign.SEVERAL_AUTHORS, Level.CAUTION),
        "dana@far.test, eve@else.test",
    )
    assert levels("Dana <dana@far.test>, Eve <eve@far.test>") == {Sign.SEVERAL_AUTHORS: Level.FACT}


def test_a_sender_apart_from_the_author_is_a_fact() -> None:
    assert levels("Dana <dana@far.test>", Sender="office@far.test") == {Sign.SENT_BY: Level.FACT}
    assert found("Dana <dana@far.test>", Sender="Dana <DANA@far.test>") == ()


@pytest.mark.parametrize("from_", ["", "Nobody", "undisclosed:;", "<>", "root"])
def test_an_author_without_an_address_is_a_caution(from_: str) -> None:
    assert levels(from_)[Sign.NO_ADDRESS] == Level.CAUTION


def test_the_name_of_a_correspondent_under_a_new_address_is_a_caution() -> None:
    known = {"namesake": "dana@far.test", "is_first": True, "is_new": True}
    seen = levels("Dana Fern <dana.fern@free.test>", known=known)
    assert seen == {Sign.NAME_IS_KNOWN: Level.CAUTION, Sign.FIRST: Level.FACT}


def test_two_addresses_that_have_both_written_for_long_are_a_fact() -> None:
    known = {"namesake": "dana@far.test"}
    assert levels("Dana Fern <dana@free.test>", known=known) == {Sign.NAME_IS_KNOWN: Level.FACT}


def test_the_fields_of_a_list_excuse_no_known_name() -> None:
    known = {"namesake": "dana@far.test", "is_new": True}
    seen = levels("Dana Fern <dana@free.test>", known=known, Reply_To="x@evil.test", List_Id="<a.evil.test>")
    assert seen == {Sign.NAME_IS_KNOWN: Level.DANGER, Sign.REPLY_ELSEWHERE: Level.FACT}


def test_names_that_many_share_are_nobodys() -> None:
    assert not is_whole_name("Mail Delivery System")
    known = {"namesake": "info@far.test", "is_new": True}
    assert found("Newsletter <info@free.test>", known=known) == ()
    assert is_whole_name("山田太郎")
    assert not is_whole_name("山田")


def test_the_own_name_under_a_foreign_address_is_a_caution() -> None:
    known = {"is_own_name": True, "is_new": True}
    assert levels("Alice Adams <alice.adams@free.test>", known=known) == {Sign.NAME_IS_YOURS: Level.CAUTION}


def test_a_known_name_with_an_answer_elsewhere_is_danger() -> None:
    known = {"namesake": "dana@far.test", "is_new": True}
    seen = levels("Dana Fern <dana@free.test>", known=known, Reply_To="x@evil.test")
    assert seen == {Sign.NAME_IS_KNOWN: Level.DANGER, Sign.REPLY_ELSEWHERE: Level.CAUTION}


def test_a_known_name_with_a_failed_check_is_danger() -> None:
    known = {"namesake": "dana@far.test", "is_new": True}
    seen = levels("Dana Fern <dana@free.test>", known=known, authentication=REFUTED)
    assert seen == {Sign.NAME_IS_KNOWN: Level.DANGER, Sign.REFUTED: Level.CAUTION}


def test_a_message_from_oneself_that_nobody_vouches_for() -> None:
    assert levels("Alice <alice@home.test>") == {Sign.FROM_YOURSELF: Level.FACT}
    unproven = Authentication(server="mx.home.test")
    assert levels("Alice <alice@home.test>", authentication=unproven)[Sign.FROM_YOURSELF] == Level.CAUTION
    assert levels("Alice <alice@home.test>", authentication=REFUTED)[Sign.FROM_YOURSELF] == Level.DANGER


def test_a_verified_sender_is_a_fact_and_names_who_says_so() -> None:
    [finding] = found("Dana <dana@far.test>", authentication=VERIFIED)
    assert finding == Finding(Sign.VERIFIED, Level.FACT, "far.test", "mx.home.test")


def test_verification_excuses_no_trick() -> None:
    seen = levels('"service@bank.test" <x@far.test>', authentication=VERIFIED)
    assert seen == {Sign.NAME_HOLDS_ADDRESS: Level.DANGER, Sign.VERIFIED: Level.FACT}


def test_names_who_signed_where_the_author_did_not() -> None:
    via = Authentication(server="mx.home.test", via="service.test")
    assert levels("Dana <dana@far.test>", authentication=via) == {Sign.UNVERIFIED: Level.FACT, Sign.VIA: Level.FACT}


def test_the_gravest_comes_first() -> None:
    seen = [each.level for each in found('"a@bank.test" <x@evil.test>', Sender="y@evil.test", Reply_To="z@else.test")]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 3


def test_shows_no_characters_that_turn_the_text() -> None:
    [finding] = found("\u202eDana <dana@far.test>\u202c, Eve <eve@far.test>")
    assert "\u202e" not in finding.value


@given(st.text(max_size=100), st.text(max_size=50))
def test_never_raises(from_: str, reply_to: str) -> None:
    found(from_, Reply_To=reply_to, Sender=from_)


def test_a_name_without_end_is_looked_at_only_so_far() -> None:
    assert Sign.NAME_HOLDS_ADDRESS not in levels(f'"{"a@" * 100_000}b.test" <x@evil.test>')
