"""The outbox: what became of each recipient, in words, and what can be done about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import MailAccount, Membership, SubmissionServer, User
from mailbox import outbox
from mailbox.models import Draft, Message, Outgoing, Recipient

HTMX = {"HX-Request": "true"}
Status = Recipient.Status


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The tasks that were woken; there is no broker in these tests."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(outbox, "wake", lambda *call: calls.append(call))
    return calls


@pytest.fixture
def outgoing(alice: User, account: MailAccount, submission_server: SubmissionServer) -> Outgoing:
    """A message of Alice that waits."""
    return queued(alice, account)


def queued(writer: User, account: MailAccount, subject: str = "Tea", to: str = "dana@far.test") -> Outgoing:
    return outbox.queue(Draft.objects.create(writer=writer, account=account, to=to, subject=subject, text="Shall we?"))


def became(outgoing: Outgoing, status: Status, reply: str = "", **columns: Any) -> None:
    outgoing.recipients.update(status=status, reply=reply)
    Outgoing.objects.filter(pk=outgoing.pk).update(**columns)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_says_when_nothing_waits(alice: User) -> None:
    response = as_user(alice).get("/outbox/")
    assert response.status_code == 200
    assert "Nothing is waiting" in response.text


@pytest.mark.parametrize(
    ("status", "columns", "section", "words", "buttons"),
    [
        (Status.QUEUED, {}, "On their way", "Waiting to leave.", {"Try now", "Cancel and edit"}),
        (Status.QUEUED, {"claimed_at": 0}, "On their way", "Being sent now.", set()),
        (Status.DEFERRED, {"attempt_count": 1}, "On their way", "Next try: ", {"Try now", "Cancel and edit"}),
        (Status.UNCERTAIN, {"finished_at": 0}, "Needs you", "may have it or not", {"It arrived", "Send again"}),
        (Status.REFUSED, {"finished_at": 0, "troubled_at": 0}, "Needs you", "could not be delivered", {"Got it"}),
        (Status.REFUSED, {"finished_at": 0}, "Sent lately", "could not be delivered", set()),
        (Status.ACCEPTED, {"finished_at": 0}, "Sent lately", "Sent from alice@home.test, ", set()),
    ],
)
def test_tells_what_became_of_it_and_offers_what_helps(
    alice: User,
    outgoing: Outgoing,
    status: Status,
    columns: dict[str, Any],
    section: str,
    words: str,
    buttons: set[str],
) -> None:
    moments: dict[str, Any] = {name: value or timezone.now() for name, value in columns.items()}
    became(outgoing, status, **moments)
    text = as_user(alice).get("/outbox/").text
    assert section in text
    assert words in text
    offered = ("Try now", "Cancel and edit", "It arrived", "Send again", "Got it")
    assert {each for each in offered if each in text} == buttons


def test_shows_one_status_for_each_recipient_and_the_servers_words(
    alice: User, account: MailAccount, outgoing: Outgoing
) -> None:
    Recipient.objects.create(outgoing=outgoing, address="erin@far.test", status=Status.ACCEPTED, reply="250 Ok")
    outgoing.recipients.filter(address="dana@far.test").update(status=Status.DEFERRED, reply="451 <b>later</b>")
    text = as_user(alice).get("/outbox/").text
    assert "Will be tried again" in text
    assert "Accepted by the server" in text
    assert "451 &lt;b&gt;later&lt;/b&gt;" in text


def test_names_the_day_of_a_time_that_is_not_today(alice: User, outgoing: Outgoing) -> None:
    tomorrow = timezone.localtime() + timedelta(days=1)
    became(outgoing, Status.QUEUED, due_at=tomorrow)
    assert f"It leaves: {tomorrow:%a} {tomorrow.day} {tomorrow:%b, %H:%M}" in as_user(alice).get("/outbox/").text


def test_forgets_what_was_sent_a_week_ago_but_no_open_question(
    alice: User, account: MailAccount, outgoing: Outgoing
) -> None:
    long_ago = timezone.now() - timedelta(days=8)
    became(outgoing, Status.ACCEPTED, finished_at=long_ago)
    became(queued(alice, account, "Open"), Status.UNCERTAIN, finished_at=long_ago)
    lines = as_user(alice).get("/outbox/").context["sections"]
    assert [line.outgoing.subject for _title, found in lines for line in found] == ["Open"]


def test_a_poll_without_news_is_answered_with_nothing(alice: User, outgoing: Outgoing) -> None:
    client = as_user(alice)
    version = client.get("/outbox/").context["version"]
    url = f"/outbox/?since={version}"
    assert client.get(url, headers=HTMX).status_code == 204
    assert client.get(url).status_code == 200
    became(outgoing, Status.ACCEPTED, finished_at=timezone.now())
    answer = client.get(url, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<section")


def test_costs_the_same_whatever_it_holds(alice: User, account: MailAccount, outgoing: Outgoing) -> None:
    client = as_user(alice)
    with CaptureQueriesContext(connection) as one:
        client.get("/outbox/")
    for n in range(5):
        queued(alice, account, f"{n}", f"a{n}@far.test, b{n}@far.test")
    with CaptureQueriesContext(connection) as many:
        client.get("/outbox/")
    assert len(many) == len(one)


def test_a_line_is_drawn_again_when_anything_in_it_changes(alice: User, bob: User, outgoing: Outgoing) -> None:
    client = as_user(alice)
    seen = {client.get("/outbox/").text.partition("data-outbox")[2].partition("</section>")[0]}
    changes: list[dict[str, Any]] = [
        {"status": Status.DEFERRED, "reply": "451 4.3.0 Later", "attempt_count": 1},
        {"status": Status.DEFERRED, "reply": "451 4.3.0 Much later"},
        {"status": Status.UNCERTAIN, "finished_at": timezone.now()},
        {"status": Status.REFUSED, "reply": "550 5.1.1 Who?", "troubled_at": timezone.now()},
        {"status": Status.REFUSED, "reply": "550 5.1.1 Who?", "troubled_at": None},
        {"status": Status.ACCEPTED, "subject": "Coffee"},
    ]
    for number, columns in enumerate(changes, start=2):
        became(outgoing, **columns)
        seen.add(client.get("/outbox/").text.partition("data-outbox")[2].partition("</section>")[0])
        assert len(seen) == number
    assert "Coffee" in client.get("/outbox/").text


def test_who_may_only_read_is_offered_nothing_also_after_somebody_who_may_send(
    alice: User, bob: User, outgoing: Outgoing
) -> None:
    assert "Cancel and edit" in as_user(alice).get("/outbox/").text
    assert "Cancel and edit" not in as_user(bob).get("/outbox/").text


def test_the_language_of_a_line_is_its_readers(alice: User, outgoing: Outgoing) -> None:
    client = as_user(alice)
    assert "Waiting to leave." in client.get("/outbox/").text
    User.objects.filter(pk=alice.pk).update(language="ja")
    assert "Waiting to leave." not in client.get("/outbox/").text


def test_one_token_serves_all_lines(alice: User, account: MailAccount, outgoing: Outgoing) -> None:
    client = as_user(alice)
    one = client.get("/outbox/").text.count("csrfmiddlewaretoken")
    for number in range(3):
        queued(alice, account, f"{number}")
    assert client.get("/outbox/").text.count("csrfmiddlewaretoken") == one


def test_tries_now(alice: User, outgoing: Outgoing, woken: list[tuple[Any, ...]]) -> None:
    woken.clear()
    became(outgoing, Status.DEFERRED, attempt_count=1, due_at=timezone.now() + timedelta(hours=1))
    response = as_user(alice).post(reverse("outbox_retry", args=[outgoing.key]))
    outgoing.refresh_from_db()
    assert response.headers["Location"] == reverse("outbox")
    assert outgoing.due_at <= timezone.now()
    assert woken == [("send", outgoing.pk)]


def test_does_not_try_what_is_done(alice: User, outgoing: Outgoing, woken: list[tuple[Any, ...]]) -> None:
    woken.clear()
    became(outgoing, Status.ACCEPTED, finished_at=timezone.now())
    as_user(alice).post(reverse("outbox_retry", args=[outgoing.key]))
    assert woken == []


def test_takes_the_persons_word_that_it_arrived(alice: User, outgoing: Outgoing) -> None:
    became(outgoing, Status.UNCERTAIN, finished_at=timezone.now())
    text = as_user(alice).post(reverse("outbox_settle", args=[outgoing.key]), {"arrived": "yes"}, headers=HTMX).text
    assert outgoing.recipients.get().status == Status.ACCEPTED
    assert "Sent lately" in text


def test_sends_again_on_the_persons_word_alone(alice: User, outgoing: Outgoing, woken: list[tuple[Any, ...]]) -> None:
    woken.clear()
    became(outgoing, Status.UNCERTAIN, finished_at=timezone.now())
    as_user(alice).post(reverse("outbox_settle", args=[outgoing.key]), {"arrived": "no"})
    outgoing.refresh_from_db()
    assert outgoing.finished_at is None
    assert outgoing.recipients.get().status == Status.QUEUED
    assert woken == [("send", outgoing.pk)]


@pytest.mark.parametrize("answer", ["", "perhaps"])
def test_no_answer_sends_nothing_again(alice: User, outgoing: Outgoing, answer: str) -> None:
    became(outgoing, Status.UNCERTAIN, finished_at=timezone.now())
    response = as_user(alice).post(reverse("outbox_settle", args=[outgoing.key]), {"arrived": answer})
    assert response.status_code == 400
    assert outgoing.recipients.get().status == Status.UNCERTAIN


def test_does_not_settle_what_is_certain(alice: User, outgoing: Outgoing) -> None:
    became(outgoing, Status.REFUSED, finished_at=timezone.now())
    as_user(alice).post(reverse("outbox_settle", args=[outgoing.key]), {"arrived": "no"})
    assert outgoing.recipients.get().status == Status.REFUSED


def test_cancels_into_a_draft(alice: User, outgoing: Outgoing) -> None:
    response = as_user(alice).post(reverse("outbox_cancel", args=[outgoing.key]))
    draft = Draft.objects.get()
    assert response.headers["Location"] == reverse("draft", args=[draft.key])
    assert (draft.subject, draft.text.strip()) == ("Tea", "Shall we?")
    assert not Outgoing.objects.exists()
    assert not Message.objects.exists()


def test_a_cancelled_message_can_be_sent_again(alice: User, account: MailAccount, outgoing: Outgoing) -> None:
    client = as_user(alice)
    client.post(reverse("outbox_cancel", args=[outgoing.key]))
    draft = Draft.objects.get()
    form = {"key": draft.key, "account": account.key, "to": draft.to, "subject": "Tea", "text": "Now?", "do": "send"}
    client.post(reverse("draft", args=[draft.key]), form)
    assert Outgoing.objects.get().recipients.get().address == "dana@far.test"
    assert not Draft.objects.exists()


def test_it_is_too_late_to_cancel_what_is_being_sent(alice: User, outgoing: Outgoing) -> None:
    outgoing.claim(timezone.now(), finished_at=None)
    client = as_user(alice)
    response = client.post(reverse("outbox_cancel", args=[outgoing.key]))
    assert response.headers["Location"] == reverse("outbox")
    assert Outgoing.objects.exists()
    assert "It is too late to cancel" in client.get("/outbox/").text


def test_another_member_cancels_without_seeing_the_writers_draft(alice: User, bob: User, outgoing: Outgoing) -> None:
    Membership.objects.update(role=Membership.Role.SEND)
    response = as_user(bob).post(reverse("outbox_cancel", args=[outgoing.key]))
    assert response.headers["Location"] == reverse("outbox")
    assert Draft.objects.get().writer == alice


ACTIONS = ["outbox_retry", "outbox_settle", "outbox_cancel"]


@pytest.mark.parametrize("name", ACTIONS)
def test_a_member_who_may_only_read_sees_and_changes_nothing(
    bob: User, outgoing: Outgoing, name: str, woken: list[tuple[Any, ...]]
) -> None:
    woken.clear()
    client = as_user(bob)
    text = client.get("/outbox/").text
    assert "Tea" in text
    assert "Try now" not in text
    assert client.post(reverse(name, args=[outgoing.key]), {"arrived": "yes"}).status_code == 404
    assert Outgoing.objects.filter(pk=outgoing.pk).exists()
    assert woken == []


@pytest.mark.parametrize("name", ACTIONS)
def test_an_outsider_sees_nothing_and_finds_nothing(charlie: User, outgoing: Outgoing, name: str) -> None:
    client = as_user(charlie)
    assert "Tea" not in client.get("/outbox/").text
    assert client.post(reverse(name, args=[outgoing.key]), {"arrived": "yes"}).status_code == 404
    assert Outgoing.objects.filter(pk=outgoing.pk).exists()


@pytest.mark.parametrize("name", ACTIONS)
def test_looking_changes_nothing(alice: User, outgoing: Outgoing, name: str) -> None:
    client = as_user(alice)
    assert client.get(reverse(name, args=[outgoing.key])).status_code == 405
    assert client.post("/outbox/").status_code == 405
    assert Outgoing.objects.filter(pk=outgoing.pk).exists()
