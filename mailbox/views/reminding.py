"""What is asked once before a message leaves; the second press sends, whichever button it is."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailbox.mime.reminders import Reminder, reminders
from mailbox.models import Draft

_SENTENCES = {
    Reminder.NO_FILE: _("Your text speaks of an attachment, but nothing is attached."),
    Reminder.NO_SUBJECT: _("This message has no subject."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask now, and everything that counts as asked from now on."""

    sentences: tuple[str | Promise, ...]
    asked: tuple[str, ...]
    # The name and the value of the button that was pressed, which "Send anyway" presses again.
    name: str
    pressed: str
    is_about_subject: bool

    def __bool__(self) -> bool:
        return bool(self.sentences)


def question(request: HttpRequest, draft: Draft, send_at: datetime | None) -> Question:
    """What a person should be asked before `draft` leaves, at once or at `send_at`; false where nothing is left to ask.

    A time that was typed stays what it is while the person thinks.
    """
    name, pressed = ("later", send_at.isoformat()) if send_at else ("do", request.POST.get("do", "send"))
    asked = [each for each in Reminder if each.value in request.POST.getlist("asked")]
    found = reminders(subject=draft.subject, text=draft.text, has_files=_has_files(draft))
    new = [each for each in found if each not in asked]
    return Question(
        sentences=tuple(_SENTENCES[each] for each in new),
        asked=tuple(each.value for each in (*asked, *new)),
        name=name,
        pressed=pressed,
        is_about_subject=Reminder.NO_SUBJECT in new,
    )


def _has_files(draft: Draft) -> bool:
    """Whether the writer gave it a file or a picture; what a quotation brought along is nothing that he promised."""
    return draft.files.filter(Q(content_id="") | Q(original=None)).exists()
