"""Subjects without their reply and forward marks (RFC 5256, 2.1), in the languages mailers write them."""

import re
import unicodedata

_REPLY = r"re|aw|antw|antwort|sv|vs|odp|ynt|res|rif|回复|回覆|答复|答覆|返信|回信|답장|отв|ответ|atb|vá|yn|απ|השב"
_FORWARD = r"fwd?|wg|wtr|tr|rv|vb|vl|doorst|ilt|转发|轉寄|轉發|転送|전달|пер|πρθ|továbbítás|vidarebefordrat"
_COUNT = r"(?:\s*(?:\[\d{1,4}\]|\(\d{1,4}\)|\*\d{1,4}|\^\d{1,4}|\d{1,4}))?"
_BLOB = re.compile(r"\[[^\[\]]{1,80}\]\s*")
_LEADER = re.compile(rf"(?:{_BLOB.pattern})*+(?:{_REPLY}|{_FORWARD}){_COUNT}\s*[:\uff1a]\s*", re.I)
_TRAILER = re.compile(r"\s*\(fwd\)$", re.I)
_WRAPPED = re.compile(r"\[(?:fwd|転送):\s*(.*)\]$", re.I | re.S)
_IS_REPLY = re.compile(rf"(?:{_REPLY}){_COUNT}\s*[:\uff1a]", re.I)
_IS_ANSWER = re.compile(rf"(?:{_BLOB.pattern})*+{_IS_REPLY.pattern}", re.I)
_IS_FORWARD = re.compile(rf"(?:{_FORWARD}){_COUNT}\s*[:\uff1a]", re.I)
_LONGEST = 998
_ROUNDS = 50


def base_subject(subject: str) -> str:
    """What a thread is about, folded for comparison: marks, list names (RFC 5256, 2.1 (4)) and case removed."""
    text = " ".join(unicodedata.normalize("NFKC", subject[:_LONGEST]).split())
    for _ in range(_ROUNDS):
        stripped = _strip_once(text)
        if stripped == text:
            break
        text = stripped
    return text.casefold()


def is_answer(subject: str) -> bool:
    """Whether the subject says that it answers another one, behind list names or none."""
    return bool(_IS_ANSWER.match(unicodedata.normalize("NFKC", subject[:_LONGEST]).lstrip()))


def _strip_once(text: str) -> str:
    text = _TRAILER.sub("", text)
    if wrapped := _WRAPPED.match(text):
        return wrapped[1].strip()
    if leader := _LEADER.match(text):
        return text[leader.end() :]
    blob = _BLOB.match(text)
    return text[blob.end() :] or text if blob else text


def reply_subject(subject: str) -> str:
    """`Re: ` once in front, whatever reply marks there were; a forward mark is content and stays."""
    text = " ".join(subject[:_LONGEST].split())
    while mark := _IS_REPLY.match(text):
        text = text[mark.end() :].lstrip()
    return f"Re: {text}".rstrip()


def forward_subject(subject: str) -> str:
    """`Fwd: ` once in front of the subject."""
    text = " ".join(subject[:_LONGEST].split())
    while mark := _IS_FORWARD.match(text):
        text = text[mark.end() :].lstrip()
    return f"Fwd: {text}".rstrip()
