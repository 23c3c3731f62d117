"""Octets to text in any charset that occurs in mail, whatever the label says.

The label is believed when the octets can be read by it, and is overruled where practice knows better
(RFC 2045 labels as used by mailers, WHATWG's "latin-1 means windows-1252").
"""

import codecs
import re

from mailbox.mime.detect import guess, is_dense
from mailbox.mime.jis import decode_jis, has_jis_escapes
from mailbox.mime.labels import codec_of
from mailbox.mime.octets import decode_or_utf8

_NOT_ASCII_BASED = {"iso2022", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7", "hz"}
# UTF-32 before UTF-16: its mark begins with the other's.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# Letters of scripts in use; octets in the wrong order scatter over all others.
_COMMON = re.compile("[\t\n\r -~\u00a0-\u052f\u0590-\u06ff\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]")
# Labels that say nothing, or are put on anything by default.
_DOUBTFUL = ("", "cp1252", "utf-8")
_FIRST_OF_MARKS = 0xEF
_SHORTEST_WIDE = 8
_LATIN_SAMPLE = 2_000


def decode_text(octets: bytes, label: str | None) -> str:
    """The text of `octets`; U+FFFD stands where nothing could be read, NUL and lone surrogates never occur."""
    charset = codec_of(label or "")
    if b"\x1b" not in octets and b"\x00" not in octets:
        if octets.isascii():
            if charset.partition("_")[0] not in _NOT_ASCII_BASED or _is_not_wide(octets, charset):
                return octets.decode("ascii")
        elif charset == "utf-8" and octets[0] < _FIRST_OF_MARKS:
            # The common case, before anything is looked for.
            try:
                return octets.decode("utf-8")
            except UnicodeDecodeError:
                pass
    text = _decode(octets, charset)
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _is_not_wide(octets: bytes, charset: str) -> bool:
    """Whether ASCII stands under a label of UTF-16 or UTF-32, in which it would be rare Chinese characters."""
    return charset.startswith(("utf-16", "utf-32")) and len(octets) >= _SHORTEST_WIDE


def _decode(octets: bytes, charset: str) -> str:
    for bom, codec in _BOMS:
        if octets.startswith(bom) and charset not in ("utf-7", "iso2022_jp"):
            return octets[len(bom) :].decode(codec, "replace")
    if charset == "iso2022_jp" or (charset in (*_DOUBTFUL, "cp932", "euc_jp") and has_jis_escapes(octets)):
        return decode_jis(octets)
    if wide := _wide_codec(octets, charset):
        return octets.decode(wide, "replace")
    if charset in _DOUBTFUL:
        return _decode_doubtful(octets, charset)
    return octets.decode("utf-8") if _must_be_utf8(octets, charset) else decode_or_utf8(octets, charset)


def _decode_doubtful(octets: bytes, charset: str) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = octets.decode("utf-8", "replace")
    # A few bad octets in good UTF-8 are damage or a cut; many of them are another charset.
    if text.count("\ufffd") * 4 < len(octets) - len(text) or _is_cut(octets, text):
        return text
    if charset == "cp1252" and not is_dense(octets[:_LATIN_SAMPLE]):
        return octets.decode("cp1252", "replace")
    return decode_or_utf8(octets, guess(octets))


def _is_cut(octets: bytes, text: str) -> bool:
    """Whether only the end of the last character is missing, and there are others that take several octets."""
    return len(octets) - len(text) > 1 and text.find("\ufffd") == len(text) - 1


def _must_be_utf8(octets: bytes, charset: str) -> bool:
    """Whether the label is wrong although the octets could be read by it: nothing else looks like UTF-8 by chance.

    Two Chinese or Japanese characters may, but not many in a row that all take three octets.
    """
    if charset.partition("_")[0] in _NOT_ASCII_BASED:
        return False
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    beyond = len(octets) - len(text)
    wide = sum(letter > "\u07ff" for letter in text[:10_000])
    return wide >= 3 if charset in _DOUBLE else beyond >= 3


_DOUBLE = ("gb18030", "big5hkscs", "cp949", "cp932", "euc_jp", "euc_jis_2004", "johab")


def _wide_codec(octets: bytes, charset: str) -> str:
    """UTF-16 or UTF-32 with the order of its octets, where the label says so or every other octet is NUL."""
    if charset in ("utf-16", "utf-32"):
        return _utf32_order(octets) if charset == "utf-32" else _utf16_order(octets)
    sample = octets[:400]
    if charset not in _DOUBTFUL or len(sample) < _SHORTEST_WIDE or sample.count(0) * 4 < len(sample):
        return ""
    if sample.count(b"\0\0\0") * 5 > len(sample) // 4:
        return _utf32_order(octets)
    low, high = sorted((sample[1::2].count(0), sample[::2].count(0)))
    return _utf16_order(octets) if low * 4 <= high else ""


def _utf16_order(octets: bytes) -> str:
    """RFC 2781, 4.3 says big-endian without a mark; Windows mailers do otherwise, and the characters tell."""
    little, big = (len(_COMMON.findall(octets[:400].decode(each, "replace"))) for each in ("utf-16-le", "utf-16-be"))
    return "utf-16-le" if little > big else "utf-16-be"


def _utf32_order(octets: bytes) -> str:
    return "utf-32-le" if octets[3::4].count(0) > octets[::4].count(0) else "utf-32-be"
