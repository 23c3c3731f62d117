"""Remote maildrop -> inbox: one pull at a time for each maildrop, and nothing deleted there before it is safe here.

A pull is one or more POP3 sessions. In each: log in; list; compare with what is remembered (`listings`); retrieve what
is new, newest first, and commit it in batches with its unique-ids; DELE what is to go; QUIT. DELE counts when the
server has answered QUIT with +OK, so until then a deletion is pending and the next pull repeats it.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from accounts.fields import UnreadableSecret
from accounts.models import RemoteMaildrop
from accounts.troubles import Notice
from mailbox import alerts, deletions, listings, pop3, quotas, storing
from mailbox.arrivals import Arrived, arrived
from mailbox.beside import Writer
from mailbox.deletions import Stored
from mailbox.listings import Comparison, Proof
from mailbox.logging_in import credential_of, log_in_renewing
from mailbox.models import PullLog
from mailbox.report import Report, Status
from mailbox.servers import pop3_server
from mailbox.storing import Batch
from mailbox.troubles import TROUBLES, CannotKeep, PasswordLost, trouble_of
from webmail import backoff
from webmail.celery import stopping
from webmail.claims import STALE, ClaimLost

__all__ = ["Progress", "Report", "Status", "pull"]

log = logging.getLogger(__name__)

Mode = RemoteMaildrop.Mode

# A batch is one transaction: large enough to be fast, small enough to stay out of everybody's way.
BATCH_COUNT = 300
BATCH_OCTETS = 8 * 2**20
# A session that ends early repeats little; one that never ends could not be told from a hung one.
SESSION_COUNT = 5_000
SESSION_COUNT_DELETING = 500
SESSION_OCTETS_DELETING = 64 * 2**20
SESSION_SECONDS = 600
# After this no further batch is begun, so that the last one has time to end.
WORKING_SECONDS = 400
# A server may take a silence this long for the end (RFC 1939, 3 allows ten minutes, many allow less).
NOOP_SECONDS = 10
# Pulls of one host at a time; more would look like an attack to it.
PER_HOST = 4
HOST_WAIT = timedelta(seconds=10)
STUB_LINES = 100

type Progress = Callable[[int, int], None]


def pull(maildrop: RemoteMaildrop, *, on_progress: Progress | None = None) -> Report:
    """Pull what is new in `maildrop` and note the outcome on it. Raises nothing that a server can cause.

    `on_progress` is called with how many messages came and how many are wanted.
    """
    report = Report(maildrop.account.address)
    if not maildrop.claim(timezone.now()) or _is_host_busy(maildrop):
        report.status = Status.BUSY
        return report
    started = time.monotonic()
    try:
        while _session(maildrop, report, on_progress or (lambda _done, _wanted: None)) and not stopping.is_set():
            maildrop.renew_claim(timezone.now())
        if report.is_full:
            raise quotas.Full
        _note_success(maildrop, report)
    except ClaimLost:
        report.status, report.error = Status.BUSY, "Another pull has taken over."
    except TROUBLES as error:
        _note_trouble(maildrop, report, error)
    except BaseException:
        # Not the server's doing: it is raised, and must neither leave the claim to go stale nor come back at once.
        maildrop.release(due_at=timezone.now() + timedelta(minutes=maildrop.every_minutes))
        raise
    report.seconds = time.monotonic() - started
    _write_log(maildrop, report)
    return report


def _is_host_busy(maildrop: RemoteMaildrop) -> bool:
    """Whether enough others are pulling from the same host; then this one gives its claim back and comes again."""
    now = timezone.now()
    others = RemoteMaildrop.objects.filter(host=maildrop.host, claimed_at__gt=now - STALE).exclude(pk=maildrop.pk)
    if others.count() < PER_HOST:
        return False
    maildrop.release(due_at=now + backoff.jittered(HOST_WAIT, share=0.5))
    return True


def _session(maildrop: RemoteMaildrop, report: Report, on_progress: Progress) -> bool:
    """Run one POP3 session; return whether another one has more to do."""
    if isinstance(maildrop.password, UnreadableSecret):
        raise PasswordLost
    room = quotas.room_of(maildrop.account.owner)
    if room == 0:
        raise quotas.Full
    login = f"recent:{maildrop.login}" if maildrop.is_recent else maildrop.login
    credential = credential_of(maildrop, login=login)
    limits = pop3.Limits(session_seconds=SESSION_SECONDS, message_octets=_message_limit(maildrop))
    with pop3.Client.connect(pop3_server(maildrop), limits=limits, fingerprint=maildrop.fingerprint or None) as client:
        report.not_before = timezone.now() + timedelta(seconds=client.login_delay_seconds)
        log_in_renewing(client, maildrop, credential)
        report.not_before = timezone.now() + timedelta(seconds=client.login_delay_seconds)
        return _Session(maildrop, client, report, on_progress, room).run()


def _message_limit(maildrop: RemoteMaildrop) -> int:
    return min(maildrop.preview_over_mb * 2**20, settings.MESSAGE_OCTETS_LIMIT)


# One session ---------------------------------------------------------------------------------------------------------


class _Session:
    """What one logged-in session does."""

    def __init__(
        self,
        maildrop: RemoteMaildrop,
        client: pop3.Client,
        report: Report,
        on_progress: Progress,
        room: int | None,
    ) -> None:
        self._maildrop = maildrop
        self._account = maildrop.account
        self._client = client
        self._report = report
        self._on_progress = on_progress
        # Octets that the owner may still keep; None for any number.
        self._room = room
        self._deadline = time.monotonic() + WORKING_SECONDS
        self._is_renumbered = False
        # What was stored and may leave the server; nothing is held where nothing may.
        self._stored: Stored = []
        self._stored_count = 0
        self._recognised_count = 0
        self._answered = 0
        # Listed as smaller than they turned out to be.
        self._too_large: list[pop3.Listed] = []

    def run(self) -> bool:
        """Do one session's work; return whether there is more, and any use in another session."""
        # 1. What is there, and what of it is known?
        comparison = self._compare()
        limit = _message_limit(self._maildrop)
        large = [listed for listed in comparison.new if listed.octets > limit]
        wanted = [listed for listed in comparison.new if listed.octets <= limit]
        if self._report.is_first_session:
            self._report.known = len(comparison.standing) + self._recognised_count
            self._report.is_first_session = False
        # 2. Retrieve and commit.
        turn = self._turn(wanted)
        if wanted:
            self._announce(self._report.retrieved + len(wanted))
        self._retrieve(turn)
        self._preview([*large, *self._too_large])
        self._complete(comparison.asked_for)
        # 3. Delete what is safe here and is to go.
        leaving = deletions.leaving(self._maildrop, comparison, self._stored, limit=SESSION_COUNT_DELETING + 1)
        deleted = deletions.delete(self._client, leaving[:SESSION_COUNT_DELETING])
        # 4. Only the answer to QUIT makes deletions count.
        self._client.quit()
        deletions.note_done(deleted)
        self._report.deleted += len(deleted)
        has_more = self._answered < len(wanted) or len(leaving) > SESSION_COUNT_DELETING
        return has_more and not self._report.is_full and bool(self._stored_count or deleted)

    def _compare(self) -> Comparison:
        listing = self._client.listing()
        stays = self._maildrop.mode != Mode.DELETE or not self._maildrop.may_delete
        if stays and any(not listed.uidl for listed in listing):
            raise CannotKeep
        comparison = listings.compare(self._maildrop, listing)
        self._is_renumbered = listings.is_renumbered(self._maildrop, comparison)
        self._recognise(comparison)
        listings.note_vanished(comparison.vanished)
        self._maildrop.listed_count, self._maildrop.listed_octets = len(listing), comparison.octets
        return comparison

    def _recognise(self, comparison: Comparison) -> None:
        """Find out which suspects are stored here.

        Where messages are to be deleted there, a header is not proof enough: they are retrieved, and recognised by
        their octets.
        """
        if self._is_renumbered:
            self._tell(Notice.RENUMBERED, len(comparison.new))
        elif len(comparison.returned) > len(comparison.listing) // 2:
            self._tell(Notice.RESTORED, len(comparison.returned))
        if self._maildrop.may_delete:
            unproven = [pair for pair in comparison.standing if pair[0].proof == Proof.HEADER]
            comparison.standing = [pair for pair in comparison.standing if pair[0].proof != Proof.HEADER]
            comparison.new += [listed for _row, listed in (*comparison.returned, *unproven)]
            comparison.returned = []
        elif self._is_renumbered or comparison.returned:
            recognised = listings.recognise(self._client, comparison, is_renumbered=self._is_renumbered)
            listings.remember(self._maildrop, recognised)
            self._recognised_count = len(recognised)

    def _tell(self, notice: Notice, count: int) -> None:
        self._report.notice = notice
        self._maildrop.renew_claim(timezone.now(), notice=notice, notice_count=count)

    def _turn(self, wanted: Sequence[pop3.Listed]) -> list[pop3.Listed]:
        """Return as many of `wanted` as one session takes, newest first: that is what people wait for."""
        newest_first = self._fitting(sorted(wanted, key=lambda listed: listed.number, reverse=True))
        if not self._maildrop.may_delete:
            return newest_first[:SESSION_COUNT]
        turn: list[pop3.Listed] = []
        octets = 0
        for listed in newest_first[:SESSION_COUNT_DELETING]:
            octets += listed.octets
            if turn and octets > SESSION_OCTETS_DELETING:
                break
            turn.append(listed)
        return turn

    def _fitting(self, wanted: list[pop3.Listed]) -> list[pop3.Listed]:
        """Return those that the owner has room for; the others stay on the server, and the pull says so."""
        fitting = quotas.fitting(((listed, listed.octets) for listed in wanted), self._room)
        self._report.is_full |= len(fitting) < len(wanted)
        return fitting

    def _retrieve(self, turn: Sequence[pop3.Listed]) -> None:
        """Retrieve `turn` in one go and commit it in batches; stop early when the session has lasted long enough."""
        with Writer(self._store) as writer:
            try:
                self._write(writer, turn)
            finally:
                # Also where the line broke: what was retrieved before is kept, and counted.
                self._note(writer.finish())

    def _write(self, writer: Writer[list[Arrived], Batch], turn: Sequence[pop3.Listed]) -> None:
        for batch in self._batches(turn):
            began = time.monotonic()
            self._note(writer.write(batch))
            if time.monotonic() > self._deadline or stopping.is_set():
                break
            if time.monotonic() - began > NOOP_SECONDS:
                self._client.noop()

    def _batches(self, turn: Sequence[pop3.Listed]) -> Iterator[list[Arrived]]:
        """Yield what comes, prepared, in batches of bounded size."""
        batch: list[Arrived] = []
        octets = 0
        for answer in self._answers(turn):
            batch.append(arrived(self._account, answer))
            octets += batch[-1].prepared.message.octets_count
            if len(batch) >= BATCH_COUNT or octets >= BATCH_OCTETS:
                yield batch
                batch, octets = [], 0
        if batch:
            yield batch

    def _answers(self, turn: Sequence[pop3.Listed]) -> Iterator[pop3.Retrieved]:
        """Yield what comes; one message that the server refuses, or that has vanished, does not keep the others."""
        for answer in self._client.retrieve(turn):
            self._answered += 1
            if isinstance(answer, pop3.Retrieved):
                yield answer
            elif answer.kind == pop3.Why.OVERSIZE:
                self._too_large.append(answer.listed)
            else:
                self._report.refused += 1
                self._report.words = answer.reason

    def _note(self, batches: Iterable[Batch]) -> None:
        """Count what was committed, and show it."""
        for batch in batches:
            self._report.retrieved += batch.new_count
            self._report.octets += batch.octets
            quotas.note(self._account.owner, batch.octets)
            self._keep(batch.stored)
            self._on_progress(self._report.retrieved, self._maildrop.wanted_count)

    def _keep(self, stored: Stored) -> None:
        self._stored_count += len(stored)
        if self._maildrop.may_delete:
            self._stored += stored

    def _store(self, batch: Sequence[Arrived]) -> Batch:
        """Commit a batch. Changes nothing of this session, which retrieves the next one meanwhile."""
        return storing.store(self._maildrop, batch, is_moved=self._is_renumbered or self._has_imports)

    @cached_property
    def _has_imports(self) -> bool:
        """Whether the same mail may have come from a file, with another trace above it."""
        return self._account.imports.exists()

    def _preview(self, large: Sequence[pop3.Listed]) -> None:
        """Store the beginnings of messages that are too large: a person may ask for the rest."""
        self._report.oversize += len(large)
        for answer in self._client.tops(large, lines=STUB_LINES):
            if isinstance(answer, pop3.Topped):
                self._keep(storing.store_stub(self._maildrop, answer))

    def _complete(self, asked_for: Sequence[pop3.Listed]) -> None:
        """Retrieve the rest of stubs, and put the whole message in the place of each."""
        for answer in self._client.retrieve(asked_for, message_octets=settings.MESSAGE_OCTETS_LIMIT):
            if isinstance(answer, pop3.Retrieved):
                self._replace_stub(answer)
            else:
                self._maildrop.retrieved.filter(uidl=answer.listed.uidl).update(is_wanted=False)

    def _replace_stub(self, retrieved: pop3.Retrieved) -> None:
        message = storing.replace_stub(self._maildrop, retrieved)
        self._report.retrieved += 1
        self._report.octets += message.octets_count

    def _announce(self, wanted_count: int) -> None:
        """Let whoever watches see how far this is."""
        came_count = self._report.retrieved
        self._maildrop.renew_claim(timezone.now(), came_count=came_count, wanted_count=wanted_count)
        self._maildrop.wanted_count = wanted_count
        self._on_progress(came_count, wanted_count)


# The outcome ---------------------------------------------------------------------------------------------------------


def _note_success(maildrop: RemoteMaildrop, report: Report) -> None:
    now = timezone.now()
    # Somebody asked for the rest of a message while this pull was at work.
    is_asked = maildrop.retrieved.filter(is_wanted=True, unlisted_at=None).exists()
    maildrop.pull_succeeded(now, not_before=report.not_before or now, is_due_again=is_asked)


def _note_trouble(maildrop: RemoteMaildrop, report: Report, error: Exception) -> None:
    trouble, words = trouble_of(error), str(error)
    was_paused = maildrop.is_paused
    maildrop.pull_failed(timezone.now(), trouble, words, not_before=report.not_before)
    report.status, report.trouble, report.words = Status.FAILED, trouble, words
    report.error = " ".join(filter(None, [str(trouble.label), words]))
    if maildrop.is_paused and not was_paused:
        alerts.tell_that_it_pauses(maildrop)


def _write_log(maildrop: RemoteMaildrop, report: Report) -> None:
    log.info("pulled %s: %s, %d new, %d known", report.address, report.status, report.retrieved, report.known)
    if report.status == Status.BUSY:
        return
    counts = {name: getattr(report, name) for name in ("retrieved", "known", "deleted", "oversize", "refused")}
    PullLog.objects.create(
        maildrop=maildrop,
        status=report.status.value,
        trouble=report.trouble,
        words=report.words[:2000],
        notice=report.notice,
        octets_count=report.octets,
        seconds=report.seconds,
        **counts,
    )
