"""Which header fields a good DKIM signature covers (RFC 6376): anybody may have added the others."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mailbox.mime.authentication import Result, Verdict, trusted_reports
from mailbox.mime.domains import is_at_or_below
from mailbox.mime.words import raw

_LONGEST = 16_384
_MANY = 20
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Signature:
    """One DKIM-Signature field: who signs, the signature itself, and how often it covers which field."""

    domain: str
    digits: str
    covered: Counter[str]


def is_covered(fields: Sequence[tuple[bytes, bytes]], names: Collection[str], *, trusted: Collection[str]) -> bool:
    """Return whether a server in `trusted` found a signature good that covers every field of each of these names.

    `fields` are those of the message in order; `trusted` as for `authenticate`. A signature that the message does not
    hold any more, because a server took it out, is believed to have covered them.
    """
    good = [result for report in trusted_reports(fields, trusted) for result in report.results if _is_good(result)]
    if not good:
        return False
    present = Counter(name.decode("ascii", "replace").strip().lower() for name, _ in fields)
    signatures = list(_signatures(fields))
    return any(_covers(result, signatures, {name.lower(): present[name.lower()] for name in names}) for result in good)


def _is_good(result: Result) -> bool:
    return result.method == "dkim" and result.verdict == Verdict.PASS


def _covers(result: Result, signatures: Iterable[_Signature], wanted: dict[str, int]) -> bool:
    meant = [each for each in signatures if _is_meant(each, result)]
    # A name that is listed once covers only the lowest of two fields (RFC 6376, 5.4.2), and readers take the topmost.
    return not meant or any(all(each.covered[name] >= count for name, count in wanted.items()) for each in meant)


def _is_meant(signature: _Signature, result: Result) -> bool:
    """Whether `result` speaks of `signature`: by its domain, and by the first letters of it (RFC 6008)."""
    domain = (result.property("header.d") or result.property("header.i").rpartition("@")[2]).lower().rstrip(".")
    if domain and not is_at_or_below(domain, signature.domain):
        return False
    digits = result.property("header.b")
    return not digits or signature.digits.startswith(digits.rstrip("="))


def _signatures(fields: Iterable[tuple[bytes, bytes]]) -> Iterator[_Signature]:
    values = [value for name, value in fields if name.strip().lower() == b"dkim-signature"]
    for value in values[:_MANY]:
        tags = _tags(raw(value)[:_LONGEST])
        covered = Counter(name.lower() for name in tags.get("h", "").split(":"))
        yield _Signature(tags.get("d", "").lower().rstrip("."), tags.get("b", ""), covered)


def _tags(text: str) -> dict[str, str]:
    """The tags of a signature, without white space, which may stand anywhere in them (RFC 6376, 3.2)."""
    pairs = (_SPACE.sub("", each).partition("=") for each in text.split(";"))
    return {name: value for name, _, value in pairs if name}
