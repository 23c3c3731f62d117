"""Names of people, compared as they are read: DANA FERN and Ｄａｎａ Ｆｅｒｎ are Dana Fern."""

import string
import unicodedata

_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(name: str) -> str:
    """What all ways to write `name` have in common: no case, no widths, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def spellings(name: str) -> frozenset[str]:
    """The usual ways to write the same name, with the capitals of ASCII made small: by these a database finds it.

    One for a name of ASCII with single spaces, and for one in letters without case. What is found is held against
    `fold`; who is known under none of them is missed.
    """
    plain = " ".join(unicodedata.normalize("NFKC", name).split())
    ways = (name, plain, plain.lower(), plain.upper(), plain.title(), plain.casefold())
    return frozenset(way.translate(_SMALL) for way in ways)
