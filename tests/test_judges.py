"""The server to propose as a judge of senders: what most of the mail names, where such a field would count."""

import pytest
from django.test import Client

from accounts.models import MailAccount, RemoteMaildrop, User
from mailbox.judges import known, proposed
from tests.cast import deliver, octets_of, remote_maildrop


def judged(number: int, server: str) -> bytes:
    report = f"Authentication-Results: {server}; dmarc=none\r\n" if server else ""
    border = f"Received: from mail.far.test by {server or 'mx.home.test'} with ESMTPS; 24 Nov 2025 09:00:00 +0000\r\n"
    return f"{report}{border}".encode() + octets_of(text=f"Message {number}")


def test_proposes_the_server_that_most_messages_name(account: MailAccount) -> None:
    servers = ["mx.home.test"] * 6 + ["mx.else.test", ""]
    deliver(account, *(judged(number, server) for number, server in enumerate(servers)))
    assert proposed(account) == "mx.home.test"


def test_proposes_the_domain_of_servers_that_take_turns(account: MailAccount) -> None:
    deliver(account, *(judged(number, f"mx{number % 3}.home.test") for number in range(9)))
    assert proposed(account) == "*.home.test"


def test_proposes_nobody_on_little_evidence(account: MailAccount) -> None:
    deliver(account, *(judged(number, "mx.home.test" if number < 4 else "") for number in range(12)))
    assert proposed(account) == ""


def test_proposes_nobody_for_an_empty_or_a_new_account(account: MailAccount, alice: User) -> None:
    assert proposed(account) == ""
    assert proposed(MailAccount(owner=alice)) == ""


def test_proposes_nobody_whose_word_would_not_count(account: MailAccount) -> None:
    relay = b"Received: from mx.home.test by mx.forwarder.test with ESMTPS\r\n"
    deliver(account, *(relay + judged(number, "mx.home.test") for number in range(9)))
    assert proposed(account) == ""


def test_proposes_nobody_who_is_believed_already(account: MailAccount) -> None:
    deliver(account, *(judged(number, "mx.home.test") for number in range(9)))
    account.trusted_servers = ["*.home.test"]
    assert proposed(account) == ""


def test_knows_the_servers_of_large_providers(account: MailAccount) -> None:
    remote_maildrop(account, port=995, login="alice", password="x")
    RemoteMaildrop.objects.update(host="pop.gmail.com")
    account = MailAccount.objects.get(pk=account.pk)
    assert known(account) == {"mx.google.com"}


@pytest.fixture
def form(client: Client, alice: User, account: MailAccount) -> str:
    client.force_login(alice)
    deliver(account, *(judged(number, "mx.home.test") for number in range(9)))
    return client.get(f"/accounts/{account.key}/").content.decode()


def test_the_form_offers_it_and_ticks_nothing(form: str) -> None:
    assert '<input type="checkbox" name="trusted_offer" value="mx.home.test" id="id_trusted_offer">' in form


def test_the_form_of_a_new_account_offers_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "trusted_offer" not in client.get("/accounts/new/?by-hand").content.decode()
