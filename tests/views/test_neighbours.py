"""From one conversation to the next, in every list."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import MailAccount, User
from mailbox import quiet, teamwork, threads
from mailbox.models import Message, ThreadMark
from mailbox.views.rows import PAGE
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}
COUNT = PAGE + 3


@pytest.fixture
def messages(account: MailAccount) -> list[Message]:
    """Three conversations, the oldest first."""
    dates = (f"{day} Nov 2025 09:00:00 +0000" for day in (3, 4, 5))
    return deliver(account, *(octets_of(f"Letter from {date[:5]}", date=date) for date in dates))


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def test_leads_down_and_up_the_list(web: Client, messages: list[Message]) -> None:
    old, middle, new = messages
    assert web.get(f"/m/{middle.key}/below/").headers["Location"] == f"/m/{old.key}/?in=inbox"
    assert web.get(f"/m/{middle.key}/above/").headers["Location"] == f"/m/{new.key}/?in=inbox"


def test_mixes_the_accounts(web: Client, alice: User, messages: list[Message]) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    [between] = deliver(work, octets_of("Between", date="4 Nov 2025 12:00:00 +0000"))
    [_, middle, new] = messages
    assert between.key in web.get(f"/m/{middle.key}/above/").headers["Location"]
    assert between.key in web.get(f"/m/{new.key}/below/").headers["Location"]
    account = messages[0].account.key
    assert middle.key in web.get(f"/m/{new.key}/below/", {"account": account}).headers["Location"]


def test_passes_over_what_the_list_does_not_show(web: Client, messages: list[Message]) -> None:
    old, middle, new = messages
    threads.archive([middle.thread_id])
    assert old.key in web.get(f"/m/{new.key}/below/").headers["Location"]


def test_behind_the_last_one_comes_the_list(web: Client, messages: list[Message]) -> None:
    assert web.get(f"/m/{messages[0].key}/below/", {"in": "inbox"}).headers["Location"] == "/"
    assert web.get(f"/m/{messages[0].key}/below/", headers=HTMX).status_code == 204


def test_follows_what_was_found(web: Client, messages: list[Message]) -> None:
    old, middle, _new = messages
    found = web.get(f"/m/{middle.key}/below/", {"in": "search", "q": "letter"})
    assert found.headers["Location"] == f"/m/{old.key}/?in=search&q=letter"


@pytest.fixture
def marked(account: MailAccount, alice: User) -> dict[str, list[Message]]:
    """By the names of lists that are in the order of their marks, more conversations than a page, as they stand."""
    MailAccount.objects.update(is_team=True)
    made = deliver(account, *(octets_of(f"Letter {number}") for number in range(3 * COUNT)))
    asleep, mine, done = made[:COUNT], made[COUNT : 2 * COUNT], made[2 * COUNT :]
    until = timezone.now() + timedelta(days=1)
    for number, each in enumerate(asleep):
        quiet.snooze([each.thread_id], until=(until + timedelta(minutes=number)).isoformat())
    for each in reversed(mine):
        teamwork.assign([each.thread_id], actor=alice.pk, to=alice.pk)
    for each in reversed(done):
        teamwork.close([each.thread_id], actor=alice.pk)
    return {"snoozed": asleep, "team_mine": mine, "team_done": done}


@pytest.mark.parametrize("which", ["snoozed", "team_mine", "team_done"])
def test_goes_on_behind_the_first_page_of_a_list_that_is_not_by_time(
    web: Client, marked: dict[str, list[Message]], which: str
) -> None:
    there = marked[which]
    for at in (0, PAGE - 1, PAGE, COUNT - 2):
        down = web.get(f"/m/{there[at].key}/below/", {"in": which}).headers["Location"]
        assert down == f"/m/{there[at + 1].key}/?in={which}"
        up = web.get(f"/m/{there[at + 1].key}/above/", {"in": which}).headers["Location"]
        assert up == f"/m/{there[at].key}/?in={which}"
    assert web.get(f"/m/{there[0].key}/above/", {"in": which}, headers=HTMX).status_code == 204
    assert web.get(f"/m/{there[-1].key}/below/", {"in": which}, headers=HTMX).status_code == 204


@pytest.mark.parametrize("which", ["snoozed", "team_mine", "team_done"])
def test_passes_over_what_left_a_list_that_is_not_by_time(
    web: Client, marked: dict[str, list[Message]], which: str
) -> None:
    above, left, below = marked[which][:3]
    threads.trash([left.thread_id])
    assert below.key in web.get(f"/m/{above.key}/below/", {"in": which}).headers["Location"]
    assert above.key in web.get(f"/m/{below.key}/above/", {"in": which}).headers["Location"]
    assert web.get(f"/m/{left.key}/below/", {"in": which}, headers=HTMX).status_code == 204


def test_mixes_the_accounts_also_of_a_list_that_is_not_by_time(
    web: Client, alice: User, marked: dict[str, list[Message]]
) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    [between] = deliver(work, octets_of("Between"))
    first, second = marked["snoozed"][:2]
    wakes_at = ThreadMark.objects.get(pk=first.thread_id).wakes_at
    assert wakes_at
    quiet.snooze([between.thread_id], until=(wakes_at + timedelta(seconds=1)).isoformat())
    assert between.key in web.get(f"/m/{first.key}/below/", {"in": "snoozed"}).headers["Location"]
    assert between.key in web.get(f"/m/{second.key}/above/", {"in": "snoozed"}).headers["Location"]
    own = {"in": "snoozed", "account": first.account.key}
    assert second.key in web.get(f"/m/{first.key}/below/", own).headers["Location"]


def test_the_cost_does_not_grow_with_a_list_that_is_not_by_time(
    web: Client, marked: dict[str, list[Message]], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for which, there in marked.items():
        with django_assert_max_num_queries(11):
            web.get(f"/m/{there[PAGE].key}/below/", {"in": which})


def test_an_outsider_gets_404(client: Client, messages: list[Message], charlie: User) -> None:
    client.force_login(charlie)
    assert client.get(f"/m/{messages[1].key}/below/").status_code == 404


def test_refuses_another_verb(web: Client, messages: list[Message]) -> None:
    assert web.post(f"/m/{messages[1].key}/below/").status_code == 405


def test_the_conversation_links_to_both(web: Client, messages: list[Message]) -> None:
    page = web.get(f"/m/{messages[1].key}/", {"in": "starred"}).content.decode()
    assert f'href="/m/{messages[1].key}/below/?in=starred"' in page
    assert f'href="/m/{messages[1].key}/above/?in=starred"' in page
