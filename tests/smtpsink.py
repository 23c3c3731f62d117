"""Postfix's smtp-sink on a free loopback port: the real SMTP server that the client is tested against."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.servers import Missing, answers, free_port, program, wait_until

__all__ = ["Missing", "SmtpSink", "Transaction"]

START_SECONDS = 10.0
TRACE_LINES = 3


@dataclass(frozen=True, slots=True)
class Transaction:
    """One message as the sink took it: the arguments of MAIL and RCPT, and the octets as sent."""

    mail: str
    recipients: tuple[str, ...]
    octets: bytes


class SmtpSink:
    """Takes every message and keeps it: `with SmtpSink() as sink: ... sink.port ... sink.messages()`.

    `options` go to smtp-sink(1), such as "-f", "RCPT" to refuse or "-q", "DATA" to hang up; `keeps_messages=False`
    leaves the disk out, for measuring. Raises Missing where smtp-sink is not installed.
    """

    def __init__(self, *options: str, keeps_messages: bool = True) -> None:
        self._program = program("smtp-sink", package="postfix")
        self._options = options
        self._keeps_messages = keeps_messages
        self.host = "127.0.0.1"
        self.port = 0

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="letterbox-sink-")
        self.port = free_port()
        self._process = subprocess.Popen(self._command(), stderr=subprocess.DEVNULL)
        wait_until(lambda: answers(self.port), what="smtp-sink answers", seconds=START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def messages(self) -> list[bytes]:
        """The messages taken so far, octet for octet as they were sent, oldest first.

        Messages of the same clock tick (some milliseconds) may change places.
        """
        return [transaction.octets for transaction in self.transactions()]

    def transactions(self) -> list[Transaction]:
        """The same with their envelopes."""
        files = sorted(
            Path(self._folder.name).iterdir(), key=lambda file: (file.stat().st_mtime_ns, file.stat().st_ino)
        )
        return [_transaction(file.read_bytes()) for file in files]

    def _command(self) -> list[str]:
        # As root it insists on a user to become; root itself will do for loopback and a temporary folder.
        user = ["-u", "root"] if os.geteuid() == 0 else []
        dump = ["-d", f"{self._folder.name}/%s."] if self._keeps_messages else []
        return [self._program, *user, *dump, *self._options, f"{self.host}:{self.port}", "100"]


def _transaction(dump: bytes) -> Transaction:
    """smtp-sink writes X- lines for the envelope, a Received field of three lines, the message with LF, and an LF."""
    lines = dump.removesuffix(b"\n").split(b"\n")
    trace_at = next(at for at, line in enumerate(lines) if line.startswith(b"Received: "))
    envelope = [line.decode().partition(": ") for line in lines[:trace_at]]
    return Transaction(
        mail=next(value for name, _, value in envelope if name == "X-Mail-Args"),
        recipients=tuple(value for name, _, value in envelope if name == "X-Rcpt-Args"),
        octets=b"\r\n".join(lines[trace_at + TRACE_LINES :]),
    )
