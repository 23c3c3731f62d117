"""Writes TNEF streams (MS-OXTNEF) for tests: the attributes and properties that a test names, nothing else."""

import struct

SIGNATURE = struct.pack("<IH", 0x223E9F78, 1)
BODY, CODE_PAGE, MESSAGE = 0x0002800C, 0x00069007, 0x00069003
FILE, TITLE, DATA, PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
NARROW, WIDE, BINARY, OBJECT = 0x1E, 0x1F, 0x102, 0x0D


def attribute(name: int, content: bytes, *, level: int = 1) -> bytes:
    return struct.pack("<BII", level, name, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def variable(number: int, kind: int, content: bytes) -> bytes:
    return struct.pack("<HHII", kind, number, 1, len(content)) + content + bytes(-len(content) % 4)


def number(number: int, value: int) -> bytes:
    return struct.pack("<HHI", 0x03, number, value)


def named(kind: int, name: str, content: bytes) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = struct.pack("<HH", kind, 0x8001) + bytes(16) + struct.pack("<II", 1, len(text)) + text
    return head + bytes(-len(text) % 4) + struct.pack("<II", 1, len(content)) + content + bytes(-len(content) % 4)


def properties(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


def file(title: bytes, content: bytes, *, more: tuple[bytes, ...] = ()) -> bytes:
    parts = [attribute(FILE, bytes(14), level=2), attribute(TITLE, title + b"\0", level=2)]
    parts += [attribute(DATA, content, level=2)] if content else []
    parts += [attribute(PROPERTIES, properties(*more), level=2)] if more else []
    return b"".join(parts)


def stream(*attributes: bytes) -> bytes:
    return SIGNATURE + b"".join(attributes)


def code_page(page: int) -> bytes:
    return attribute(CODE_PAGE, struct.pack("<II", page, 0))


def compressed(rtf: bytes) -> bytes:
    """RTF in the compressed form (MS-OXRTFCP) that uses no reference to what stood before but the end mark."""
    body = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf) - 7, 8))
    rest = rtf[len(rtf) // 8 * 8 :]
    end = (207 + len(rtf)) % 4096 << 4
    body += bytes((1 << len(rest),)) + rest + struct.pack(">H", end)
    return struct.pack("<II4sI", len(body) + 12, len(rtf), b"LZFu", 0) + body
