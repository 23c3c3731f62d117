"""Octets to text in any charset that occurs in mail, whatever the label says.

The label is believed when the octets can be read by it, and is overruled where practice knows better
(RFC 2045 labels as used by mailers, WHATWG's "latin-1 means windows-1252").
"""

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "shift_jis": "cp932",
    "shift_jisx0213": "cp932",
    "shift_jis_2004": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "utf-16": "utf-16",
}
_ALIASES = {
    "x-sjis": "cp932",
    "x-ms-cp932": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "x-windows-949": "cp949",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-japanese": "cp932",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "cp-850": "cp850",
    "x-cp1252": "cp1252",
    "x-cp1251": "cp1251",
    "windows-874": "cp874",
    "x-user-defined": "",
    "unknown-8bit": "",
    "8bit": "",
    "default": "",
    "default_charset": "",
}
# Python codecs that are no charsets: some interpret escapes, punycode takes quadratic time.
_NO_CHARSETS = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem", "utf-8-sig"}
_NOT_ASCII_BASED = {"iso2022", "utf-16", "utf-32", "utf-7", "hz"}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_FEW = 4  # letters, below which a guess is no better than the Western default
_KANA = re.compile("[\u3041-\u30fe]")


def decode_text(octets: bytes, label: str | None) -> str:
    """The text of `octets`; U+FFFD stands where nothing could be read, NUL and lone surrogates never occur."""
    charset = _codec(label or "")
    if octets.isascii() and charset.partition("_")[0] not in _NOT_ASCII_BASED and b"\x1b" not in octets:
        text = octets.decode("ascii")
    else:
        text = _decode(octets, charset)
    if "\x00" in text or not text.isascii():
        text = _NO_TEXT.sub(_replacement, text)
    return text


def _replacement(match: re.Match[str]) -> str:
    return "" if match[0] == "\x00" else "\ufffd"


@lru_cache(maxsize=512)
def _codec(label: str) -> str:
    """The Python codec meant by a charset label, "" when there is none such."""
    name = label[:60].strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if name.startswith(("iso-2022-jp", "csiso2022jp", "iso2022jp", "iso2022_jp")) or name in ("cp50220", "cp50221"):
        return "iso2022_jp"
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return _without_prefix(name)
    if codec == "utf-8-sig":
        return "utf-8"
    if codec in _NO_CHARSETS or not codecs.lookup(name)._is_text_encoding:
        return ""
    return _MEANT.get(codec, codec)


def _without_prefix(name: str) -> str:
    """Labels such as `x-foo`, `cp-1252` and `windows1252`, tried once without their decoration."""
    bare = re.sub(r"^(?:x-|cs)", "", name)
    bare = re.sub(r"^(?:cp-?|windows-?|win-?|ansi-?)(?=\d{3,4}$)", "cp", bare)
    return _codec(bare) if bare and bare != name else ""


def _decode(octets: bytes, charset: str) -> str:
    for bom, codec in _BOMS:
        if octets.startswith(bom) and charset not in ("utf-7", "iso2022_jp"):
            return octets[len(bom) :].decode(codec, "replace")
    if charset == "iso2022_jp" or (charset in ("", "cp1252", "utf-8", "cp932", "euc_jp") and _has_jis_escapes(octets)):
        return _decode_jis(octets)
    if charset == "utf-16":
        return octets.decode(_utf16_order(octets), "replace")
    if charset in ("", "cp1252", "utf-8"):
        return _decode_doubtful(octets, charset)
    return _decode_labelled(octets, charset)


def _decode_labelled(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(charset)
    except (UnicodeError, LookupError):
        pass
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode(charset, "replace")


def _decode_doubtful(octets: bytes, charset: str) -> str:
    """Labels that say nothing, or are put on anything by default."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = octets.decode("utf-8", "replace")
    # A few bad octets in good UTF-8 are damage or a cut; many of them are another charset.
    if text.count("\ufffd") * 4 < len(octets) - len(text):
        return text
    if charset == "cp1252":
        return octets.decode("cp1252", "replace")
    return _guess(octets)


def _guess(octets: bytes) -> str:
    sample = octets[:20_000]
    for charset in ("euc_jp", "cp932", "gb18030", "cp949", "big5hkscs"):
        if _reads_as(sample, charset):
            return octets.decode(charset, "replace")
    if _is_mostly_high(sample):
        return octets.decode(_cyrillic(sample), "replace")
    return octets.decode("cp1252", "replace")


def _is_mostly_high(sample: bytes) -> bool:
    letters = [octet for octet in sample if octet >= 0xC0 or chr(octet).isalpha()]
    high = sum(octet >= 0xC0 for octet in letters)
    return high >= _FEW and high * 3 > len(letters) * 2


def _cyrillic(sample: bytes) -> str:
    """KOI8-R has its small letters at C0-DF, windows-1251 at E0-FF; text is mostly small letters."""
    low = sum(0xC0 <= octet <= 0xDF for octet in sample)
    high = sum(octet >= 0xE0 for octet in sample)
    return "koi8-r" if low > high else "cp1251"


def _reads_as(sample: bytes, charset: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(charset)("strict").decode(sample)
    except UnicodeDecodeError:
        return False
    wide = [letter for letter in text if letter > "\u00ff"]
    if len(wide) < _FEW:
        return False
    if charset in ("euc_jp", "cp932"):
        return len(_KANA.findall(text)) * 5 > len(wide)
    common = sum("\u4e00" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" or "\u3000" <= c <= "\u303f" for c in wide)
    return common * 10 > len(wide) * 9


def _utf16_order(octets: bytes) -> str:
    """RFC 2781, 4.3 says big-endian without a mark; Windows mailers do otherwise, and spaces tell."""
    return "utf-16-le" if octets[1::2].count(0) > octets[::2].count(0) else "utf-16-be"


_JIS_ESCAPE = re.compile(rb"(\x1b\$\([DOPQ]|\x1b\$[@B]|\x1b\([BJIH]|\x1b\.[AF])")

_HIGH = bytes(octet | 0x80 if 0x20 < octet < 0x80 else octet for octet in range(256))
_HIGH_KANA = bytes(octet | 0x80 if 0x20 < octet < 0x60 else octet for octet in range(256))


def _has_jis_escapes(octets: bytes) -> bool:
    return b"\x1b$B" in octets or b"\x1b$@" in octets or b"\x1b(I" in octets


def _decode_jis(octets: bytes) -> str:
    """ISO-2022-JP (RFC 1468) with the vendor characters and half-width kana that the standard codec refuses."""
    try:
        return octets.decode("iso2022_jp_ext")
    except UnicodeDecodeError:
        pass
    pieces = _JIS_ESCAPE.split(octets)
    text = [_decode_single(pieces[0])]
    for escape, run in zip(pieces[1::2], pieces[2::2], strict=True):
        # A set ends with its line (RFC 1468), also where the closing escape was lost.
        if escape.startswith(b"\x1b$("):
            text.append(_by_line(run, _decode_0212))
        elif escape.startswith(b"\x1b$"):
            text.append(_by_line(run, _decode_0208))
        elif escape == b"\x1b(I":
            text.append(run.translate(_HIGH_KANA).decode("cp932", "replace"))
        else:
            text.append(_decode_single(run))
    return "".join(text)


def _decode_single(run: bytes) -> str:
    if run.isascii():
        return run.decode("ascii")
    return _decode_labelled(run, "cp932")


def _by_line(run: bytes, decode: Callable[[bytes], str]) -> str:
    first, line_end, rest = run.partition(b"\n")
    text = decode(first.rstrip(b"\r"))
    if not line_end:
        return text
    return text + ("\r\n" if first.endswith(b"\r") else "\n") + _decode_single(rest)


def _decode_0208(run: bytes) -> str:
    if not run.isascii():
        return _decode_labelled(run, "cp932")
    try:
        return run.translate(_HIGH).decode("euc_jp")
    except UnicodeDecodeError:
        return _shift(run).decode("cp932", "replace")


def _decode_0212(run: bytes) -> str:
    pairs = [run[at : at + 2] for at in range(0, len(run), 2)]
    return b"".join(b"\x8f" + bytes(octet | 0x80 for octet in pair) for pair in pairs).decode("euc_jp", "replace")


def _shift(run: bytes) -> bytes:
    """JIS X 0208 code points as Shift_JIS, row by row, so that code page 932 can read the vendor rows too."""
    shifted = bytearray()
    for at in range(0, len(run) - 1, 2):
        row, cell = run[at], run[at + 1]
        shifted.append(((row + 1) >> 1) + (0x70 if row < 0x5F else 0xB0))
        if row % 2:
            shifted.append(cell + (0x20 if cell > 0x5F else 0x1F))
        else:
            shifted.append((cell + 0x7E) & 0xFF)
    return bytes(shifted)
