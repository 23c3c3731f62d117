"""Octets under right, wrong and no labels."""

import pytest

from mailbox.mime.charset import decode_text

JAPANESE = "こんにちは、これは日本語の本文です。よろしくお願いします。"


@pytest.mark.parametrize(
    ("text", "written", "label"),
    [
        (JAPANESE, "iso-2022-jp", "ISO-2022-JP"),
        (JAPANESE, "iso-2022-jp", ""),
        (JAPANESE, "iso-2022-jp", "us-ascii"),
        (JAPANESE, "cp932", "x-sjis"),
        (JAPANESE, "cp932", ""),
        (JAPANESE, "euc_jp", "euc-jp"),
        (JAPANESE, "euc_jp", ""),
        (JAPANESE, "utf-8", "iso-2022-jp"),
        (JAPANESE, "cp932", "iso-2022-jp"),
        ("①㈱髙﨑", "cp932", "shift_jis"),
        ("你好，这是一封测试邮件。谢谢", "gb18030", "gbk"),
        ("你好，这是一封测试邮件。谢谢", "gb18030", "unknown"),
        ("안녕하세요", "cp949", "euc-kr"),
        ("Съешь ещё этих мягких булок", "koi8-r", "koi8-r"),
        ("Съешь ещё этих мягких булок", "koi8-r", ""),
        ("Съешь ещё этих мягких булок", "cp1251", ""),
        ("“naïve” – €", "cp1252", "iso-8859-1"),
        ("“naïve” – €", "cp1252", "us-ascii"),
        ("naïve", "utf-8", "iso-8859-1"),
        ("naïve", "utf-8", "windows-1252"),
        ("naïve", "latin-1", "utf-8"),
        ("wide 語", "utf-16", "utf-16"),
        ("wide 語", "utf-16-le", "utf-16"),
        ("wide 語", "utf-16-be", "utf-16"),
        ("語", "utf-7", "utf-7"),
        ("ไทย", "cp874", "tis-620"),
        ("שלום", "iso8859-8", "iso-8859-8-i"),
        ("Łódź", "iso8859-2", "iso8859_2"),
        ("Łódź", "cp1250", "windows1250"),
        ("\ufefftext", "utf-8", "utf-8"),
        ("～―∥－①", "cp932", "sjis"),
        ("①㈱ｱｲｳ", "euc_jis_2004", "euc-jp"),
        ("香港嘅", "big5hkscs", "big5"),
        ("𠀀丂", "gb18030", "gb2312"),
        ("똠방각하", "cp949", "ks_c_5601-1987"),
        ("안녕하세요", "iso2022_kr", "iso-2022-kr"),
        ("中文邮件", "hz", "hz-gb-2312"),
        ("Привіт, ґанок", "koi8-u", "koi8-u"),
        ("Жлъчка", "mac_cyrillic", "x-mac-cyrillic"),
        ("Привет", "cp866", "dos-866"),
        ("Žluťoučký", "mac_latin2", "x-mac-ce"),
        ("Xin chào đồng".replace("ồ", "ô\u0300"), "cp1258", "windows-1258"),
        ("Ægir – €", "cp1252", "8859-1"),
        ("naïve", "utf-8", "charset=utf-8"),
        ("naïve", "utf-8", "utf-8?q"),
        ("naïve", "utf-8", "65001"),
        ("語言文字", "utf-16-le", "utf-16"),
        ("plain words", "ascii", "utf-16"),
        ("plain words", "ascii", "utf-16le"),
        ("言語", "utf-16-be", "utf-16"),
        ("wide 語 text", "utf-32-be", "utf-32"),
        ("wide 語 text", "utf-32-le", "ucs-4"),
        ("wide 語 text", "utf-32", ""),
        ("wide 語 text", "utf-32-be", ""),
        ("wide 語 text", "utf-16-le", ""),
        ("wide 語 text", "utf-16-be", "us-ascii"),
        ("wide 語 text", "utf-16", "iso-8859-1"),
        ("中文邮件的正文", "utf-8", "gb2312"),
        (JAPANESE, "utf-8", "shift_jis"),
        ("Привет", "utf-8", "windows-1251"),
        ("Καλημέρα", "utf-8", "iso-8859-7"),
        ("Съешь ещё этих мягких булок", "cp1251", "iso-8859-1"),
        ("Съешь ещё этих мягких французских булок", "cp866", ""),
        ("Καλημέρα κόσμε, τι κάνεις σήμερα;", "cp1253", ""),
        ("مرحبا بالعالم كيف حالك اليوم", "cp1256", ""),
        ("Günaydın dünya, bugün nasılsınız?", "cp1254", ""),
        ("Proszę o szybką odpowiedź, dziękuję", "cp1250", ""),
        ("Proszę o szybką odpowiedź, dziękuję", "iso8859-2", ""),
        ("오늘 날씨가 좋습니다. 공원에 갑시다", "cp949", ""),
        ("今天天氣很好，我們去公園散步吧", "big5", ""),
        ("Déjà vu à l'hôtel, ça va être là", "latin-1", ""),
        ("Grüße aus Köln", "cp850", "x-unknown"),
    ],
)
def test_reads(text, written, label):
    assert decode_text(text.encode(written), label) == text.lstrip("\ufeff")


def test_half_width_kana_and_vendor_characters_of_iso_2022_jp():
    assert decode_text(b"\x1b(I1\x1b$B-!-j\x1b(B", "iso-2022-jp") == "ｱ①㈱"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\x1b&@\x1b$B$\x22\x1b(B", "あ"),
        (b"\x1b$(B$\x22\x1b(J", "あ"),
        (b"\x1b$(D\x22\x2f\x1b(B", "˘"),
        (b"\x1b$(Q\x2e\x21\x1b(B", "俱"),
        (b"\x1b$(P\x21\x21\x1b(B ok \x1b(I1\x1b(B", "𠂉 ok ｱ"),
        (b"\x1b.A\x1bNi\x1b$B$\x22\x1b(B", "éあ"),
        (b"kana \x0e1\x0f ok", "kana ｱ ok"),
        (b"kana \xb1 \x1b$B$\x22\x1b(B", "kana ｱ あ"),
        (b"\x1b$By!|q\x1b(B", "纊ⅰ"),
    ],
)
def test_sets_and_shifts_of_iso_2022_jp(octets, text):
    assert decode_text(octets, "iso-2022-jp-3") == text


def test_vendor_characters_that_the_larger_sets_lack():
    assert decode_text(b"5 \x80", "gbk") == "5 €"
    assert decode_text(b"5 \xa3\xe1", "big5") == "5 €"
    assert decode_text(b"\xff5", "gbk") == "\ufffd5"


def test_a_sentence_is_found_below_a_long_ascii_text():
    text = "<p>ascii</p>\n" * 10_000 + "Съешь ещё этих мягких французских булок"

    assert decode_text(text.encode("cp1251"), "") == text


def test_utf_7_is_read_only_where_it_is_named():
    assert decode_text(b"+ADw-script+AD4-", "") == "+ADw-script+AD4-"
    assert decode_text(b"+ADw-script+AD4-", "utf-7") == "<script>"


def test_a_lost_closing_escape_costs_one_line():
    assert decode_text(b"\x1b$B$\x22$$\r\nnext", "iso-2022-jp") == "あい\r\nnext"


def test_after_very_many_escapes_what_the_standard_knows_is_still_read() -> None:
    line, count = b"\x1b$B-!$\x22\x1b(B\n", 150_000
    text = decode_text(line * count + b"\x1b$B$$\x1b(B", "iso-2022-jp")
    assert (text[:6], text[-2:]) == ("①あ\n①あ\n", "\nい")


def test_damage_in_good_utf_8_stays_local():
    assert decode_text("日本語のとても長い本文".encode()[:-1], "utf-8") == "日本語のとても長い本\ufffd"


@pytest.mark.parametrize(
    "label", [None, "", "x" * 999, "\x00", "hex", "rot13", "idna", "undefined", "日本", "../x", "x-"]
)
def test_labels_that_are_none(label):
    assert decode_text(b"abc", label) == "abc"
    assert decode_text("é".encode(), label) == "é"


def test_no_nul_and_no_lone_surrogate_comes_out():
    assert decode_text(b"a\x00b", "utf-8") == "ab"
    assert decode_text(b"+2AA-", "utf-7") == "\ufffd"
    assert decode_text(b"\x00a\xd8\x00", "utf-16-be") == "a\ufffd"
