"""One draft in several tabs: the newer text stays, and the older one becomes a second draft of its own.

Each form carries a stamp: the revision of the draft that its text began with, a random name of the tab, and how often
that tab has saved. The name tells a tab whose last answer was lost from one that somebody else has overtaken.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from mailbox.models import Draft, DraftFile

_TAB = re.compile(r"[A-Za-z0-9_-]{16}")
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a form says about the text in it; the form of a script may say nothing."""

    revision: int | None
    tab: str
    count: int

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Self:
        tab = form.get("tab", "")
        revision, count = _number(form.get("revision", "")), _number(form.get("count", ""))
        return cls(revision, tab if _TAB.fullmatch(tab) else "", count or 0)

    def is_stale(self, draft: Draft) -> bool:
        """Whether another tab has changed the draft since the text of this one was begun."""
        is_known = self.revision is None or draft.revision in (0, self.revision)
        return not is_known and not self._is_of_last_save(draft)

    def is_late(self, draft: Draft) -> bool:
        """Whether the same tab has saved a newer text already: requests may overtake each other."""
        return self._is_of_last_save(draft) and self.count < draft.saved_count

    def mark(self, draft: Draft) -> None:
        """Count a change, and note the tab that made it."""
        if not self.is_late(draft):
            draft.saved_by, draft.saved_count = self.tab, self.count
        draft.revision += 1

    def _is_of_last_save(self, draft: Draft) -> bool:
        return bool(self.tab) and draft.saved_by == self.tab


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def twin_key(key: str, tab: str) -> str:
    """The key of the second draft that a tab gets: the same one, however often its request comes."""
    return _derived_key(key, tab)


def twin(draft: Draft, tab: str) -> Draft:
    """Return the second draft beside `draft` for the text of this tab, made with the same files where there is none."""
    start = {"writer": draft.writer, "account": draft.account, "kind": draft.kind, "parent": draft.parent}
    Draft.bring_back(twin_key(draft.key, tab), draft.writer)
    made, is_new = Draft.objects.get_or_create(key=twin_key(draft.key, tab), defaults=start | {"twin_of": draft})
    if is_new:
        for file in draft.files.iterator(chunk_size=1):
            _copy(file, made)
    return made


def key_in(draft: Draft, key: str) -> list[str]:
    """The keys that a file which the form calls `key` may have in this draft."""
    return [key, _derived_key(draft.key, key)]


def _copy(file: DraftFile, draft: Draft) -> None:
    file.pk, file.key, file.draft = None, _derived_key(draft.key, file.key), draft
    file._state.adding = True
    file.save()


def _derived_key(draft_key: str, name: str) -> str:
    digest = hashlib.sha256(f"{draft_key} {name}".encode()).digest()
    return urlsafe_b64encode(digest[:12]).decode("ascii")
