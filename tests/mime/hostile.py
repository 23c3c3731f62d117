"""Messages made to take time or memory, by name. Run as a script it says which of them do."""

import math
import os
import resource
import time
from base64 import encodebytes
from pathlib import Path

from mailbox.mime.parse import Parsed, parse
from mailbox.mime.preview import preview
from tests.mime import tnef_writer as tnef

MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
NO_BOUNDARY = b"Content-Type: multipart/mixed\n\n"
PLAIN = b"Content-Type: text/plain; charset=%s\n\n"
MB = 1024 * 1024
REPEAT = b"\xff" + b"\0\x0f" * 8
SIGNED = b"\x30\x80" + bytes.fromhex("06092a864886f70d010702")


def nested(depth: int) -> bytes:
    inner = (b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (at, at + 1) for at in range(depth))
    return b"Content-Type: multipart/mixed; boundary=b0\n\n" + b"".join(inner) + b"--b%d\n\nbottom\n" % depth


def messages_inside(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"Subject: bottom\n\nbottom\n"


def attached(media_type: bytes, content: bytes) -> bytes:
    return b"Content-Type: " + media_type + b"\nContent-Transfer-Encoding: base64\n\n" + encodebytes(content)


def numbered(pattern: bytes, count: int) -> bytes:
    return b"".join(pattern % number for number in range(count))


def winmail(*attributes: bytes) -> bytes:
    return attached(b"application/ms-tnef", tnef.stream(*attributes))


def rtf(compressed: bytes) -> bytes:
    return tnef.attribute(tnef.MESSAGE, tnef.properties(tnef.variable(0x1009, tnef.BINARY, compressed)))


def tnef_inside(depth: int) -> bytes:
    inner = tnef.stream(tnef.file(b"a", b"b"))
    for _ in range(depth):
        inner = tnef.stream(tnef.file(b"m", b"", more=(tnef.variable(0x3701, tnef.OBJECT, bytes(16) + inner),)))
    return inner


HOSTILE = {
    "100,000 parts": lambda: MIXED + b"--b\n\npart\n" * 100_000,
    "100,000 empty parts": lambda: MIXED + b"--b\n" * 100_000,
    "parts with long headers": lambda: MIXED + (b"--b\n" + b"X: y\n" * 5_000 + b"\n") * 1_000,
    "alternatives": lambda: MIXED.replace(b"mixed", b"alternative") + b"--b\n\npart\n" * 100_000,
    "10 MB header": lambda: b"Subject: x\n" + b"X-A: " + b"y" * 10 * MB + b"\n\nbody\n",
    "10 MB header of fields": lambda: b"X: y\n" * (2 * MB) + b"\nbody\n",
    "10 MB header of blank lines": lambda: b"X: y\n" + b" \n" * (5 * MB) + b"\nbody\n",
    "10 MB header that is none": lambda: b"x\n" * (5 * MB),
    "a million addresses": lambda: b"To: " + b"a@x.test, " * 1_000_000 + b"\n\nbody\n",
    "a million folded addresses": lambda: b"To: " + b"a@x.test,\n " * 1_000_000 + b"\n\nbody\n",
    "addresses without end": lambda: b"To: " + b'"a <(' * 60_000 + b"\n\nbody\n",
    "comments": lambda: b"To: " + b"(" * 250_000 + b"\n\nbody\n",
    "words in an address": lambda: b"To: " + b"a " * 120_000 + b"@x.test\n\nbody\n",
    "at signs": lambda: b"To: " + b"a@" * 120_000 + b"\n\nbody\n",
    "angles": lambda: b"To: " + b"<" * 250_000 + b"\n\nbody\n",
    "encoded words": lambda: b"Subject: " + b"=?utf-8?Q?a?= " * 18_000 + b"\n\nbody\n",
    "encoded words cut": lambda: b"Subject: " + b"=?utf-8?B?" * 25_000 + b"\n\nbody\n",
    "encoded words of many charsets": lambda: b"Subject: " + numbered(b"=?x-%d?Q?=FF?= ", 15_000) + b"\n\n",
    "references": lambda: b"References: " + b"<a@x> " * 40_000 + b"\n\nbody\n",
    "references without end": lambda: b"References: " + b"<" * 250_000 + b"\n\nbody\n",
    "bare references": lambda: b"References: " + b"a" * 250_000 + b"\n\nbody\n",
    "parameters": lambda: b"Content-Type: text/plain" + b"; a=b" * 50_000 + b"\n\nbody\n",
    "continued parameters": lambda: b"Content-Type: text/plain" + numbered(b"; name*%d*=%%41", 15_000) + b"\n\n",
    "quoted parameters": lambda: b"Content-Type: text/plain; a=" + b'"\\' * 120_000 + b"\n\nbody\n",
    "a date": lambda: b"Date: " + b"1 " * 120_000 + b"\n\nbody\n",
    "deep multiparts": lambda: nested(1_000),
    "very deep multiparts": lambda: nested(30_000),
    "deep messages": lambda: messages_inside(100_000),
    "boundary lines": lambda: MIXED + b"--b\n\n" + b"--bx\n" * 2_000_000,
    "boundaries that begin alike": lambda: MIXED.replace(b"=b", b"=" + b"-" * 70) + b"-" * 10 * MB,
    "boundaries to guess": lambda: NO_BOUNDARY + (b"--b\n" + NO_BOUNDARY) * 200_000,
    "folded without indent": lambda: b"Subject: a\n" + b"word\n" * 50_000 + b"X: y\n\nbody\n",
    "flowed": lambda: b"Content-Type: text/plain; format=flowed; delsp=yes\n\n" + b"> a \n" * (2 * MB),
    "flowed quotes": lambda: b"Content-Type: text/plain; format=flowed\n\n" + b">" * 10 * MB,
    "enriched": lambda: b"Content-Type: text/enriched\n\n" + b"<param>" * MB,
    "enriched angles": lambda: b"Content-Type: text/enriched\n\n" + b"<" * 8 * MB,
    "uuencode begins": lambda: b"\n" + b"begin 644 a\n" * 500_000,
    "uuencode": lambda: b"\n" + b"begin 644 a\n#0V%T\n`\nend\n" * 300_000,
    "uuencode without end": lambda: b"\nbegin 644 a\n" + b"M" * 61 * 100_000,
    "uuencode of short lines": lambda: b"\nbegin 644 a\n#0V%T\n" + b"!\n" * (4 * MB),
    "armour": lambda: b"\n" + b"-----BEGIN PGP " * 500_000,
    "japanese escapes": lambda: PLAIN % b"iso-2022-jp" + b"\x1b$B\x1b(B" * MB,
    "japanese vendor letters": lambda: PLAIN % b"iso-2022-jp" + b"\x1b$B-!" * MB,
    "japanese escapes without end": lambda: PLAIN % b"iso-2022-jp" + b"\x1b$(Q!!\n" * MB,
    "unknown octets": lambda: PLAIN % b"x" + bytes(range(128, 256)) * (8 * MB // 128),
    "unknown octets in one line": lambda: PLAIN % b"" + b"a" * (8 * MB) + b"\xe9\xff" * 1_000,
    "lines beyond ASCII": lambda: PLAIN % b"" + b"\xe9\n" * (3 * MB),
    "utf-7": lambda: PLAIN % b"utf-7" + b"+AGE-" * MB,
    "punycode": lambda: PLAIN % b"punycode" + b"a" * MB + b"-b",
    "quoted-printable": lambda: b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 8 * MB,
    "base64": lambda: b"Content-Transfer-Encoding: base64\n\n" + b"=A" * (4 * MB),
    "tags": lambda: b"Content-Type: text/html\n\n" + b"<" * 8 * MB,
    "cut tags": lambda: b"Content-Type: text/html\n\n" + b"<a" * (4 * MB),
    "comments in html": lambda: b"Content-Type: text/html\n\n" + b"<!--" * (2 * MB),
    "styles": lambda: b"Content-Type: text/html\n\n" + b"<style>" * MB,
    "charset in meta": lambda: b"Content-Type: text/html\n\n" + b"<meta" * 200 + b" charset" * 100_000,
    "entities": lambda: b"Content-Type: text/html\n\n" + b"&#9" * (2 * MB),
    "tnef files": lambda: winmail(*[tnef.file(b"a", b"b")] * 50_000),
    "tnef properties": lambda: winmail(tnef.attribute(tnef.MESSAGE, b"\xff" * 4 + tnef.number(1, 1) * 500_000)),
    "tnef inside tnef": lambda: winmail(tnef_inside(200)),
    "rtf": lambda: winmail(rtf(tnef.compressed(b"{\\rtf1" + b"\\u1?" * 500_000))),
    "rtf that repeats": lambda: winmail(rtf(b"\0\0\0\0\xff\xff\xff\x7fLZFu\0\0\0\0" + REPEAT * 200_000)),
    "signed blocks": lambda: attached(b"application/pkcs7-mime", SIGNED + b"\xa0\x80\x30\x80" * 100_000),
    "NUL octets": lambda: PLAIN % b"" + bytes(8 * MB),
    "carriage returns": lambda: b"Subject: x\r\r" + b"\r" * 8 * MB,
}  # fmt: skip


def read_completely(octets: bytes) -> Parsed:
    """What delivery and a screen ask of a message, each once."""
    parsed = parse(octets)
    preview(parsed.text())
    _ = parsed.protection, parsed.calendar, parsed.header.fields
    for part in parsed.attachments[:100]:
        _ = part.octets_count, part.true_type, part.content_location
        parsed.nested(part)
    return parsed


def read_within_limits(name: str) -> None:
    """Read one of them; the kernel ends the process that takes more than 2 seconds or 256 MB for it."""
    octets = HOSTILE[name]()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 256 * MB, used + 256 * MB))
    seconds = math.ceil(time.process_time()) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    read_completely(octets)


def main() -> None:
    """Read each in a process of its own, and print the names of those that the kernel ended."""
    for name in HOSTILE:
        child = os.fork()
        if child == 0:
            read_within_limits(name)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            print(name, flush=True)


if __name__ == "__main__":
    main()
