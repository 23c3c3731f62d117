"""The conversation: which sheets are open, what they say, and that looking changes nothing."""

import re
from datetime import timedelta
from email.message import EmailMessage
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import quiet, threads
from mailbox.models import Folder, Message, ThreadMark
from mailbox.views.asked import visible_message
from mailbox.views.conversation import OPEN_LIMIT
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def talk(account: MailAccount) -> list[Message]:
    """Three messages of one conversation, an hour apart, all read."""
    return deliver(
        account,
        octets_of("Boat", message_id="1@x", date="24 Nov 2025 09:00:00 +0000", text="Shall we?"),
        octets_of("Re: Boat", references=["1@x"], date="24 Nov 2025 10:00:00 +0000", text="We shall."),
        octets_of("Re: Boat", references=["1@x"], date="24 Nov 2025 11:00:00 +0000", text="At nine."),
        is_read=True,
    )


def url(message: Message) -> str:
    return f"/m/{message.key}/"


def is_open(web: Client, message: Message) -> list[bool]:
    return [sheet.is_open for sheet in web.get(url(message)).context["sheets"]]


def html_message(html: str, **attachments: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@far.test>", "alice@home.test", "News"
    message.set_content("plain words")
    message.add_alternative(html, subtype="html")
    for name, octets in attachments.items():
        message.add_attachment(octets, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    return message.as_bytes()


def test_shows_the_whole_conversation_under_its_first_subject(web: Client, talk: list[Message]) -> None:
    response = web.get(url(talk[1]))
    assert response.context["subject"] == "Boat"
    assert [sheet.message.pk for sheet in response.context["sheets"]] == [message.pk for message in talk]


def test_shows_what_is_moved_meanwhile(web: Client, talk: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    def moved_meanwhile(user: User, key: str) -> Message:
        found = visible_message(user, key)
        threads.trash([found.thread_id])
        return found

    monkeypatch.setattr("mailbox.views.conversation.visible_message", moved_meanwhile)
    response = web.get(url(talk[1]))
    assert [sheet.message for sheet in response.context["sheets"]] == [talk[1]]


def test_folds_what_was_read_but_the_newest(web: Client, talk: list[Message]) -> None:
    assert is_open(web, talk[2]) == [False, False, True]


def test_opens_the_message_that_the_address_names(web: Client, talk: list[Message]) -> None:
    assert is_open(web, talk[0]) == [True, False, True]


def test_opens_what_is_unread(web: Client, talk: list[Message]) -> None:
    Message.objects.filter(pk=talk[1].pk).update(is_read=False)
    assert is_open(web, talk[2]) == [False, True, True]


def test_looking_marks_nothing_as_read_but_the_page_asks_for_it(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("New"))
    page = web.get(url(message)).content.decode()
    message.refresh_from_db()
    assert not message.is_read
    assert f'hx-post="/m/{message.key}/read/" hx-trigger="load"' in page


def test_a_read_conversation_asks_for_nothing(web: Client, talk: list[Message]) -> None:
    assert 'hx-trigger="load"' not in web.get(url(talk[0])).content.decode()


def test_htmx_gets_the_conversation_alone(web: Client, talk: list[Message]) -> None:
    response = web.get(url(talk[2]), headers=HTMX)
    page = response.content.decode()
    assert "<html" not in page
    assert "<title>Boat · Letterbox</title>" in page
    assert "rows" not in response.context


def test_htmx_gets_one_sheet_alone(web: Client, talk: list[Message]) -> None:
    page = web.get(url(talk[0]), {"sheet": ""}, headers=HTMX).content.decode()
    assert "Shall we?" in page
    assert "At nine." not in page


def test_the_page_holds_the_list_that_the_reader_came_from(web: Client, talk: list[Message]) -> None:
    threads.star([talk[0].thread_id])
    assert web.get(url(talk[2]), {"in": "starred"}).context["list"].key == "starred"
    assert web.get(url(talk[2])).context["list"].key == "inbox"
    assert web.get(url(talk[2]), {"in": "nowhere"}).context["list"].key == "inbox"


def test_leads_back_to_what_was_found(web: Client, talk: list[Message]) -> None:
    [row] = web.get("/search/", {"q": "nine & boat"}).context["rows"]
    response = web.get(row.href)
    assert response.context["list"].url == "/search/?q=nine+%26+boat"
    assert 'href="/search/?q=nine+%26+boat" data-back' in response.content.decode()


def test_opens_no_more_unread_messages_than_anybody_reads_at_once(
    web: Client, account: MailAccount, talk: list[Message]
) -> None:
    date = "25 Nov 2025 09:00:00 +0000"
    texts = [f"Answer {number}" for number in range(OPEN_LIMIT + 5)]
    answers = (octets_of("Re: Boat", references=["1@x"], date=date, text=text) for text in texts)
    newest = deliver(account, *answers)[-1]
    assert sum(is_open(web, newest)) == OPEN_LIMIT


def test_leaves_out_what_was_thrown_away(web: Client, talk: list[Message], account: MailAccount) -> None:
    threads.trash([talk[0].thread_id])
    [answer] = deliver(account, octets_of("Re: Boat", references=["1@x"], text="Still there?"))
    assert len(web.get(url(answer)).context["sheets"]) == 1
    assert len(web.get(url(talk[0])).context["sheets"]) == 3


@pytest.mark.parametrize("path", ["", "body/", "source/", "part/0/"])
def test_an_outsider_gets_404(client: Client, talk: list[Message], charlie: User, path: str) -> None:
    client.force_login(charlie)
    assert client.get(url(talk[0]) + path).status_code == 404


def test_a_member_reads_it(client: Client, talk: list[Message], bob: User) -> None:
    client.force_login(bob)
    assert client.get(url(talk[0])).status_code == 200


@pytest.mark.parametrize("path", ["", "body/", "source/", "part/0/"])
def test_refuses_another_verb(web: Client, talk: list[Message], path: str) -> None:
    assert web.post(url(talk[0]) + path).status_code == 405


def test_an_unknown_key_is_404(web: Client) -> None:
    assert web.get("/m/nothing/").status_code == 404


def test_the_cost_does_not_grow_with_the_conversation(web: Client, account: MailAccount, talk: list[Message]) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            web.get(url(talk[2]), headers=HTMX)
        return len(queries)

    few = cost()
    deliver(account, *(octets_of("Re: Boat", references=["1@x"], text=f"Answer {each}") for each in range(30)))
    assert cost() == few


def test_shows_plain_text_with_links_and_quotes(web: Client, account: MailAccount) -> None:
    text = "See https://far.test/a?b=1&c=2 <b>now</b>\r\n\r\n> you wrote\r\n-- \r\nDana"
    [message] = deliver(account, octets_of("Hello", text=text))
    page = web.get(url(message)).content.decode()
    link = 'href="https://far.test/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer"'
    assert link in page
    assert "&lt;b&gt;now&lt;/b&gt;" in page
    assert '<div class="plain-text plain-text--quote-1">you wrote</div>' in page
    assert "plain-text--signature" in page


def test_folds_a_long_quotation(web: Client, account: MailAccount) -> None:
    quote = "\r\n".join(f"> line {each}" for each in range(5))
    [message] = deliver(account, octets_of("Long", text=quote))
    [sheet] = web.get(url(message)).context["sheets"]
    assert [passage.is_folded for passage in sheet.passages] == [True]


def test_folds_a_quotation_of_quotations_behind_one_button(web: Client, account: MailAccount) -> None:
    text = "Yes.\r\n\r\n> Shall we?\r\n>> It rains.\r\n>>> Really?\r\n>> It did.\r\n> Then tomorrow.\r\n\r\n-- \r\nDana"
    [message] = deliver(account, octets_of("Deep", text=text))
    response = web.get(url(message))
    [sheet] = response.context["sheets"]
    assert [passage.is_folded for passage in sheet.passages] == [False, True, False]
    assert response.content.decode().count("quote__button") == 1


def test_shows_answers_between_short_quotations(web: Client, account: MailAccount) -> None:
    text = "> Who rows?\r\nI do.\r\n> Who steers?\r\nBob."
    [message] = deliver(account, octets_of("Between", text=text))
    [sheet] = web.get(url(message)).context["sheets"]
    assert [passage.is_folded for passage in sheet.passages] == [False] * 4


def test_frames_html_and_never_puts_it_into_the_page(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, html_message("<p id=evil>Hello</p><script>x()</script>"))
    page = web.get(url(message)).content.decode()
    sandbox = 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"'
    assert f'src="/m/{message.key}/body/"' in page
    assert sandbox in page
    assert "evil" not in page


def test_counts_the_images_that_were_not_loaded(web: Client, account: MailAccount) -> None:
    html = '<img src="https://far.test/1.png"><img src="//far.test/2.png">'
    [message] = deliver(account, html_message(html))
    assert "2 images not loaded" in web.get(url(message)).content.decode()


def test_offers_the_attachments(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, html_message("<p>Hello</p>", plan=b"x" * 2048))
    [sheet] = web.get(url(message)).context["sheets"]
    assert [file.file_name for file in sheet.files.all] == ["plan.pdf"]
    assert "2 kB" in web.get(url(message)).content.decode()


def test_says_to_whom_it_went(web: Client, account: MailAccount) -> None:
    octets = octets_of("Hello").replace(
        b"To: alice@home.test", b"To: Alice <ALICE@home.test>, Bob <bob@home.test>, c@x.test, d@x.test, e@x.test"
    )
    [message] = deliver(account, octets)
    [sheet] = web.get(url(message)).context["sheets"]
    assert sheet.recipients == "me, Bob, c@x.test and 2 more"


@pytest.mark.parametrize("octets", [b"", b"\x00\x01", b"no header at all", b"Subject: =?utf-8?b?////?=\n\n\xff\xfe"])
def test_shows_whatever_arrived(web: Client, account: MailAccount, octets: bytes) -> None:
    [message] = deliver(account, octets)
    assert web.get(url(message)).status_code == 200


def test_what_may_be_done_depends_on_where_it_is(web: Client, talk: list[Message]) -> None:
    page = web.get(url(talk[0])).content.decode()
    assert f'formaction="/m/{talk[0].key}/archive/"' in page
    threads.trash([talk[0].thread_id])
    page = web.get(url(talk[0])).content.decode()
    assert f'formaction="/m/{talk[0].key}/restore/"' in page
    assert Message.objects.filter(folder=Folder.TRASH).count() == 3


def test_says_for_a_day_that_it_is_back_from_sleep(client: Client, alice: User, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Buoy"))
    quiet.snooze([message.thread_id], until=timezone.now().isoformat())
    quiet.wake([message.thread_id])
    client.force_login(alice)
    assert 'title="Back from snoozing"' in client.get("/").content.decode()
    assert "Back since " in client.get(f"/m/{message.key}/").content.decode()
    ThreadMark.objects.update(woke_at=timezone.now() - timedelta(days=2))
    assert "Back since " not in client.get(f"/m/{message.key}/").content.decode()


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({}, "in=inbox"),
        ({"in": "starred"}, "in=starred"),
        ({"in": "search", "q": "boat & oars"}, "in=search&q=boat+%26+oars"),
    ],
)
def test_a_folded_message_in_a_window_of_its_own_keeps_the_list(
    web: Client, account: MailAccount, talk: list[Message], query: dict[str, str], place: str
) -> None:
    answer = octets_of("Re: Boat", references=["1@x"], date="24 Nov 2025 10:30:00 +0000")
    [own] = deliver(account, answer, folder=Folder.SENT, is_read=True)
    page = web.get(url(talk[2]), query).content.decode()
    [link] = re.findall(rf'href="({url(own)}[^"]*)#sheet-{own.key}"', page)
    assert unescape(link) == f"{url(own)}?{place}"
    assert web.get(unescape(link)).context["list"].key == query.get("in", "inbox")
