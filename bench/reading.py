"""What it costs to read: `uv run python -m bench.reading [--runs N]`.

A conversation of twenty unread messages, the document of a 100 KB newsletter, and a message of 25 MB, each asked for
through the whole of Django in this process, on SQLite. The standard library's parser with nh3 runs beside it on the
same octets. Printed: milliseconds of processor time (least, median, 95th percentile), with nothing kept and again;
then the memory that a process of its own needs beyond what it had, at its peak.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

import nh3  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import MailAccount, User  # noqa: E402
from mailbox import documents  # noqa: E402
from tests.cast import deliver  # noqa: E402

WORDS = ("boat", "lunch", "rain", "harbour", "letter", "garden", "please", "tomorrow", "meeting", "answer", "thanks")
HOST = {"HTTP_HOST": "127.0.0.1", "HTTP_HX_REQUEST": "true"}


def main() -> None:
    """Fill a database, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    call_command("migrate", verbosity=0)
    account, client = signed_in()
    talk, newsletter, large = conversation(), newsletter_of(100_000), with_file(18_000_000)
    shown = deliver(account, *talk)
    [news], [big] = deliver(account, newsletter), deliver(account, large)
    page, frame = f"/m/{shown[-1].key}/", f"/m/{news.key}/body/"
    print(f"newsletter {len(newsletter):,} octets, large message {len(large):,} octets")
    compare("conversation of 20", lambda: get(client, page), lambda: [standard(each) for each in talk], runs)
    compare("body of the newsletter", lambda: get(client, frame), lambda: standard(newsletter), runs)
    documents.make([news])
    print_times("... made ready by a worker, first look", times(lambda: get(client, frame), runs, before=forget))
    compare("message of 25 MB", lambda: get(client, f"/m/{big.key}/"), lambda: standard(large), max(runs // 4, 3))
    compare(
        "... its attachment", lambda: get(client, f"/m/{big.key}/part/1/"), lambda: standard(large), max(runs // 4, 3)
    )
    frames = [f"/m/{each.key}/body/" for each in shown]
    print_times("all frames of the conversation", times(lambda: [get(client, each) for each in frames], runs))
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for path in (f"/m/{big.key}/", f"/m/{big.key}/part/1/", f"/m/{big.key}/files/zip/", f"/m/{big.key}/source/"):
            name = f"memory for /{path.split('/', 3)[3]}"
            print(f"{name:52}{pool.apply(peak_of, [path]) / 1e6:9.1f}  MB")


def signed_in() -> tuple[MailAccount, Client]:
    """Return an account, and the browser of its owner."""
    alice = User.objects.create_user("alice", "alice@home.test")
    client = Client(**HOST)
    client.force_login(alice)
    return MailAccount.objects.create(owner=alice, name="Home", address="alice@home.test"), client


def conversation() -> list[bytes]:
    """Twenty unread messages of one thread: half plain text, half HTML, each with what it answers below it."""
    chance = random.Random(20)
    return [_answer(chance, number) for number in range(20)]


def _answer(chance: random.Random, number: int) -> bytes:
    message = _message("Re: Boat" if number else "Boat", number)
    if number:
        message["References"] = "<0@home.test>"
    lines = [" ".join(chance.choices(WORDS, k=12)) for _ in range(12 + 3 * number)]
    message.set_content("\n".join(f"> {line}" if at > 11 else line for at, line in enumerate(lines)))
    if number % 2:
        quoted = "".join(f"<p style='margin:0;color:#333'>{line}</p>" for line in lines[12:])
        text = "".join(f"<div>{line}</div>" for line in lines[:12])
        message.add_alternative(f"{text}<blockquote type=cite>{quoted}</blockquote>", subtype="html")
    return message.as_bytes()


def newsletter_of(octets: int) -> bytes:
    """A newsletter as they are made: a style sheet, tables in tables, a style on every cell."""
    chance = random.Random(100)
    sheet = "".join(
        f".c{n} {{ color: #{n:03x}; padding: {n}px }} @media (max-width:600px) {{ .c{n} {{ width: 100% }} }}"
        for n in range(60)
    )
    cells: list[str] = []
    while sum(map(len, cells)) < octets - len(sheet):
        words = " ".join(chance.choices(WORDS, k=20))
        style = "font-family:Arial,sans-serif;font-size:14px;line-height:20px;color:#333333;padding:0 20px"
        cells.append(
            f'<tr><td class="c{len(cells) % 60}" align="left" bgcolor="#ffffff" style="{style}">'
            f'<a href="https://far.test/{len(cells)}" style="color:#0a5">{words}</a>'
            f'<img src="https://far.test/{len(cells)}.png" width="60"></td></tr>'
        )
    message = _message("News", 1000)
    message.set_content("Read it in a browser.")
    table = f"<table width='600' cellpadding='0'>{''.join(cells)}</table>"
    message.add_alternative(f"<html><head><style>{sheet}</style></head><body>{table}</body></html>", subtype="html")
    return message.as_bytes()


def with_file(octets: int) -> bytes:
    """A message with a file that does not compress; base64 makes it a third larger."""
    message = _message("Large", 2000)
    message.set_content("The film is attached.")
    message.add_attachment(random.Random(25).randbytes(octets), maintype="video", subtype="mp4", filename="film.mp4")
    return message.as_bytes()


def _message(subject: str, number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@far.test>", "alice@home.test", subject
    message["Date"] = f"Mon, 24 Nov 2025 09:{number % 60:02}:00 +0000"
    message["Message-ID"] = f"<{number}@home.test>"
    return message


def standard(octets: bytes) -> int:
    """The least that another program would do: the standard parser, every text decoded, HTML cleaned once by nh3."""
    message = message_from_bytes(octets, policy=policy.default)
    fields = [str(value) for value in message.values()]
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    files = [part.get_content() for part in message.iter_attachments()]
    return len(fields) + sum(len(nh3.clean(text)) for text in texts) + len(files)


def get(client: Client, path: str) -> None:
    """Ask for `path` and read the answer to its end."""
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    assert sum(map(len, response))


def peak_of(path: str) -> int:
    """Return by how many octets the peak of this process rises while it answers `path`."""
    client = Client(**HOST)
    client.force_login(User.objects.get())
    get(client, "/")
    before = _status("VmRSS")
    # proc(5): 5 resets the peak.
    Path("/proc/self/clear_refs").write_text("5")
    get(client, path)
    return _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def forget() -> None:
    """Empty what was kept of earlier looks."""
    caches["documents"].clear()


def times(work: Callable[[], object], runs: int, before: Callable[[], None] = lambda: None) -> list[float]:
    """Return the milliseconds of processor time of each run, without what `before` takes."""
    found: list[float] = []
    for _ in range(runs):
        before()
        begun = time.process_time()
        work()
        found.append((time.process_time() - begun) * 1e3)
    return sorted(found)


def compare(name: str, ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> None:
    """Print one line for each; the runs of one do not wait for the other's."""
    ours()
    print_times(f"{name}, first look", times(ours, runs, before=forget))
    print_times(f"{name}, again", times(ours, runs))
    print_times(f"{name}, standard parser and nh3", times(theirs, max(runs // 3, 3)))


def print_times(name: str, found: list[float]) -> None:
    """Print the least, the median and the 95th percentile."""
    print(f"{name:52}{found[0]:9.1f}{statistics.median(found):9.1f}{found[int(len(found) * 0.95)]:9.1f}  ms")


if __name__ == "__main__":
    main()
