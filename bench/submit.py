"""Messages per second over one reused connection into Postfix's smtp-sink, beside smtp-source in the same run.

    uv run python -m bench.submit [--messages 5000] [--octets 2000]

smtp-source is written in C and waits for every reply; the client here verifies replies and pipelines the envelope.
"""

import argparse
import statistics
import subprocess
import time
from collections.abc import Callable

from mailbox.smtp import Client, Envelope, Security, Server, Status
from tests.servers import program
from tests.smtpsink import SmtpSink

ROUNDS = 3


def main() -> None:
    arguments = _arguments()
    with SmtpSink(keeps_messages=False) as sink:
        for name, submit in {"letterbox": _with_client, "smtp-source": _with_smtp_source}.items():
            seconds = [_timed(submit, sink.port, arguments.messages, arguments.octets) for _ in range(ROUNDS)]
            rate = arguments.messages / statistics.median(seconds)
            print(f"{name:12} {rate:8.0f} messages/s  {rate * arguments.octets / 1e6:6.1f} MB/s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Submit many messages over one connection.")
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--octets", type=int, default=2_000)
    return parser.parse_args()


def _timed(submit: Callable[[int, int, int], None], port: int, messages: int, octets: int) -> float:
    began_at = time.perf_counter()
    submit(port, messages, octets)
    return time.perf_counter() - began_at


def _with_client(port: int, messages: int, octets: int) -> None:
    line = b"The quick brown fox jumps over the lazy dog, and so on to the end.\r\n"
    message = b"Subject: measured\r\n\r\n" + line * max(1, octets // len(line))
    envelope = Envelope("alice@home.test", ("bob@home.test",), message)
    with Client.connect(Server("localhost", port, Security.NONE, address="127.0.0.1")) as client:
        for _ in range(messages):
            [outcome] = client.submit(envelope)
            if outcome.status is not Status.ACCEPTED:
                raise SystemExit(f"not accepted: {outcome}")


def _with_smtp_source(port: int, messages: int, octets: int) -> None:
    command = [program("smtp-source", package="postfix"), "-d", "-m", str(messages), "-l", str(octets)]
    envelope = ["-f", "alice@home.test", "-t", "bob@home.test"]
    subprocess.run([*command, *envelope, f"127.0.0.1:{port}"], check=True)


if __name__ == "__main__":
    main()
