"""What was refused, came back or is in doubt is marked at the Outbox on every page, until its writer has seen it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import MailAccount, Membership, User
from mailbox import outbox
from mailbox.mime.parse import parse
from mailbox.models import Folder, Message, Outgoing, Recipient
from mailbox.sending import rounds
from mailbox.views.sidebar import sidebar
from tests.cast import deliver
from tests.misbehaving_smtp import Drop, MisbehavingSmtp
from tests.outgoing import point_to, queued
from tests.test_bounces import bounce

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("submission_server")]
HTMX = {"HX-Request": "true"}
Status = Recipient.Status


def sent_into(account: MailAccount, script: dict[str, object], **fields: str) -> Outgoing:
    with MisbehavingSmtp(script) as server:  # type: ignore[arg-type]
        point_to(account, server.port)
        outgoing = queued(account, **fields)
        rounds.send_from(account.pk)
    outgoing.refresh_from_db()
    return outgoing


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def notices() -> list[str]:
    return [parse(each.octets).text() for each in Message.objects.filter(folder=Folder.INBOX)]


def test_a_refusal_is_told_in_the_inbox_and_marked(alice: User, account: MailAccount) -> None:
    outgoing = sent_into(account, {"RCPT": ["250 Ok", "550 5.1.1 Who?"]}, to="dana@far.test, bob@far.test")
    [notice] = notices()
    assert "bob@far.test" in notice
    assert "550 5.1.1 Who?" in notice
    assert "dana@far.test" not in notice
    assert "two days" not in notice
    assert outgoing.troubled_at
    assert sidebar(alice).troubled == "1"
    assert '<span id="outbox-troubled" class="sidebar__count sidebar__count--bad">1<' in as_user(alice).get("/").text


def test_what_is_in_doubt_is_marked(alice: User, account: MailAccount) -> None:
    sent_into(account, {".": Drop()})
    assert sidebar(alice).troubled == "1"


def test_what_comes_back_is_marked(alice: User, account: MailAccount) -> None:
    outgoing = sent_into(account, {})
    assert sidebar(alice).troubled == ""
    deliver(account, bounce("postfix", outgoing))
    assert sidebar(alice).troubled == "1"


@pytest.mark.parametrize("script", [{}, {"RCPT": "451 4.2.0 Later"}])
def test_nothing_is_marked_where_all_goes_well_or_goes_on(
    alice: User, account: MailAccount, script: dict[str, object]
) -> None:
    sent_into(account, script)
    assert sidebar(alice).troubled == ""
    assert notices() == []


def test_every_refusal_of_one_try_stands_in_one_notice(account: MailAccount) -> None:
    sent_into(account, {"RCPT": "550 5.1.1 Who?"}, to=", ".join(f"a{number}@far.test" for number in range(60)))
    [notice] = notices()
    assert "a49@far.test" in notice
    assert "a50@far.test" not in notice
    assert "and 10 more addresses" in notice


def test_it_is_put_away_by_one_button(alice: User, account: MailAccount) -> None:
    outgoing = sent_into(account, {"RCPT": "550 5.1.1 Who?"})
    client = as_user(alice)
    page = client.get("/outbox/").text
    assert "Needs you" in page
    assert "Got it" in page
    answer = client.post(reverse("outbox_seen", args=[outgoing.key]), headers=HTMX).text
    assert "Needs you" not in answer
    assert "Sent lately" in answer
    assert '<span id="outbox-troubled" class="sidebar__count sidebar__count--bad" hx-swap-oob="true"></span>' in answer
    assert sidebar(alice).troubled == ""


def test_it_works_without_scripts(alice: User, account: MailAccount) -> None:
    outgoing = sent_into(account, {"RCPT": "550 5.1.1 Who?"})
    response = as_user(alice).post(reverse("outbox_seen", args=[outgoing.key]))
    assert response.headers["Location"] == reverse("outbox")
    assert sidebar(alice).troubled == ""


def test_a_word_on_what_is_in_doubt_puts_it_away(alice: User, account: MailAccount) -> None:
    outgoing = sent_into(account, {".": Drop()})
    as_user(alice).post(reverse("outbox_settle", args=[outgoing.key]), {"arrived": "yes"})
    assert sidebar(alice).troubled == ""


def test_it_stays_until_it_was_seen(alice: User, account: MailAccount) -> None:
    outgoing = sent_into(account, {"RCPT": "550 5.1.1 Who?"})
    long_ago = timezone.now() - timedelta(days=30)
    Outgoing.objects.update(finished_at=long_ago, queued_at=long_ago, troubled_at=long_ago)
    assert "Got it" in as_user(alice).get("/outbox/").text
    outbox.seen(outgoing)
    assert "Nothing is waiting" in as_user(alice).get("/outbox/").text


def test_only_its_writer_is_reminded(account: MailAccount, bob: User) -> None:
    Membership.objects.update(role=Membership.Role.SEND)
    sent_into(account, {"RCPT": "550 5.1.1 Who?"})
    assert sidebar(bob).troubled == ""


@pytest.mark.parametrize(("who", "status"), [("bob", 404), ("charlie", 404)])
def test_others_cannot_put_it_away(account: MailAccount, bob: User, charlie: User, who: str, status: int) -> None:
    outgoing = sent_into(account, {"RCPT": "550 5.1.1 Who?"})
    user = {"bob": bob, "charlie": charlie}[who]
    assert as_user(user).post(reverse("outbox_seen", args=[outgoing.key])).status_code == status
    outgoing.refresh_from_db()
    assert outgoing.troubled_at


def test_seeing_changes_nothing(alice: User, account: MailAccount) -> None:
    outgoing = sent_into(account, {"RCPT": "550 5.1.1 Who?"})
    assert as_user(alice).get(reverse("outbox_seen", args=[outgoing.key])).status_code == 405
    assert sidebar(alice).troubled == "1"
