"""Messages as Google's Takeout writes them: with what Gmail knew of them in two fields on top, and without them."""

import re
from dataclasses import dataclass

from mailbox.mime import words

_FIELDS = re.compile(rb"(?:(?:X-GM-THRID|X-Gmail-Labels):[^\n]*\n(?:[ \t][^\n]*\n)*)+", re.I)
_LABELS = re.compile(rb"^X-Gmail-Labels:([^\n]*\n(?:[ \t][^\n]*\n)*)", re.I | re.M)
_MOST_LABELS = 100
_LONGEST = 100

# Takeout writes the names of Gmail's own places in the language of the account.
_INBOX = {"inbox", "posteingang", "受信トレイ", "boîte de réception", "recibidos", "posta in arrivo"}
_SENT = {"sent", "gesendet", "送信済み", "messages envoyés", "enviados", "posta inviata"}
_SPAM = {"spam", "迷惑メール"}
_TRASH = {"trash", "papierkorb", "ゴミ箱", "corbeille", "papelera", "cestino"}
_UNREAD = {"unread", "ungelesen", "未読", "non lus", "no leídos", "da leggere"}
_STARRED = {"starred", "markiert", "スター付き", "suivis", "destacados", "speciali"}
_NO_LABELS = {
    *("opened", "geöffnet", "開封済み", "ouvert", "abiertos", "aperti"),
    *("important", "wichtig", "重要", "importants", "importantes", "importanti"),
    *("archived", "archiviert", "アーカイブ済み", "archivé", "archivados", "archiviati"),
    *("drafts", "draft", "entwürfe", "下書き", "brouillons", "borradores", "bozze", "chat", "chats"),
}
_CATEGORY = re.compile(r"(?:category|kategorie|カテゴリ|catégorie|categoría|categoria)\b.*", re.I)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message from Takeout. `place` is "inbox", "sent", "spam", "trash" or "archive"."""

    octets: bytes
    """As it was received: CRLF at the ends of lines, and without the fields that Takeout put on top."""
    has_labels: bool = False
    place: str = "archive"
    is_read: bool = True
    is_starred: bool = False
    labels: tuple[str, ...] = ()


def read_taken(octets: bytes) -> Taken:
    """Read what Takeout says of a message. Only fields on the very top count: below them, a stranger may write any."""
    on_top = _FIELDS.match(octets)
    if on_top is None:
        return Taken(octets)
    plain = with_crlf(octets[on_top.end() :])
    field = _LABELS.search(on_top[0])
    if field is None:
        return Taken(plain)
    names = _names(words.decode(field[1]))
    folded = {name.casefold() for name in names}
    return Taken(
        plain,
        has_labels=True,
        place=_place(folded),
        is_read=not folded & _UNREAD,
        is_starred=bool(folded & _STARRED),
        labels=tuple(name for name in names if _is_own(name.casefold())),
    )


def with_crlf(octets: bytes) -> bytes:
    """Return a message whose lines end in LF alone as servers have it; any other stays as it is."""
    if b"\r" in octets:
        return octets
    return octets.replace(b"\n", b"\r\n")


def _names(text: str) -> list[str]:
    """Return the names in a list with commas; one that holds a comma stands in double quotes."""
    found = (quoted or plain.strip() for quoted, plain in re.findall(r'"([^"]*)"|([^,"]+)', text))
    return list(dict.fromkeys(name[:_LONGEST] for name in found if name))[:_MOST_LABELS]


def _place(folded: set[str]) -> str:
    places = {"trash": _TRASH, "spam": _SPAM, "inbox": _INBOX, "sent": _SENT}
    return next((place for place, names in places.items() if folded & names), "archive")


def _is_own(folded: str) -> bool:
    """Whether a person has made this label."""
    known = (_INBOX, _SENT, _SPAM, _TRASH, _UNREAD, _STARRED, _NO_LABELS)
    return not any(folded in names for names in known) and not _CATEGORY.fullmatch(folded)
