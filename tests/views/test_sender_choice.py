"""From: it chooses the name, the address and the account, and shows what an answer chose by itself."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Identity, MailAccount, SubmissionServer, User
from mailbox import outbox
from mailbox.mime.parse import parse
from mailbox.models import Draft, Outgoing
from tests.cast import deliver, octets_of
from tests.outgoing import queued

KEY = "abcdefghijklmnop"
URL = "/compose/"


@pytest.fixture
def shop(account: MailAccount) -> Identity:
    """An alias in Alice's account, whose domain is hers alone."""
    return Identity.objects.create(account=account, name="The shop", address="shop@alice.test", is_catch_all=True)


def typed(sender: str, do: str = "save") -> dict[str, str]:
    return {"key": KEY, "account": sender, "to": "dana@far.test", "subject": "Tea", "text": "Shall we?", "do": do}


def chosen(text: str) -> str:
    """The option that the page shows as From."""
    select = text.partition("<select")[2].partition("</select>")[0]
    return select.partition(" selected>")[2].partition("<")[0] if " selected>" in select else ""


def test_sends_under_the_chosen_alias(web: Client, account: MailAccount, shop: Identity) -> None:
    web.post(URL, typed(f"{account.key} shop@alice.test", "send"))
    outgoing = Outgoing.objects.get()
    [author] = parse(outgoing.original.octets).header.from_
    assert (author.name, author.address, outgoing.reverse_path) == ("The shop", shop.address, shop.address)


def test_a_draft_keeps_the_alias_and_gives_it_back(web: Client, account: MailAccount, shop: Identity) -> None:
    web.post(URL, typed(f"{account.key} shop@alice.test"))
    assert Draft.objects.get().sender == "shop@alice.test"
    assert chosen(web.get(reverse("draft", args=[KEY])).text) == "The shop &lt;shop@alice.test&gt;"
    web.post(URL, typed(account.key))
    assert Draft.objects.get().sender == ""


@pytest.mark.usefixtures("shop")
def test_an_answer_shows_the_address_that_the_domain_caught(web: Client, account: MailAccount) -> None:
    octets = octets_of().replace(b"To: alice@home.test", b"To: orders@alice.test")
    message = deliver(account, octets)[0]
    page = web.get(URL, {"reply": message.key})
    assert chosen(page.text) == "The shop &lt;orders@alice.test&gt;"
    form = typed(f"{account.key} orders@alice.test") | {"kind": "reply", "parent": message.key}
    web.post(URL, form)
    assert Draft.objects.get().sender == "orders@alice.test"


@pytest.mark.parametrize("address", ["bob@home.test", "eve@far.test", "", "alice@home.test\r\nBcc: eve@far.test"])
def test_nobody_writes_as_somebody_else(web: Client, account: MailAccount, shop: Identity, address: str) -> None:
    response = web.post(URL, typed(f"{account.key} {address}", "send"))
    assert response.status_code == 422
    assert "Choose another one." in response.text
    assert not Outgoing.objects.exists()


def test_an_alias_that_is_gone_sends_nothing_and_the_draft_stays(
    web: Client, account: MailAccount, shop: Identity
) -> None:
    web.post(URL, typed(f"{account.key} shop@alice.test"))
    shop.delete()
    assert web.post(URL, typed(f"{account.key} shop@alice.test", "send")).status_code == 422
    page = web.get(reverse("draft", args=[KEY])).text
    assert chosen(page) == "Alice &lt;alice@home.test&gt;"


def test_the_list_costs_the_same_for_many_accounts(
    web: Client, alice: User, account: MailAccount, django_assert_max_num_queries
) -> None:
    for number in range(20):
        other = MailAccount.objects.create(owner=alice, address=f"a{number}@home.test")
        SubmissionServer.objects.create(account=other, host="127.0.0.1", port=9)
        Identity.objects.create(account=other, address=other.address)
    with django_assert_max_num_queries(16):
        assert web.get(URL).text.count("<option") == 21


@pytest.mark.usefixtures("web")
def test_what_is_called_back_keeps_its_sender(account: MailAccount, shop: Identity) -> None:
    for address in ("shop@alice.test", "orders@alice.test", ""):
        draft = outbox.cancel(queued(account, sender=address))
        assert draft.sender == address


def as_typed(account: MailAccount, address: str, do: str = "save") -> dict[str, str]:
    return typed(account.key, do) | {"address": address}


def test_any_address_of_an_own_domain_can_be_typed(web: Client, account: MailAccount, shop: Identity) -> None:
    assert "Any address at @alice.test" in web.get(URL).text
    web.post(URL, as_typed(account, "orders@Alice.test", "send"))
    outgoing = Outgoing.objects.get()
    [author] = parse(outgoing.original.octets).header.from_
    assert (author.name, author.address) == ("The shop", "orders@Alice.test")


def test_what_stands_before_the_at_is_enough(web: Client, account: MailAccount, shop: Identity) -> None:
    web.post(URL, as_typed(account, " orders "))
    assert chosen(web.get(reverse("draft", args=[KEY])).text) == "The shop &lt;orders@alice.test&gt;"


def test_an_alias_that_is_typed_is_the_alias(web: Client, account: MailAccount, shop: Identity) -> None:
    web.post(URL, as_typed(account, "SHOP@alice.test"))
    assert Draft.objects.get().sender == "shop@alice.test"


@pytest.mark.parametrize("address", ["bob@home.test", "a b@alice.test", "dana@far.test", "é", "@", "a@b@alice.test"])
def test_an_address_of_nobody_or_of_others_sends_nothing_and_stays_in_its_field(
    web: Client, account: MailAccount, shop: Identity, address: str
) -> None:
    response = web.post(URL, as_typed(account, address, "send"))
    assert response.status_code == 422
    assert "is none of your addresses" in response.text
    assert f'name="address" value="{address}"' in response.text
    assert not Outgoing.objects.exists()


def test_without_a_domain_of_ones_own_nothing_is_to_be_typed(web: Client, account: MailAccount) -> None:
    assert 'name="address"' not in web.get(URL).text
    assert web.post(URL, as_typed(account, "orders", "send")).status_code == 422


def test_an_address_that_was_typed_is_offered_from_then_on(web: Client, account: MailAccount, shop: Identity) -> None:
    for address in ("orders", "jobs", "orders"):
        web.post(URL, as_typed(account, address, "send") | {"key": address.ljust(16, "x")})
    page = web.get(URL).text
    assert page.count("The shop &lt;orders@alice.test&gt;") == 1
    assert "The shop &lt;jobs@alice.test&gt;" in page


def test_the_next_answer_leaves_from_the_address_that_was_typed(
    web: Client, account: MailAccount, shop: Identity
) -> None:
    parent = deliver(account, octets_of(message_id="tea@far.test"))[0]
    web.post(URL, as_typed(account, "orders", "send") | {"kind": "reply", "parent": parent.key})
    assert chosen(web.get(URL, {"reply": parent.key}).text) == "The shop &lt;orders@alice.test&gt;"


def test_mail_that_came_to_another_address_since_is_answered_from_that(
    web: Client, account: MailAccount, shop: Identity
) -> None:
    parent = deliver(account, octets_of(message_id="tea@far.test"))[0]
    web.post(URL, as_typed(account, "orders", "send") | {"kind": "reply", "parent": parent.key})
    next_octets = octets_of(references=["tea@far.test"], date="Mon, 24 Nov 2036 09:00:00 +0000")
    answer = deliver(account, next_octets.replace(b"To: alice@home.test", b"To: jobs@alice.test"))[0]
    assert chosen(web.get(URL, {"reply": answer.key}).text) == "The shop &lt;jobs@alice.test&gt;"


def test_mail_that_names_no_own_address_is_answered_from_the_one_used_before(
    web: Client, account: MailAccount, shop: Identity
) -> None:
    parent = deliver(account, octets_of(message_id="tea@far.test"))[0]
    web.post(URL, as_typed(account, "orders", "send") | {"kind": "reply", "parent": parent.key})
    next_octets = octets_of(references=["tea@far.test"], date="Mon, 24 Nov 2036 09:00:00 +0000")
    answer = deliver(account, next_octets.replace(b"To: alice@home.test", b"To: club@far.test"))[0]
    assert chosen(web.get(URL, {"reply": answer.key}).text) == "The shop &lt;orders@alice.test&gt;"
