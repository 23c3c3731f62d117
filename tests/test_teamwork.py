"""What a team does with its conversations: given, done, open again, taken back, merged, opened by new mail."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import bulk, parting, team, teamwork, undoing
from mailbox.models import Answering, Entry, Folder, Message, TeamLine, TeamMark, Thread
from tests.cast import deliver, octets_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(account: MailAccount) -> Message:
    """A message in the mailbox of Alice's and Bob's team."""
    MailAccount.objects.update(is_team=True)
    [message] = deliver(account, octets_of("Hello", message_id="1@far.test"))
    return message


def said(message: Message) -> list[str]:
    return [line.kind for line in team.lines(thread=message.thread_id)]


def test_a_conversation_is_given_and_the_history_says_so(message, alice, bob):
    teamwork.assign([message.thread_id], actor=alice.pk, to=bob.pk)
    assert TeamMark.objects.get().assignee == bob
    line = TeamLine.objects.get()
    assert (line.kind, line.author, line.assignee) == ("given", alice, bob)


def test_what_is_his_already_is_not_given_again(message, alice, bob):
    for _ in range(2):
        teamwork.assign([message.thread_id], actor=alice.pk, to=bob.pk)
    assert said(message) == ["given"]


def test_it_is_given_to_nobody_who_does_not_read_it(message, alice, charlie):
    teamwork.assign([message.thread_id], actor=alice.pk, to=charlie.pk)
    assert not TeamMark.objects.exists()
    assert said(message) == []


def test_a_mailbox_that_is_no_team_s_knows_nothing_of_it(account, message, alice, bob):
    MailAccount.objects.update(is_team=False)
    teamwork.assign([message.thread_id], actor=alice.pk, to=bob.pk)
    teamwork.close([message.thread_id], actor=alice.pk)
    assert not TeamMark.objects.exists()
    assert said(message) == []


def test_what_is_done_leaves_the_inbox(message, bob):
    teamwork.close([message.thread_id], actor=bob.pk)
    assert TeamMark.objects.get().is_done
    assert Entry.objects.get().folder == Folder.ARCHIVE


def test_a_new_message_opens_it_again_and_it_stays_whose_it_was(account, message, alice, bob):
    teamwork.assign([message.thread_id], actor=alice.pk, to=bob.pk)
    teamwork.close([message.thread_id], actor=bob.pk)
    deliver(account, octets_of("Hello again", references=["1@far.test"]))
    mark = TeamMark.objects.get()
    assert (mark.is_done, mark.assignee) == (False, bob)
    assert said(message) == ["given", "done", "opened"]
    assert Entry.objects.filter(folder=Folder.INBOX).exists()


def test_an_own_answer_does_not_open_it_again(account, message, bob):
    teamwork.close([message.thread_id], actor=bob.pk)
    deliver(account, octets_of("Answer", references=["1@far.test"]), folder=Folder.SENT, is_read=True)
    assert TeamMark.objects.get().is_done


def test_it_is_opened_again_by_hand(message, bob):
    teamwork.close([message.thread_id], actor=bob.pk)
    teamwork.reopen([message.thread_id], actor=bob.pk)
    assert not TeamMark.objects.get().is_done
    assert Entry.objects.get().folder == Folder.INBOX


def test_what_was_not_done_is_not_opened(message, bob):
    teamwork.reopen([message.thread_id], actor=bob.pk)
    assert said(message) == []


@pytest.mark.parametrize("act", ["assign", "close"])
def test_an_act_is_taken_back_with_its_line(message, alice, bob, act):
    def change(ids):
        if act == "assign":
            teamwork.assign(ids, actor=alice.pk, to=bob.pk)
        else:
            teamwork.close(ids, actor=alice.pk)

    key = undoing.perform(alice, [message.thread_id], change)
    undoing.take_back(alice, key)
    assert not TeamMark.objects.exists()
    assert said(message) == []
    assert Entry.objects.get().folder == Folder.INBOX


def test_taking_back_returns_it_to_whom_it_was_given_before(message, alice, bob):
    teamwork.assign([message.thread_id], actor=alice.pk, to=alice.pk)
    key = undoing.perform(alice, [message.thread_id], lambda ids: teamwork.assign(ids, actor=alice.pk, to=bob.pk))
    undoing.take_back(alice, key)
    assert TeamMark.objects.get().assignee == alice


def test_many_are_done_at_once_and_taken_back(account, message, alice):
    [other] = deliver(account, octets_of("Other"))
    act = bulk.begin(alice, "done", [message.thread_id, other.thread_id], is_awaited=True)
    assert TeamMark.objects.filter(is_done=True).count() == 2
    bulk.undo(act, is_awaited=True)
    assert not TeamMark.objects.exists()


def test_conversations_that_become_one_keep_their_notes_and_whose_they_were(account, message, alice, bob):
    [other] = deliver(account, octets_of("Other", message_id="2@far.test"))
    teamwork.assign([message.thread_id], actor=alice.pk, to=bob.pk)
    teamwork.close([other.thread_id], actor=alice.pk)
    deliver(account, octets_of("Joins", references=["1@far.test", "2@far.test"]))
    mark = TeamMark.objects.get()
    assert (mark.thread, mark.assignee, mark.is_done) == (Thread.objects.get(), bob, False)
    assert TeamLine.objects.filter(thread=mark.thread, kind__in=["given", "done"]).count() == 2


def test_who_leaves_has_nothing_to_do_any_more(account, message, alice, bob):
    teamwork.assign([message.thread_id], actor=alice.pk, to=bob.pk)
    team.answers(bob, message)
    parting.part(account.memberships.get())
    assert TeamMark.objects.get().assignee is None
    assert not Answering.objects.exists()


def test_who_answers_is_known_for_half_a_minute(message, alice, bob):
    team.answers(bob, message)
    assert team.who_answers(message.thread_id, but=alice) == [bob]
    assert team.who_answers(message.thread_id, but=bob) == []
    Answering.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert team.who_answers(message.thread_id, but=alice) == []
    assert Answering.prune(timezone.now()) == 1


def test_open_pages_hear_when_an_answer_begins_and_ends_but_not_all_the_time_between(account, message, bob):
    def revision() -> int:
        return MailAccount.objects.values_list("revision", flat=True).get()

    before = revision()
    team.answers(bob, message)
    assert revision() == before + 1
    team.answers(bob, message)
    assert revision() == before + 1
    assert Answering.objects.count() == 1
    team.answers_no_more(bob, message.pk)
    assert revision() == before + 2


def test_a_mailbox_of_no_team_asks_nothing_about_teams(account, alice: User):
    [message] = deliver(account, octets_of("Hello"))
    with CaptureQueriesContext(connection) as queries:
        deliver(account, octets_of("Another"))
        undoing.perform(alice, [message.thread_id], lambda ids: None)
    assert not [each["sql"] for each in queries if "mailbox_team" in each["sql"]]
