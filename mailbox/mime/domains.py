"""Names of hosts: which belong together, and which are written to be taken for others (RFC 3490, RFC 5891).

Scripts are told by the names of characters in Unicode; the table of look-alikes holds the small letters that a domain
can be built of. Whoever wants to deceive has more means than this, but these are the ones that cost him nothing.
"""

import unicodedata
from functools import lru_cache

import idna

# Registries that give names below a second label: example.co.uk is a name, co.uk is none.
_SECOND_LEVEL = frozenset({"ac", "co", "com", "ed", "edu", "go", "gob", "gov", "gv", "lg", "ne", "net", "or", "org"})
# Scripts that are written together: Japanese, Korean, Chinese with its phonetic letters (UTS 39, 5.1).
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)
_SCRIPTS = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC", "DEVANAGARI", "BENGALI", "THAI", "GEORGIAN"}
    | {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "CHEROKEE", "LISU", "COPTIC", "ETHIOPIC", "KHMER", "TAMIL"}
)
_LOOKS_LIKE = str.maketrans(
    {
        # Cyrillic
        "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "і": "i", "ї": "i", "ј": "j", "к": "k",
        "ӏ": "l", "м": "m", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ц": "u", "ѵ": "v", "ԝ": "w",
        "х": "x", "у": "y", "ү": "y", "п": "n", "ь": "b", "н": "h", "з": "3",
        # Greek
        "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ό": "o", "ρ": "p", "σ": "o",
        "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ω": "w", "μ": "u", "ά": "a", "ί": "i", "έ": "e",
        # Armenian, Latin letters apart from the alphabet, small capitals
        "ո": "n", "օ": "o", "ս": "u", "հ": "h", "ց": "g", "զ": "q", "ք": "p", "ɑ": "a", "ɡ": "g", "ı": "i", "ȷ": "j",
        "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ƅ": "b", "ɩ": "i", "ʟ": "l", "ᴏ": "o", "ꜱ": "s", "ɴ": "n",
        # Figures, and pairs that run into one letter, are folded the same way on both sides.
        "0": "o", "1": "l",
    }
)  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_LONGEST = 255


def domain_of(address: str) -> str:
    """The part after the last @ in lower case, letters and not punycode; "" without one."""
    return readable(address.rpartition("@")[2]) if "@" in address else ""


@lru_cache(maxsize=1024)
def readable(host: str) -> str:
    """`host` in lower case with its `xn--` labels decoded; what cannot be decoded stays as it is."""
    labels = host[:_LONGEST].strip().strip(".").lower().split(".")
    return ".".join(_decoded(label) for label in labels)


def a_labels(domain: str) -> str:
    """`domain` as it is looked up (RFC 5891). Raises UnicodeError for what cannot be a name.

    Python's own codec knows IDNA 2003 only, which sends mail for straße.test to strasse.test, whoever has that.
    """
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")


def punycode(host: str) -> str:
    """`host` as it goes on the wire: every label that is not ASCII as `xn--` (RFC 3492)."""
    return ".".join(_encoded(label) for label in readable(host).split("."))


@lru_cache(maxsize=4096)
def site(host: str) -> str:
    """The name that somebody registered: `mail.example.co.uk` is of `example.co.uk`.

    A guess without the list of all registries, for comparing what one sees and not for deciding what is allowed.
    """
    labels = readable(host).split(".")
    if len(labels) < 3:
        return ".".join(labels)
    is_deep = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if is_deep else labels[-2:])


def is_at_or_below(host: str, parent: str) -> bool:
    """Whether who owns `parent` owns `host` too. Never the other way round: github.io does not own its parts."""
    one, two = readable(host), readable(parent)
    return bool(two) and (one == two or ("." in two and one.endswith(f".{two}")))


@lru_cache(maxsize=1024)
def is_disguised(host: str) -> bool:
    """Whether a label mixes scripts that nobody writes together, or is foreign letters that look Latin throughout.

    Below an ending in its own script, as in Russian names below .рф, a name of one script is what it seems.
    """
    labels = readable(host).split(".")
    return any(_is_mixed(label) or (labels[-1].isascii() and _only_looks_latin(label)) for label in labels)


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """What `text` looks like: equal for names that the eye takes for one another (UTS 39, 4, with a small table)."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    bare = "".join(each for each in unicodedata.normalize("NFD", folded) if not unicodedata.combining(each))
    seen = unicodedata.normalize("NFC", folded if _is_syllabic(folded) else bare).translate(_LOOKS_LIKE)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return " ".join(seen.split())


def _is_syllabic(text: str) -> bool:
    """Kana are other letters with their marks than without: ハ is not バ."""
    return bool(_scripts(text) & {"HIRAGANA", "KATAKANA", "HANGUL", "DEVANAGARI", "THAI"})


def _is_mixed(label: str) -> bool:
    if label.isascii():
        return label.startswith("xn--")  # it could not be decoded, so nobody knows what it would show
    found = _scripts(label)
    return len(found) > 1 and not any(found <= together for together in _TOGETHER)


def _only_looks_latin(label: str) -> bool:
    return not label.isascii() and skeleton(label).isascii() and _scripts(label) != {"LATIN"}


def _scripts(text: str) -> frozenset[str]:
    return frozenset(script for each in set(text) if (script := _script(each)))


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """The script of a letter; "" for figures, marks and what all scripts share."""
    if not character.isalpha() or character == "ー":
        return ""
    first = unicodedata.name(character, "").partition(" ")[0]
    return first if first in _SCRIPTS else "OTHER"


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    # A decoder that answers with something that is not what was encoded would hide it.
    return decoded if decoded == decoded.lower() and _encoded(decoded) == label and decoded.isprintable() else label


def _encoded(label: str) -> str:
    if label.isascii():
        return label
    try:
        return "xn--" + label.encode("punycode").decode("ascii")
    except (UnicodeError, ValueError):
        return label
