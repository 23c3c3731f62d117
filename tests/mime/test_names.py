"""One name in many letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.names import fold, spellings


@pytest.mark.parametrize("name", ["DANA FERN", "dana fern", "Ｄａｎａ　Ｆｅｒｎ", "Dana  Fern ", "𝐃𝐚𝐧𝐚 𝐅𝐞𝐫𝐧"])
def test_all_of_them_are_dana(name):
    assert fold(name) == fold("Dana Fern")
    assert "dana fern" in spellings(name)


def test_half_width_kana_are_kana():
    assert fold("ﾔﾏﾀﾞ ﾊﾅｺ") == fold("ヤマダ ハナコ")
    assert "ヤマダ ハナコ" in spellings("ﾔﾏﾀﾞ ﾊﾅｺ")


def test_capitals_beyond_ascii_are_found_however_the_database_folds_them():
    assert {"özge", "Özge"} <= spellings("ÖZGE")


@pytest.mark.parametrize("name", ["Dana Fern", "DANA McFERN", "山田 花子"])
def test_a_name_that_every_database_folds_is_written_in_one_way(name):
    assert len(spellings(name)) == 1


def test_other_people_are_others():
    assert fold("Dana Fern") != fold("Dana Ferns")
    assert fold("Straße") == fold("STRASSE")


@given(st.text(max_size=50))
def test_folding_twice_is_folding_once(name):
    assert fold(fold(name)) == fold(name)
