"""The lines of a list: their elements are drawn once, and whatever changes in a line is seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone, translation

from mailbox.models import Entry
from mailbox.templatetags import rows
from mailbox.views.clock import Clock
from mailbox.views.lists import INBOX, LISTS, List
from mailbox.views.rows import Row
from mailbox.views.side_labels import SideLabel
from mailbox.views.sidebar import SideAccount
from mailbox.views.signs import Signs

AT = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
HOME = SideAccount(1, "home", "Home", "alice@home.test", 2, 1, 0, is_in_trouble=False)
DAY = timedelta(days=1)
LABEL = SideLabel(7, "boats", "Boats", 3)


def entry(**changed: Any) -> Entry:
    values: dict[str, Any] = {
        "thread_id": 1,
        "folder": "inbox",
        "key": "k" * 16,
        "newest_at": AT,
        "senders": [["Dana", True]],
        "subject": "Boat",
        "preview": "Shall we?",
        "message_count": 1,
        "unread_count": 1,
    }
    return Entry(**values | changed)


PLAIN = Row(entry(), query="in=inbox")


def drawn(row: Row, which: List = INBOX, opened: Entry | None = None, **options: Any) -> str:
    page = Template("{% load rows %}{% list_rows rows oob=oob %}")
    return page.render(Context({"rows": [row], "list": which, "opened": opened, "oob": False} | options)).strip()


def fresh(row: Row, which: List = INBOX, opened: Any = None, **options: Any) -> str:
    """What the template makes of the line itself, with nothing filled in afterwards."""
    clock, oob = Clock.now(), options.get("oob", False)
    shape = rows.Shape.of(row, which, opened, language=clock.language, oob=oob)
    context = {"shape": shape, "line": rows.Line.of(row, which, clock)}
    return render_to_string("mailbox/list/_row.html", context).strip()


def test_lines_of_one_shape_are_drawn_once():
    rows._pattern.cache_clear()
    other = replace(PLAIN, entry=entry(thread_id=2, subject="Ships", senders=[["Eve", True]], newest_at=AT - DAY))
    assert (drawn(PLAIN), drawn(other)) == (fresh(PLAIN), fresh(other))
    assert rows._pattern.cache_info().misses == 1


@pytest.mark.parametrize("text", ["{0}", "{}", "{{", "{line.key}", "\ufdd02\ufdd1", "%s"])
def test_no_text_is_taken_for_a_blank(text):
    row = replace(PLAIN, entry=entry(subject=text, preview=text, senders=[[text, True]]))
    assert drawn(row) == fresh(row)
    assert drawn(row).count(text) == 4


def test_a_list_without_lines_is_empty():
    page = Template("{% load rows %}{% list_rows rows %}")
    assert page.render(Context({"rows": [], "list": INBOX})) == ""


def test_a_preview_ends_within_the_line():
    assert "w" * 119 + "…" in drawn(replace(PLAIN, entry=entry(preview="w" * 300)))


@pytest.mark.parametrize(
    "changed",
    [
        {"thread_id": 2},
        {"key": "x" * 16},
        {"newest_at": AT + timedelta(hours=1)},
        {"subject": "Boats"},
        {"subject": ""},
        {"preview": "We shall."},
        {"message_count": 2},
        {"unread_count": 0},
        {"is_starred": True},
        {"has_attachments": True},
        {"senders": [["Dana", True], ["Eve", False]]},
        {"senders": []},
    ],
    ids=str,
)
def test_what_changes_in_a_conversation_is_seen(changed):
    before, row = drawn(PLAIN), replace(PLAIN, entry=entry(**changed))
    assert drawn(row) == fresh(row) != before


@pytest.mark.parametrize(
    "changed",
    [
        {"query": "in=archive"},
        {"folder": "Archive"},
        {"account": HOME},
        {"account": replace(HOME, name="Club")},
        {"account": replace(HOME, colour=4)},
        {"signs": Signs(labels=(LABEL,))},
        {"signs": Signs(labels=(replace(LABEL, name="Ships"),))},
        {"signs": Signs(is_muted=True)},
        {"signs": Signs(woke_at=AT)},
        {"signs": Signs(leaves_at=AT + timedelta(days=30))},
    ],
    ids=str,
)
def test_what_changes_beside_it_is_seen(changed):
    before, row = drawn(PLAIN), replace(PLAIN, **changed)
    assert drawn(row) == fresh(row) != before


@pytest.mark.parametrize(
    "changed", [{"which": LISTS["sent"]}, {"opened": entry()}, {"opened": entry(), "oob": True}, {"oob": True}], ids=str
)
def test_where_it_is_drawn_is_seen(changed):
    before = drawn(PLAIN)
    assert drawn(PLAIN, **changed) == fresh(PLAIN, **changed) != before


def test_a_label_is_not_named_in_its_own_list():
    row, which = replace(PLAIN, signs=Signs(labels=(LABEL,))), replace(INBOX, label=LABEL.key)
    assert drawn(row) == fresh(row)
    assert drawn(row, which) == fresh(row, which) != drawn(row)


def test_languages_and_zones_have_their_own():
    before = drawn(PLAIN)
    with translation.override("ja"):
        assert drawn(PLAIN) == fresh(PLAIN) != before
    with timezone.override("Asia/Tokyo"):
        assert drawn(PLAIN) == fresh(PLAIN) != before


def test_today_becomes_yesterday(monkeypatch):
    moment = timezone.now()
    row = replace(PLAIN, entry=entry(newest_at=moment))
    before = drawn(row)
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("mailbox.views.clock.timezone.localdate", lambda: tomorrow)
    assert drawn(row) == fresh(row) != before
    assert "Yesterday" in drawn(row)


def test_text_is_escaped():
    row = replace(PLAIN, entry=entry(subject="<b>Boat</b>", senders=[["<i>", True]]))
    assert "<b>" not in drawn(row)
    assert "<i>" not in drawn(row)


def shown_senders(*senders: tuple[str, bool], unread_count: int = 1, message_count: int = 3) -> str:
    named = [list(each) for each in senders]
    html = drawn(replace(PLAIN, entry=entry(senders=named, unread_count=unread_count, message_count=message_count)))
    return html.partition('<span class="row__senders">')[2].partition('</span> <span class="row__count">')[0]


def test_senders_whose_mail_is_read_are_told_apart_in_their_order():
    shown = shown_senders(("Ann Adams", False), ("Ben", True), ("Cleo Costa", False))
    assert shown == '<span class="row__read">Ann, </span>Ben, <span class="row__read">Cleo</span>'


@pytest.mark.parametrize("is_unread", [True, False])
def test_senders_of_whom_all_or_nobody_has_unread_mail_need_no_telling_apart(is_unread):
    # Nobody: the unread message is of somebody whom the line has no room for.
    assert shown_senders(("Ann Adams", is_unread), ("Ben", is_unread)) == "Ann, Ben"


def test_a_read_line_tells_nobody_apart():
    # What is unread lies in another folder.
    assert shown_senders(("Ann", False), ("Ben", True), unread_count=0) == "Ann, Ben"


def test_one_sender_has_the_whole_name():
    assert shown_senders(("Ann Adams", True)) == "Ann Adams"


def test_senders_who_are_told_apart_are_escaped():
    shown = shown_senders(("<i>{0}</i>", False), ("<b>", True))
    assert shown == '<span class="row__read">&lt;i&gt;{0}&lt;/i&gt;, </span>&lt;b&gt;'
