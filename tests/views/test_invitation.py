"""Invitations on the screen: what the card says, in whose time, and that nothing in it is more than text."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.mime.calendar import Event
from mailbox.mime.parse import parse
from mailbox.mime.recurrence import Frequency, Recurrence
from mailbox.models import Message
from mailbox.views.invitation import Invitation, _repeats, _when, invitation_of
from tests.cast import deliver

FOLDER = Path(__file__).parent.parent / "mime/calendars"
BERLIN = ZoneInfo("Europe/Berlin")


def invitation_message(text: str, *, as_file: bool = False, method: str = "REQUEST") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@far.test>", "alice@home.test", "Rowing"
    message.set_content("Will you come?")
    if as_file:
        octets = text.encode()
        message.add_attachment(octets, maintype="application", subtype="octet-stream", filename="invite.ics")
    else:
        message.add_alternative(text, subtype="calendar", params={"method": method})
    return message.as_bytes()


def sample(name: str) -> str:
    return (FOLDER / f"{name}.ics").read_text(encoding="utf-8")


def read(text: str, *, as_file: bool = False) -> Invitation:
    found = invitation_of(parse(invitation_message(text, as_file=as_file)), {"alice@home.test"})
    assert found
    return found


@pytest.fixture(autouse=True)
def berlin():
    with timezone.override(BERLIN):
        yield


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser; she lives in Berlin."""
    User.objects.filter(pk=alice.pk).update(time_zone="Europe/Berlin")
    client.force_login(User.objects.get(pk=alice.pk))
    return client


def page_of(web: Client, account: MailAccount, octets: bytes) -> str:
    [message] = deliver(account, octets)
    return web.get(f"/m/{message.key}/").content.decode()


def test_says_when_where_and_who() -> None:
    found = read(sample("google"))
    [card] = found.cards
    assert (found.label, found.tone) == ("Invitation", "plain")
    assert card.when == "Tuesday 2 December 2025, 10:00–11:00"
    assert card.elsewhere == ""
    assert card.who == "Dana Fern and me"
    assert card.repeats == "Every week on Tuesday, until 31 March 2026"
    assert [str(guest.state) for guest in card.guests] == ["comes", "has not answered"]


def test_tells_the_hours_in_the_readers_zone_and_in_that_of_the_sender() -> None:
    [card] = read(sample("outlook")).cards
    assert card.when == "Tuesday 9 December 2025, 02:00–03:30"
    assert card.elsewhere == "10:00–11:30 in Tokyo"
    assert card.repeats == "Every month on the second Tuesday, 6 times"


def test_calls_a_changed_invitation_updated() -> None:
    found = read(sample("outlook"))
    assert (found.label, found.tone) == ("Updated invitation", "warn")


def test_says_who_accepted() -> None:
    found = read(sample("reply"))
    assert (found.label, found.tone) == ("Bob accepted", "good")


def test_says_that_it_is_cancelled() -> None:
    found = read(sample("cancel"))
    assert (found.label, found.tone, found.is_cancelled) == ("Cancelled", "bad", True)


def test_says_that_somebody_wants_another_time() -> None:
    found = read(sample("reply").replace("METHOD:REPLY", "METHOD:COUNTER"))
    assert found.label == "Bob proposes another time"


def test_whole_days_are_the_same_everywhere() -> None:
    [card] = read(sample("apple-all-day")).cards
    assert card.when == "Wednesday 24 December 2025 – Friday 26 December 2025"


def test_finds_a_calendar_that_is_attached_as_any_file() -> None:
    assert read(sample("google"), as_file=True).cards[0].event.summary == "Rowing; planning"


def test_shows_only_so_many_events() -> None:
    events = "BEGIN:VEVENT\nSUMMARY:One\nEND:VEVENT\n" * 25
    found = read(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR")
    assert (len(found.cards), found.rest_count) == (10, 15)


def test_names_only_a_few_of_many_guests() -> None:
    guests = "".join(f"ATTENDEE;CN=Guest {number}:mailto:g{number}@far.test\n" for number in range(150))
    [card] = read(f"BEGIN:VEVENT\n{guests}END:VEVENT").cards
    assert card.who == "Guest 0, Guest 1, Guest 2 and 147 others"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (datetime(2025, 12, 2, 9, tzinfo=UTC), None, "Tuesday 2 December 2025, 10:00"),
        (
            *(datetime(2025, 12, 2, 21, tzinfo=UTC), datetime(2025, 12, 3, 1, tzinfo=UTC)),
            "Tuesday 2 December 2025, 22:00 – Wednesday 3 December 2025, 02:00",
        ),
        (datetime(2025, 12, 2).date(), None, "Tuesday 2 December 2025, all day"),
        (None, None, "No time is given."),
    ],
)
def test_tells_when(start, end, words: str) -> None:
    assert _when(Event(start=start, end=end)) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Recurrence(Frequency.DAILY), "Every day"),
        (Recurrence(Frequency.DAILY, interval=3, count=1), "Every 3 days, 1 time"),
        (Recurrence(Frequency.WEEKLY), "Every week"),
        (Recurrence(Frequency.WEEKLY, interval=2, weekdays=(0, 4)), "Every 2 weeks on Monday and Friday"),
        (Recurrence(Frequency.WEEKLY, weekdays=(0, 1, 2, 3, 4)), "Monday to Friday"),
        (Recurrence(Frequency.MONTHLY, weekdays=(4,), nth=-1), "Every month on the last Friday"),
        (Recurrence(Frequency.MONTHLY, month_day=15), "Every month on day 15"),
        (Recurrence(Frequency.MONTHLY, interval=2, month_day=15), "Every 2 months"),
        (Recurrence(Frequency.YEARLY), "Every year"),
        (Recurrence(Frequency.IRREGULAR), "More than once"),
    ],
)
def test_says_how_often_it_repeats(rule: Recurrence, words: str) -> None:
    assert _repeats(rule) == words


def test_stands_above_the_text_and_offers_its_file(web: Client, account: MailAccount) -> None:
    page = page_of(web, account, invitation_message(sample("google")))
    message = Message.objects.get()
    assert page.index('class="invitation"') < page.rindex("Will you come?")
    assert "Tuesday 2 December 2025, 10:00–11:00" in page
    response = web.get(f"/m/{message.key}/part/1/")
    assert response.getvalue().startswith(b"BEGIN:VCALENDAR")
    assert f'href="/m/{message.key}/part/1/" download' in page


def test_nothing_in_it_is_markup(web: Client, account: MailAccount) -> None:
    evil = "<img src=x onerror=alert(1)>\"'>"
    text = f"BEGIN:VEVENT\nSUMMARY:{evil}\nLOCATION:{evil}\nATTENDEE;CN={evil}:mailto:{evil}\nURL:javascript:alert(1)"
    page = page_of(web, account, invitation_message(f"{text}\nEND:VEVENT"))
    assert "<img" not in page
    assert "javascript:" not in page


def test_the_link_of_a_call_opens_apart_and_not_for_what_is_cancelled(web: Client, account: MailAccount) -> None:
    link = 'href="https://meet.example.com/abc-defg-hij" target="_blank" rel="noopener noreferrer"'
    assert link in page_of(web, account, invitation_message(sample("google")))
    cancelled = sample("google").replace("STATUS:CONFIRMED", "STATUS:CANCELLED")
    page = page_of(web, account, invitation_message(cancelled))
    assert "invitation--cancelled" in page
    assert link not in page


def test_a_message_without_one_shows_no_card(web: Client, account: MailAccount) -> None:
    assert 'class="invitation' not in page_of(web, account, b"Subject: x\r\n\r\nBEGIN:VCALENDAR")


def test_an_outsider_gets_neither_card_nor_file(web: Client, account: MailAccount, charlie: User) -> None:
    [message] = deliver(account, invitation_message(sample("google")))
    web.force_login(charlie)
    assert web.get(f"/m/{message.key}/").status_code == 404
    assert web.get(f"/m/{message.key}/part/1/").status_code == 404
