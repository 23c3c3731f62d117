"""The screens of handing an account over: its owner offers, the other one answers, both find it in their logs."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import post
from accounts.models import AuditEvent, Departure, HandOver, MailAccount, User
from mailbox.models import Message
from tests.cast import deliver, octets_of


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def his(charlie: User) -> Client:
    """Charlie's browser."""
    browser = Client()
    browser.force_login(charlie)
    return browser


def offer(web: Client, account: MailAccount, **form: str):
    return web.post(reverse("hand_over", args=[account.key]), {"person": "charlie", "role": "", **form}, follow=True)


def answer(his: Client, do: str):
    return his.post(reverse("offered", args=[HandOver.objects.get().key]), {"do": do}, follow=True)


def noted(what: str) -> list[tuple[str, str]]:
    events = AuditEvent.objects.filter(what=what, person__isnull=False).order_by("pk")
    return [(event.person.username, event.about) for event in events if event.person]


def test_nothing_moves_before_the_other_one_has_accepted(web, his, account, alice):
    page = offer(web, account).content.decode()
    assert "Charlie has not answered yet." in page
    account.refresh_from_db()
    assert account.owner == alice
    assert his.get(reverse("account", args=[account.key])).status_code == 404


def test_accepting_gives_the_account_with_its_mail(web, his, account, charlie):
    deliver(account, octets_of("Along"))
    offer(web, account)
    assert "Alice wants to hand <strong>alice@home.test</strong> over to you." in his.get("/accounts/").content.decode()
    assert "with 1 message," in his.get(reverse("offered", args=[HandOver.objects.get().key])).content.decode()
    assert "alice@home.test is yours now" in answer(his, "accept").content.decode()
    account.refresh_from_db()
    assert account.owner == charlie
    message = Message.objects.get()
    assert his.get(reverse("conversation", args=[message.key])).status_code == 200
    assert web.get(reverse("conversation", args=[message.key])).status_code == 404
    assert web.get(reverse("account", args=[account.key])).status_code == 404


def test_declining_leaves_all_as_it_was(web, his, account, alice):
    offer(web, account)
    assert "You have declined the account." in answer(his, "decline").content.decode()
    account.refresh_from_db()
    assert account.owner == alice
    assert not HandOver.objects.exists()


def test_the_owner_takes_the_offer_back(web, his, account):
    offer(web, account)
    key = HandOver.objects.get().key
    page = web.post(reverse("hand_over", args=[account.key]), {"do": "withdraw"}, follow=True).content.decode()
    assert "The offer is withdrawn." in page
    assert his.post(reverse("offered", args=[key]), {"do": "accept"}).status_code == 404


def test_only_the_person_it_was_made_to_answers(web, account, bob, alice, charlie):
    offer(web, account)
    members = Client()
    members.force_login(bob)
    for browser in (web, members):
        assert browser.get(reverse("offered", args=[HandOver.objects.get().key])).status_code == 404
        assert answer(browser, "accept").status_code == 404
    account.refresh_from_db()
    assert account.owner == alice


def test_an_offer_that_is_too_old_is_no_more(web, his, account):
    offer(web, account)
    HandOver.objects.update(made_at=timezone.now() - timedelta(days=15))
    assert answer(his, "accept").status_code == 404
    assert "wants to hand" not in his.get("/accounts/").content.decode()
    assert "Offer the account" in web.get(reverse("hand_over", args=[account.key])).content.decode()


def test_looking_and_forms_that_are_none_of_ours_change_nothing(web, his, account, alice):
    offer(web, account)
    assert answer(his, "crown").status_code == 200
    account.refresh_from_db()
    assert account.owner == alice


def test_asks_for_the_password_first(web, account, settings):
    settings.CONFIRMED_SECONDS = -100_000
    reply = web.get(reverse("hand_over", args=[account.key]))
    assert reply.url.startswith(reverse("account_reauthenticate"))
    assert web.post(reverse("hand_over", args=[account.key]), {"person": "charlie"}).status_code == 302
    assert not HandOver.objects.exists()


@pytest.mark.parametrize(
    ("name", "words"), [("eve", "Nobody of that name"), ("alice", "yours already"), ("", "required"), ("bob", "leave")]
)
def test_says_why_it_offers_nothing(web, account, bob, name, words):
    Departure.ask(bob, at_once=False)
    reply = offer(web, account, person=name)
    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert not HandOver.objects.exists()


def test_too_many_tries_have_to_wait(web, account, charlie):
    for _ in range(20):
        offer(web, account, person="nobody")
    assert "many tries" in offer(web, account).content.decode()
    assert not HandOver.objects.exists()


def test_says_why_it_cannot_be_taken_over(web, his, account, alice, charlie):
    offer(web, account)
    MailAccount.objects.create(owner=charlie, name="Same", address="alice@home.test")
    reply = answer(his, "accept")
    assert reply.status_code == 422
    assert "You have an account with this address already." in reply.content.decode()
    account.refresh_from_db()
    assert account.owner == alice


def test_both_find_it_in_their_logs(web, his, account):
    about = "alice@home.test: alice → charlie"
    offer(web, account)
    answer(his, "accept")
    both = [("alice", about), ("charlie", about)]
    assert noted("offered") == both
    assert noted("handed-over") == both
    for browser in (web, his):
        assert "Account handed over" in browser.get(reverse("security")).content.decode()


def test_both_find_an_end_without_acceptance_in_their_logs(web, his, account):
    offer(web, account)
    answer(his, "decline")
    assert [person for person, _about in noted("offer-ended")] == ["alice", "charlie"]


def test_the_new_owner_chooses_who_stays(web, his, account, alice):
    offer(web, account, role="send")
    assert (
        "can still read its mail and send from it"
        in his.get(reverse("offered", args=[HandOver.objects.get().key])).content.decode()
    )
    answer(his, "accept")
    assert account.memberships.get(user=alice).role == "send"
    his.post(reverse("sharing", args=[account.key]), {"do": "remove", "member": "alice"})
    assert not account.memberships.filter(user=alice).exists()


def test_deleting_ones_data_offers_handing_over_first(web, account):
    page = web.get(reverse("leave")).content.decode()
    assert re.search(f'href="{reverse("hand_over", args=[account.key])}">Hand it over instead', page)


def test_deleting_ones_data_says_what_is_offered_already(web, account, charlie):
    offer(web, account)
    page = web.get(reverse("leave")).content.decode()
    assert "It is offered to Charlie, who has not answered yet." in page
    assert "Hand it over instead" not in page


def test_tells_the_other_one_by_letter(web, account, charlie, settings, monkeypatch):
    settings.WRITES_LETTERS = True
    monkeypatch.setattr(post, "send_soon", lambda letter: letter.send())
    offer(web, account)
    [letter] = mail.outbox
    assert letter.to == ["charlie@home.test"]
    assert reverse("offered", args=[HandOver.objects.get().key]) in str(letter.body)
