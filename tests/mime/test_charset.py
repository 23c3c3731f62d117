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
    ],
)
def test_reads(text, written, label):
    assert decode_text(text.encode(written), label) == text.lstrip("\ufeff")


def test_half_width_kana_and_vendor_characters_of_iso_2022_jp():
    assert decode_text(b"\x1b(I1\x1b$B-!-j\x1b(B", "iso-2022-jp") == "ｱ①㈱"


def test_a_lost_closing_escape_costs_one_line():
    assert decode_text(b"\x1b$B$\x22$$\r\nnext", "iso-2022-jp") == "あい\r\nnext"


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
