"""What is typed finds the beginning of any word of a name or an address."""

import pytest

from mailbox.mime.completion import marked, sought


def finds(query: str, *texts: str) -> bool:
    return all(piece in marked(*texts) for piece in sought(query))


BEGINNINGS = ["d", "Dana", "adams", "o'b", "dana.ad", "adams@fa", "far-a", "test", "ad da", '"Dana', "<dana"]


@pytest.mark.parametrize("query", [*BEGINNINGS, "DANA o", "dana adams"])
def test_finds_the_beginning_of_every_word(query: str) -> None:
    assert finds(query, "Dana Adams-O'Brien", "dana.adams@far-away.test")


@pytest.mark.parametrize("query", ["ana", "way", "dana x", "dana.x", "brian"])
def test_finds_neither_the_middle_of_a_word_nor_half_of_the_query(query: str) -> None:
    assert not finds(query, "Dana Adams-O'Brien", "dana.adams@far-away.test")


@pytest.mark.parametrize("query", ["田中", "恵子", "恵", "keiko", "田中 恵"])
def test_finds_either_part_of_a_japanese_name_without_a_blank(query: str) -> None:
    assert finds(query, "田中恵子", "keiko@far.test")


def test_finds_kana_of_every_kind_by_every_other() -> None:
    for query in ("けいこ", "ケイコ", "ｹｲｺ"):
        for name in ("たなか けいこ", "タナカ ケイコ", "ﾀﾅｶ ｹｲｺ"):
            assert finds(query, name)


@pytest.mark.parametrize(("query", "name"), [("jose", "José Núñez"), ("ｊｏｓé", "Jose"), ("müller", "MULLER")])
def test_case_width_and_marks_make_no_difference(query: str, name: str) -> None:
    assert finds(query, name)


@pytest.mark.parametrize("query", ["", "   ", '"', "<", "()"])
def test_seeks_nothing_where_nothing_was_typed(query: str) -> None:
    assert sought(query) == ()


def test_a_long_query_is_cut() -> None:
    assert len(sought("a " * 1_000)) == 5
    assert len(sought("a" * 1_000)[0]) <= 101
