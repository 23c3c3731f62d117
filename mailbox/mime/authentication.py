"""What the receiving server found out about a message's sender: Authentication-Results (RFC 8601).

Anybody can write such a field, so it is worth only as much as the server that added it. A field counts when it names
a server that the reader trusts *and* stands where that server would have put it: fields grow upwards, and what lies
below the place where the message was handed over came with the message. ARC (RFC 8617) is left alone: it asks for
trust in the servers before, and those nobody has named.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailbox.mime.domains import domain_of, is_at_or_below, readable, site
from mailbox.mime.words import clean, raw

_LONGEST = 16_384
_MANY_FIELDS = 50
_MANY_RESULTS = 60
_TOKEN = re.compile(
    r'\s*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"?'
    r"|(?P<comment>\()"
    r"|(?P<mark>[;=])"
    r'|(?P<word>[^\s;="()]++)'
    r"|.|\Z)",
    re.S,
)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]++)", re.I)
_LOCAL_HANDOVER = re.compile(r"\bwith\s+(?:utf8)?lmtp", re.I)
# What a client says of itself stands in comments, and may hold a `by` of its own.
_COMMENT = re.compile(r"\([^()]*+\)")
# One house under two names.
_HOUSES = {"exchangelabs.com": "outlook.com"}
_PRIVATE_ENDS = (".internal", ".local", ".localdomain", ".lan", ".home.arpa", ".invalid")
# Names of servers come from the wire and are shown and stored.
_SERVER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


class Verdict(StrEnum):
    """The results that matter (RFC 8601, 2.7); whatever else a server says is `NONE` to a reader."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    NEUTRAL = "neutral"
    ERROR = "error"
    NONE = "none"


_VERDICTS = {
    "pass": Verdict.PASS,
    "fail": Verdict.FAIL,
    "hardfail": Verdict.FAIL,
    "softfail": Verdict.NEUTRAL,
    "neutral": Verdict.NEUTRAL,
    "policy": Verdict.NEUTRAL,
    "bestguesspass": Verdict.NEUTRAL,
    "temperror": Verdict.ERROR,
    "permerror": Verdict.ERROR,
}


@dataclass(frozen=True, slots=True)
class Result:
    """One method of a field: `dkim=pass header.d=far.test` has the property `header.d`."""

    method: str
    verdict: Verdict
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, name: str) -> str:
        return next((value for key, value in self.properties if key == name), "")


@dataclass(frozen=True, slots=True)
class Report:
    """One Authentication-Results field: the server that claims to have added it, and what it says."""

    server: str
    """The authserv-id in lower case; "" where the field names none, as Exchange Online does."""
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class Authentication:
    """What a trusted server says of the sender. Without one, `server` is None and every verdict is none."""

    server: str | None = None
    spf: Verdict = Verdict.NONE
    dkim: Verdict = Verdict.NONE
    dmarc: Verdict = Verdict.NONE
    domain: str = ""
    """The domain of the From field, where the server vouches that the message came from there."""
    via: str = ""
    """Where it is not vouched for: the domain that did sign or send it."""

    @property
    def is_verified(self) -> bool:
        return bool(self.domain)

    @property
    def is_refuted(self) -> bool:
        """The domain asks everybody to check its mail, and this message did not stand the check."""
        return self.dmarc == Verdict.FAIL


def authenticate(fields: Iterable[tuple[bytes, bytes]], *, author: str, trusted: Collection[str]) -> Authentication:
    """Return what the servers in `trusted` say of a message whose From address is `author`.

    `fields` are those of the message in order. A trusted name is an authserv-id, `*.example.test` for all below a
    domain, or "" for fields that name no server.
    """
    reports = trusted_reports(fields, trusted)
    if not reports:
        return Authentication()
    results = [result for report in reports for result in report.results]
    dmarc = _worst(result.verdict for result in results if result.method == "dmarc")
    domain = _vouched(results, dmarc, domain_of(author))
    return Authentication(
        server=reports[0].server,
        spf=_worst(result.verdict for result in results if result.method == "spf"),
        dkim=_best(result.verdict for result in results if result.method == "dkim"),
        dmarc=dmarc,
        domain=domain,
        via="" if domain else next(_proven(results), ""),
    )


def trusted_reports(fields: Iterable[tuple[bytes, bytes]], trusted: Collection[str]) -> list[Report]:
    """Return the reports among `fields` that a server in `trusted` has added, as for `authenticate`."""
    return _trustworthy(_traces(fields), frozenset(name.lower() for name in trusted)) if trusted else []


def topmost_server(fields: Iterable[tuple[bytes, bytes]]) -> str:
    """The authserv-id of the topmost field, "" without one: a hint at who checks this mailbox's mail, no proof."""
    for trace in _traces(fields):
        if trace.report:
            return trace.report.server if _SERVER.fullmatch(trace.report.server) else ""
    return ""


def read_results(value: bytes | str) -> Report:
    """Return what one field says; never raises, and what cannot be read is left out (RFC 8601, 2.2)."""
    clauses = list(_clauses(clean(raw(value)[:_LONGEST])))
    server = ""
    # Exchange Online begins with the first method; everybody else names himself, perhaps with a version.
    if clauses and "=" not in clauses[0][1:2]:
        server, clauses = (clauses[0][0].lower() if clauses[0] else ""), clauses[1:]
    found = (_result(clause) for clause in clauses[:_MANY_RESULTS])
    return Report(server, tuple(result for result in found if result))


@dataclass(frozen=True, slots=True)
class _Trace:
    """A field that a server on the way has added: a report, or the record of a hand-over."""

    report: Report | None = None
    by: str = ""
    is_local: bool = False
    """Handed over within one house, by LMTP (RFC 2033)."""


def _traces(fields: Iterable[tuple[bytes, bytes]]) -> list[_Trace]:
    traces: list[_Trace] = []
    for name, value in fields:
        lower = name.strip().lower()
        if lower == b"authentication-results":
            traces.append(_Trace(report=read_results(value)))
        elif lower == b"received":
            traces.append(_received(raw(value)[:_LONGEST]))
        if len(traces) >= _MANY_FIELDS:
            break
    return traces


def _received(text: str) -> _Trace:
    for _ in range(3):
        if "(" not in text:
            break
        text = _COMMENT.sub(" ", text)
    by = _BY.search(text)
    return _Trace(by=by[1].lower() if by else "", is_local=bool(_LOCAL_HANDOVER.search(text)))


def _trustworthy(traces: Sequence[_Trace], trusted: frozenset[str]) -> list[Report]:
    """Return the reports that a trusted server has added, as far as their places tell.

    Above the first hand-over over the network, everything was added by the own provider. Servers that add their
    record first and their report after the fields that came (Gmail does) put it below that: there only the topmost
    one counts, and only if all who handed it on until then are of the same house.
    """
    first = next((at for at, trace in enumerate(traces) if not trace.report and not trace.is_local), None)
    if first is None:
        return []
    above = [trace.report for trace in traces[:first] if trace.report and is_trusted(trace.report.server, trusted)]
    if above:
        return above
    for trace in traces[first:]:
        if trace.report and is_trusted(trace.report.server, trusted):
            return [trace.report] if _is_of_the_house(traces, trace) else []
    return []


def is_trusted(server: str, trusted: Collection[str]) -> bool:
    """Whether `server` is one of the names in `trusted`, or below a domain that is named as `*.example.test`."""
    if server in trusted:
        return True
    return any(name.startswith("*.") and server.endswith(name[1:]) for name in trusted)


def _is_of_the_house(traces: Sequence[_Trace], report: _Trace) -> bool:
    """Whether every hand-over above `report` was to the server's own house."""
    above = [trace.by for trace in traces[: traces.index(report)] if not trace.report and trace.by]
    named = report.report.server if report.report else ""
    house = _house(named or next(iter(above), ""))
    return all(_is_private(by) or _house(by) == house for by in above)


def _house(host: str) -> str:
    return _HOUSES.get(site(host), site(host))


def _is_private(host: str) -> bool:
    host = host.strip("[]")
    return ":" in host or "." not in host or host.replace(".", "").isdigit() or host.endswith(_PRIVATE_ENDS)


def _vouched(results: Sequence[Result], dmarc: Verdict, author: str) -> str:
    """Return `author`, a domain, if it is vouched for: by DMARC, else by what DMARC would look at (RFC 7489, 3.1)."""
    if not author:
        return ""
    if dmarc == Verdict.PASS:
        named = [result.property("header.from") for result in results if result.method == "dmarc"]
        return author if all(_host(name) == author for name in named if name) else ""
    if dmarc == Verdict.FAIL:
        return ""
    return author if any(is_at_or_below(author, domain) for domain in _proven(results)) else ""


def _proven(results: Iterable[Result]) -> Iterator[str]:
    for result in results:
        if result.verdict != Verdict.PASS:
            continue
        if result.method == "dkim":
            yield _host(result.property("header.d") or result.property("header.i"))
        elif result.method == "spf":
            yield _host(result.property("smtp.mailfrom") or result.property("smtp.mail"))


def _host(value: str) -> str:
    return readable(value.rpartition("@")[2])


# A field that says both was made from what a stranger wrote: the worse one counts.
_SEVERITY = (Verdict.NONE, Verdict.PASS, Verdict.NEUTRAL, Verdict.ERROR, Verdict.FAIL)


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=_SEVERITY.index, default=Verdict.NONE)


def _best(verdicts: Iterable[Verdict]) -> Verdict:
    """One good signature is enough; forwarders and lists break the others (RFC 6376, 6.1)."""
    found = list(verdicts)
    return Verdict.PASS if Verdict.PASS in found else _worst(found)


def _clauses(text: str) -> Iterator[list[str]]:
    """The tokens between semicolons; comments are gone, `=` is a token of its own."""
    clause: list[str] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token  # its last alternative takes any character
        at = token.end()
        if token.lastgroup == "comment":
            at = _comment_end(text, at)
        elif token["mark"] == ";":
            yield clause
            clause = []
        elif token.lastgroup:
            _append(clause, token)
    yield clause


def _append(clause: list[str], token: re.Match[str]) -> None:
    if token.lastgroup == "quoted":
        clause.append(_ESCAPED.sub(r"\1", token["quoted"]))
    else:
        clause.append(token["mark"] or token["word"])


def _comment_end(text: str, start: int) -> int:
    depth, at = 1, start
    while depth and (mark := _COMMENT_MARK.search(text, at)):
        at = mark.end()
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
    return at if depth == 0 else len(text)


def _result(clause: list[str]) -> Result | None:
    pairs = list(_pairs(clause))
    if not pairs:
        return None
    # The method may carry a version: dkim/1=pass.
    method, verdict = clause[0].partition("/")[0].lower(), pairs[0][1].lower()
    properties = tuple((name, value) for name, value in pairs[1:] if "." in name)
    return Result(method, _VERDICTS.get(verdict, Verdict.NONE), properties)


def _pairs(clause: list[str]) -> Iterator[tuple[str, str]]:
    """Names and values; a signature ends in `=` and holds more of them, which are part of no name."""
    for at in range(1, len(clause) - 1):
        if clause[at] == "=" and clause[at - 1] != "=" and clause[at + 1] != "=":
            yield clause[at - 1].lower(), clause[at + 1]
