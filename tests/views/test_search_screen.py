"""The search screen: one line a conversation, and nothing of anybody else."""

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox import threads
from tests.cast import deliver, octets_of


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def found(web: Client, query: str) -> list[str]:
    return [row.entry.subject for row in web.get("/search/", {"q": query}).context["rows"]]


def test_finds_a_conversation_once_however_many_of_its_messages_match(web: Client, account: MailAccount) -> None:
    deliver(
        account,
        octets_of("Boat", message_id="boat@x", text="The old boat."),
        octets_of("Re: Boat", references=["boat@x"], text="Which boat?"),
        octets_of("Tea", text="Green."),
    )
    assert found(web, "boat") == ["Boat"]


def test_shows_the_newest_match_first(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of("First boat"))
    deliver(account, octets_of("Second boat"))
    assert found(web, "boat") == ["Second boat", "First boat"]


def test_says_in_which_folder_it_is(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Boat"))
    threads.trash([message.thread_id])
    assert [row.folder for row in web.get("/search/", {"q": "boat"}).context["rows"]] == ["Trash"]


def test_an_outsider_finds_nothing(client: Client, account: MailAccount, charlie: User) -> None:
    deliver(account, octets_of("Boat"))
    client.force_login(charlie)
    assert found(client, "boat") == []


@pytest.mark.parametrize("query", ["", "   ", "nowhere", "\x00", '"', "*", "a OR b", "'; DROP TABLE"])
def test_answers_every_query_calmly(web: Client, account: MailAccount, query: str) -> None:
    deliver(account, octets_of("Boat"))
    assert found(web, query) == []


def test_shows_the_query_escaped(web: Client) -> None:
    page = web.get("/search/", {"q": '"><script>x</script>'}).content.decode()
    assert "<script>x" not in page


def test_refuses_another_verb(web: Client) -> None:
    assert web.post("/search/").status_code == 405


def test_htmx_gets_the_results_alone(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of("Boat"))
    page = web.get("/search/", {"q": "boat"}, headers={"HX-Request": "true"}).content.decode()
    assert "Boat" in page
    assert "<html" not in page
