"""The list box of an address field."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from mailbox.contacts import learn
from mailbox.mime.addresses import Address
from mailbox.models import Contact

URL = reverse("contacts")
TODAY = datetime(2025, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser; she has written to Dana and to Keiko."""
    learn(alice, [Address("Adams, Dana", "dana@far.test"), Address("田中恵子", "keiko@far.test")], TODAY)
    client.force_login(alice)
    return client


def test_offers_what_matches(web: Client) -> None:
    text = web.get(URL, {"q": "恵子"}).text
    assert 'data-offer="田中恵子 &lt;keiko@far.test&gt;"' in text
    assert "dana" not in text
    assert "dana@far.test" in web.get(URL, {"q": "ad"}).text


def test_offers_names_in_quotes_where_they_need_them(web: Client) -> None:
    assert 'data-offer="&quot;Adams, Dana&quot; &lt;dana@far.test&gt;"' in web.get(URL, {"q": "dana"}).text


def test_offers_nothing_for_nothing(web: Client) -> None:
    for query in ({}, {"q": ""}, {"q": "zzz"}, {"q": "\0"}):
        assert web.get(URL, query).text.strip() == ""


def test_a_letter_that_no_database_holds_is_passed_over(web: Client) -> None:
    assert "dana@far.test" in web.get(URL, {"q": "da\0na"}).text


def test_a_name_from_outside_is_text(web: Client, alice: User) -> None:
    learn(alice, [Address("<b onclick=x>Bold</b>", "bold@far.test")], TODAY)
    assert "<b " not in web.get(URL, {"q": "bold"}).text


def test_offers_eight_at_most(web: Client, alice: User) -> None:
    learn(alice, [Address("", f"p{number}@far.test") for number in range(20)], TODAY)
    assert web.get(URL, {"q": "far"}).text.count('role="option"') == 8


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_offers_nobody_the_contacts_of_others(web: Client, request: pytest.FixtureRequest, person: str) -> None:
    web.force_login(request.getfixturevalue(person))
    assert web.get(URL, {"q": "dana"}).text.strip() == ""


def test_asks_strangers_to_sign_in(web: Client) -> None:
    web.logout()
    assert web.get(URL, {"q": "dana"}).status_code == 302


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_knows_no_other_verbs(web: Client, method: str) -> None:
    assert getattr(web, method)(URL).status_code == 405


def test_one_query_at_ten_thousand_contacts(web: Client, alice: User, django_assert_num_queries) -> None:
    learn(alice, [Address(f"Person {number}", f"p{number}@far.test") for number in range(10_000)], TODAY)
    assert Contact.objects.count() == 10_002
    # The session, the person, the contacts.
    with django_assert_num_queries(3):
        assert "keiko@far.test" in web.get(URL, {"q": "恵子"}).text


# The list in the settings ---------------------------------------------------------------------------------------------

LIST = reverse("contact_list")


def forget_url(address: str) -> str:
    return reverse("contact_forget", args=[Contact.objects.get(folded=address).key])


def test_lists_everybody_and_who_matches(web: Client) -> None:
    text = web.get(LIST).text
    assert "dana@far.test" in text
    assert "田中恵子" in text
    found = web.get(LIST, {"q": "恵子"}).text
    assert "keiko@far.test" in found
    assert "dana@far.test" not in found
    assert "Nobody found" in web.get(LIST, {"q": "zzz"}).text


def test_forgets_and_offers_no_longer(web: Client) -> None:
    assert web.post(forget_url("dana@far.test"), {"q": "da"}).headers["Location"] == f"{LIST}?q=da"
    assert web.get(URL, {"q": "dana"}).text.strip() == ""
    part = web.post(forget_url("keiko@far.test"), headers={"HX-Request": "true"})
    assert "Nobody yet" in part.text
    assert "<html" not in part.text


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_nobody_sees_or_forgets_contacts_of_others(web: Client, request: pytest.FixtureRequest, person: str) -> None:
    web.force_login(request.getfixturevalue(person))
    assert "dana@far.test" not in web.get(LIST).text
    assert web.post(forget_url("dana@far.test")).status_code == 404
    assert Contact.objects.filter(folded="dana@far.test").exists()


def test_looking_forgets_nobody(web: Client) -> None:
    assert web.get(forget_url("dana@far.test")).status_code == 405
    assert web.post(reverse("contact_forget", args=["x" * 16])).status_code == 404


def test_the_list_costs_the_same_for_many(web: Client, alice: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert web.get(LIST).status_code == 200
        return len(captured)

    few = queries()
    learn(alice, [Address(f"Person {number}", f"p{number}@far.test") for number in range(300)], TODAY)
    assert queries() == few
