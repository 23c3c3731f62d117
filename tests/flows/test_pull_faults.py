"""Servers that break the protocol or the line, and what a pull makes of them: each message once, none lost."""

import hashlib
import ssl
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop
from accounts.troubles import Trouble
from mailbox import pop3, pull
from mailbox.models import Message, RetrievedUidl
from tests.cast import octets_of, remote_maildrop
from tests.dovecot import write_certificate
from tests.flows.odd_server import CAPABILITIES, Answer, OddServer, fall_silent, flood, hang_up
from tests.pop3.misbehaving import Line, Misbehaving

Mode = RemoteMaildrop.Mode
pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, THREE = (octets_of(word, message_id=f"{word}@far.test") for word in ("one", "two", "three"))
LARGE = octets_of("large", text="0123456789abcdef\r\n" * 2**17)
WITHOUT_UIDL: dict[bytes, Answer] = {b"CAPA": b"+OK\r\nPIPELINING\r\n.\r\n", b"UIDL": b"-ERR what?\r\n"}


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that no test has to wait for."""
    limits = partial(pop3.Limits, connect_seconds=5, command_seconds=0.5, skip_octets=2**21)
    monkeypatch.setattr(pop3, "Limits", limits)


class Case:
    """Alice's account, and the server that it is pulled from."""

    def __init__(self, account: MailAccount, odd: OddServer, running: Misbehaving) -> None:
        self.account, self.odd, self.running = account, odd, running
        self.maildrop = remote_maildrop(account, port=running.port, login="alice", password="secret")

    def pull(self, mode: RemoteMaildrop.Mode = Mode.KEEP, **changes: object) -> pull.Report:
        RemoteMaildrop.objects.update(mode=mode, **changes)
        self.maildrop = RemoteMaildrop.objects.select_related("account").get()
        report = pull.pull(self.maildrop)
        assert not RemoteMaildrop.objects.exclude(claimed_at=None).exists()
        return report

    @property
    def stored(self) -> Counter[bytes]:
        kept = Message.objects.filter(account=self.account).select_related("original")
        return Counter(each.original.octets for each in kept)

    @property
    def left(self) -> Counter[bytes]:
        return Counter(self.odd.messages.values())

    def heard(self, word: bytes) -> list[bytes]:
        """The command lines that begin with `word`, of all sessions."""
        return [line for line in self.running.heard if line.startswith(word)]


@pytest.fixture
def case(account: MailAccount) -> Iterator[Case]:
    """Three messages wait; the server works until a test says otherwise."""
    odd = OddServer(ONE, TWO, THREE)
    with Misbehaving(odd) as running:
        yield Case(account, odd, running)


ALL = Counter([ONE, TWO, THREE])


# What servers lack --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [b"-ERR unknown\r\n", hang_up, fall_silent])
@pytest.mark.parametrize("mode", [Mode.KEEP, Mode.DELETE])
def test_a_server_without_capa_will_do(case: Case, mode: RemoteMaildrop.Mode, answer: Answer) -> None:
    case.odd.answers[b"CAPA"] = answer
    assert case.pull(mode).status == pull.Status.OK
    assert case.stored == ALL
    assert case.left == (ALL if mode == Mode.KEEP else Counter())


def test_without_unique_ids_nothing_is_kept_there(case: Case) -> None:
    case.odd.answers |= WITHOUT_UIDL
    report = case.pull(Mode.KEEP)
    assert (report.status, report.trouble) == (pull.Status.FAILED, Trouble.CANNOT_KEEP)
    assert case.heard(b"RETR") == []
    assert case.pull(Mode.DELETE).deleted == 3
    assert (case.stored, case.left) == (ALL, Counter())


def test_without_unique_ids_what_comes_twice_shows_once(case: Case) -> None:
    case.odd.answers |= {**WITHOUT_UIDL, b"QUIT": hang_up}
    case.odd.forgets = True
    assert case.pull(Mode.DELETE).status == pull.Status.FAILED
    case.odd.recover()
    case.odd.answers |= WITHOUT_UIDL
    again = case.pull(Mode.DELETE)
    assert (again.retrieved, again.deleted) == (0, 3)
    assert (case.stored, case.left) == (ALL, Counter())


# Odd listings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.KEEP, Mode.DELETE])
@pytest.mark.parametrize(
    "uidls",
    [
        b"1   blanks   \r\n2 \t tab\r\n3 a b\r\n",
        b"1 %s\r\n2 %s\r\n3 %s\r\n" % (b"x" * 300, b"x" * 301, b"y" * 5000),
        b"1 caf\xe9\r\n2 \x00\x07\r\n3 \xff\xfe'\"%\r\n",
        b"1 same\r\n2 same\r\n3 same\r\n",
        b"3 c\r\n1 a\r\n9 nobody\r\n2 b\r\n",
    ],
    ids=["blanks", "long", "octets", "duplicates", "order"],
)
def test_odd_unique_ids_are_unique_ids(case: Case, uidls: bytes, mode: RemoteMaildrop.Mode) -> None:
    case.odd.answers[b"UIDL"] = b"+OK\r\n" + uidls + b".\r\n"
    assert case.pull(Mode.KEEP).retrieved == 3
    again = case.pull(mode)
    assert (again.retrieved, again.known, len(case.heard(b"RETR"))) == (0, 3, 3)
    assert (case.stored, case.left) == (ALL, ALL if mode == Mode.KEEP else Counter())


def test_sizes_that_lie_change_nothing(case: Case) -> None:
    case.odd.answers[b"LIST"] = b"+OK\r\n1 0\r\n2 1000000\r\n3 none\r\n.\r\n"
    assert case.pull(Mode.KEEP).retrieved == 3
    assert case.pull(Mode.DELETE).deleted == 3
    assert (case.stored, case.left) == (ALL, Counter())


@pytest.mark.parametrize("claim", [100, 10**9], ids=["small", "large"])
def test_what_is_too_large_is_never_deleted_and_keeps_no_other(case: Case, claim: int) -> None:
    case.odd.messages[2] = LARGE
    case.odd.sizes[2] = claim
    for _ in range(2):
        report = case.pull(Mode.DELETE, preview_over_mb=1)
        assert report.status == pull.Status.OK
    assert case.left == Counter([LARGE])
    assert not Counter([ONE, THREE]) - case.stored
    assert LARGE not in case.stored


def test_an_empty_listing_forgets_nothing(case: Case) -> None:
    case.pull()
    nothing = b"+OK\r\n.\r\n"
    case.odd.answers |= {b"LIST": nothing, b"UIDL": nothing}
    assert case.pull().known == 0
    case.odd.recover()
    assert case.pull().retrieved == 0
    assert case.stored == ALL


# Trouble in the middle ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [b"-ERR no such message\r\n", b"-ERR [SYS/TEMP] damaged\r\n", b"-ERR\r\n"])
@pytest.mark.parametrize("mode", [Mode.KEEP, Mode.DELETE])
def test_a_message_that_is_refused_keeps_no_other(case: Case, mode: RemoteMaildrop.Mode, words: bytes) -> None:
    case.odd.answers[b"RETR 2"] = words
    report = case.pull(mode)
    assert (report.status, report.retrieved, report.refused) == (pull.Status.OK, 2, 1)
    assert case.stored == Counter([ONE, THREE])
    assert TWO in case.left
    case.odd.recover()
    assert case.pull(mode).retrieved == 1
    assert (case.stored, case.left) == (ALL, ALL if mode == Mode.KEEP else Counter())


@pytest.mark.parametrize("words", [b"-ERR [SYS/TEMP] Some messages were not removed\r\n", hang_up, fall_silent])
@pytest.mark.parametrize("forgets", [True, False])
def test_deletions_count_only_when_quit_was_answered(case: Case, words: Answer, forgets: bool) -> None:
    case.odd.answers[b"QUIT"] = words
    case.odd.forgets = forgets
    report = case.pull(Mode.DELETE)
    assert (report.status, report.deleted) == (pull.Status.FAILED, 0)
    assert case.stored == ALL
    assert set(RetrievedUidl.objects.values_list("deletion", flat=True)) == {RetrievedUidl.Deletion.PENDING}
    case.odd.recover()
    again = case.pull(Mode.DELETE)
    assert (again.status, again.retrieved, again.deleted) == (pull.Status.OK, 0, 3 if forgets else 0)
    assert (case.stored, case.left) == (ALL, Counter())


def test_a_message_whose_deletion_is_refused_stays_and_comes_once(case: Case) -> None:
    case.odd.answers[b"DELE 2"] = b"-ERR [SYS/TEMP] no\r\n"
    assert case.pull(Mode.DELETE).deleted == 2
    assert (case.stored, case.left) == (ALL, Counter([TWO]))
    case.odd.recover()
    assert case.pull(Mode.DELETE).deleted == 1
    assert (case.stored, case.left) == (ALL, Counter())


@pytest.mark.parametrize("word", [b"CAPA", b"LIST", b"UIDL", b"RETR 2"])
@pytest.mark.parametrize("octets", [b"x" * 65536, b"1 x\r\n" * 10000])
def test_an_endless_answer_is_left(case: Case, monkeypatch: pytest.MonkeyPatch, word: bytes, octets: bytes) -> None:
    monkeypatch.setattr(pop3, "Limits", partial(pop3.Limits, listing_count=1000))
    case.odd.answers[word] = flood(octets)
    report = case.pull(Mode.DELETE, preview_over_mb=1)
    assert (report.status, report.trouble) == (pull.Status.FAILED, Trouble.GARBLED)
    assert not ALL - (case.stored | case.left)
    case.odd.recover()
    assert case.pull(Mode.DELETE).status == pull.Status.OK
    assert (case.stored, case.left) == (ALL, Counter())


@pytest.mark.parametrize("word", [b"USER", b"PASS", b"LIST", b"UIDL", b"RETR 2", b"DELE 2", b"QUIT"])
@pytest.mark.parametrize("answer", [fall_silent, hang_up, b"HTTP/1.1 400 Bad Request\r\n"], ids=["silent", "gone", "?"])
def test_a_server_that_stops_making_sense_loses_nothing(case: Case, word: bytes, answer: Answer) -> None:
    case.odd.answers[word] = answer
    report = case.pull(Mode.DELETE)
    assert report.status == pull.Status.FAILED
    assert report.trouble == (Trouble.GARBLED if isinstance(answer, bytes) else Trouble.UNREACHABLE)
    assert not ALL - (case.stored | case.left)
    case.odd.recover()
    assert case.pull(Mode.DELETE).status == pull.Status.OK
    assert (case.stored, case.left) == (ALL, Counter())


@pytest.mark.parametrize("word", [b"LIST", b"RETR 3"])
def test_a_slow_drip_ends_with_the_session(case: Case, monkeypatch: pytest.MonkeyPatch, word: bytes) -> None:
    monkeypatch.setattr(pull, "SESSION_SECONDS", 1)
    case.odd.answers[word] = lambda line: line.drip(b"+OK\r\n" + b"1 1\r\n" * 1000, every_seconds=0.05)
    report = case.pull(Mode.DELETE)
    assert (report.status, report.trouble) == (pull.Status.FAILED, Trouble.UNREACHABLE)
    assert report.seconds < 2
    assert case.left == ALL


# Logging in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "trouble", "is_paused"),
    [
        (b"[IN-USE] another session", Trouble.LOCKED, False),
        (b"maildrop already locked", Trouble.LOCKED, False),
        (b"[SYS/TEMP] no database", Trouble.REFUSED, False),
        (b"[LOGIN-DELAY] too soon", Trouble.REFUSED, False),
        (b"invalid user name or password", Trouble.REFUSED, False),
        (b"[AUTH] invalid user name or password", Trouble.PASSWORD, True),
    ],
)
def test_only_a_wrong_password_stops_the_pulls(case: Case, words: bytes, trouble: Trouble, is_paused: bool) -> None:
    case.odd.answers[b"PASS"] = b"-ERR " + words + b"\r\n"
    before = timezone.now()
    report = case.pull()
    assert (report.status, report.trouble) == (pull.Status.FAILED, trouble)
    assert (case.maildrop.is_paused, case.maildrop.password) == (is_paused, "secret")
    assert case.maildrop.due_at > before + timedelta(seconds=30)
    assert case.maildrop.failure_count == (trouble != Trouble.LOCKED)
    assert words.decode() in case.maildrop.last_error


def test_a_server_that_wants_to_be_left_alone_is_left_alone(case: Case) -> None:
    case.odd.answers[b"CAPA"] = CAPABILITIES.replace(b".\r\n", b"LOGIN-DELAY 7200\r\n.\r\n")
    before = timezone.now()
    case.pull()
    assert case.maildrop.due_at >= before + timedelta(seconds=7200)


@pytest.mark.parametrize(
    ("capabilities", "stls"),
    [
        (CAPABILITIES, b"+OK\r\n"),
        (CAPABILITIES.replace(b".\r\n", b"STLS\r\n.\r\n"), b"-ERR no\r\n"),
        (CAPABILITIES.replace(b".\r\n", b"STLS\r\n.\r\n"), b"+OK begin\r\n+OK injected\r\n"),
        (b"-ERR\r\n", b"-ERR\r\n"),
    ],
    ids=["stripped", "refused", "injected", "unknown"],
)
def test_no_password_is_sent_when_starttls_is_taken_away(case: Case, capabilities: bytes, stls: bytes) -> None:
    case.odd.answers |= {b"CAPA": capabilities, b"STLS": stls}
    report = case.pull(security="starttls")
    assert report.status == pull.Status.FAILED
    assert report.trouble in {Trouble.UNTRUSTED, Trouble.GARBLED}
    assert not [line for line in case.running.heard if line.split()[0] not in {b"CAPA", b"STLS"}]


def test_octets_in_the_clear_behind_stls_are_never_read_as_if_they_were_safe(case: Case, tmp_path: Path) -> None:
    """The handshake that follows is a real one, with a certificate that has been accepted."""
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(*paths, host="127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    fingerprint = _fingerprint(paths[0])

    def start_tls(line: Line, *, more: bytes = b"") -> None:
        line.say(b"+OK begin\r\n" + more)
        line.start_tls(context)

    case.odd.answers[b"CAPA"] = CAPABILITIES.replace(b".\r\n", b"STLS\r\n.\r\n")
    case.odd.answers[b"STLS"] = partial(start_tls, more=b"-ERR\r\n+OK\r\n+OK\r\n")
    assert case.pull(security="starttls", fingerprint=fingerprint).status == pull.Status.FAILED
    assert case.heard(b"USER") == []
    case.odd.answers[b"STLS"] = start_tls
    assert case.pull().retrieved == 3


def _fingerprint(certificate: Path) -> str:

    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()
