"""The way out of a list, read from headers as senders write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.parse import Header
from mailbox.mime.unsubscribe import MailingList, Method, Unsubscribe, mailing_list, way_out

ONE_CLICK = "List-Unsubscribe=One-Click"


def header(**fields: str) -> Header:
    """A header whose names have underscores for hyphens."""
    return Header(raw_fields=tuple((name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()))


def way(value: str, post: str = "") -> Unsubscribe | None:
    return way_out(header(List_Unsubscribe=value, List_Unsubscribe_Post=post), is_signed=True)


def test_one_click_takes_the_field_of_rfc_8058():
    assert way("<https://far.test/u?a=b@c>", ONE_CLICK) == Unsubscribe(Method.ONE_CLICK, "https://far.test/u?a=b@c")
    assert way("<https://far.test/u>") == Unsubscribe(Method.PAGE, "https://far.test/u")
    assert way("<https://far.test/u>", "something else").method == Method.PAGE


def test_one_click_takes_a_signature():
    found = header(List_Unsubscribe="<https://far.test/u>", List_Unsubscribe_Post=ONE_CLICK)
    assert way_out(found, is_signed=False) == Unsubscribe(Method.PAGE, "https://far.test/u")


def test_one_click_is_never_sent_in_the_clear():
    assert way("<http://far.test/u>", ONE_CLICK).method == Method.PAGE


@pytest.mark.parametrize(
    "value", ["<mailto:out@far.test>, <https://far.test/u>", "<https://far.test/u> , <mailto:a@b>"]
)
def test_the_way_that_takes_the_least_comes_first(value):
    assert way(value, ONE_CLICK).method == Method.ONE_CLICK
    assert way(value).method == Method.MAIL


@pytest.mark.parametrize(
    ("uri", "address", "subject", "text"),
    [
        ("mailto:out@far.test", "out@far.test", "unsubscribe", ""),
        ("MAILTO:out+1@far.test?subject=leave+now", "out+1@far.test", "leave+now", ""),
        ("mailto:out%2B1@far.test?Subject=leave%20now&body=a%0D%0Ab", "out+1@far.test", "leave now", "a\nb"),
        ("mailto:out@far.test?subject=a%0D%0ABcc:%20eve@far.test", "out@far.test", "a Bcc: eve@far.test", ""),
        ("mailto:out@far.test?cc=eve@far.test&bcc=eve@far.test&to=eve@far.test", "out@far.test", "unsubscribe", ""),
    ],
)
def test_reads_a_mailto(uri, address, subject, text):
    assert way(f"<{uri}>") == Unsubscribe(Method.MAIL, address, subject, text)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "https://far.test/u",
        "<>",
        "<javascript:alert(1)>",
        "<ftp://far.test/u>",
        "<//far.test/u>",
        "<https:///u>",
        "<https://alice:secret@far.test/u>",
        "<https://[::1/u>",
        "<https://far.test\\u>",
        "<mailto:>",
        "<mailto:nobody>",
        "<mailto:a@far.test,b@far.test>",
        "<mailto:a%0D%0Ab@far.test>",
        "<mailto:a%00b@far.test>",
    ],
)
def test_what_leads_nowhere_is_no_way_out(value):
    assert way(value, ONE_CLICK) is None


def test_an_address_folded_in_the_middle_is_joined():
    assert way("<https://far.test/\r\n u>").address == "https://far.test/u"


def test_parentheses_inside_an_address_are_its_own():
    assert way("(ways out) <https://far.test/u(1)>").address == "https://far.test/u(1)"


def test_of_many_addresses_only_the_first_are_read():
    many = ", ".join(["<ftp://far.test>"] * 10 + ["<https://far.test/u>"])
    assert way(many) is None


def test_names_the_place_as_name_servers_know_it():
    assert way("<https://fär.test/u>").place == "xn--fr-via.test"
    assert way("<mailto:out@far.test>").place == "out@far.test"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Boats <boats.far.test>", MailingList("Boats", "boats.far.test")),
        ('"Boats, weekly" <boats.far.test>', MailingList("Boats, weekly", "boats.far.test")),
        ("=?utf-8?q?B=C3=B6te?= <boats.far.test>", MailingList("Böte", "boats.far.test")),
        ("<boats.far.test>", MailingList("", "boats.far.test")),
        ("boats.far.test", MailingList("", "boats.far.test")),
    ],
)
def test_reads_the_name_of_a_list(value, expected):
    assert mailing_list(header(List_Id=value)) == expected


def test_mail_of_one_person_has_no_list():
    assert mailing_list(header()) is None
    assert way_out(header(), is_signed=True) is None


@given(st.text(max_size=200), st.sampled_from(["", ONE_CLICK]))
def test_never_raises(value, post):
    for text in (value, f"<{value}>", f"<mailto:{value}>", f"<https://{value}>", f"<mailto:a@b?{value}>"):
        way(text, post)
        mailing_list(header(List_Id=text))


def test_too_many_fields_of_a_mailto_count_as_none():
    assert way(f"<mailto:a@far.test?{'x=1&' * 100}>") == Unsubscribe(Method.MAIL, "a@far.test", "unsubscribe")
