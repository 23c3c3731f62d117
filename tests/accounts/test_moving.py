"""Moving from Gmail's fetcher: a pasted list, each address set up in turn, labels and answers as they were there."""

import pytest
from django.test import Client

from accounts.models import MailAccount
from tests.accounts.conftest import filled

pytestmark = pytest.mark.usefixtures("resolver", "woken")

MOVE = "/accounts/move/"
PASTED = "dana.k@work.test (Mail is retrieved over POP3)\nClub <club@garden.test>, DANA.K@work.test\n<script>"


@pytest.fixture
def as_alice(client: Client, alice) -> Client:
    client.force_login(alice)
    return client


def text(answer) -> str:
    return answer.content.decode()


def test_takes_the_addresses_out_of_whatever_was_pasted(as_alice):
    assert as_alice.post(MOVE, {"addresses": PASTED, "keeps_labels": "on"}).url == MOVE
    page = text(as_alice.get(MOVE))
    assert page.lower().count('name="address" value="dana.k@work.test"') == 1
    assert 'name="address" value="club@garden.test"' in page
    assert "0 of 2 set up" in page


@pytest.mark.parametrize("pasted", ["", "nobody here", "a@b", " ".join(f"a{n}@b.test" for n in range(51))])
def test_refuses_what_holds_no_list(as_alice, pasted):
    answer = as_alice.post(MOVE, {"addresses": pasted})
    assert answer.status_code == 422
    assert "errorlist" in text(answer)


def test_comes_back_to_the_list_and_keeps_a_label(as_alice, alice):
    as_alice.post(MOVE, {"addresses": "alice@work.test\nclub@garden.test", "keeps_labels": "on"})
    form = text(as_alice.post("/accounts/new/find/", {"address": "club@garden.test", "by-hand": ""}))
    assert 'name="arrival_label" value="club@garden.test"' in form
    saved = as_alice.post("/accounts/new/", filled(by="found", arrival_label="alice@work.test"))
    assert saved.url == MOVE
    assert MailAccount.objects.get(owner=alice).arrival_label == "alice@work.test"
    assert "1 of 2 set up" in text(as_alice.get(MOVE))


def test_labels_nothing_where_that_is_not_wanted(as_alice):
    as_alice.post(MOVE, {"addresses": "club@gmx.de"})
    form = text(as_alice.post("/accounts/new/find/", {"address": "club@gmx.de"}))
    assert 'value="pop.gmx.net"' in form
    assert 'name="arrival_label" value="club@gmx.de"' not in form


def test_chooses_from_which_address_answers_leave(as_alice, alice, servers):
    assert as_alice.post(f"{MOVE}answers/", {"answers_from": "alice@home.test"}).url == MOVE
    alice.refresh_from_db()
    assert alice.answers_from == "alice@home.test"
    as_alice.post(f"{MOVE}answers/", {"answers_from": ""})
    alice.refresh_from_db()
    assert alice.answers_from == ""


def test_answers_leave_from_no_address_of_others(as_alice, alice, servers):
    as_alice.post(f"{MOVE}answers/", {"answers_from": "bob@home.test"})
    alice.refresh_from_db()
    assert alice.answers_from == ""


def test_offers_to_import_what_is_in_gmail(as_alice, servers):
    assert f"/accounts/{servers.key}/import/" in text(as_alice.get(MOVE))


def test_who_is_signed_out_moves_nothing(client):
    assert client.post(MOVE, {"addresses": "a@b.test"}).url.startswith("/account/login/")


def test_choosing_is_a_post(as_alice):
    assert as_alice.get(f"{MOVE}answers/").status_code == 405
