"""Messages read a second on one core: `uv run python -m bench.parse [COUNT]`.

Reads generated messages (plain, alternative, with a 24 KB attachment, Japanese) the way delivery does: header,
structure, text, preview, tokens; the standard parser under `compat32` and `default` runs beside it for comparison.
"""

import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.policy import Policy

from mailbox.mime.compose import File, build
from mailbox.mime.headers import Address
from mailbox.mime.parse import parse
from mailbox.mime.preview import preview
from mailbox.mime.sanitize import sanitize
from mailbox.mime.tokens import tokens

WORDS = ("lunch", "meeting", "invoice", "garden", "please", "tomorrow", "letter", "thanks", "family", "answer", "house")
JAPANESE = "お世話になっております。明日の会議の資料をお送りします。よろしくお願いいたします。\n"
ALICE, BOB = Address("Alice", "alice@home.test"), Address("Bob Baker", "bob@home.test")


def generate(count: int) -> list[bytes]:
    """The same messages every time; one in four has HTML, one in eight an attachment, one in eight is Japanese."""
    chance = random.Random(5322)
    return [_message(chance, number) for number in range(count)]


def _message(chance: random.Random, number: int) -> bytes:
    lines = [" ".join(chance.choices(WORDS, k=9)) + ".\n" for _ in range(chance.randint(5, 60))]
    text = JAPANESE * len(lines) if number % 8 == 3 else "".join(lines)
    return build(
        sender=ALICE,
        to=[BOB],
        cc=[Address("", f"p{n}@home.test") for n in range(number % 3)],
        subject="会議のお知らせ" if number % 8 == 3 else " ".join(chance.choices(WORDS, k=4)),
        text=text,
        html=f"<table><tr><td style='color:#333'><p>{'</p><p>'.join(lines)}</p></table>" if number % 4 == 1 else None,
        attachments=[File("scan.pdf", "application/pdf", chance.randbytes(24_000))] if number % 8 == 5 else [],
        date=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        message_id=f"{number}@home.test",
        references=[f"{number - back}@home.test" for back in range(number % 5, 0, -1)],
    )


def rate(read: Callable[[bytes], object], messages: list[bytes], *, runs: int = 3) -> float:
    """Messages a second of processor time, the median of `runs`."""
    seconds: list[float] = []
    for _ in range(runs):
        started = time.process_time()
        for octets in messages:
            read(octets)
        seconds.append(time.process_time() - started)
    return len(messages) / sorted(seconds)[runs // 2]


def read_text(octets: bytes) -> str:
    """Header, structure and text."""
    return parse(octets).text()


def read_all(octets: bytes) -> int:
    """What delivery stores of a message."""
    parsed = parse(octets)
    text = parsed.text()
    return len(preview(text)) + len(tokens(parsed.header.subject)) + len(tokens(text))


def read_html(octets: bytes) -> str:
    """What opening a message costs beyond parsing."""
    html = parse(octets).html
    return sanitize(html.text()).html if html else ""


def standard(rules: Policy) -> Callable[[bytes], int]:
    """The standard parser with every field read and every text decoded."""

    def read(octets: bytes) -> int:
        message = message_from_bytes(octets, policy=rules)
        fields = [str(value) for value in message.values()]
        texts = [part.get_payload(decode=True) for part in message.walk() if part.get_content_maintype() == "text"]
        return len(fields) + len(texts)

    return read


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    messages = generate(count)
    print(f"{count} messages, {sum(map(len, messages)) // count} octets on average")
    for name, read in (
        ("parse, header, text", read_text),
        ("... and preview, tokens", read_all),
        ("parse and sanitise HTML", read_html),
        ("standard, compat32", standard(policy.compat32)),
        ("standard, default", standard(policy.default)),
    ):
        print(f"{name:26}{rate(read, messages):10,.0f} messages/s")


if __name__ == "__main__":
    main()
