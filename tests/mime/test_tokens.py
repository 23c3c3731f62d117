"""Words as the search engines see them."""

import pytest

from mailbox.mime.tokens import Term, query_terms, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("Hello, World!", ["hello", "world"]),
        ("bob.baker@mail.example.com", ["bob", "baker", "mail", "example", "com"]),
        ("snake_case it's 3.14", ["snake", "case", "it", "s", "3", "14"]),
        ("Café NAÏVE Straße Ærø", ["cafe", "naive", "strasse", "ærø"]),
        ("Ελλάδα Ёлка", ["ελλαδα", "елка"]),
        ("日本語", ["日本", "本語", "語"]),
        ("語", ["語"]),
        ("東京2025年", ["東京", "京", "2025", "年"]),
        ("ﾃｽﾄ ＡＢＣ１２ ㈱", ["テス", "スト", "ト", "abc12", "株"]),
        ("がぎ", ["がぎ", "ぎ"]),
        ("が", ["が"]),
        ("ラーメン・カレー", ["ラー", "ーメ", "メン", "ン", "カレ", "レー", "ー"]),
        ("안녕하세요", ["안녕", "녕하", "하세", "세요", "요"]),
        ("हिन्दी", ["हिन्दी"]),
        ("สวัสดี", ["สวัสดี"]),
        ("a\u200bb", ["a", "b"]),
        ("x" * 100, ["x" * 64]),
        ("é" * 100, ["e" * 64]),
        ("👍 ok", ["ok"]),
    ],
)
def test_tokens(text, found):
    assert tokens(text) == found


def test_tokens_are_bounded():
    assert len(tokens("a " * 100_000, limit=10)) == 10
    assert len(tokens("日" * 100_000, limit=10)) == 10


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", []),
        ("  ", []),
        ("lunch", [Term(("lunch",), is_prefix=True)]),
        ("lunch ", [Term(("lunch",))]),
        ("Bob lunch", [Term(("bob",)), Term(("lunch",), is_prefix=True)]),
        ('"at noon" x', [Term(("at", "noon")), Term(("x",), is_prefix=True)]),
        ('"at noon"', [Term(("at", "noon"))]),
        ('"at noo', [Term(("at", "noo"))]),
        ("bob@home.te", [Term(("bob", "home", "te"), is_prefix=True)]),
        ("日本語", [Term(("日本", "本語"))]),
        ("東京", [Term(("東京",))]),
        ("語", [Term(("語",), is_prefix=True)]),
        ("語 x ", [Term(("語",), is_prefix=True), Term(("x",))]),
        ("東京tower", [Term(("東京", "京", "tower"), is_prefix=True)]),
        ("!!! ?", []),
        ("CAFÉ ", [Term(("cafe",))]),
    ],
)
def test_query_terms(query, terms):
    assert query_terms(query) == terms


def test_query_terms_are_bounded():
    assert len(query_terms("a " * 1_000, limit=5)) == 5


def matches(query: str, text: str) -> bool:
    """What both databases do: every term is a run of neighbouring tokens."""
    words = tokens(text)
    return all(any(stands(term, words, at) for at in range(len(words))) for term in query_terms(query))


def stands(term: Term, words: list[str], at: int) -> bool:
    run = words[at : at + len(term.tokens)]
    if len(run) < len(term.tokens) or run[:-1] != list(term.tokens[:-1]):
        return False
    return run[-1].startswith(term.tokens[-1]) if term.is_prefix else run[-1] == term.tokens[-1]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("本語", "日本語の本"),
        ("日本語", "これは日本語です"),
        ("語", "日本語"),
        ("日", "日本語"),
        ("京", "東京"),
        ("ｶﾚｰ", "カレーライス"),
        ("東京tower", "東京Tower 2025"),
        ("Go言語", "Go言語入門"),
        ("bob@home", "From bob@home.test"),
        ('"home test"', "bob@home.test"),
        ("lun", "Lunch"),
        ("muller", "Müller"),
        ("Müller", "muller"),
    ],
)
def test_finds(query, text):
    assert matches(query, text)


@pytest.mark.parametrize(("query", "text"), [("本日", "日本語の本"), ("lun ", "Lunch")])
def test_does_not_find(query, text):
    assert not matches(query, text)


def test_words_in_another_order_are_found_and_phrases_are_not():
    assert matches("noon at ", "at noon")
    assert not matches('"noon at"', "at noon")
