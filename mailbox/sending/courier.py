"""Carries messages to a submission server, many over one connection, and writes down what became of each.

A message costs one commit, which says that its content leaves and what became of the one before. Under load one commit
serves a few messages: killed at any moment, a worker leaves at most GROUP of them behind of which nobody can know
whether the server has them, and each of those is marked.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import transaction

from accounts.fields import UnreadableSecret
from accounts.hosts import HostRefused, HostUnknown
from accounts.models import SubmissionServer
from accounts.oauth import OAuthError
from accounts.troubles import Trouble
from mailbox import smtp
from mailbox.logging_in import Credential, credential_of, log_in_renewing
from mailbox.models import Outgoing
from mailbox.sending import copies, outcomes
from mailbox.sending.fitting import NotTaken, fitted
from mailbox.sending.overload import is_for_all
from mailbox.servers import smtp_server
from mailbox.troubles import trouble_of
from webmail.claims import ClaimLost

# Servers close connections after a number of messages that they keep to themselves; 100 is a common one.
MESSAGES_PER_CONNECTION = 100
# Messages whose start is committed at once when so many wait; each of them is in doubt when the worker is killed.
GROUP = 5
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
        # Content of this one has left, or may have.
        self._begun: Outgoing | None = None
        self._marked: set[int] = set()
        self._unwritten: list[outcomes.Try] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client:
            client.__exit__(kind, error, trace)

    def carry(self, batch: Sequence[Outgoing]) -> None:
        """Try once to submit the first of these messages, which were claimed; keep what became of it until `write`.

        Raises what says nothing of this message, which is then as it was: TROUBLES, ClaimLost. When it raises
        Overloaded, what became of the message is written down.
        """
        outgoing = batch[0]
        if outgoing.data_started_at or not outgoing.wanted:
            outcomes.note(outgoing, outcomes.uncertain(outgoing) if outgoing.data_started_at else [])
            return
        copies.show(outgoing)
        found = self._submit(batch)
        self._marked.discard(outgoing.pk)
        self._unwritten.append(outcomes.Try(outgoing, found, outgoing.claimed_at))
        self._losses = self._losses + 1 if self._was_hung_up_on(outgoing, found) else 0
        too_much = [each.reply for each in found if is_for_all(each) or self._losses >= LOSSES_IN_A_ROW]
        if too_much:
            self.write()
            raise Overloaded(too_much[0])

    def has_begun(self, outgoing: Outgoing) -> bool:
        """Whether content of the message may have left."""
        return self._begun is outgoing

    def write(self) -> None:
        """Write down what became of the last messages."""
        if self._unwritten:
            outcomes.note_all(self._unwritten)
            self._unwritten = []

    def settle(self) -> None:
        """Write down what is known, after whatever went wrong; what cannot be written, nobody can know."""
        try:
            self.write()
        except BaseException:
            outcomes.abandon(self._unwritten)
            raise

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

    def _submit(self, batch: Sequence[Outgoing]) -> tuple[smtp.Outcome, ...]:
        is_fresh = self._connect()
        assert self._client
        envelope = _envelope(batch[0])
        try:
            envelope = fitted(envelope, batch[0], self._client)
        except NotTaken as why:
            return tuple(smtp.Outcome(each, smtp.Status.REFUSED, 0, str(why)) for each in envelope.recipients)
        found = self._submit_once(batch, envelope)
        if not is_fresh and self._was_hung_up_on(batch[0], found):
            # A server may end an idle or well-used line at any time: that is no failure of this message.
            self._connect()
            found = self._submit_once(batch, envelope)
        return found

    def _submit_once(self, batch: Sequence[Outgoing], envelope: smtp.Envelope) -> tuple[smtp.Outcome, ...]:
        assert self._client
        self._carried += 1
        return self._client.submit(envelope, on_data=lambda: self._data_starts(batch), on_wait=self.write)

    def _data_starts(self, batch: Sequence[Outgoing]) -> None:
        """Have it committed that content octets of the first of `batch` leave now.

        Raises ClaimLost when another worker has the message meanwhile.
        """
        if batch[0].pk not in self._marked:
            marked = batch[: GROUP if len(batch) >= GROUP else 1]
            with transaction.atomic():
                outcomes.note_all(self._unwritten)
                ours = Outgoing.data_starts(marked)
            self._unwritten, self._marked = [], ours
        if batch[0].pk not in self._marked:
            raise ClaimLost(batch[0].key)
        self._begun = batch[0]

    def _was_hung_up_on(self, outgoing: Outgoing, found: tuple[smtp.Outcome, ...]) -> bool:
        """Whether the line was lost before any content, and without a word."""
        is_lost = not (self._client and self._client.is_usable) and not self.has_begun(outgoing)
        return is_lost and all(each.status is smtp.Status.DEFERRED and not each.code for each in found)


def _envelope(outgoing: Outgoing) -> smtp.Envelope:
    addresses = tuple(each.address for each in outgoing.wanted)
    return smtp.Envelope(outgoing.reverse_path, addresses, outgoing.original.octets, outgoing.key)


def _connected(server: SubmissionServer) -> smtp.Client:
    if isinstance(server.password, UnreadableSecret):
        raise NoServer(Trouble.PASSWORD_LOST.label)
    try:
        credential = credential_of(server)
        return _logged_in(server, credential)
    except OAuthError as error:
        raise NoServer(" ".join(filter(None, [str(trouble_of(error).label), str(error)]))) from error


def _logged_in(server: SubmissionServer, credential: Credential) -> smtp.Client:
    client = smtp.Client.connect(smtp_server(server), local_hostname=_own_name())
    try:
        if server.login:
            log_in_renewing(client, server, credential)
    except BaseException:
        client.quit()
        raise
    return client


def _own_name() -> str | None:
    """Return what to call ourselves in EHLO: nobody believes "localhost", an address literal serves better."""
    return None if settings.HOSTNAME == "localhost" else settings.HOSTNAME
