"""Charset labels as mailers write them, and the Python codec that each of them means."""

import codecs
import encodings
import pkgutil
import re
from encodings.aliases import aliases
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
    # Says nothing once an octet is beyond it.
    "ascii": "",
}
_ALIASES = {
    "x-sjis": "cp932",
    "x-ms-cp932": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "x-windows-949": "cp949",
    "x-gbk": "gb18030",
    "cn-gb": "gb18030",
    "cn-big5": "big5hkscs",
    "big5-eten": "big5hkscs",
    "gb_2312-80": "gb18030",
    "x-euc-jp": "euc_jp",
    "eucjp-ms": "euc_jp",
    "eucjpms": "euc_jp",
    "euc-jp-ms": "euc_jp",
    "cp51932": "euc_jp",
    "cp51949": "cp949",
    "koi8-ru": "koi8-u",
    "koi8": "koi8-r",
    "koi": "koi8-r",
    "dos-866": "cp866",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "logical": "iso8859-8",
    "x-mac-ce": "mac-latin2",
    "utf8mb3": "utf-8",
    "cesu-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "65001": "utf-8",
    "ucs-4": "utf-32",
    "iso-10646-ucs-4": "utf-32",
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
_KNOWN = frozenset((*aliases, *aliases.values(), *(each.name for each in pkgutil.iter_modules(encodings.__path__))))
_JIS_NAMES = ("iso-2022-jp", "csiso2022jp", "iso2022jp", "iso2022_jp", "cp5022", "x-iso-2022-jp")
_NAME = re.compile(r"(?<!\w)(?!charset\s*=)[a-z0-9][\w.:+()-]*")
# Python codecs that are no charsets: some interpret escapes, punycode takes quadratic time.
_NO_CHARSETS = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem", "utf-8-sig"}


@lru_cache(maxsize=512)
def codec_of(label: str) -> str:
    """The Python codec meant by a charset label, "" when there is none such."""
    named = _NAME.search(label[:60].lower())
    name = named[0] if named else ""
    name = _ALIASES.get(name, name)
    if name.startswith(_JIS_NAMES):
        return "iso2022_jp"
    if not _is_known(name):
        return _without_prefix(name)
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return _without_prefix(name)
    if codec == "utf-8-sig":
        return "utf-8"
    if codec in _NO_CHARSETS or not codecs.lookup(name)._is_text_encoding:
        return ""
    return _MEANT.get(codec, codec)


def _is_known(name: str) -> bool:
    """Whether Python may have a codec of that name: looking for one that it has not costs a search of its files."""
    return encodings.normalize_encoding(name).replace(".", "_") in _KNOWN


def _without_prefix(name: str) -> str:
    """Labels such as `x-foo`, `cp-1252` and `windows1252`, tried once without their decoration."""
    bare = re.sub(r"^(?:x-|cs)", "", name)
    bare = re.sub(r"^(?=8859[-_]\d)", "iso-", bare)
    bare = re.sub(r"^(?:cp-?|windows-?|win-?|ansi-?)(?=\d{3,4}$)", "cp", bare)
    return codec_of(bare) if bare and bare != name else ""
