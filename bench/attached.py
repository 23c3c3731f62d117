"""Letters with quoted history and a file or two, 32 KB on average: what people send each other."""

import base64
import random
from collections.abc import Iterator

_LANGUAGES = {
    "us-ascii": "the quick brown fox jumps over a lazy dog while our boat waits in the rain near lunch",
    "utf-8": "größe café straße über naïve façade данные письмо встреча завтра обед привет",
    "iso-2022-jp": "会議の資料を お送りします。 よろしく お願いいたします。 明日の 昼食は いかがですか。",
    "windows-1252": "smart “quotes” – and €uro déjà vu señor élève garçon",
    "gb18030": "您好， 附件是 本月的 报告， 请查收。 谢谢",
}
_CHARSETS = ("us-ascii", "utf-8", "us-ascii", "iso-2022-jp", "us-ascii", "windows-1252", "us-ascii", "gb18030")
_FILES = (("application/pdf", "pdf"), ("image/jpeg", "jpg"), ("application/octet-stream", "bin"), ("text/csv", "csv"))


def attached(count: int, *, seed: int = 7) -> Iterator[bytes]:
    """Yield `count` different messages; one in five has no file, and four of them make a conversation."""
    chance = random.Random(seed)
    for number in range(count):
        parts = [_text(chance, _CHARSETS[number % len(_CHARSETS)])]
        parts += [_file(chance, place) for place in range(chance.choice((0, 1, 1, 1, 2)))]
        yield _header(number) + b"".join(b"--edge\r\n" + part for part in parts) + b"--edge--\r\n"


def _header(number: int) -> bytes:
    reference = f"References: <{number - number % 4}@made.test>\r\n" if number % 4 else ""
    time = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
    return (
        f"Received: from mx.made.test by pop.home.test with ESMTPS;\r\n\tMon, 24 Nov 2025 {time} +0000\r\n"
        f"From: Sender {number % 400} <sender{number % 400}@made.test>\r\nTo: Alice <alice@home.test>\r\n"
        f"Subject: Message {number}\r\nMessage-ID: <{number}@made.test>\r\n{reference}"
        f"Date: Mon, 24 Nov 2025 {time} +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="edge"\r\n\r\n'
    ).encode()


def _text(chance: random.Random, charset: str) -> bytes:
    words = _LANGUAGES[charset].split()
    lines = [" ".join(chance.choices(words, k=9)) for _ in range(chance.randint(10, 60))]
    # What was answered, and what that had answered, stands below.
    lines += [f"> {' '.join(chance.choices(words, k=9))}" for _ in range(chance.choice((0, 40, 120, 240)))]
    text = "\r\n".join(lines)
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head.encode() + text.encode(charset) + b"\r\n"


def _file(chance: random.Random, place: int) -> bytes:
    """A file that does not compress, as pictures and PDFs do not: 20 KB of base64 at the median, some of 200 KB."""
    media_type, ending = chance.choice(_FILES)
    octets = chance.randbytes(min(int(chance.lognormvariate(9.5, 0.8)), 150_000))
    head = (
        f'Content-Type: {media_type}; name="file-{place}.{ending}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="file-{place}.{ending}"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(octets).replace(b"\n", b"\r\n")
