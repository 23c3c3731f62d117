"""Dates of header fields (RFC 5322, 3.3) in every shape that mailers gave them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from mailbox.mime.words import decode, raw

_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec"
# How the months of German, French, Spanish, Italian, Portuguese and Dutch mailers begin, where English ones do not.
_FOREIGN = {
    "jän": 1, "ene": 1, "gen": 1, "fév": 2, "fev": 2, "mär": 3, "maa": 3, "mrt": 3, "avr": 4, "abr": 4, "mai": 5,
    "mag": 5, "mei": 5, "juin": 6, "giu": 6, "juil": 7, "lug": 7, "aoû": 8, "aou": 8, "ago": 8, "set": 9,
    "okt": 10, "out": 10, "ott": 10, "déc": 12, "dez": 12, "dic": 12,
}  # fmt: skip
_MONTHS = {name: number for number, name in enumerate(_ENGLISH.split(), start=1)} | _FOREIGN
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[^\W\d_]*\.?"
_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE = r"(?:\s*(?:(?:gmt|utc)(?=[+-]\d))?(?P<zone>[+-]\s?\d{1,2}:?\d{2}|[+-]\d{1,2}\b|\(?[a-z]{1,5}\b))?"
_SHAPES = tuple(
    re.compile(shape, re.I)
    for shape in (
        # Thu, 13 Feb 2025 10:01:02 +0900; 13-Feb-25 10:01
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,./-]*{_MONTH}[\s,./-]*(?P<year>\d{{2,4}})\b(?:[\s,T]*{_TIME}{_ZONE})?",
        # Thu Feb 13 10:01:02 2025, with a zone before or after the year
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+{_TIME}\s+(?P<zone>[a-z]{{1,5}}\s+|[+-]\d{{4}}\s+)?(?P<year>\d{{4}})\b",
        # Feb 13, 2025 10:01, Feb 13 2025 10:01:02 GMT+0900
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b(?:[\s,]*{_TIME}{_ZONE})?",
        # 2025-02-13T10:01:02Z, 2025/02/13 10:01
        rf"\b(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?:[\sT]*{_TIME}{_ZONE})?",
        # 2025年2月13日 10:01, in Korean as well
        rf"(?P<year>\d{{4}})\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?P<day>\d{{1,2}})\s*[日일]?(?:\s*{_TIME}{_ZONE})?",
        # 13.02.2025 10:01; with slashes nobody knows which is the month
        rf"\b(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})\b(?:[\s,]*{_TIME}{_ZONE})?",
    )
)
# As nearly every mailer writes it (RFC 5322, 3.3); the shapes above find the same in ten times as long.
_USUAL = re.compile(
    rf"\s*(?:[A-Z][a-z]{{2}}, )?(?P<day>\d{{1,2}}) (?P<month>{_ENGLISH.title().replace(' ', '|')}) (?P<year>\d{{4}}) "
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) (?P<zone>[+-]\d{4})(?: \([A-Z]{1,5}\))?\s*"
)
_NAMED_ZONES = {
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "jst": 9, "kst": 9, "cet": 1, "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "bst": 1, "ist": 5.5,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "hst": -10, "akst": -9, "akdt": -8, "hkt": 8, "sgt": 8,
}  # fmt: skip
# Years that every database and every calendar of a browser can hold, in any zone.
_FIRST_YEAR, _LAST_YEAR = 1900, 9998
_LONGEST = 256
# No place keeps a time further from UTC, and PostgreSQL takes none of 16 hours.
_FARTHEST = timedelta(hours=14)


def date(value: bytes | str) -> datetime | None:
    """The aware date and time, in the zone it was written in; None when there is none or it is out of range.

    An unknown zone, and `-0000`, count as UTC (RFC 5322, 4.3).
    """
    text = raw(value)[:_LONGEST]
    if usual := _USUAL.fullmatch(text):
        return _build(usual.groupdict())
    if "=?" in text:
        text = decode(text)
    for shape in _SHAPES:
        if found := shape.search(text):
            return _build(found.groupdict())
    return None


def _build(found: dict[str, str | None]) -> datetime | None:
    try:
        built = datetime(
            _year(found["year"] or ""),
            _month(found["month"] or ""),
            int(found["day"] or 0),
            _hour(found),
            int(found.get("minute") or 0),
            min(int(found.get("second") or 0), 59),  # a leap second is written as 60
            tzinfo=_zone(found.get("zone") or ""),
        )
    except ValueError:
        return None
    return built if _FIRST_YEAR <= built.year <= _LAST_YEAR else None


def _year(digits: str) -> int:
    """RFC 5322, 4.3: two digits up to 49 are of this century, three digits count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS[text.lower()]


def _hour(found: dict[str, str | None]) -> int:
    hour, half = int(found.get("hour") or 0), (found.get("half") or "").lower()
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half == "p" else 0)


@lru_cache(maxsize=256)
def _zone(text: str) -> timezone:
    text = text.strip().strip("(").replace(" ", "").replace(":", "").lower()
    if not text or text[0] not in "+-":
        hours = _NAMED_ZONES.get(text, 0)
        return timezone(timedelta(hours=hours)) if hours else UTC
    digits = text[1:].zfill(2)
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    if not offset or offset > _FARTHEST:
        return UTC
    return timezone(-offset if text[0] == "-" else offset)
