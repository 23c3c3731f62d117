"""A list without mail says in one heading that it has none, and in one sentence what comes there and how."""

import re

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.models import Label
from mailbox.views.keys import groups
from mailbox.views.lists import LISTS
from mailbox.views.team_lists import TEAM_LISTS

URLS = [each.url for each in LISTS.values()] + [f"/team/{key.removeprefix('team_')}/" for key in TEAM_LISTS]
# What the keys of the hints press, as the table of the keys has it.
PRESSED = {"/archive/": "archive", "/starred/": "star", "/snoozed/": "snooze"}


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser; her account is a team's."""
    MailAccount.objects.update(is_team=True)
    client.force_login(alice)
    return client


def empty(web: Client, url: str) -> str:
    page = web.get(url).content.decode()
    return page.partition('<li class="empty">')[2].partition("</li>")[0]


@pytest.mark.parametrize("url", URLS)
def test_says_what_comes_here(web: Client, url: str) -> None:
    html = empty(web, url)
    assert (html.count("<h2>"), html.count("<p>")) == (1, 1)
    assert re.search(r"<p>\s*[A-Z][^<]{20,}", html)


def test_each_list_says_it_in_its_own_words(web: Client, alice: User) -> None:
    label = Label.objects.create(owner=alice, name="Boats")
    said = [empty(web, url) for url in [*URLS, f"/label/{label.key}/"]]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(("url", "verb"), PRESSED.items())
def test_names_the_key_that_does_it(web: Client, url: str, verb: str) -> None:
    [key] = re.findall(r"<kbd[^>]*>(.)</kbd>", empty(web, url))
    [act] = [each.act for group in groups() for each in group.keys if each.keys == key]
    _way, verbs, *_others = act.split()
    assert verb in verbs.split("|")


@pytest.mark.parametrize("url", PRESSED)
def test_names_no_key_to_a_person_who_does_without_them(web: Client, alice: User, url: str) -> None:
    User.objects.filter(pk=alice.pk).update(uses_keys=False)
    assert "<kbd" not in empty(web, url)


def test_who_has_sent_nothing_may_begin(web: Client) -> None:
    assert 'href="/compose/"' in empty(web, "/sent/")
