"""The words of a text as both search engines store them, and a query as terms over the same words.

The database only splits at spaces (`tokenize='ascii'` in SQLite, prepared tsvectors in PostgreSQL): everything
that makes two spellings equal happens here, so that both give the same answers.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import batched, groupby, islice
from operator import add

LONGEST_TOKEN = 64
_LINES_AT_ONCE = 100
_MARKS = "".join(
    chr(code) for code in (*range(0x300, 0x2100), *range(0xA66F, 0xAC00)) if unicodedata.category(chr(code))[0] == "M"
)
_CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb\uf900-\ufaff\U00020000-\U0003ffff"
)
# ASCII folded and its separators made spaces, so that `split` finds the words: five times faster than a pattern.
_ASCII_FOLD = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_RUN = re.compile(f"(?P<cjk>[{_CJK}]+)|(?P<word>(?:[^\\W_{_CJK}]|[{_MARKS}])+)")
_CJK_RUN = re.compile(f"[{_CJK}]+")
_MARK = re.compile(f"[{_MARKS}]")
# Few texts have marks that fold() leaves, and looking for them at every letter takes three times as long.
_WORD = re.compile(r"\w+")
_WORD_WITH_MARKS = re.compile(f"[\\w{_MARKS}]+")
_LATIN_MARKS = re.compile("[\u0300-\u036f]+")
_QUOTED = re.compile(r'"([^"]*)"?|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that must stand side by side; `is_prefix` lets the last of them be a beginning."""

    tokens: tuple[str, ...]
    is_prefix: bool = False


def tokens(text: str, *, limit: int = 16_000) -> list[str]:
    """The first `limit` tokens of `text`: folded words of at most 64 characters, and character pairs of CJK runs.

    A tsvector knows 16,383 positions; tokens beyond could not take part in phrases.
    """
    text = text[: limit * LONGEST_TOKEN]
    if text.isascii():
        return _ascii_words(text)[:limit]
    found: list[str] = []
    # By lines, because one curly quote would send a whole letter the slow way; a few at a time, to stop at the limit.
    for is_ascii, lines in groupby(text.split("\n"), key=str.isascii):
        for some in batched(lines, _LINES_AT_ONCE):
            found += (_ascii_words if is_ascii else _words)("\n".join(some))
            if len(found) >= limit:
                return found[:limit]
    return found


def _ascii_words(text: str) -> list[str]:
    return _cut(text.translate(_ASCII_FOLD).split())


def _words(text: str) -> list[str]:
    folded = fold(text).replace("_", " ")
    if folded.isascii():
        return _ascii_words(folded)
    words = (_WORD_WITH_MARKS if _MARK.search(folded) else _WORD).findall(folded)
    if not _CJK_RUN.search(folded):
        return _cut(words)
    found: list[str] = []
    for word in words:
        if word.isascii():
            found.append(word[:LONGEST_TOKEN])
        elif _CJK_RUN.fullmatch(word):
            found += _cjk_tokens(word)
        else:
            for piece in _RUN.finditer(word):
                found += _run_tokens(piece)
    return found


def _cut(words: list[str]) -> list[str]:
    if max(map(len, words), default=0) > LONGEST_TOKEN:
        return [word[:LONGEST_TOKEN] for word in words]
    return words


def fold(text: str) -> str:
    """Compatibility forms, case and Latin, Greek and Cyrillic marks made equal; kana and Hangul stay whole."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text).casefold()
    # Case folding may bring back what compatibility folding removes (U+0345), so both run to the end.
    text = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", text)


def query_terms(query: str, *, limit: int = 32) -> list[Term]:
    """A query's terms, all of which must be found; the last word may be unfinished, a quoted one is not."""
    terms: list[Term] = []
    pieces = list(islice(_QUOTED.finditer(query[:2_000]), limit))
    for piece in pieces:
        is_last = piece is pieces[-1] and piece.end() == len(query)
        terms += _terms(piece[2] or piece[1] or "", is_quoted=piece[2] is None, is_last=is_last)
    return terms[:limit]


def _run_tokens(run: re.Match[str]) -> list[str]:
    if run.lastgroup == "word":
        return [run[0][:LONGEST_TOKEN]]
    return _cjk_tokens(run[0])


def _cjk_tokens(letters: str) -> list[str]:
    """Pairs, and the last character alone: who looks for one character asks for what begins with it."""
    return [*_pairs(letters), letters[-1]]


def _terms(text: str, *, is_quoted: bool, is_last: bool) -> list[Term]:
    """One term: the words of an address or a quoted string stand side by side in the text too."""
    runs = list(_RUN.finditer(fold(text)))
    if not runs:
        return []
    last = runs[-1]
    before = [token for run in runs[:-1] for token in _run_tokens(run)]
    if last.lastgroup == "word":
        return [Term((*before, last[0][:LONGEST_TOKEN]), is_last and not is_quoted)]
    # The text may go on where the query ends: pairs only, and a single character as the beginning of a pair.
    return [Term((*before, *(_pairs(last[0]) or last[0])), len(last[0]) == 1)]


def _pairs(letters: str) -> list[str]:
    return list(map(add, letters, letters[1:]))
