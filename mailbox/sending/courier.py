"""Carries messages to a submission server, many over one connection, and writes down what became of each.

A message costs one commit: the transaction that says that the content of one leaves also holds what became of the one
before. Killed at any moment, a worker so leaves at most one message behind of which nobody can know whether the server
has it, and that one is marked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.fields import UnreadableSecret
from accounts.hosts import HostRefused, HostUnknown
from accounts.models import SubmissionServer, Trouble
from mailbox import smtp
from mailbox.models import Outgoing
from mailbox.sending import outcomes
from mailbox.sending.overload import is_for_all
from mailbox.servers import smtp_server
from webmail.claims import ClaimLost, this_process

# Servers close connections after a number of messages that they keep to themselves; 100 is a common one.
MESSAGES_PER_CONNECTION = 100
# One message may kill a server's session by itself; after this many lines lost the server is not well.
LOSSES_IN_A_ROW = 3


class NoServer(Exception):
    """The account has no submission server that can be used, so nothing can leave from it."""


TROUBLES = (smtp.SmtpError, HostRefused, HostUnknown, NoServer)


class Overloaded(Exception):
    """The server said that this is too much: 421, or in words. It is to be left alone, for all messages."""


class Courier:
    """One connection after another to the server of one account; connects when there is something to carry.

    As a context manager: its end says QUIT, after the last outcome is written down.
    """

    def __init__(self, server: SubmissionServer) -> None:
        self._server = server
        self._client: smtp.Client | None = None
        self._carried = 0
        self._losses = 0
        self._unwritten: _Unwritten | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client:
            client.__exit__(kind, error, trace)

    def carry(self, outgoing: Outgoing) -> None:
        """Try once to submit a message that was claimed, and keep what became of it until `write`.

        Raises what says nothing of this message, which is then as it was: TROUBLES, ClaimLost. When it raises
        Overloaded, what became of the message is written down.
        """
        if outgoing.data_started_at or not outgoing.wanted:
            outcomes.note(outgoing, outcomes.uncertain(outgoing) if outgoing.data_started_at else [])
            return
        envelope = _envelope(outgoing)
        is_fresh = self._connect()
        found = self._submit(outgoing, envelope)
        if not is_fresh and self._was_hung_up_on(outgoing, found):
            # A server may end an idle or well-used line at any time: that is no failure of this message.
            self._connect()
            found = self._submit(outgoing, envelope)
        self._unwritten = _Unwritten(outgoing, found, outgoing.claimed_at)
        self._losses = self._losses + 1 if self._was_hung_up_on(outgoing, found) else 0
        too_much = [each.reply for each in found if is_for_all(each) or self._losses >= LOSSES_IN_A_ROW]
        if too_much:
            self.write()
            raise Overloaded(too_much[0])

    def write(self) -> None:
        """Write down what became of the last message."""
        if self._unwritten:
            self._unwritten.write()
            self._unwritten = None

    def abandon(self) -> None:
        """Note, after what became of the last message could not be written down, that nobody can know it."""
        if self._unwritten:
            unwritten, self._unwritten = self._unwritten, None
            unwritten.abandon()

    def _connect(self) -> bool:
        """Have a connection that can take another message; return whether it is a new one."""
        if self._client and self._client.is_usable and self._carried < MESSAGES_PER_CONNECTION:
            return False
        # Connecting may take long, and a crash must not cost what is known already.
        self.write()
        if self._client:
            self._client.quit()
        self._client, self._carried = None, 0
        self._client = _connected(self._server)
        return True

    def _submit(self, outgoing: Outgoing, envelope: smtp.Envelope) -> tuple[smtp.Outcome, ...]:
        assert self._client
        self._carried += 1
        return self._client.submit(envelope, on_data=lambda: self._data_starts(outgoing), on_wait=self.write)

    def _data_starts(self, outgoing: Outgoing) -> None:
        """Commit what became of the message before, and that content octets of this one leave now."""
        lost: ClaimLost | None = None
        with transaction.atomic():
            if self._unwritten:
                self._unwritten.write()
            try:
                outgoing.data_starts()
            except ClaimLost as error:
                lost = error
        self._unwritten = None
        if lost:
            raise lost

    def _was_hung_up_on(self, outgoing: Outgoing, found: tuple[smtp.Outcome, ...]) -> bool:
        """Whether the line was lost before any content, and without a word."""
        is_lost = not (self._client and self._client.is_usable) and not outgoing.data_started_at
        return is_lost and all(each.status is smtp.Status.DEFERRED and not each.code for each in found)


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """What became of a message, before it is written down; `claimed_at` is our claim on it."""

    outgoing: Outgoing
    found: tuple[smtp.Outcome, ...]
    claimed_at: datetime | None

    def write(self) -> None:
        with words_for(self.outgoing):
            outcomes.note(self.outgoing, self.found)

    def abandon(self) -> None:
        # A transaction that failed may have left the row in memory as if it had not.
        self.outgoing.claimed_at, self.outgoing.claimed_by = self.claimed_at, this_process()
        with words_for(self.outgoing):
            outcomes.note_failure(self.outgoing, "")


@contextmanager
def words_for(outgoing: Outgoing) -> Iterator[None]:
    """Write in the writer's language: what is noted here, the person reads later."""
    with translation.override(getattr(outgoing.writer, "language", "") or settings.LANGUAGE_CODE):
        yield


def _envelope(outgoing: Outgoing) -> smtp.Envelope:
    addresses = tuple(each.address for each in outgoing.wanted)
    return smtp.Envelope(outgoing.reverse_path, addresses, outgoing.original.octets, outgoing.key)


def _connected(server: SubmissionServer) -> smtp.Client:
    if isinstance(server.password, UnreadableSecret):
        raise NoServer(Trouble.PASSWORD_LOST.label)
    client = smtp.Client.connect(smtp_server(server), local_hostname=_own_name())
    try:
        if server.login:
            log_in: Callable[[str, str], None] = client.login_with_token if server.password_is_token else client.login
            log_in(server.login, server.password)
    except BaseException:
        client.quit()
        raise
    return client


def _own_name() -> str | None:
    """Return what to call ourselves in EHLO: nobody believes "localhost", an address literal serves better."""
    return None if settings.HOSTNAME == "localhost" else settings.HOSTNAME
