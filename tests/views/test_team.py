"""The screens of a team's mailbox: whose a conversation is, notes between its mail, who is answering, and the lists."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, Membership, SubmissionServer, User
from mailbox import team, teamwork, threads
from mailbox.models import Answering, BulkAct, Draft, Message, TeamLine, TeamMark
from mailbox.transfer.writers import write_mbox
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser; her account is a team's."""
    MailAccount.objects.update(is_team=True)
    client.force_login(alice)
    return client


@pytest.fixture
def message(web: Client, account: MailAccount) -> Message:
    [message] = deliver(account, octets_of("Hello", message_id="1@far.test"))
    return message


@pytest.fixture
def his(web: Client, bob: User) -> Client:
    """Bob's browser, a member's."""
    browser = Client()
    browser.force_login(bob)
    return browser


def page(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


def do(web: Client, message: Message, verb: str, **form: str):
    return web.post(f"/m/{message.key}/{verb}/", form)


def subjects(web: Client, url: str, **query: str) -> list[str]:
    return [row.entry.subject for row in web.get(url, query).context["rows"]]


def test_a_conversation_says_whose_it_is_and_who_gave_it(web, his, message):
    assert "Assigned to nobody" in page(web, message)
    assert do(web, message, "assign", assignee="bob").status_code == 302
    assert "Assigned to Bob" in page(web, message)
    assert "Assigned to you" in page(his, message)
    assert "Alice gave this to Bob." in page(his, message)


def test_whom_it_may_be_given_to_is_offered(web, message, charlie):
    choices = web.get(f"/m/{message.key}/choices/assign/").content.decode()
    assert 'value="alice"' in choices
    assert 'value="bob"' in choices
    assert "charlie" not in choices


@pytest.mark.parametrize("name", ["charlie", "nobody-of-that-name"])
def test_it_is_given_to_nobody_else(web, message, charlie, name):
    assert do(web, message, "assign", assignee=name).status_code == 404
    assert not TeamMark.objects.exists()


@pytest.mark.parametrize("verb", ["assign", "done", "reopen"])
def test_other_mailboxes_have_no_such_acts(web, message, verb):
    MailAccount.objects.update(is_team=False)
    assert do(web, message, verb, assignee="bob").status_code == 404
    assert web.get(f"/m/{message.key}/choices/assign/").status_code == 404
    assert "team-head" not in page(web, message)


def test_an_act_shows_at_once_whose_it_is(web, message):
    form = {"assignee": "bob", "pane": "1"}
    answer = web.post(f"/m/{message.key}/assign/", form, headers=HTMX).content.decode()
    assert "Assigned to Bob" in answer
    assert 'title="Assigned to Bob"' in answer


def test_a_row_shows_who_has_it(web, message, bob, alice):
    teamwork.assign([message.thread_id], actor=alice.pk, to=bob.pk)
    assert 'title="Assigned to Bob"><span aria-hidden="true">B</span>' in web.get("/").content.decode()


def test_the_lists_hold_what_is_mine_what_is_nobody_s_and_what_is_done(web, his, account, alice, bob):
    mine, _free, done = deliver(account, octets_of("Mine"), octets_of("Free"), octets_of("Over"))
    teamwork.assign([mine.thread_id], actor=bob.pk, to=alice.pk)
    teamwork.close([done.thread_id], actor=bob.pk)
    assert subjects(web, "/team/mine/") == ["Mine"]
    assert subjects(his, "/team/mine/") == []
    assert subjects(web, "/team/unassigned/") == ["Free"]
    assert subjects(web, "/team/done/") == ["Over"]
    assert subjects(web, "/team/mine/", account=account.key) == ["Mine"]


def test_the_lists_of_a_team_hold_nothing_of_other_accounts(web, alice, message):
    own = MailAccount.objects.create(owner=alice, name="Own", address="alice@own.test")
    deliver(own, octets_of("Private"))
    assert subjects(web, "/team/unassigned/") == ["Hello"]
    assert subjects(web, "/team/unassigned/", account=own.key) == []


def test_a_page_of_the_done_is_followed_by_the_next(web, account, alice):
    made = deliver(account, *(octets_of(f"Number {number}") for number in range(55)))
    for each in made:
        teamwork.close([each.thread_id], actor=alice.pk)
    first = web.get("/team/done/")
    rest = web.get("/team/done/", {"before": str(first.context["next"])})
    found = [row.entry.subject for answer in (first, rest) for row in answer.context["rows"]]
    assert found == [f"Number {number}" for number in reversed(range(55))]


def test_what_was_thrown_away_ends_no_page_of_the_done(web, account, alice):
    made = deliver(account, *(octets_of(f"Number {number}") for number in range(55)))
    for each in made:
        teamwork.close([each.thread_id], actor=alice.pk)
    threads.trash([made[50].thread_id])
    first = web.get("/team/done/")
    rest = web.get("/team/done/", {"before": str(first.context["next"])})
    assert [len(answer.context["rows"]) for answer in (first, rest)] == [50, 4]


@pytest.mark.parametrize("key", ["mine", "unassigned", "done"])
def test_all_in_a_list_are_taken_and_no_others(web, account, alice, key):
    mine, _free, done = deliver(account, octets_of("mine"), octets_of("unassigned"), octets_of("done"))
    teamwork.assign([mine.thread_id], actor=alice.pk, to=alice.pk)
    teamwork.close([done.thread_id], actor=alice.pk)
    web.post("/selection/", {"verb": "star", "all": "1", "in": f"team_{key}"})
    assert [each.subject for each in Message.objects.filter(is_starred=True)] == [key]


def test_a_selection_is_called_done(web, message):
    assert 'value="done"' in web.get("/team/unassigned/").content.decode()
    web.post("/selection/", {"verb": "done", "key": message.key})
    assert TeamMark.objects.get().is_done


def test_a_selection_is_given_to_somebody_and_taken_back(web, his, account, alice, bob):
    made = deliver(account, octets_of("One"), octets_of("Two"), octets_of("Three"))
    keys = [each.key for each in made[:2]]
    assert 'formaction="/selection/choices/assign/"' in web.get("/team/unassigned/").content.decode()
    choices = web.post("/selection/choices/assign/", {"key": keys, "in": "team_unassigned"}).content.decode()
    assert 'name="assignee" value="bob"' in choices
    answer = web.post("/selection/", {"verb": "assign", "assignee": "bob", "key": keys}, headers=HTMX).content.decode()
    assert "2 conversations given." in answer
    assert set(subjects(his, "/team/mine/")) == {"One", "Two"}
    assert subjects(web, "/team/unassigned/") == ["Three"]
    assert TeamLine.objects.filter(kind=TeamLine.Kind.GIVEN, author=alice, assignee=bob).count() == 2
    web.post(f"/selection/{BulkAct.objects.get().key}/undo/")
    assert not TeamMark.objects.filter(assignee=bob).exists()


def test_a_selection_is_given_to_nobody_else(web, message, charlie):
    form = {"verb": "assign", "assignee": "charlie", "key": message.key}
    assert web.post("/selection/", form).status_code == 404
    assert not TeamMark.objects.exists()


def test_where_there_is_no_team_nothing_can_be_given(web, message):
    MailAccount.objects.update(is_team=False)
    assert web.post("/selection/choices/assign/", {"key": message.key}).status_code == 404
    assert "/choices/assign/" not in web.get("/").content.decode()


@pytest.mark.parametrize("words", ["quinces", '"for the quin" ', "the QUINCES", "for quin"])
def test_a_note_is_found_by_those_who_read_it(web, his, message, words):
    web.post(f"/m/{message.key}/note/", {"text": "Wait for the quinces"})
    for browser in (web, his):
        assert subjects(browser, "/search/", q=words) == ([] if '"' in words else ["Hello"])


def test_a_note_is_found_by_nobody_else(web, message, charlie, bob):
    web.post(f"/m/{message.key}/note/", {"text": "Wait for the quinces"})
    outsider = Client()
    outsider.force_login(charlie)
    his_own = MailAccount.objects.create(owner=charlie, name="Own", address="charlie@own.test", is_team=True)
    deliver(his_own, octets_of("Other"))
    assert subjects(outsider, "/search/", q="quinces") == []
    former = Client()
    former.force_login(bob)
    Membership.objects.all().delete()
    assert subjects(former, "/search/", q="quinces") == []


def test_what_a_note_has_found_says_so_and_how_the_note_begins(web, message):
    web.post(f"/m/{message.key}/note/", {"text": "Wait for the <b>quinces</b>"})
    found = web.get("/search/", {"q": "quinces"}).content.decode()
    assert "Found in a note: Wait for the &lt;b&gt;quinces&lt;/b&gt;" in found
    # Where a long subject leaves no room for those words, a sign is left.
    assert 'class="row__mark"' in found


def test_what_its_own_words_have_found_shows_those(web, message):
    web.post(f"/m/{message.key}/note/", {"text": "Wait for the quinces"})
    found = web.get("/search/", {"q": "hello"}).content.decode()
    assert "Found in a note" not in found
    assert message.preview in found


def test_a_line_that_is_drawn_again_still_says_that_a_note_has_found_it(web, message):
    web.post(f"/m/{message.key}/note/", {"text": "Wait for the quinces"})
    form = {"in": "search", "q": "quinces"}
    drawn = web.post(f"/m/{message.key}/star/", form, headers=HTMX).content.decode()
    assert "Found in a note: Wait for the quinces" in drawn


def test_notes_are_asked_for_by_no_other_list(web, message):
    web.post(f"/m/{message.key}/note/", {"text": "Wait for the quinces"})
    with CaptureQueriesContext(connection) as queries:
        shown = web.get("/").content.decode()
    assert "Found in a note" not in shown
    assert not any("mailbox_teamline" in each["sql"] for each in queries.captured_queries)


def test_a_note_that_was_changed_is_found_by_its_new_words(web, message):
    web.post(f"/m/{message.key}/note/", {"text": "Wait for the quinces"})
    web.post(f"/note/{TeamLine.objects.get().key}/", {"text": "Wait for the plums", "do": "save"})
    assert subjects(web, "/search/", q="plums") == ["Hello"]
    assert subjects(web, "/search/", q="quinces") == []


def test_what_was_said_last_stands_first_whether_note_or_message(web, account):
    old, _mid = deliver(account, octets_of("Old"), octets_of("Newer quinces", text="quinces"))
    web.post(f"/m/{old.key}/note/", {"text": "quinces at last"})
    assert subjects(web, "/search/", q="quinces") == ["Old", "Newer quinces"]


def test_a_search_of_notes_costs_one_question(web, message, django_assert_num_queries):
    TeamLine.objects.all().delete()
    MailAccount.objects.update(is_team=False)
    with CaptureQueriesContext(connection) as without:
        web.get("/search/", {"q": "hello"})
    MailAccount.objects.update(is_team=True)
    with CaptureQueriesContext(connection) as with_team:
        web.get("/search/", {"q": "hello"})
    # The other is the mark of what is found.
    assert len(with_team) <= len(without) + 2


@pytest.mark.parametrize(
    ("here", "way", "there"),
    [("Last", "below", "First"), ("First", "above", "Last"), ("Given", "below", "First"), ("Given", "above", "Last")],
)
def test_from_one_that_is_nobodys_to_the_next_past_what_somebody_has(web, account, alice, here, way, there):
    dates = [f"Mon, 24 Nov 2025 0{hour}:00:00 +0000" for hour in (1, 2, 3)]
    names = ("First", "Given", "Last")
    made = deliver(account, *(octets_of(name, date=date) for name, date in zip(names, dates, strict=True)))
    keys = {each.subject: each.key for each in made}
    teamwork.assign([made[1].thread_id], actor=alice.pk, to=alice.pk)
    answer = web.get(f"/m/{keys[here]}/{way}/", {"in": "team_unassigned"})
    assert answer.url.startswith(f"/m/{keys[there]}/")


def test_who_may_not_send_is_offered_no_answer(web, his, message, account, bob):
    words = (f"?reply={message.key}", f"?reply-all={message.key}", f"?forward={message.key}")
    assert all(each in page(web, message) for each in words)
    assert not any(each in page(his, message) for each in words)
    his_part = his.get(f"/m/{message.key}/?sheet", headers=HTMX).content.decode()
    assert not any(each in his_part for each in words)
    Membership.objects.filter(user=bob).update(role=Membership.Role.SEND)
    assert all(each in page(his, message) for each in words)


def test_a_note_stands_between_the_messages_that_it_was_written_between(web, account, message):
    web.post(f"/m/{message.key}/note/", {"text": "Ask <b>Dana</b>\nfirst"})
    TeamLine.objects.update(written_at=message.received_at + timedelta(minutes=1))
    deliver(account, octets_of("Hello", references=["1@far.test"], date="Tue, 25 Nov 2025 09:00:00 +0000"))
    shown = page(web, message)
    assert "Ask &lt;b&gt;Dana&lt;/b&gt;" in shown
    sheets = [
        shown.index("sheet-", shown.index('class="conversation"')),
        shown.index("note__text"),
        shown.rindex('id="sheet-'),
    ]
    assert sheets == sorted(sheets)


def test_an_empty_note_is_none(web, message):
    web.post(f"/m/{message.key}/note/", {"text": " \n "})
    assert not TeamLine.objects.exists()


def test_a_note_is_changed_by_its_author_alone(web, his, message):
    web.post(f"/m/{message.key}/note/", {"text": "First"})
    note = TeamLine.objects.get()
    assert his.get(f"/note/{note.key}/").status_code == 404
    assert his.post(f"/note/{note.key}/", {"text": "Mine"}).status_code == 404
    assert f"/note/{note.key}/" not in page(his, message)
    web.post(f"/note/{note.key}/", {"text": "Second", "do": "save"})
    assert TeamLine.objects.get().text == "Second"
    assert "changed" in page(his, message)
    web.post(f"/note/{note.key}/", {"do": "delete"})
    assert not TeamLine.objects.exists()


def test_who_reads_the_account_no_longer_changes_no_note_of_his(his, message, account):
    his.post(f"/m/{message.key}/note/", {"text": "Mine"})
    note = TeamLine.objects.get()
    account.memberships.all().delete()
    assert his.post(f"/note/{note.key}/", {"do": "delete"}).status_code == 404


def test_history_is_no_note(web, message, alice):
    teamwork.close([message.thread_id], actor=alice.pk)
    assert web.post(f"/note/{TeamLine.objects.get().key}/", {"do": "delete"}).status_code == 404


def test_a_note_leaves_neither_with_an_answer_nor_with_an_export(web, account, message, tmp_path, alice):
    SubmissionServer.objects.create(account=account, host="smtp.example.org", port=465, login="x", password="x")
    web.post(f"/m/{message.key}/note/", {"text": "Confidential"})
    assert "Confidential" not in web.get("/compose/", {"reply-all": message.key}).content.decode()
    assert "Confidential" not in web.get("/compose/", {"forward": message.key}).content.decode()
    assert "Confidential" not in web.get(f"/m/{message.key}/print/?conversation").content.decode()
    assert b"Confidential" not in web.get(f"/m/{message.key}/original/").getvalue()
    write_mbox(tmp_path / "all.mbox", Message.objects.all())
    assert b"Confidential" not in (tmp_path / "all.mbox").read_bytes()


def test_who_is_answering_is_seen_by_the_others(web, his, message):
    his.post(f"/m/{message.key}/answering/")
    now = web.get(f"/m/{message.key}/team/", headers=HTMX).content.decode()
    assert "Bob is answering" in now
    assert "every 5s" in now
    assert "is answering" not in his.get(f"/m/{message.key}/team/", headers=HTMX).content.decode()


def test_an_answer_that_is_over_is_seen_no_more(web, his, message, bob):
    his.post(f"/m/{message.key}/answering/")
    Answering.objects.update(until=timezone.now())
    now = web.get(f"/m/{message.key}/team/", headers=HTMX).content.decode()
    assert "is answering" not in now
    assert "every 5s" not in now


def test_a_composer_says_that_it_answers_a_team_s_mail(web, his, account, message, bob):
    SubmissionServer.objects.create(account=account, host="smtp.example.org", port=465, login="x", password="x")
    Membership.objects.update(role=Membership.Role.SEND)
    url = f'data-answering="/m/{message.key}/answering/"'
    assert url in his.get("/compose/", {"reply": message.key}).content.decode()
    assert "data-answering" not in his.get("/compose/").content.decode()
    MailAccount.objects.update(is_team=False)
    assert "data-answering" not in his.get("/compose/", {"reply": message.key}).content.decode()


@pytest.mark.parametrize("way", ["discard", "drafts"])
def test_who_throws_his_answer_away_is_answering_no_more(his, account, message, bob, way):
    team.answers(bob, message)
    draft = Draft.objects.create(writer=bob, account=account, parent=message, kind=Draft.Kind.REPLY)
    if way == "drafts":
        his.post(f"/drafts/{draft.key}/discard/")
    else:
        SubmissionServer.objects.create(account=account, host="smtp.example.org", port=465, login="x", password="x")
        Membership.objects.update(role=Membership.Role.SEND)
        his.post(f"/compose/{draft.key}/", {"do": "discard", "key": draft.key, "account": account.key})
    assert not Answering.objects.exists()


def test_the_side_bar_has_the_lists_of_a_team_for_those_who_have_one(web, charlie, message):
    assert "/team/mine/" in web.get("/").content.decode()
    other = Client()
    other.force_login(charlie)
    assert "/team/mine/" not in other.get("/").content.decode()


@pytest.mark.parametrize("count", [1, 55])
def test_a_list_costs_a_team_one_question_more_whatever_is_in_it(web, account, alice, count):
    made = deliver(account, *(octets_of(f"Number {number}") for number in range(count)))
    teamwork.assign([each.thread_id for each in made], actor=alice.pk, to=alice.pk)
    with CaptureQueriesContext(connection) as queries:
        web.get("/")
    assert len([each for each in queries if "mailbox_team" in each["sql"]]) == 1


def test_others_are_asked_nothing_about_teams(web, account, message):
    MailAccount.objects.update(is_team=False)
    with CaptureQueriesContext(connection) as queries:
        web.get("/")
        page(web, message)
        web.post(f"/m/{message.key}/archive/")
    assert not [each["sql"] for each in queries if "mailbox_team" in each["sql"] or "mailbox_answering" in each["sql"]]
