"""In which language something is written, where its letters say so: for the voice that reads it and the letters' forms.

Latin letters say nothing, and Han without Kana may be Chinese as well as Japanese: no word is better than a wrong one.
"""

import re

# Letters of one language each, by their blocks of Unicode: Kana with its half-width forms, Hangul, Thai, Hebrew, Greek.
_LETTERS = (
    ("ja", re.compile("[\u3041-\u30ff\uff66-\uff9f]")),
    ("ko", re.compile("[\u1100-\u11ff\uac00-\ud7a3]")),
    ("th", re.compile("[\u0e01-\u0e5b]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("el", re.compile("[\u0391-\u03c9]")),
)
_LETTER = re.compile(r"[^\W\d_]")
# A name or a greeting in other letters does not make a text one of that language.
_LEAST_SHARE = 0.2
_LOOKED_AT = 500


def language_of(text: str) -> str:
    """Return the language tag (BCP 47) that the first letters of `text` speak for, "" where they leave it open."""
    text = text[:_LOOKED_AT]
    if text.isascii():
        return ""
    count = len(_LETTER.findall(text))
    shares = ((language, len(letters.findall(text))) for language, letters in _LETTERS)
    return next((language for language, found in shares if found > _LEAST_SHARE * count), "")
