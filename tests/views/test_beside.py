"""The list beside a conversation that came by its own address: it is asked for where there is room for both."""

import re
from html import unescape

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox import threads
from mailbox.models import Message
from mailbox.views.rows import PAGE
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def boats(account: MailAccount) -> list[Message]:
    """More conversations than a list shows at once."""
    return deliver(account, *[octets_of(f"Boat {at}", message_id=f"{at}@x") for at in range(PAGE + 1)])


def address_of_the_list(web: Client, message: Message, **query: str) -> str:
    page = web.get(f"/m/{message.key}/", query).content.decode()
    [address] = re.findall(r'class="mail__list mail__list--coming"[^>]* hx-get="([^"]+)"', page)
    return unescape(address)


def test_the_page_of_a_conversation_holds_no_line(web: Client, boats: list[Message]) -> None:
    page = web.get(f"/m/{boats[0].key}/").content.decode()
    assert 'class="conversation"' in page
    assert 'class="row' not in page


def test_the_list_comes_whole_with_its_head_and_its_rest(web: Client, boats: list[Message]) -> None:
    response = web.get(address_of_the_list(web, boats[0]), headers=HTMX)
    assert "<html" not in response.content.decode()
    assert 'id="list-name"' in response.content.decode()
    assert len(response.context["rows"]) == PAGE
    assert response.context["next"]


def test_it_is_the_list_that_the_reader_came_from(web: Client, boats: list[Message], account: MailAccount) -> None:
    threads.star([boats[3].thread_id])
    starred = web.get(address_of_the_list(web, boats[3], **{"in": "starred"}), headers=HTMX).context
    assert [row.entry.thread_id for row in starred["rows"]] == [boats[3].thread_id]
    of_account = web.get(address_of_the_list(web, boats[3], account=account.key), headers=HTMX).context
    assert of_account["account"].key == account.key


def test_what_was_found_comes_with_its_words(web: Client, boats: list[Message]) -> None:
    found = web.get(address_of_the_list(web, boats[7], **{"in": "search", "q": "boat 7"}), headers=HTMX)
    assert [row.entry.thread_id for row in found.context["rows"]] == [boats[7].thread_id]
    assert "boat 7" in found.content.decode()


def test_without_scripts_a_link_leads_to_the_list(web: Client, boats: list[Message]) -> None:
    page = web.get(f"/m/{boats[0].key}/", {"in": "archive"}).content.decode()
    [link] = re.findall(r"<noscript>.*?</noscript>", page[page.index("mail__list--coming") :], re.DOTALL)[:1]
    assert 'href="/archive/"' in link
