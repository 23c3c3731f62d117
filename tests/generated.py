"""Messages made for tests and benchmarks: many charsets, attachments, and the odd ones that break pullers."""

import base64
import random
from collections.abc import Iterator

_WORDS = {
    "utf-8": "Größe 日本語 данные 한국어 plain words café",
    "iso-2022-jp": "会議の資料をお送りします。よろしくお願いいたします。",
    "windows-1252": "Smart “quotes” – and €uro naïve façade",
    "gb18030": "您好，附件是本月的报告，请查收。",
    "us-ascii": "The quick brown fox jumps over the lazy dog",
}
_ODD = (
    b"",
    b"no header at all, just text\r\nand a second line\r\n",
    b"Subject: nothing but a header\r\n",
    b"From: nul@odd.test\r\nSubject: NUL octets\r\n\r\nbefore \x00\x00 after\r\n",
    b"From: long@odd.test\r\nSubject: a line of 20,000 octets\r\n\r\n" + b"x" * 20_000 + b"\r\n",
    b"From: dots@odd.test\r\nSubject: dots\r\n\r\n.\r\n..\r\n.leading\r\n...\r\n",
    b"From: raw@odd.test\r\nSubject: \xe9\xff raw 8-bit\r\n\r\n\x80\x81\xfe\r\n",
    b"From: fake@odd.test\r\nSubject: reads like a server\r\n\r\n+OK\r\n-ERR [AUTH] no\r\n+OK 2 200\r\n",
)


def messages(count: int, *, seed: int = 1, octets: int = 600) -> Iterator[bytes]:
    """Yield `count` different messages of about `octets` octets each; every 25th is an odd one, every tenth has a file.

    All lines end in CRLF, so that a server that keeps lines gives them back as they are.
    """
    chance = random.Random(seed)
    charsets = list(_WORDS)
    for number in range(count):
        if number % 25 == 24:
            yield _odd(number)
        else:
            yield _message(number, charsets[number % len(charsets)], chance, octets, has_file=number % 10 == 3)


def _odd(number: int) -> bytes:
    octets = _ODD[number // 25 % len(_ODD)]
    # The empty message and the others are repeated under another number, so that each differs from all.
    return octets if number < 25 * len(_ODD) else octets + b"again %d\r\n" % number


def _message(number: int, charset: str, chance: random.Random, octets: int, *, has_file: bool) -> bytes:
    words = _WORDS[charset].split()
    line = " ".join(chance.choices(words, k=10))
    text = "\r\n".join(f"{place} {line}" for place in range(max(octets // 80, 1))).encode(charset) + b"\r\n"
    # A reply to the message before, in conversations of four.
    reference = f"References: <{number - 1}@made.test>\r\n" if number % 4 else ""
    header = (
        f"From: Sender {number % 40} <sender{number % 40}@made.test>\r\nTo: alice@home.test\r\n"
        f"Subject: Message {number}\r\nDate: Mon, 24 Nov 2025 {number // 3600 % 24:02}:{number // 60 % 60:02}:"
        f"{number % 60:02} +0000\r\nMessage-ID: <{number}@made.test>\r\n{reference}MIME-Version: 1.0\r\n"
    ).encode("ascii")
    body = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode() + text
    if not has_file:
        return header + body
    file = base64.encodebytes(chance.randbytes(octets)).replace(b"\n", b"\r\n")
    return b"".join(
        [
            *(header, b'Content-Type: multipart/mixed; boundary="edge"\r\n\r\n--edge\r\n', body, b"--edge\r\n"),
            *(b'Content-Type: application/octet-stream; name="file.bin"\r\n', b"Content-Disposition: attachment\r\n"),
            *(b"Content-Transfer-Encoding: base64\r\n\r\n", file, b"--edge--\r\n"),
        ]
    )
