"""The charset of octets that carry no label, or one that lies.

Japanese is told by its kana and Latin scripts by the letters of their languages, because a few words must do;
for everything else charset-normalizer decides, which wants a sentence or two.
"""

import codecs
import re
from collections.abc import Callable

from charset_normalizer import from_bytes

_SAMPLE = 4_000
_BEFORE = 1_000  # ASCII before the first letter of a line that is not
_FEW = 4  # letters, below which a guess is no better than the Western default
_KANA = re.compile("[\u3041-\u30fe]")
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
_SCRIPTS = [
    *("big5hkscs", "gb18030", "cp949", "euc_jp", "cp932", "cp1251", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic"),
    *("cp1253", "iso8859_7", "cp1255", "cp1256", "cp874"),
]
# By language, the letters beyond ASCII; where two languages fit alike, the upper one is taken.
_LATIN = (
    ("cp1252", "äöüß"),
    ("cp1252", "éèêëàâçîïôùûœ"),
    ("cp1252", "áéíóúñü¿¡"),
    ("cp1252", "àèéìòù"),
    ("cp1252", "ãõáéíóúâêôàç"),
    ("cp1252", "åäöé"),
    ("cp1252", "æøåé"),
    ("cp1252", "ëéïöüèó"),
    ("cp1252", "áðéíóúýþæö"),
    ("cp1250", "ąćęłńóśźż"),
    ("iso8859_2", "ąćęłńóśźż"),
    ("cp1250", "áčďéěíňóřšťúůýž"),
    ("iso8859_2", "áčďéěíňóřšťúůýž"),
    ("cp1250", "áéíóöőúüű"),
    ("cp1250", "áäčďéíľĺňóôŕšťúýž"),
    ("cp1250", "čćđšž"),
    ("iso8859_2", "čćđšž"),
    ("cp1250", "ăâîşţ"),
    ("cp1254", "çğıöşüiâ"),
    ("cp1257", "ąčęėįšųūž"),
    ("cp1257", "āčēģīķļņšūž"),
    ("cp1257", "äöõüšž"),
    ("cp850", "äöüß"),
    ("cp850", "éèêëàâçîïôùû"),
    ("mac_roman", "äöüß"),
    ("mac_roman", "éèêëàâçîïôùûœ"),
)
_PUNCTUATION = "‘’‚“”„«»‹›–—…€£§°•·\u00a0\u00ad®©™\u0307"
_LATIN_CODECS = tuple(dict.fromkeys(codec for codec, _ in _LATIN))
_ALPHABETS = [(codec, frozenset(letters + _PUNCTUATION)) for codec, letters in _LATIN]


def guess(octets: bytes) -> str:
    """The codec that reads `octets` most sensibly; only the first 4,000 octets of lines beyond ASCII are looked at."""
    sample = _sample(octets)
    if japanese := _japanese(sample):
        return japanese
    if not is_dense(sample):
        return _latin(sample)
    found = from_bytes(sample, cp_isolation=_SCRIPTS, preemptive_behaviour=False).best() if _is_long(sample) else None
    return found.encoding if found else _short(sample)


def is_dense(sample: bytes) -> bool:
    """Whether letters beyond ASCII stand side by side, as in no language of the Latin script."""
    high = sum(octet >= 0x80 for octet in sample)
    return high >= _FEW and 2 * sum(len(run) for run in _HIGH_RUN.findall(sample)) > high


def _sample(octets: bytes) -> bytes:
    """The beginnings of lines that hold more than ASCII."""
    lines: list[bytes] = []
    at, room = 0, _SAMPLE
    while room > 0 and (high := _HIGH.search(octets, at)):
        begin = octets.rfind(b"\n", max(at, high.start() - _BEFORE), high.start()) + 1 or max(
            at, high.start() - _BEFORE
        )
        end = octets.find(b"\n", high.start())
        at = len(octets) if end < 0 else end + 1
        lines.append(octets[begin : min(at, begin + room)])
        room -= len(lines[-1])
    return b"".join(lines)


def _is_long(sample: bytes) -> bool:
    return sum(octet >= 0x80 for octet in sample) >= 20


def _japanese(sample: bytes) -> str:
    return next((codec for codec in ("euc_jp", "cp932") if _reads_as(sample, codec, _has_kana)), "")


def _reads_as(sample: bytes, codec: str, is_sensible: Callable[[list[str]], bool]) -> bool:
    """Whether the sample is text by `codec`, its last character aside, which may have been cut."""
    try:
        text = codecs.getincrementaldecoder(codec)("strict").decode(sample)
    except UnicodeDecodeError:
        return False
    wide = [letter for letter in text if letter > "\u00ff"]
    return len(wide) >= _FEW and is_sensible(wide)


def _has_kana(wide: list[str]) -> bool:
    return len(_KANA.findall("".join(wide))) * 5 > len(wide)


def _is_east_asian(wide: list[str]) -> bool:
    common = sum("\u4e00" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" or "\u3000" <= c <= "\u303f" for c in wide)
    return common * 10 > len(wide) * 9


def _short(sample: bytes) -> str:
    """A few words: Chinese where they read as it, else Cyrillic."""
    for codec in ("gb18030", "cp949", "big5hkscs"):
        if _reads_as(sample, codec, _is_east_asian):
            return codec
    return _cyrillic(sample) if _is_mostly_high(sample) else "cp1252"


def _is_mostly_high(sample: bytes) -> bool:
    letters = [octet for octet in sample if octet >= 0xC0 or chr(octet).isalpha()]
    high = sum(octet >= 0xC0 for octet in letters)
    return high >= _FEW and high * 3 > len(letters) * 2


def _cyrillic(sample: bytes) -> str:
    """KOI8 has its small letters at C0-DF, windows-1251 at E0-FF; text is mostly small letters."""
    low = sum(0xC0 <= octet <= 0xDF for octet in sample)
    high = sum(octet >= 0xE0 for octet in sample)
    return "koi8_u" if low > high else "cp1251"


def _latin(sample: bytes) -> str:
    """The codec under which the letters beyond ASCII are those of one language."""
    high = bytes(octet for octet in sample if octet >= 0x80)
    texts = {codec: high.decode(codec, "replace").lower() for codec in _LATIN_CODECS}
    scores = [sum(map(letters.__contains__, texts[codec])) for codec, letters in _ALPHABETS]
    best = max(scores, default=0)
    return _ALPHABETS[scores.index(best)][0] if best * 2 > len(high) else "cp1252"
