"""Addresses that a person writes under besides those of his accounts."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Identity, LocalMaildrop, MailAccount
from accounts.senders import Senders

NEW, REMOVE = reverse("alias_new"), reverse("alias_remove")


@pytest.fixture(autouse=True)
def signed_in(client, alice, account, submission_server):
    client.force_login(alice)


def alias(account: MailAccount, **changes: str) -> dict[str, str]:
    return {"account": account.key, "address": "shop@alice.test", "name": "The shop"} | changes


def test_adds_an_alias_to_write_under(client, alice, account):
    assert client.post(NEW, alias(account)).url == reverse("identities")
    assert [str(each) for each in Senders.of(alice).all] == ["Alice <alice@home.test>", "The shop <shop@alice.test>"]
    assert "You can write as shop@alice.test now." in client.get(reverse("identities")).text


def test_adds_a_whole_domain(client, alice, account):
    client.post(NEW, alias(account, is_catch_all="on"))
    assert Senders.of(alice).at(account, "anything@alice.test")
    assert "Every address of this domain is yours." in client.get(reverse("identities")).text


def test_proposes_the_person_s_name(client):
    assert 'value="Alice"' in client.get(NEW).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": "nobody"}, "valid email"),
        ({"address": "ALICE@home.test"}, "You write under this address already."),
        ({"address": "bob@home.test"}, "This address belongs to somebody else here."),
        ({"address": "alice.anderson@gmail.com", "is_catch_all": "on"}, "Other people have addresses of this domain"),
        ({"name": "A\nB"}, "cannot be sent"),
        ({"account": "unknown"}, "Select a valid choice"),
    ],
)
def test_refuses_what_cannot_be_written_under(client, bob, account, changes, words):
    LocalMaildrop.objects.create(owner=bob, address="bob@home.test")
    answer = client.post(NEW, alias(account) | changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_nobody_adds_an_address_to_another_s_account(client, account, request, person):
    client.force_login(request.getfixturevalue(person))
    assert client.post(NEW, alias(account)).status_code == 422
    assert Identity.objects.count() == 1


def test_removes_an_alias(client, account):
    found = Identity.objects.create(account=account, address="shop@alice.test")
    assert f'value="{found.pk}"' in client.get(reverse("identities")).text
    assert client.post(REMOVE, {"remove": found.pk}).url == reverse("identities")
    assert Identity.objects.get().address == "alice@home.test"


def test_the_account_s_own_address_stays(client, account):
    own = Identity.objects.get()
    assert f'name="remove" value="{own.pk}"' not in client.get(reverse("identities")).text
    assert client.post(REMOVE, {"remove": own.pk}).status_code == 404
    assert Identity.objects.exists()


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_nobody_removes_another_s_address(client, account, request, person):
    found = Identity.objects.create(account=account, address="shop@alice.test")
    client.force_login(request.getfixturevalue(person))
    assert client.post(REMOVE, {"remove": found.pk}).status_code == 404
    assert Identity.objects.filter(pk=found.pk).exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 40, "²"])
def test_a_number_that_is_none_is_not_found(client, number):
    assert client.post(REMOVE, {"remove": number}).status_code == 404


def test_knows_no_other_verbs(client):
    assert client.get(REMOVE).status_code == 405
    assert client.put(NEW).status_code == 405


def test_asks_strangers_to_sign_in(client):
    client.logout()
    assert client.get(NEW).status_code == 302
    assert client.post(REMOVE, {"remove": "1"}).status_code == 302


def prefer(client, *identities: Identity, **fields: str):
    """Press the button of the first of all that stand on the page."""
    count = len(identities)
    form: dict[str, Any] = {"form-TOTAL_FORMS": count, "form-INITIAL_FORMS": count, "prefer": identities[0].pk}
    for at, each in enumerate(sorted(identities, key=lambda each: each.pk)):
        form |= {f"form-{at}-id": each.pk, f"form-{at}-name": each.name, f"form-{at}-signature": each.signature}
    return client.post(reverse("identities"), form | fields)


@pytest.fixture
def shop(account):
    return Identity.objects.create(account=account, name="The shop", address="shop@alice.test")


def test_an_address_becomes_the_one_that_is_used_and_what_was_typed_is_saved(client, alice, account, shop):
    own = account.identities.get(address=account.address)
    page = client.get(reverse("identities")).text
    assert f'name="prefer" value="{shop.pk}"' in page
    assert f'name="prefer" value="{own.pk}"' not in page
    prefer(client, shop, own, **{"form-0-signature": "Alice A."})
    assert Senders.of(alice).default_of(account).address == shop.address
    assert account.identities.filter(is_default=True).count() == 1
    assert account.identities.get(pk=own.pk).signature == "Alice A."
    assert "You write as shop@alice.test now" in client.get(reverse("identities")).text


def test_one_address_alone_needs_no_button(client):
    assert 'name="prefer"' not in client.get(reverse("identities")).text


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_nobody_changes_what_another_writes_under(client, account, shop, request, person):
    client.force_login(request.getfixturevalue(person))
    form = {"form-TOTAL_FORMS": 0, "form-INITIAL_FORMS": 0, "prefer": shop.pk}
    assert client.post(reverse("identities"), form).status_code == 404
    assert account.identities.get(is_default=True).address == account.address


def test_nothing_else_is_preferred(client, account, shop):
    form = {"form-TOTAL_FORMS": 0, "form-INITIAL_FORMS": 0, "prefer": "9" * 30}
    assert client.post(reverse("identities"), form).status_code == 404
