"""Mailing lists: what is shown of them, and who may leave them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, Membership, User
from mailbox import unsubscribe
from mailbox.models import Folder, Message, Outgoing, Unsubscription
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}
ONE_CLICK = "List-Unsubscribe: <https://far.test/u?alice>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
MAIL = "List-Unsubscribe: <mailto:out@far.test?subject=leave>\r\n"
PAGE = "List-Unsubscribe: <https://far.test/page>\r\n"
# What the server of the account says of a message that its sender has signed.
SIGNED = (
    "Authentication-Results: mx.home.test; dkim=pass header.d=far.test\r\n"
    "Received: from mail.far.test by mx.home.test with ESMTPS; Mon, 24 Nov 2025 09:00:00 +0000\r\n"
)
LIST_ID = "List-Id: Boats weekly <boats.far.test>\r\nPrecedence: bulk\r\n"


@pytest.fixture
def account(account: MailAccount) -> MailAccount:
    """Alice's account, which believes mx.home.test."""
    account.trusted_servers = ["mx.home.test"]
    account.save()
    return account


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(unsubscribe, "wake", lambda name, pk: calls.append((name, pk)))
    return calls


def letter(
    account: MailAccount,
    fields: str = LIST_ID + ONE_CLICK,
    subject: str = "Boats",
    *,
    trace: str = SIGNED,
    **options: Any,
) -> Message:
    [message] = deliver(account, (trace + fields).encode() + octets_of(subject), **options)
    return message


def page_of(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


def ask(web: Client, message: Message, **options: Any) -> Any:
    return web.post(f"/m/{message.key}/unsubscribe/", **options)


def test_the_details_name_the_list(web, account):
    page = page_of(web, letter(account))
    assert '<dt>Mailing list</dt><dd><bdi>Boats weekly</bdi> <span class="soft">boats.far.test</span></dd>' in page
    assert "<dt>Sent as</dt><dd>Mass mail</dd>" in page


def test_mail_of_one_person_shows_nothing_of_lists(web, account):
    page = page_of(web, letter(account, ""))
    assert "list-line" not in page
    assert "Mailing list" not in page


def test_what_was_sent_from_here_cannot_be_left(web, account):
    assert "list-line" not in page_of(web, letter(account, folder=Folder.SENT))


def test_the_question_names_what_will_happen(web, account):
    page = page_of(web, letter(account))
    assert 'popovertarget="leave-' in page
    assert "<strong>far.test</strong>" in page
    assert "mail is sent" not in page
    page = page_of(web, letter(account, MAIL))
    assert "A mail is sent from alice@home.test to <strong>out@far.test</strong>" in page


def test_a_page_opens_in_a_new_tab_after_saying_where(web, account):
    message = letter(account, PAGE)
    page = page_of(web, message)
    assert (
        '<a class="button button--primary" href="https://far.test/page" target="_blank" rel="noopener noreferrer">'
        in page
    )
    assert "<strong>far.test</strong>" in page
    assert f'action="/m/{message.key}/unsubscribe/"' not in page
    assert ask(web, message).status_code == 404


@pytest.mark.parametrize(
    "trace",
    [
        "",
        SIGNED.replace("pass", "fail"),
        SIGNED.replace("mx.home.test; dkim", "mx.evil.test; dkim"),
        SIGNED + "DKIM-Signature: v=1; d=far.test; h=From:Subject; b=abc\r\n",
    ],
    ids=["nobody checked", "the check failed", "a stranger checked", "the signature leaves the fields out"],
)
def test_nothing_is_posted_that_no_good_signature_covers(web, account, trace):
    message = letter(account, trace=trace)
    page = page_of(web, message)
    assert 'href="https://far.test/u?alice" target="_blank" rel="noopener noreferrer"' in page
    assert ask(web, message).status_code == 404
    assert not Unsubscription.objects.exists()


def test_a_signature_that_covers_the_fields_is_enough(web, account):
    names = "From:List-Unsubscribe:List-Unsubscribe-Post"
    message = letter(account, trace=f"{SIGNED}DKIM-Signature: v=1; d=far.test; h={names}; b=abc\r\n")
    assert ask(web, message).status_code == 302
    assert Unsubscription.objects.get().method == "one-click"


def test_asking_notes_the_wish_and_shows_it(web, account, woken):
    message = letter(account)
    part = ask(web, message, headers=HTMX).content.decode()
    row = Unsubscription.objects.get()
    assert (row.account, row.list_name, row.target) == (account, "boats.far.test", "https://far.test/u?alice")
    assert woken == [("leave_list", row.pk)]
    assert "Unsubscribing" in part
    assert f'hx-get="/m/{message.key}/unsubscribe/"' in part
    assert "popovertarget" not in part
    assert "<html" not in part


def test_asking_without_scripts_leads_back_to_the_message(web, account):
    message = letter(account)
    assert ask(web, message).url == f"/m/{message.key}/#sheet-{message.key}"
    assert "Unsubscribing" in page_of(web, message)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"state": "done", "reply": "200 OK"}, ["Unsubscribed on", "Its server answered: 200 OK"]),
        ({"state": "failed", "trouble": "answered", "reply": "404 No"}, ["Not unsubscribed.", "refused.", "(404 No)"]),
        ({"state": "failed", "trouble": "forbidden"}, ["may not be used"]),
        ({"state": "waiting", "trouble": "unreachable"}, ["cannot be reached.", "tried again"]),
    ],
)
def test_says_what_became_of_it(web, account, facts, says):
    message = letter(account)
    ask(web, message)
    Unsubscription.objects.update(**facts, ended_at=message.stored_at)
    part = web.get(f"/m/{message.key}/unsubscribe/", headers=HTMX).content.decode()
    assert all(words in part for words in says)
    assert ("Unsubscribe again" in part) is (facts["state"] != "waiting")
    assert ("hx-trigger" in part) is (facts["state"] == "waiting")


def test_a_server_s_words_are_escaped(web, account):
    message = letter(account)
    ask(web, message)
    Unsubscription.objects.update(state="failed", trouble="answered", reply="404 <script>", ended_at=message.stored_at)
    assert "404 &lt;script&gt;" in page_of(web, message)


def test_every_message_of_the_list_shows_it(web, account):
    ask(web, letter(account))
    assert "Unsubscribing" in page_of(web, letter(account, subject="More boats"))
    assert "Unsubscribing" not in page_of(web, letter(account, ONE_CLICK, subject="Another list"))


@pytest.mark.usefixtures("submission_server")
def test_a_mail_goes_to_the_outbox(web, account):
    part = ask(web, letter(account, MAIL), headers=HTMX).content.decode()
    assert Outgoing.objects.get().recipients.get().address == "out@far.test"
    assert "Asked by mail on" in part
    assert 'href="/outbox/"' in part


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_without_a_server_it_says_why_nothing_was_sent(web, account, headers):
    response = ask(web, letter(account, MAIL), headers=headers)
    assert response.status_code == 422
    assert "This account has no server that sends its mail" in response.content.decode()
    assert not Unsubscription.objects.exists()


def test_lists_cost_two_queries_however_many(web, account):
    def cost(message: Message) -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(web, message)
        return sum("unsubscription" in query["sql"] for query in queries)

    def reply(number: int) -> bytes:
        return (SIGNED + LIST_ID + ONE_CLICK).encode() + octets_of(f"Re: Boats {number}", references=["1@x"])

    [first] = deliver(account, (SIGNED + LIST_ID + ONE_CLICK).encode() + octets_of("Boats", message_id="1@x"))
    assert cost(first) == 1
    deliver(account, *map(reply, range(8)))
    assert cost(first) == 1


def test_a_member_who_may_send_may_leave(client, account, bob):
    Membership.objects.update(role=Membership.Role.SEND)
    client.force_login(bob)
    message = letter(account)
    assert 'popovertarget="leave-' in page_of(client, message)
    assert ask(client, message).status_code == 302
    assert Unsubscription.objects.get().user == bob


def test_a_member_who_may_only_read_sees_no_button(client, account, bob):
    client.force_login(bob)
    message = letter(account)
    page = page_of(client, message)
    assert "Boats weekly" in page
    assert 'popovertarget="leave-' not in page
    assert ask(client, message).status_code == 404
    assert not Unsubscription.objects.exists()


def test_to_an_outsider_the_message_does_not_exist(client, account, charlie):
    client.force_login(charlie)
    message = letter(account)
    assert ask(client, message).status_code == 404
    assert client.get(f"/m/{message.key}/unsubscribe/", headers=HTMX).status_code == 404
    assert not Unsubscription.objects.exists()


def test_mail_that_came_by_no_list_cannot_be_left(web, account):
    assert ask(web, letter(account, "")).status_code == 404


def test_refuses_another_verb(web, account):
    assert web.put(f"/m/{letter(account).key}/unsubscribe/").status_code == 405
