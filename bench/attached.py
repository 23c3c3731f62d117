"""Letters with quoted history and a file or two, 32 KB on average: what people send each other."""

import base64
import random
from collections.abc import Iterator
from itertools import accumulate

# Syllables of a language; its words are made of them, and few words make most of a text, as in real ones (Zipf).
_SYLLABLES = {
    "us-ascii": "an ba con de er fi gra hol in jo kel lo mo ness ous pre qui re sta ter un ver win yl zen".split(),  # noqa: SIM905
    "utf-8": "é grö na ße vi jä lü че ло ва ни ра сто по ка мен ту да бе ци ал".split(),  # noqa: SIM905
    "iso-2022-jp": list(
        "会議資料送明日昼食何時場所東京大阪駅前店予約確認返事待連絡先週末来月使新古人気本当思出行書読見聞話分後手足心水火山川田"
    ),
    "windows-1252": "ção é ñ ü la con ter de re mi sa ño lè ma ti na ca pro ver so".split(),  # noqa: SIM905
    "gb18030": list(
        "您好附件是本月的报告请查收谢明天下午开会时间地点北京上海公司客户合同发送回复电话周末工作项目计划人民银行大学生活水平发展"
    ),
}
_VOCABULARY = 20_000
_CHARSETS = ("us-ascii", "utf-8", "us-ascii", "iso-2022-jp", "us-ascii", "windows-1252", "us-ascii", "gb18030")
_FILES = (("application/pdf", "pdf"), ("image/jpeg", "jpg"), ("application/octet-stream", "bin"), ("text/csv", "csv"))


def attached(count: int, *, seed: int = 7) -> Iterator[bytes]:
    """Yield `count` different messages; one in five has no file, and four of them make a conversation."""
    chance = random.Random(seed)
    languages = {charset: _words(chance, syllables) for charset, syllables in _SYLLABLES.items()}
    for number in range(count):
        charset = _CHARSETS[number % len(_CHARSETS)]
        parts = [_text(chance, charset, languages[charset])]
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


def _words(chance: random.Random, syllables: list[str]) -> list[str]:
    return ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(_VOCABULARY)]


_WEIGHTS = list(accumulate(1 / (rank + 3) for rank in range(_VOCABULARY)))


def _text(chance: random.Random, charset: str, words: list[str]) -> bytes:
    def line() -> str:
        return " ".join(chance.choices(words, cum_weights=_WEIGHTS, k=9))

    lines = [line() for _ in range(chance.randint(10, 60))]
    # What was answered, and what that had answered, stands below.
    lines += [f"> {line()}" for _ in range(chance.choice((0, 40, 120, 240)))]
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head.encode() + "\r\n".join(lines).encode(charset) + b"\r\n"


def _file(chance: random.Random, place: int) -> bytes:
    """A file that does not compress, as pictures and PDFs do not: 20 KB of base64 at the median, some of 200 KB."""
    media_type, ending = chance.choice(_FILES)
    octets = chance.randbytes(min(int(chance.lognormvariate(9.5, 0.8)), 150_000))
    head = (
        f'Content-Type: {media_type}; name="file-{place}.{ending}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="file-{place}.{ending}"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(octets).replace(b"\n", b"\r\n")
