"""Who a message is from, as far as its header tells: what is known, and the tricks by which a name deceives.

A trick is named in one sentence and never decides anything. Most findings are facts; a caution is worth a look, and
danger is what nobody writes by chance.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from functools import cache

from mailbox.mime.authentication import Authentication
from mailbox.mime.domains import domain_of, is_disguised, punycode, site, skeleton
from mailbox.mime.headers import Address
from mailbox.mime.parse import Header

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'＜＞]{1,64}@[^\s<>()\[\],;:\"'＜＞@]{1,253}\.[^\W\d_][\w-]{1,62}")
_WORD = re.compile(r"[^\W\d_]+")
_VIA = re.compile(r"\s(?:via|über|経由)(?:\s|$)", re.I)
_LOOKED_AT = 1_000
_SHOWN = 3
# Two words, and nobody's name all the same.
_SHARED_NAMES = (
    "mail delivery",
    "mailer daemon",
    "customer s",
    "support team",
    "no reply",
    "do not reply",
    "it support",
)
# Scripts whose letters pass for each other; kana beside Latin letters are daily bread.
_TAKEN_FOR_LATIN = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU")
# Names that reports about phishing lead with. Only exact look-alikes are named, so a long list would add little.
_IMITATED = frozenset(
    {"amazon.co.jp", "amazon.com", "amazon.de", "apple.com", "chase.com", "dhl.com", "dropbox.com", "ebay.com"}
    | {"facebook.com", "github.com", "gmail.com", "google.com", "icloud.com", "instagram.com", "linkedin.com"}
    | {"live.com", "microsoft.com", "netflix.com", "office.com", "outlook.com", "paypal.com", "rakuten.co.jp"}
    | {"smbc-card.com", "spotify.com", "ups.com", "usps.com", "wellsfargo.com", "whatsapp.com", "yahoo.com"}
)


class Level(IntEnum):
    """How loud a finding may be: a line among others, a mark by the name, a band across the sheet."""

    FACT = 0
    CAUTION = 1
    DANGER = 2


class Sign(StrEnum):
    """What was noticed; the words for it belong to the screens."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    REFUTED = "refuted"
    NO_ADDRESS = "no-address"
    SEVERAL_AUTHORS = "several-authors"
    DISGUISED = "disguised"
    LOOKS_LIKE = "looks-like"
    NAME_HOLDS_ADDRESS = "name-holds-address"
    NAME_IS_MIXED = "name-is-mixed"
    NAME_IS_YOURS = "name-is-yours"
    NAME_IS_KNOWN = "name-is-known"
    FROM_YOURSELF = "from-yourself"
    REPLY_ELSEWHERE = "reply-elsewhere"
    SENT_BY = "sent-by"
    VIA = "via"
    FIRST = "first"


_ABOUT_THE_NAME = frozenset(
    {Sign.NAME_HOLDS_ADDRESS, Sign.NAME_IS_MIXED, Sign.NAME_IS_YOURS, Sign.NAME_IS_KNOWN, Sign.FROM_YOURSELF}
)
_IMPERSONATION = frozenset({Sign.NAME_IS_YOURS, Sign.NAME_IS_KNOWN, Sign.FROM_YOURSELF})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed: `value` is what the message shows, `other` what it should be held against."""

    sign: Sign
    level: Level
    value: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the reader's own mail tells of a sender."""

    own_addresses: Collection[str] = frozenset()
    """In lower case."""
    is_own_name: bool = False
    namesake: str = ""
    """Another address that has written under the same name before."""
    is_first: bool = False
    is_new: bool = False
    """The address has not written for long; somebody who has for weeks is known under two addresses."""


@dataclass(frozen=True, slots=True)
class _Reading:
    header: Header
    authentication: Authentication
    known: Known
    author: Address
    domain: str = field(default="")

    @property
    def is_bulk(self) -> bool:
        """Sent to many by a program, which has its own ways with names and answers (RFC 2919, 2369, 3834)."""
        names = {name.lower() for name, _ in self.header.raw_fields}
        return bool(names & {b"list-id", b"list-unsubscribe", b"list-post", b"auto-submitted"})


def findings(header: Header, authentication: Authentication, known: Known) -> tuple[Finding, ...]:
    """Return what is to be said about the sender of a message that came from outside, the gravest first."""
    author = next(iter(header.from_ or header.sender), Address("", ""))
    reading = _Reading(header, authentication, known, author, domain_of(author.address))
    found = [finding for look in _LOOKS for finding in look(reading)]
    return tuple(sorted(_raised(found, authentication), key=lambda finding: -finding.level))


def _raised(found: list[Finding], authentication: Authentication) -> list[Finding]:
    """Two cautions that explain each other are danger: a name that deceives, and a check that failed or a detour."""
    raised = _ABOUT_THE_NAME if authentication.is_refuted else frozenset[Sign]()
    # A forger writes the fields of a list as easily as any other, so they excuse no known name.
    if Sign.REPLY_ELSEWHERE in {finding.sign for finding in found}:
        raised |= _IMPERSONATION
    return [
        replace(each, level=Level.DANGER) if each.sign in raised and each.level == Level.CAUTION else each
        for each in found
    ]


def _vouching(it: _Reading) -> Iterator[Finding]:
    found = it.authentication
    if found.is_verified:
        yield Finding(Sign.VERIFIED, Level.FACT, found.domain, found.server or "")
    elif found.is_refuted:
        yield Finding(Sign.REFUTED, Level.CAUTION, it.domain, found.server or "")
    elif found.server is not None:
        yield Finding(Sign.UNVERIFIED, Level.FACT, it.domain, found.server)


def _authors(it: _Reading) -> Iterator[Finding]:
    if "@" not in it.author.address:
        yield Finding(Sign.NO_ADDRESS, Level.CAUTION, it.author.address)
    if len(it.header.from_) > 1:
        sites = {site(domain_of(each.address)) for each in it.header.from_}
        named = ", ".join(each.address for each in it.header.from_[:_SHOWN])
        yield Finding(Sign.SEVERAL_AUTHORS, Level.CAUTION if len(sites) > 1 else Level.FACT, named)


def _domain(it: _Reading) -> Iterator[Finding]:
    hosts = [it.domain, *(domain_of(each.address) for each in it.header.reply_to[:_SHOWN])]
    for host in dict.fromkeys(hosts):
        if is_disguised(host):
            yield Finding(Sign.DISGUISED, Level.DANGER, host, punycode(host))
        elif original := _imitated(site(host), it.known.own_addresses):
            yield Finding(Sign.LOOKS_LIKE, Level.DANGER, host, original)


def _imitated(host: str, own_addresses: Collection[str]) -> str:
    """Return the known name that `host` looks like without being it; "" without one."""
    own = {site(domain_of(each)) for each in own_addresses}
    if not host or host in _IMITATED or host in own:
        return ""
    looks = skeleton(host)
    return next((each for each in sorted(own) if skeleton(each) == looks), "") or _imitated_names().get(looks, "")


@cache
def _imitated_names() -> dict[str, str]:
    return {skeleton(name): name for name in _IMITATED}


def _name_holds_address(it: _Reading) -> Iterator[Finding]:
    shown = unicodedata.normalize("NFKC", it.author.name[:_LOOKED_AT])
    for address in dict.fromkeys(_ADDRESS.findall(shown)[:_SHOWN]):
        if site(domain_of(address)) == site(it.domain):
            continue
        # People who moved keep their old address as their name; services write it beside their own.
        same_person = address.partition("@")[0].lower() == it.author.address.partition("@")[0].lower()
        is_usual = (same_person and not it.known.is_first) or it.is_bulk or _VIA.search(shown)
        yield Finding(Sign.NAME_HOLDS_ADDRESS, Level.CAUTION if is_usual else Level.DANGER, address, it.author.address)


def _name_is_mixed(it: _Reading) -> Iterator[Finding]:
    if it.author.name.isascii():
        return
    for word in _WORD.findall(it.author.name[:_LOOKED_AT]):
        scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in set(word)}
        if "LATIN" in scripts and scripts.intersection(_TAKEN_FOR_LATIN):
            yield Finding(Sign.NAME_IS_MIXED, Level.CAUTION, word)
            return


def _name_of_somebody(it: _Reading) -> Iterator[Finding]:
    level = Level.CAUTION if it.known.is_new else Level.FACT
    if it.author.address.lower() in it.known.own_addresses:
        # Whoever writes to himself through his provider is vouched for by it; without a judge nobody can tell.
        is_doubtful = it.authentication.server is not None and not it.authentication.is_verified
        yield Finding(Sign.FROM_YOURSELF, Level.CAUTION if is_doubtful else Level.FACT, it.author.address)
    elif not is_whole_name(it.author.name):
        return
    elif it.known.is_own_name:
        yield Finding(Sign.NAME_IS_YOURS, level, it.author.name, it.author.address)
    elif it.known.namesake and site(domain_of(it.known.namesake)) != site(it.domain):
        yield Finding(Sign.NAME_IS_KNOWN, level, it.author.name, it.known.namesake)


def is_whole_name(name: str) -> bool:
    """Whether it is a name of a person and not one that many share: two words, or three letters of Han or Kana."""
    if name.lower().startswith(_SHARED_NAMES):
        return False
    letters = [letter for letter in name if unicodedata.east_asian_width(letter) in "WF"]
    return len(_WORD.findall(name)) > 1 or len(letters) > 2


def _reply(it: _Reading) -> Iterator[Finding]:
    own = {address.lower() for address in it.known.own_addresses}
    others = [
        each.address
        for each in it.header.reply_to[:_SHOWN]
        if site(domain_of(each.address)) != site(it.domain) and each.address.lower() not in own
    ]
    if others:
        yield Finding(Sign.REPLY_ELSEWHERE, Level.FACT if it.is_bulk else Level.CAUTION, ", ".join(others))


def _sender(it: _Reading) -> Iterator[Finding]:
    sender = next(iter(it.header.sender), None)
    if it.header.from_ and sender and sender.address.lower() != it.author.address.lower():
        yield Finding(Sign.SENT_BY, Level.FACT, sender.address)
    if it.authentication.via and site(it.authentication.via) != site(it.domain):
        yield Finding(Sign.VIA, Level.FACT, it.authentication.via)


def _first(it: _Reading) -> Iterator[Finding]:
    if it.known.is_first and it.author.address:
        yield Finding(Sign.FIRST, Level.FACT, it.author.address)


_LOOKS = (
    *(_domain, _name_holds_address, _name_of_somebody, _name_is_mixed),
    *(_vouching, _authors, _reply, _sender, _first),
)
