"""Try both servers of an account, and change nothing on them or here."""

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.hosts import HostError
from accounts.models import Grant, RemoteMaildrop, RemoteServer, SubmissionServer
from accounts.oauth import OAuthError
from accounts.providers import provider_of
from mailbox import pop3, smtp
from mailbox.certificate import Certificate, read_certificate
from mailbox.logging_in import Credential, credential_of, log_in
from mailbox.servers import pop3_server, smtp_server
from mailbox.troubles import trouble_of

# Somebody sits before the screen: 10 seconds to connect, under 30 in all.
POP3_LIMITS = pop3.Limits(connect_seconds=10, command_seconds=15, session_seconds=28)
SMTP_LIMITS = smtp.Limits(connect_seconds=10, command_seconds=15, session_seconds=28)
WORDS_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of trying one server: a sentence in plain words, and in `words` what the server itself said.

    `advice` is what is to be done at this provider. `fingerprint` (SHA-256, hex) is that of a certificate which could
    not be verified, for a person to compare and accept.
    """

    is_good: bool
    sentence: str
    words: str = ""
    tls_version: str = ""
    capabilities: tuple[str, ...] = ()
    message_count: int | None = None
    advice: str = ""
    fingerprint: str = ""
    greeting: str = ""
    """How the server greeted, shortened."""
    certificate: Certificate | None = None
    is_refused: bool = False
    """Whether the server answered, and did not take the login."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What came of trying both."""

    pop3: Finding
    smtp: Finding

    @property
    def is_good(self) -> bool:
        return self.pop3.is_good and self.smtp.is_good


class _LoginRefused(Exception):
    """The server answered the login with no; its answer is the cause."""


def check(maildrop: RemoteMaildrop, submission: SubmissionServer, *, grant: Grant | None = None) -> Checkup:
    """Log in to both servers at once and out again. Neither needs to be saved; raises nothing that they cause.

    `grant` stands in for what their account has, and is not saved either.
    """
    language = translation.get_language()
    # Asked for here, since the threads have no connection to the database.
    credentials = [_credential(each, grant) for each in (maildrop, submission)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        collecting = pool.submit(_finding, _try_pop3, maildrop, credentials[0], language)
        submitting = pool.submit(_finding, _try_smtp, submission, credentials[1], language)
    return Checkup(collecting.result(), submitting.result())


def check_collecting(maildrop: RemoteMaildrop) -> Finding:
    """Log in to the POP3 server alone, where there is no other."""
    return _finding(_try_pop3, maildrop, _credential(maildrop), translation.get_language())


def _credential(server: RemoteServer, grant: Grant | None = None) -> Credential | OAuthError:
    try:
        return credential_of(server, grant=grant)
    except OAuthError as error:
        return error


def _finding[S: RemoteServer](
    try_server: Callable[[S, Credential], Finding], server: S, credential: Credential | OAuthError, language: str | None
) -> Finding:
    with translation.override(language):
        if isinstance(credential, OAuthError):
            return Finding(False, str(trouble_of(credential).label), _words(credential))
        try:
            return try_server(server, credential)
        except HostError as error:
            return Finding(False, str(error))
        except (pop3.Failure, smtp.SmtpError, _LoginRefused, ValueError) as error:
            return Finding(
                False,
                _sentence(server, error),
                _words(error),
                advice=_advice(server, error),
                fingerprint=_fingerprint(server, error),
                is_refused=isinstance(error, _LoginRefused) and _is_final(error.__cause__),
            )


def _try_pop3(maildrop: RemoteMaildrop, credential: Credential) -> Finding:
    fingerprint = maildrop.fingerprint or None
    with pop3.Client.connect(pop3_server(maildrop), limits=POP3_LIMITS, fingerprint=fingerprint) as client:
        with _logging_in():
            log_in(client, credential)
        count, _octets = client.stat()
        tls_version, capabilities = client.tls_version, tuple(sorted(client.capabilities))
        greeting, certificate = _printable(client.greeting), read_certificate(client.certificate)
        client.quit()
    words = ngettext("Logged in. %(count)d message waits there.", "Logged in. %(count)d messages wait there.", count)
    sentence = words % {"count": count}
    return Finding(True, sentence, "", tls_version, capabilities, count, greeting=greeting, certificate=certificate)


def _try_smtp(submission: SubmissionServer, credential: Credential) -> Finding:
    with smtp.Client.connect(smtp_server(submission), limits=SMTP_LIMITS) as client:
        if submission.login:
            with _logging_in():
                log_in(client, credential)
        sentence = _("Logged in. Mail can be sent.") if submission.login else _("Connected, without a login.")
        return Finding(
            True,
            sentence,
            tls_version=client.tls_version or "",
            capabilities=tuple(sorted(client.capabilities)),
            greeting=_printable(client.greeting),
            certificate=read_certificate(client.certificate),
        )


@contextmanager
def _logging_in() -> Iterator[None]:
    try:
        yield
    except (pop3.Refused, smtp.Refused) as refusal:
        raise _LoginRefused(str(refusal)) from refusal


def _sentence(server: RemoteServer, error: Exception) -> str:
    """Say what happened and what to do next; the error's own words are shown beside it."""
    where = {"host": server.host, "port": server.port}
    if isinstance(error, _LoginRefused):
        return _login_sentence(error.__cause__)
    if isinstance(error, ValueError):
        return _("The login or the password holds a character that cannot be sent.")
    if _is_untrusted(error):
        return _("The line to %(host)s cannot be trusted, so no password was sent.") % where
    if isinstance(error, pop3.Unreachable | smtp.Unreachable):
        return _("%(host)s cannot be reached on port %(port)d. Check the name, the port and the encryption.") % where
    if isinstance(error, pop3.Refused | smtp.Refused):
        return _("%(host)s answers, but refuses to go on.") % where
    return _("%(host)s does not answer as a mail server should on port %(port)d. Check the port.") % where


def _login_sentence(refusal: BaseException | None) -> str:
    if isinstance(refusal, pop3.Refused) and refusal.is_locked:
        return _("Another program is using this mailbox right now. Try again in a few minutes.")
    if not _is_final(refusal):
        return _("The server cannot check the login right now. Try again in a few minutes.")
    return _("The server does not accept this login and password. Some providers want an app password here.")


def _is_final(refusal: BaseException | None) -> bool:
    """A POP3 server that gives no response code most likely means the password; one with [SYS/TEMP] does not."""
    if isinstance(refusal, pop3.Refused):
        return not refusal.is_locked and not (refusal.code and refusal.is_temporary)
    return not (isinstance(refusal, smtp.Refused) and refusal.is_temporary)


def _advice(server: RemoteServer, error: Exception) -> str:
    """Say what this provider wants of people first, where that may be the reason."""
    provider = provider_of(server.host)
    if provider is None:
        return ""
    switch = str(provider.switch) if isinstance(server, RemoteMaildrop) else ""
    if isinstance(error, _LoginRefused):
        return " ".join(filter(None, [str(provider.password), switch])) if _is_final(error.__cause__) else ""
    return switch if isinstance(error, pop3.Refused | pop3.Unreachable) and not _is_untrusted(error) else ""


def _fingerprint(server: RemoteServer, error: Exception) -> str:
    """Return the fingerprint of the certificate that was not trusted; "" where it was something else.

    The host is resolved and checked again, as for every connection.
    """
    if not isinstance(error, pop3.Untrusted) or not isinstance(server, RemoteMaildrop):
        return ""
    if not (server.fingerprint or isinstance(error.__cause__, ssl.SSLCertVerificationError)):
        return ""
    try:
        return pop3.fingerprint_of(pop3_server(server), limits=POP3_LIMITS)
    except (pop3.Failure, HostError):
        return ""


def _is_untrusted(error: Exception) -> bool:
    return isinstance(error, pop3.Untrusted) or isinstance(error.__cause__, ssl.SSLError)


def _words(error: Exception) -> str:
    """What the server said, made printable and shortened; a ValueError's words could quote the password."""
    return "" if isinstance(error, ValueError) else _printable(str(error))


def _printable(words: str) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in words).strip()
    return text if len(text) <= WORDS_LENGTH else f"{text[:WORDS_LENGTH]}…"
