"""Many conversations at once: by a form, by htmx, never somebody else's, and at a cost that does not grow."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, User
from mailbox import bulk, labelling, quiet, threads
from mailbox.models import BulkAct, Folder, Label, Message
from mailbox.views import search, selection
from mailbox.views.lists import LISTS
from mailbox.views.selection import offers_for
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def messages(account: MailAccount) -> list[Message]:
    return deliver(account, *(octets_of(f"Letter {number}") for number in range(4)))


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def keys(messages: Sequence[Message]) -> list[str]:
    return [message.key for message in messages]


def folders() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("folder", flat=True))


def test_a_form_does_it_leads_back_and_offers_to_undo_once(web: Client, messages: list[Message]) -> None:
    form = {"verb": "archive", "key": keys(messages[:3]), "in": "inbox", "next": "/"}
    assert web.post("/selection/", form).headers["Location"] == "/"
    assert folders() == ["archive", "archive", "archive", "inbox"]
    page = web.get("/").content.decode()
    assert "3 conversations archived." in page
    assert f"/selection/{BulkAct.objects.get().key}/undo/" in page
    assert "3 conversations archived." not in web.get("/").content.decode()


def test_one_undo_takes_all_of_it_back(web: Client, messages: list[Message]) -> None:
    web.post("/selection/", {"verb": "trash", "key": keys(messages)})
    web.post(f"/selection/{BulkAct.objects.get().key}/undo/")
    assert folders() == ["inbox"] * 4


def test_htmx_takes_the_lines_away_and_offers_to_undo(web: Client, messages: list[Message]) -> None:
    form = {"verb": "archive", "key": keys(messages[:2]), "in": "inbox"}
    response = web.post("/selection/", form, headers=HTMX)
    page = response.content.decode()
    assert page.count('hx-swap-oob="delete"') == 2
    assert f'hx-post="/selection/{BulkAct.objects.get().key}/undo/"' in page
    assert response.headers["HX-Trigger"] == "mail-changed"


def test_htmx_draws_the_lines_that_stay_again(web: Client, messages: list[Message]) -> None:
    response = web.post("/selection/", {"verb": "star", "key": keys(messages[:2]), "in": "inbox"}, headers=HTMX)
    assert [row.entry.is_starred for row in response.context["rows"]] == [True, True]
    assert 'hx-swap-oob="delete"' not in response.content.decode()


def test_a_conversation_with_two_ticked_messages_is_done_once(web: Client, account: MailAccount) -> None:
    pair = deliver(account, octets_of("Q", message_id="q@x"), octets_of("Re: Q", references=["q@x"]))
    web.post("/selection/", {"verb": "archive", "key": keys(pair)})
    assert BulkAct.objects.get().conversation_count == 1


@pytest.mark.parametrize("verb", ["", "explode"])
def test_an_unknown_verb_is_404(web: Client, messages: list[Message], verb: str) -> None:
    assert web.post("/selection/", {"verb": verb, "key": keys(messages)}).status_code == 404


def test_looking_changes_nothing(web: Client, messages: list[Message]) -> None:
    assert web.get("/selection/", {"verb": "trash", "key": keys(messages)}).status_code == 405
    assert folders() == ["inbox"] * 4


def test_an_outsider_gets_404_and_changes_nothing(client: Client, messages: list[Message], charlie: User) -> None:
    client.force_login(charlie)
    assert client.post("/selection/", {"verb": "trash", "key": keys(messages)}).status_code == 404
    client.post("/selection/", {"verb": "trash", "all": "1"})
    assert folders() == ["inbox"] * 4


def test_a_member_may_do_it(client: Client, messages: list[Message], bob: User) -> None:
    client.force_login(bob)
    client.post("/selection/", {"verb": "archive", "key": keys(messages)})
    assert folders() == ["archive"] * 4


def test_somebody_elses_conversations_are_passed_over(client: Client, messages: list[Message], charlie: User) -> None:
    own = MailAccount.objects.create(owner=charlie, name="Own", address="charlie@home.test")
    [mine] = deliver(own, octets_of("Mine"))
    client.force_login(charlie)
    client.post("/selection/", {"verb": "trash", "key": [*keys(messages), mine.key]})
    assert folders() == ["inbox"] * 4 + ["trash"]


@pytest.mark.parametrize("way", ["", "stop/", "undo/"])
def test_an_act_is_nobody_elses(client: Client, alice: User, bob: User, messages: list[Message], way: str) -> None:
    act = bulk.begin(alice, "archive", [each.thread_id for each in messages], is_awaited=True)
    client.force_login(bob)
    url = f"/selection/{act.key}/{way}"
    assert (client.post(url) if way else client.get(url)).status_code == 404
    assert folders() == ["archive"] * 4


def test_all_in_the_view_is_more_than_the_page_shows(
    web: Client, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(account, *(octets_of(f"Letter {number}") for number in range(60)))
    [kept] = deliver(account, octets_of("Kept"), folder=Folder.ARCHIVE)
    web.post("/selection/", {"verb": "trash", "all": "1", "in": "inbox"})
    assert Message.objects.filter(folder=Folder.TRASH).count() == 60
    kept.refresh_from_db()
    assert kept.folder == Folder.ARCHIVE


def test_all_in_the_view_keeps_to_the_account(web: Client, alice: User, messages: list[Message]) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    deliver(work, octets_of("Work"))
    web.post("/selection/", {"verb": "archive", "all": "1", "in": "inbox", "account": work.key})
    assert folders() == ["inbox"] * 4 + ["archive"]


@pytest.mark.parametrize(
    "place", [{"account": "k" * 16}, {"in": "nowhere"}, {"in": "label-gone"}, {"in": "label-"}], ids=str
)
@pytest.mark.parametrize("url", ["/selection/", "/selection/choices/snooze/"])
def test_all_in_a_view_that_is_not_there_is_nothing(
    web: Client, messages: list[Message], place: dict[str, str], url: str
) -> None:
    form = {"verb": "trash", "all": "1", "in": "inbox", **place}
    assert web.post(url, form).status_code == 404
    assert web.post(url, form, headers=HTMX).status_code == 404
    assert (folders(), BulkAct.objects.count()) == (["inbox"] * 4, 0)


def test_all_in_the_trash_of_an_account_that_is_not_there_is_nothing(
    web: Client, bob: User, messages: list[Message]
) -> None:
    threads.trash([each.thread_id for each in messages])
    other = MailAccount.objects.create(owner=bob, name="Bob's", address="bob@home.test")
    form = {"verb": "delete", "all": "1", "in": "trash", "account": other.key}
    assert web.post("/selection/", form).status_code == 404
    assert (folders(), BulkAct.objects.count()) == (["trash"] * 4, 0)


def test_all_that_was_found(web: Client, account: MailAccount, messages: list[Message]) -> None:
    deliver(account, octets_of("Boat"))
    web.post("/selection/", {"verb": "archive", "all": "1", "in": "search", "q": "boat"})
    assert folders() == ["inbox"] * 4 + ["archive"]


def test_all_that_was_found_is_more_than_the_list_shows(
    web: Client, account: MailAccount, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LIMIT", 3)
    found = deliver(account, *(octets_of(f"Boat {number}") for number in range(5)))
    web.post("/selection/", {"verb": "archive", "all": "1", "in": "search", "q": "boat"})
    act = BulkAct.objects.get()
    assert act.is_under_way
    bulk.run(act, pause_seconds=0)
    assert (act.conversation_count, folders()) == (5, ["inbox"] * 4 + ["archive"] * len(found))


def test_only_what_it_changes_is_gone_through(web: Client, messages: list[Message]) -> None:
    threads.mark_read([messages[0].thread_id])
    web.post("/selection/", {"verb": "read", "all": "1", "in": "inbox"})
    assert BulkAct.objects.get().conversation_count == 3


def test_many_are_left_to_a_worker_and_the_page_shows_how_far_it_is(
    web: Client, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "SHORT", 3)
    page = web.post("/selection/", {"verb": "archive", "all": "1", "in": "inbox"}, headers=HTMX).content.decode()
    act = BulkAct.objects.get()
    assert folders() == ["inbox"] * 4
    assert f'hx-get="/selection/{act.key}/?in=inbox"' in page
    assert "The conversations are being counted." in page
    assert "The conversations are being counted." in web.get("/").content.decode()
    bulk.run(act, pause_seconds=0)
    done = web.get(f"/selection/{act.key}/", headers=HTMX)
    assert "4 conversations archived." in done.content.decode()
    assert "hx-trigger" not in done.content.decode()
    assert done.headers["HX-Trigger"] == "mail-changed"


def test_a_stopped_act_does_no_more(web: Client, alice: User, messages: list[Message]) -> None:
    act = bulk.begin(alice, "archive", [each.thread_id for each in messages], is_awaited=False)
    page = web.post(f"/selection/{act.key}/stop/", headers=HTMX).content.decode()
    bulk.run(act, pause_seconds=0)
    assert folders() == ["inbox"] * 4
    assert "Stopped. 0 of 4 conversations are done." in page


def test_a_page_without_an_act_asks_nothing_about_acts(web: Client, messages: list[Message]) -> None:
    with CaptureQueriesContext(connection) as queries:
        web.get("/")
    assert not [query for query in queries if "bulkact" in query["sql"]]


def test_the_cost_of_a_selection_does_not_grow_with_it(web: Client, account: MailAccount) -> None:
    few = deliver(account, *(octets_of(f"Few {number}") for number in range(10)))
    many = deliver(account, *(octets_of(f"Many {number}") for number in range(100)))
    for verb in ("archive", "star", "unread"):
        assert queries_of(web, verb, many) == queries_of(web, verb, few)


def queries_of(web: Client, verb: str, messages: Sequence[Message]) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert web.post("/selection/", {"verb": verb, "key": keys(messages)}, headers=HTMX).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    ("key", "verbs"),
    [
        ("inbox", ["archive", "trash", "snooze", "labels", "read", "more"]),
        ("archive", ["inbox", "trash", "snooze", "labels", "read", "more"]),
        ("sent", ["trash", "labels", "read", "more"]),
        ("spam", ["not-spam", "delete", "labels", "read", "more"]),
        ("trash", ["restore", "delete", "labels", "read", "more"]),
        ("starred", ["archive", "inbox", "trash", "snooze", "labels", "read", "more"]),
    ],
)
def test_offers_whatever_a_line_of_the_list_may_have(key: str, verbs: list[str]) -> None:
    assert [offer.verb for offer in offers_for(LISTS[key])] == verbs


def test_every_line_has_a_box_of_the_selection(web: Client, messages: list[Message]) -> None:
    page = web.get("/").content.decode()
    assert page.count('form="selection" name="key"') == 4
    assert 'aria-label="Select: Letter 0"' in page


# What is chosen first ------------------------------------------------------------------------------------------


def labelled(alice: User, *messages: Message, name: str = "Boats") -> Label:
    label = Label.objects.create(owner=alice, name=name)
    labelling.label([message.thread_id for message in messages], label=label.pk)
    return label


def test_a_selection_is_snoozed_until_the_chosen_time(web: Client, messages: list[Message]) -> None:
    form = {"key": keys(messages[:2]), "in": "inbox"}
    page = web.post("/selection/choices/snooze/", form, headers=HTMX)
    [*_, pick] = page.context["picks"]
    done = web.post("/selection/?verb=snooze", form | {"later": pick.value}, headers=HTMX).content.decode()
    assert folders() == ["snoozed", "snoozed", "inbox", "inbox"]
    assert "2 conversations snoozed." in done
    web.post(f"/selection/{BulkAct.objects.get().key}/undo/")
    assert folders() == ["inbox"] * 4


def test_a_time_that_is_none_is_refused_and_nothing_changes(web: Client, messages: list[Message]) -> None:
    form = {"key": keys(messages), "later": "typed", "send_at": "2020-01-01T08:00"}
    response = web.post("/selection/?verb=snooze", form, headers=HTMX)
    assert response.status_code == 422
    assert "That time has passed." in response.content.decode()
    assert folders() == ["inbox"] * 4


def test_labels_say_which_all_of_the_selection_have_and_which_some(
    web: Client, alice: User, messages: list[Message]
) -> None:
    labelled(alice, *messages[:2], name="All")
    labelled(alice, messages[0], name="Some")
    labelled(alice, messages[3], name="None")
    page = web.post("/selection/choices/labels/", {"key": keys(messages[:2])}, headers=HTMX)
    labels = {label.name: page.context["pressed"].get(label.key, "false") for label in page.context["sidebar"].labels}
    assert labels == {"All": "true", "Some": "mixed", "None": "false"}


def test_a_selection_is_labelled_and_a_label_taken_off(web: Client, alice: User, messages: list[Message]) -> None:
    label, form = labelled(alice, messages[0]), {"key": keys(messages[:3]), "in": "inbox"}
    page = web.post("/selection/?verb=label", form | {"label": label.key, "name": ""}, headers=HTMX).content.decode()
    assert page.count(">Boats</span>") >= 3
    assert label.labelled.count() == 3
    web.post("/selection/?verb=unlabel", form | {"label": label.key}, headers=HTMX)
    assert label.labelled.count() == 0


def test_a_new_label_comes_into_the_side_bar_and_onto_the_lines(web: Client, messages: list[Message]) -> None:
    form = {"key": keys(messages[:2]), "in": "inbox", "name": "Travel"}
    page = web.post("/selection/?verb=label", form, headers=HTMX).content.decode()
    assert 'id="side-labels"' in page
    assert page.count('<span class="label account-0" title="Travel">') == 2


def test_a_label_without_a_name_is_refused(web: Client, messages: list[Message]) -> None:
    response = web.post("/selection/?verb=label", {"key": keys(messages), "name": " "}, headers=HTMX)
    assert response.status_code == 422


def test_somebody_elses_label_is_404(web: Client, bob: User, messages: list[Message]) -> None:
    label = Label.objects.create(owner=bob, name="Bob's")
    assert web.post("/selection/?verb=label", {"key": keys(messages), "label": label.key}).status_code == 404


def test_a_selection_is_muted_and_unmuted(web: Client, messages: list[Message]) -> None:
    form = {"key": keys(messages[:2]), "in": "inbox"}
    assert "Unmute" not in web.post("/selection/choices/more/", form, headers=HTMX).content.decode()
    web.post("/selection/", form | {"verb": "mute"}, headers=HTMX)
    assert folders() == ["archive", "archive", "inbox", "inbox"]
    assert "Unmute" in web.post("/selection/choices/more/", form, headers=HTMX).content.decode()
    web.post("/selection/", form | {"verb": "unmute"}, headers=HTMX)
    assert not threads_muted()


def threads_muted() -> list[int]:
    return list(quiet.ThreadMark.objects.filter(is_muted=True).values_list("pk", flat=True))


def test_all_in_the_view_may_be_snoozed_labelled_and_muted(
    web: Client, alice: User, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "SHORT", 3)
    label = labelled(alice)
    for given in ({"verb": "mute"}, {"verb": "label", "label": label.key}):
        web.post("/selection/", given | {"all": "1", "in": "inbox"}, headers=HTMX)
        bulk.run(BulkAct.objects.latest("pk"), pause_seconds=0)
        web.post("/selection/", {"verb": "inbox", "all": "1", "in": "archive"}, headers=HTMX)
        bulk.run(BulkAct.objects.latest("pk"), pause_seconds=0)
    assert len(threads_muted()) == 4
    assert label.labelled.count() == 4


def test_all_in_the_list_of_a_label_may_lose_it(web: Client, alice: User, messages: list[Message]) -> None:
    label = labelled(alice, *messages)
    form = {"all": "1", "in": f"label-{label.key}"}
    page = web.post("/selection/choices/labels/", form, headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in page
    web.post("/selection/?verb=unlabel", form | {"label": label.key}, headers=HTMX)
    assert label.labelled.count() == 0


@pytest.mark.parametrize("of", ["snooze", "labels", "more"])
def test_without_scripts_a_choice_is_a_page_that_carries_the_selection(
    web: Client, messages: list[Message], of: str
) -> None:
    page = web.post(f"/selection/choices/{of}/", {"key": keys(messages[:2]), "next": "/archive/"}).content.decode()
    for key in keys(messages[:2]):
        assert f'<input type="hidden" name="key" value="{key}">' in page
    assert '<a class="crumb" href="/archive/">' in page


@pytest.mark.parametrize("of", ["delete", "explode"])
def test_an_unknown_choice_is_404(web: Client, messages: list[Message], of: str) -> None:
    assert web.post(f"/selection/choices/{of}/", {"key": keys(messages)}).status_code == 404


def test_an_outsider_is_offered_no_choice(client: Client, charlie: User, messages: list[Message]) -> None:
    client.force_login(charlie)
    assert client.post("/selection/choices/labels/", {"key": keys(messages)}).status_code == 404


def test_a_choice_costs_the_same_for_many(web: Client, alice: User, account: MailAccount) -> None:
    labelled(alice)
    few = deliver(account, *(octets_of(f"Few {number}") for number in range(10)))
    many = deliver(account, *(octets_of(f"Many {number}") for number in range(100)))
    for of in ("snooze", "labels", "more"):
        assert asked_of(web, of, many) == asked_of(web, of, few)


def asked_of(web: Client, of: str, messages: Sequence[Message]) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert web.post(f"/selection/choices/{of}/", {"key": keys(messages)}, headers=HTMX).status_code == 200
    return len(queries)
