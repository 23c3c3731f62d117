"""How what is typed into an address field finds names and addresses: by the beginning of any of their words.

Both sides are folded here, so that every database finds the same with a plain comparison of text.
"""

import re
from itertools import islice

from mailbox.mime.tokens import fold

_CJK = "\u3041-\u3096\u309d-\u309f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff々〆ー"
_BEGINS_WITH_CJK = re.compile(f"[{_CJK}]")
_WORD_BEGINS = re.compile(r"(?<!\w)(?=\w)|_")
# Quotes and brackets of an address that is being typed.
_AROUND = re.compile(r"^\W+")
_SPACES = re.compile(r"\s+")
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_MOST_WORDS, _LONGEST = 5, 100


def marked(*texts: str) -> str:
    """The texts folded, with a blank before every word: `dana.ad@far` becomes ` dana. ad@ far`."""
    return "".join(f" {_marked(text)}" for text in texts if text)


def sought(query: str) -> tuple[str, ...]:
    """Pieces that must all stand in a `marked` text where what was typed matches it; none for an empty query.

    Japanese and Chinese names stand without blanks between family and given name, so such a word may begin anywhere.
    """
    words = (_marked(_AROUND.sub("", word)) for word in _SPACES.split(query[:_LONGEST].replace("\0", "")))
    return tuple(_piece(word) for word in islice(filter(None, words), _MOST_WORDS))


def _piece(word: str) -> str:
    return word if _BEGINS_WITH_CJK.match(word) else f" {word}"


def _marked(text: str) -> str:
    """Folded, katakana as hiragana, and a blank before every word but the first."""
    folded = fold(text).translate(_HIRAGANA)
    return _SPACES.sub(" ", _WORD_BEGINS.sub(" ", folded)).strip()
