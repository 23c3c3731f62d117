"""Who a message is from, on the screen: the mark, its words, the band, and whom they are believed from."""

from base64 import b64encode

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity, MailAccount, User
from mailbox.delivery import remove
from mailbox.models import Folder, Message, Sender
from mailbox.reparse import reparse
from mailbox.views.findings import Trust
from tests.cast import deliver, octets_of, remote_maildrop

HTMX = {"HX-Request": "true"}
BORDER = b"Received: from mail.far.test by mx.home.test with ESMTPS; Mon, 24 Nov 2025 09:00:00 +0000\r\n"
VOUCHED = b"Authentication-Results: mx.home.test; dmarc=pass header.from=far.test\r\n" + BORDER
REFUSED = b"Authentication-Results: mx.home.test; dmarc=fail header.from=far.test\r\n" + BORDER
EARLY = "1 Sep 2025 09:00:00 +0000"


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser; her account believes mx.home.test."""
    MailAccount.objects.filter(pk=account.pk).update(trusted_servers=["mx.home.test"])
    client.force_login(alice)
    return client


def page_of(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


def trust_of(web: Client, message: Message) -> Trust | None:
    return web.get(f"/m/{message.key}/").context["sheets"][-1].trust


def sentences(web: Client, message: Message) -> list[str]:
    found = trust_of(web, message)
    return [line.sentence.replace("<bdi>", "").replace("</bdi>", "") for line in found.lines] if found else []


def test_a_verified_sender_has_a_calm_badge_with_words(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, VOUCHED + octets_of())
    assert trust_of(web, message).mark == "verified"
    assert sentences(web, message)[0] == "It really comes from far.test: mx.home.test has checked it."
    assert "message__danger" not in page_of(web, message)


def test_nothing_is_said_where_nothing_is_known(web: Client, account: MailAccount) -> None:
    _old, message = deliver(account, octets_of(date=EARLY), octets_of(text="Later."))
    assert trust_of(web, message) is None
    assert "trust__mark" not in page_of(web, message)


def test_a_report_of_a_server_that_the_account_does_not_trust_is_ignored(web: Client, account: MailAccount) -> None:
    MailAccount.objects.update(trusted_servers=["mx.else.test"])
    [message] = deliver(account, VOUCHED + octets_of())
    assert sentences(web, message) == ["This is the first message from this address."]


def test_what_is_known_of_the_provider_is_believed_without_asking(web: Client, account: MailAccount) -> None:
    maildrop = remote_maildrop(account, port=995, login="alice", password="x")
    type(maildrop).objects.update(host="pop.gmail.com")
    header = b"Received: from a by mx.google.com with ESMTPS\r\nAuthentication-Results: mx.google.com; dmarc=pass\r\n"
    [message] = deliver(account, header + octets_of())
    assert trust_of(web, message).mark == "verified"


def test_danger_is_one_sentence_across_the_sheet(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of(sender='"service@bank.test" <x@evil.test>'))
    page = page_of(web, message)
    band = "The name shows <bdi>service@bank.test</bdi>, but the message comes from <bdi>x@evil.test</bdi>."
    assert page.count(f"<span>{band}</span></p>") == 1
    assert 'class="message__danger" role="alert"' in page


def test_a_failed_check_alone_is_a_mark_and_no_band(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, REFUSED + octets_of())
    assert trust_of(web, message).mark == "caution"
    assert "message__danger" not in page_of(web, message)


def test_names_the_first_message_from_an_address(web: Client, account: MailAccount) -> None:
    first, second = deliver(account, octets_of(date=EARLY), octets_of(text="Again."))
    assert sentences(web, first) == ["This is the first message from this address."]
    assert sentences(web, second) == []


def test_knows_a_correspondent_by_name(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of(sender="Dana Fern <dana@far.test>", date=EARLY))
    [message] = deliver(account, octets_of(sender="Dana Fern <dana.fern@free.test>"))
    assert trust_of(web, message).mark == "caution"
    assert sentences(web, message)[0] == (
        "Dana Fern has written to you from dana@far.test before. This is another address."
    )


def test_a_correspondent_whose_other_address_sorts_later_is_known_too(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of(sender="Dana Fern <zz@far.test>", date=EARLY))
    [message] = deliver(account, octets_of(sender="Dana Fern <aa@free.test>"))
    assert trust_of(web, message).mark == "caution"


def test_an_impostor_casts_no_doubt_on_the_one_whose_name_he_took(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of(sender="Dana Fern <dana@far.test>", date=EARLY))
    deliver(account, octets_of(sender="Dana Fern <dana.fern@free.test>"))
    assert sentences(web, message) == ["This is the first message from this address."]


def test_a_correspondent_is_known_when_the_mail_is_thrown_away(web: Client, account: MailAccount) -> None:
    [old] = deliver(account, octets_of(sender="Dana Fern <dana@far.test>", date=EARLY))
    with transaction.atomic():
        remove([old])
    [message] = deliver(account, octets_of(sender="Dana Fern <dana.fern@free.test>"))
    assert trust_of(web, message).mark == "caution"


@pytest.mark.parametrize("name", ["DANA FERN", "Ｄａｎａ  Fern"])
def test_a_name_is_the_same_in_other_letters(web: Client, account: MailAccount, name: str) -> None:
    deliver(account, octets_of(sender="Dana Fern <dana@far.test>", date=EARLY))
    encoded = b64encode(name.encode()).decode()
    [message] = deliver(account, octets_of(sender=f"=?utf-8?b?{encoded}?= <dana@free.test>"))
    assert trust_of(web, message).mark == "caution"


def test_an_address_in_capitals_is_no_other(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of(sender="Dana Fern <dana@far.test>", date=EARLY))
    [message] = deliver(account, octets_of(sender="Dana Fern <DANA@Far.test>"))
    assert trust_of(web, message) is None


def test_what_is_derived_again_is_remembered(web: Client, account: MailAccount) -> None:
    [old] = deliver(account, octets_of(sender="Dana Fern <dana@far.test>", date=EARLY))
    Sender.objects.all().delete()
    reparse([account], on_progress=lambda done: None)
    [known] = Sender.objects.all()
    assert (known.address, known.name, known.first_at) == ("dana@far.test", "dana fern", old.received_at)


def test_knows_the_readers_own_name(web: Client, account: MailAccount) -> None:
    Identity.objects.update(name="Alice Adams")
    [message] = deliver(account, octets_of(sender="Alice Adams <alice@evil.test>"))
    assert "It carries your own name, but alice@evil.test is none of your addresses here." in sentences(web, message)


def test_says_nothing_about_what_the_reader_sent(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of(sender="Alice <alice@home.test>"), folder=Folder.SENT)
    assert trust_of(web, message) is None


def test_names_are_escaped_and_kept_apart_from_the_sentence(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of(sender="Dana <dana@far.test>, Eve <<b>@far.test>"))
    page = page_of(web, message)
    assert "<b>@far" not in page
    assert "<bdi>dana@far.test" in page


def test_says_how_a_message_is_protected(web: Client, account: MailAccount) -> None:
    text = "-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n-----END PGP MESSAGE-----"
    [message] = deliver(account, octets_of(text=text))
    assert "It is encrypted with OpenPGP. Letterbox cannot open it: download the original." in sentences(web, message)


def test_asks_the_owner_whom_to_believe_where_somebody_has_judged(web: Client, account: MailAccount, bob: User) -> None:
    MailAccount.objects.update(trusted_servers=[])
    [message] = deliver(account, VOUCHED + octets_of())
    question = f'href="/accounts/{account.key}/#senders"'
    assert question in page_of(web, message)
    web.force_login(bob)
    page = page_of(web, message)
    assert "trust__mark" in page
    assert question not in page


def test_a_sheet_that_is_opened_later_says_the_same(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, VOUCHED + octets_of())
    page = web.get(f"/m/{message.key}/", {"sheet": ""}, headers=HTMX).content.decode()
    assert "trust--verified" in page


def test_what_others_wrote_to_others_tells_nothing(web: Client, account: MailAccount, charlie: User) -> None:
    foreign = MailAccount.objects.create(owner=charlie, name="C", address="charlie@home.test")
    deliver(foreign, octets_of(date=EARLY))
    [message] = deliver(account, octets_of())
    assert sentences(web, message) == ["This is the first message from this address."]


def test_an_outsider_gets_404(client: Client, account: MailAccount, charlie: User) -> None:
    [message] = deliver(account, VOUCHED + octets_of())
    client.force_login(charlie)
    assert client.get(f"/m/{message.key}/").status_code == 404


def asked(web: Client, message: Message) -> list[str]:
    """Return the questions about senders that a look at `message` costs."""
    with CaptureQueriesContext(connection) as queries:
        web.get(f"/m/{message.key}/", headers=HTMX)
    return [query["sql"] for query in queries if 'FROM "mailbox_sender"' in query["sql"]]


def test_many_senders_cost_two_questions(web: Client, account: MailAccount) -> None:
    [first] = deliver(account, octets_of("Boat", message_id="1@x"))
    answers = (octets_of("Re: Boat", references=["1@x"], sender=f"P{n} <p{n}@far.test>") for n in range(15))
    deliver(account, *answers)
    assert len(asked(web, first)) == 2


def test_looks_people_up_on_the_indexes(web: Client, account: MailAccount) -> None:
    people = (octets_of(sender=f"P {number} <p{number}@far.test>", message_id=f"{number}@x") for number in range(100))
    plans = [plan(sql) for sql in asked(web, deliver(account, *people)[0])]
    assert "one_sender_per_name" in plans[0].replace("sqlite_autoindex_mailbox_sender_1", "one_sender_per_name")
    assert "sender_name" in plans[1]


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A few rows are cheaper to read whole; the question is what can be done with a million.
            cursor.execute("ANALYZE mailbox_sender; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        return "\n".join(str(line[-1]) for line in cursor.fetchall())
