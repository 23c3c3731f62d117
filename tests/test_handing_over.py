"""An account changes hands: what goes along, what stays, and that nothing is lost or shown to a wrong person."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import HandOver, Identity, LocalMaildrop, MailAccount, Membership, User
from mailbox import delivery, handing_over, labelling, maildrop, quotas, scheduling, seen, settling, tasks
from mailbox.models import (
    Deposit,
    Draft,
    DraftFile,
    Entry,
    Export,
    Folder,
    Label,
    Labelled,
    Message,
    Original,
    Outgoing,
    TeamMark,
    Unread,
)
from tests.cast import PASSWORD, deliver, octets_of


def hand_over(account: MailAccount, to: User, *, stays_as: str = "") -> MailAccount:
    """Have the account change hands, and its octets follow at once."""
    handed = handing_over.hand_over(HandOver.objects.create(account=account, to=to, stays_as=stays_as))
    tasks.settle_due()
    return handed


def owners_of(account: MailAccount) -> set[str]:
    """Under whose names the octets of the account's messages lie."""
    return set(Message.objects.filter(account=account).values_list("original__owner__username", flat=True))


@pytest.fixture
def work(alice: User) -> MailAccount:
    """Another account of Alice's."""
    return MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")


def test_the_new_owner_has_all_the_mail_and_the_former_one_sees_nothing(account, alice, charlie):
    deliver(account, octets_of("One"), octets_of("Two"))
    deliver(account, octets_of("Three"), folder=Folder.TRASH)
    hand_over(account, charlie)
    assert Message.objects.visible_to(charlie).count() == 3
    assert not Message.objects.visible_to(alice).exists()
    assert [each.octets for each in Message.objects.order_by("pk")] == [
        octets_of("One"),
        octets_of("Two"),
        octets_of("Three"),
    ]
    assert owners_of(account) == {"charlie"}
    assert not Original.objects.filter(owner=alice).exists()


def test_the_former_owner_may_stay_a_reader(account, alice, charlie):
    hand_over(account, charlie, stays_as=Membership.Role.READ)
    assert account.memberships.get(user=alice).role == Membership.Role.READ
    assert not MailAccount.objects.spoken_for_by(alice).exists()
    assert not MailAccount.objects.owned_by(alice).exists()


def test_members_keep_their_roles_and_the_new_owner_is_none(account, bob, charlie):
    Membership.objects.create(account=account, user=charlie)
    hand_over(account, charlie)
    assert [each.user for each in account.memberships.all()] == [bob]


def test_a_member_who_becomes_the_owner_keeps_what_he_has_read(account, alice, bob):
    read, _unread = deliver(account, octets_of("Read by Bob"), octets_of("Read by Alice"))
    seen.see([read.thread_id], reader=bob.pk)
    Message.objects.filter(subject="Read by Alice").update(is_read=True)
    hand_over(account, bob, stays_as=Membership.Role.READ)
    assert dict(Message.objects.values_list("subject", "is_read")) == {"Read by Bob": True, "Read by Alice": False}
    assert dict(Entry.objects.values_list("subject", "unread_count")) == {"Read by Bob": 0, "Read by Alice": 1}
    assert [each.thread_id for each in Unread.objects.filter(membership__user=alice)] == [read.thread_id]


def test_octets_that_the_former_owner_has_elsewhere_are_kept_for_both(account, work, alice, charlie):
    deliver(account, octets_of("To both"))
    deliver(work, octets_of("To both"))
    hand_over(account, charlie)
    assert (owners_of(account), owners_of(work)) == ({"charlie"}, {"alice"})
    assert {each.octets for each in Message.objects.all()} == {octets_of("To both")}


def test_octets_that_the_new_owner_has_already_are_stored_once(account, charlie):
    his = MailAccount.objects.create(owner=charlie, name="Own", address="charlie@own.test")
    deliver(his, octets_of("To both"))
    deliver(account, octets_of("To both"))
    hand_over(account, charlie)
    delivery.sweep()
    assert Original.objects.get().owner == charlie
    assert Message.objects.count() == 2


def test_mail_that_comes_before_the_octets_have_followed_is_shown_once(account, charlie):
    [before] = deliver(account, octets_of("Again"))
    handing_over.hand_over(HandOver.objects.create(account=account, to=charlie))
    # As a pull does that began before: what it holds of the account is of then.
    [again] = deliver(account, octets_of("Again"))
    assert again.pk == before.pk
    assert owners_of(account) == {"charlie"}


def test_a_crash_amidst_the_octets_leaves_a_rest_that_is_done_later(account, charlie, monkeypatch):
    monkeypatch.setattr(settling, "_AT_ONCE", 1)
    deliver(account, octets_of("One"), octets_of("Two"))
    handing_over.hand_over(HandOver.objects.create(account=account, to=charlie))
    bring, calls = settling._bring, []

    def crash_at_the_second(*given):
        calls.append(given)
        if len(calls) == 2:
            raise MemoryError
        bring(*given)

    monkeypatch.setattr(settling, "_bring", crash_at_the_second)
    with pytest.raises(MemoryError):
        tasks.settle_due()
    assert owners_of(account) == {"alice", "charlie"}
    tasks.settle_due()
    assert owners_of(account) == {"charlie"}
    account.refresh_from_db()
    assert account.former_owner is None


def test_the_former_owner_can_be_deleted_afterwards_and_takes_nothing_along(account, alice, charlie):
    deliver(account, octets_of("Stays"))
    handing_over.hand_over(HandOver.objects.create(account=account, to=charlie))
    settling.settle_from(alice)
    alice.delete()
    assert Message.objects.get().octets == octets_of("Stays")


def test_a_file_that_a_member_forwards_outlives_the_owner(account, alice, bob):
    [message] = deliver(account, octets_of("With a file"))
    his = MailAccount.objects.create(owner=bob, name="Own", address="bob@own.test")
    draft = Draft.objects.create(writer=bob, account=his)
    file = DraftFile.objects.create(
        draft=draft, name="a", media_type="a/b", octets_count=1, original_id=message.original_id, part=1
    )
    settling.settle_from(alice)
    account.delete()
    alice.delete()
    file.refresh_from_db()
    assert (file.original.owner, file.original.octets) == (bob, octets_of("With a file"))


def test_labels_go_along_under_the_same_names(account, work, alice, charlie):
    here, there = deliver(account, octets_of("Here"))[0], deliver(work, octets_of("There"))[0]
    travel = labelling.named(alice.pk, "Travel")
    labelling.label([here.thread_id, there.thread_id], label=travel.pk)
    labelling.named(alice.pk, "Secret plans")
    hand_over(account, charlie)
    assert [label.name for label in Label.objects.visible_to(charlie)] == ["Travel"]
    assert [each.thread_id for each in Labelled.objects.filter(label__owner=charlie)] == [here.thread_id]
    assert [each.thread_id for each in Labelled.objects.filter(label__owner=alice)] == [there.thread_id]


def test_who_stays_keeps_his_labels_beside_the_new_owners(account, alice, charlie):
    [message] = deliver(account, octets_of("Here"))
    labelling.label([message.thread_id], label=labelling.named(alice.pk, "Travel").pk)
    own = labelling.named(charlie.pk, "travel")
    hand_over(account, charlie, stays_as=Membership.Role.READ)
    assert {each.label.owner.username for each in Labelled.objects.all()} == {"alice", "charlie"}
    assert Label.objects.filter(owner=charlie).get() == own


def test_drafts_stay_with_their_writer_and_leave_from_another_account(account, work, alice, charlie):
    draft = Draft.objects.create(writer=alice, account=account, text="Half a thought", sender="alice@home.test")
    hand_over(account, charlie)
    draft.refresh_from_db()
    assert (draft.writer, draft.account, draft.text, draft.sender) == (alice, work, "Half a thought", "")
    assert not Draft.objects.visible_to(charlie).exists()


def test_who_stays_to_send_keeps_the_drafts_where_they_are(account, work, alice, charlie):
    draft = Draft.objects.create(writer=alice, account=account)
    hand_over(account, charlie, stays_as=Membership.Role.SEND)
    draft.refresh_from_db()
    assert draft.account == account


def test_what_waits_to_be_sent_still_leaves(account, alice, charlie):
    original = Original.stored(alice.pk, b"Subject: Waits\r\n\r\n")
    later = timezone.now() + timedelta(days=1)
    outgoing = Outgoing.objects.create(
        account=account, writer=alice, original=original, message_id="<o@x>", due_at=later, is_scheduled=True
    )
    hand_over(account, charlie)
    outgoing.refresh_from_db()
    assert (outgoing.original.owner, outgoing.writer, outgoing.finished_at) == (charlie, alice, None)
    assert [each.pk for each in Outgoing.objects.visible_to(charlie)] == [outgoing.pk]
    assert not Outgoing.objects.visible_to(alice).exists()


def test_a_scheduled_message_is_rescheduled_under_the_new_owner(account, alice, charlie):
    original = Original.stored(alice.pk, octets_of("Later"))
    outgoing = Outgoing.objects.create(
        account=account, writer=alice, original=original, message_id="<o@x>", is_scheduled=True
    )
    handing_over.hand_over(HandOver.objects.create(account=account, to=charlie))
    outgoing = Outgoing.objects.get()
    scheduling.reschedule(outgoing, timezone.now() + timedelta(hours=1))
    assert Outgoing.objects.get().original.owner == charlie


def test_its_address_on_this_server_goes_along_with_what_waits_there(account, local_maildrop, alice, charlie):
    maildrop.deposit(local_maildrop, octets_of("Waits"))
    other = LocalMaildrop.objects.create(owner=alice, address="club@home.test")
    hand_over(account, charlie)
    local_maildrop.refresh_from_db()
    other.refresh_from_db()
    assert (local_maildrop.owner, other.owner) == (charlie, alice)
    assert Deposit.objects.get().original.owner == charlie
    assert local_maildrop.check_password(PASSWORD)


def test_what_was_the_former_owners_to_do_is_nobodys(account, alice, charlie):
    [message] = deliver(account, octets_of())
    TeamMark.objects.create(thread_id=message.thread_id, account=account, assignee=alice)
    hand_over(account, charlie)
    assert TeamMark.objects.get().assignee is None


def test_packed_mail_of_this_account_is_not_left_with_the_former_owner(account, work, alice, charlie):
    now = timezone.now()
    for each in (account, work):
        Export.objects.create(owner=alice, account=each, begun_at=now, ready_at=now, state=Export.State.READY)
    hand_over(account, charlie)
    assert [each.account for each in Export.objects.all()] == [work]


def test_names_to_write_under_go_along_and_are_no_ones_answer_any_more(account, alice, charlie):
    User.objects.filter(pk=alice.pk).update(answers_from="alice@home.test")
    hand_over(account, charlie)
    assert Identity.objects.get().account.owner == charlie
    alice.refresh_from_db()
    assert alice.answers_from == ""


def test_what_arrives_is_labelled_for_the_new_owner(account, charlie):
    account.arrival_label = "Home"
    account.save()
    hand_over(account, charlie)
    deliver(account, octets_of("New"))
    assert Labelled.objects.get().label.owner == charlie


def test_two_accounts_of_one_address_stay_apart(account, alice, charlie):
    MailAccount.objects.create(owner=charlie, name="Mine", address="Alice@home.test")
    with pytest.raises(handing_over.IsThere):
        hand_over(account, charlie)
    account.refresh_from_db()
    assert account.owner == alice
    assert HandOver.objects.exists()


def test_more_than_the_new_owner_may_keep_stays_where_it_is(account, alice, charlie):
    deliver(account, octets_of(text="x" * 1_100_000))
    charlie.quota_mb = 1
    charlie.save()
    with pytest.raises(handing_over.NoRoom):
        hand_over(account, charlie)
    account.refresh_from_db()
    assert account.owner == alice


def test_an_offer_counts_once_and_not_after_its_time(account, bob, charlie):
    offer = HandOver.objects.create(account=account, to=charlie)
    handing_over.hand_over(offer)
    with pytest.raises(handing_over.Gone):
        handing_over.hand_over(offer)
    old = HandOver.objects.create(account=account, to=bob, made_at=timezone.now() - timedelta(days=15))
    with pytest.raises(handing_over.Gone):
        handing_over.hand_over(old)


def test_an_account_can_change_hands_again_at_once(account, bob, charlie):
    deliver(account, octets_of("Twice"))
    handing_over.hand_over(HandOver.objects.create(account=account, to=charlie))
    handing_over.hand_over(HandOver.objects.create(account=account, to=bob))
    tasks.settle_due()
    assert owners_of(account) == {"bob"}
    assert quotas.octets_of(account) == len(octets_of("Twice"))


def test_the_cost_does_not_grow_with_the_mail(account, charlie, django_assert_max_num_queries):
    deliver(account, *(octets_of(f"Number {each}") for each in range(120)))
    offer = HandOver.objects.create(account=account, to=charlie)
    with django_assert_max_num_queries(30), transaction.atomic():
        handing_over.hand_over(offer)
    with django_assert_max_num_queries(20):
        tasks.settle_due()
