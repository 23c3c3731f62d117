"""What a person may have forgotten before sending: a file that the text speaks of, a subject.

Only what the writer wrote counts: quotations, what is forwarded and the signature are somebody else's words, or old
ones.
"""

import re
import unicodedata
from enum import StrEnum

_ENGLISH = (
    r"attach(?:ed|ing|ments?)|(?:i|we|i'll|i will|to) attach|enclos(?:ed|ing|ures?)"
    r"|(?:here is|here's|here are) the (?:file|document|pdf|spreadsheet)s?"
)
_JAPANESE = r"添付|同封|別添|別紙|ファイルを?(?:お)?送(?:り|付|信|る)"
_SAYS_FILE = re.compile(rf"\b(?:{_ENGLISH})\b|(?:{_JAPANESE})", re.I)
# "No attachment", "nothing attached", "an attachment that you sent": spoken of, and not promised.
_DENIED = re.compile(
    r"\b(?:no|without(?: an| the| any)?|not|nothing|never|your(?: last| first)?|un|thank(?:s| you) for the)[ -]?"
    r"(?:attach\w*|enclos\w*)|\battached to (?:you|him|her|them|it)\b|(?:添付|同封)(?:ファイル|書類)?(?:は|が)?"
    r"(?:なし|無し|ない|無い|ありません|ございません|していません|しません|されていません|いただ|頂|くださ|下さ)",
    re.I,
)
_QUOTED = re.compile(r"\s*[>＞]")
# The line above a forwarded message, and the mark above a signature (RFC 3676, 4.3).
_ENDS = re.compile(r"-{5,}[^-].*-{5,}\s*|-- ?")
_ATTRIBUTION = re.compile(r".{0,200}[:：]\s*")
_MOST = 200_000


class Reminder(StrEnum):
    """Something to ask about once before a message leaves."""

    NO_FILE = "no-file"
    NO_SUBJECT = "no-subject"


def reminders(*, subject: str, text: str, has_files: bool) -> tuple[Reminder, ...]:
    """What to ask before the message leaves, the gravest first; `text` is plain, its quotations behind `>`."""
    found = []
    if not has_files and speaks_of_file(f"{subject}\n{text}"):
        found.append(Reminder.NO_FILE)
    if not subject.strip():
        found.append(Reminder.NO_SUBJECT)
    return tuple(found)


def speaks_of_file(text: str) -> bool:
    """Whether the writer's own lines say in English or Japanese that a file goes with them."""
    own = unicodedata.normalize("NFKC", own_words(text[:_MOST]))
    return _SAYS_FILE.search(_DENIED.sub(" ", own)) is not None


def own_words(text: str) -> str:
    """`text` without quoted lines, the line that introduces them, a forwarded message and the signature."""
    kept: list[str] = []
    for line in text.splitlines():
        if _ENDS.fullmatch(line):
            # Below a signature an answer may go on with its quotation, and nothing of one's own.
            break
        if not _QUOTED.match(line):
            kept.append(line)
        elif kept and _ATTRIBUTION.fullmatch(kept[-1]):
            kept.pop()
    return "\n".join(kept)
