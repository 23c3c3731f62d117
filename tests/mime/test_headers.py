"""Text, addresses, ids and dates of header fields."""

import pytest

from mailbox.mime.headers import Address, addresses, date, decode, message_ids


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        (" two\r\n lines\r\n\tthree ", "two lines three"),
        ("=?utf-8?q?a_b=3F?=", "a b?"),
        ("=?UTF-8?Q?=E3=81?= =?utf-8?Q?=82?=", "あ"),
        ("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
        ("=?iso-2022-jp?B?GyRCJCIbKEI=?=\r\n =?utf-8?B?44GE?=", "あい"),
        ("=?utf-8?B?44GC=?=", "あ"),
        ("=?utf-8?B?!!!?=", ""),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?Q?with space?=", "with space"),
        ("=?gb2312?B?6UY=?=", "镕"),
        ("=?punycode?Q?abc?=", "abc"),
        ("a\u202eb\u0007c\u2066d", "abcd"),
        ("family 👩\u200d👧 stays", "family 👩\u200d👧 stays"),
        (b"caf\xe9", "café"),
        (b"=?utf-8?q?=E4=F6?=", "äö"),
        ("\ud800x", "x"),
        ("=?utf-8?B?44GT44K?= =?utf-8?B?T?=", "こん"),
        ("=?utf-8?B?Y2Fmw6k?= =?utf-8?B?44GT?=", "caféこ"),
        ("=?utf-8?B?44GT44K=?=", "こ\ufffd"),
        ("=?utf-7?Q?+ZeVnLIqe-?=", "日本語"),
    ],
)
def test_decode(value, text):
    assert decode(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", []),
        ("bob@x.test", [("", "bob@x.test")]),
        ("Bob <bob@x.test>", [("Bob", "bob@x.test")]),
        ('"Bob, the \\"B\\"" <bob@x.test>', [('Bob, the "B"', "bob@x.test")]),
        ("bob@x.test (Bob)", [("Bob", "bob@x.test")]),
        ("Bob Baker bob@x.test", [("Bob Baker", "bob@x.test")]),
        ("Bob <bob@x.test", [("Bob", "bob@x.test")]),
        ("'Bob' <bob@x.test>", [("Bob", "bob@x.test")]),
        ('"Bob <bob@x.test>', [("Bob", "bob@x.test")]),
        ('"a b"@x.test', [("", '"a b"@x.test')]),
        ("a@x.test;b@x.test\n,, c@x.test", [("", "a@x.test"), ("", "b@x.test"), ("", "c@x.test")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@x.test, b@x.test;, c@x.test", [("", "a@x.test"), ("", "b@x.test"), ("", "c@x.test")]),
        ("<@a.test,@b.test:u@x.test>", [("", "u@x.test")]),
        ("a@[IPv6:::1]", [("", "a@[IPv6:::1]")]),
        ("=?utf-8?Q?M=C3=BCller,_Eva?= <eva@x.test>", [("Müller, Eva", "eva@x.test")]),
        ('"=?utf-8?Q?M=C3=BCller?=" <eva@x.test>', [("Müller", "eva@x.test")]),
        ("<mailto:bob@x.test>", [("", "bob@x.test")]),
        ("root", [("", "root")]),
        ("System Daemon", [("System Daemon", "")]),
        ("<>", []),
        ("Bob\u202e <bob@x.test>", [("Bob", "bob@x.test")]),
        (b"J\xfcrgen <j@x.test>", [("Jürgen", "j@x.test")]),
        ("山田 <y@例え.test>", [("山田", "y@例え.test")]),
        ("((((", [("(((", "")]),
        ("bob@x.test eve@x.test", [("", "bob@x.test"), ("", "eve@x.test")]),
        ("bob @ x . test", [("", "bob@x.test")]),
        ("J. Public", [("J. Public", "")]),
        ("B. bob@x.test", [("B.", "bob@x.test")]),
        ("Bob (bob@x.test)", [("Bob", "bob@x.test")]),
        ("'bob@x.test'", [("", "bob@x.test")]),
        ("Bob <<bob@x.test>>", [("Bob", "bob@x.test")]),
    ],
)
def test_addresses(value, found):
    assert addresses(value) == tuple(Address(*each) for each in found)


def test_display_is_the_name_else_the_address():
    assert Address("Bob", "bob@x.test").display == "Bob"
    assert Address("", "bob@x.test").display == "bob@x.test"


def test_a_million_addresses_are_bounded():
    assert len(addresses("a@x.test," * 10_000, limit=7)) == 7


@pytest.mark.parametrize("value", ["(" * 100_000, '"' * 100_001, "<" * 100_000, "a " * 100_000, '"\\' * 50_000])
def test_hostile_addresses_end(value):
    assert len(addresses(value)) <= 1


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a@x.test>", ["a@x.test"]),
        ("<a@x.test><b@x.test>\r\n\t<c@x\r\n .test>", ["a@x.test", "b@x.test", "c@x.test"]),
        ("a@x.test b@x.test", ["a@x.test", "b@x.test"]),
        ("Your message of Monday", []),
        ("<no-at-sign>", ["no-at-sign"]),
        ("<>", []),
    ],
)
def test_message_ids(value, found):
    assert message_ids(value) == tuple(found)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Thu, 13 Feb 2025 10:01:02 +0900", "2025-02-13T10:01:02+09:00"),
        ("13 Feb 2025 10:01 GMT", "2025-02-13T10:01:00+00:00"),
        ("Thu, 13 Feb 25 10:01:02 EST", "2025-02-13T10:01:02-05:00"),
        ("Thu, 13 Feb 99 10:01:02", "1999-02-13T10:01:02+00:00"),
        ("Thu, 13 Feb 125 10:01:02", "2025-02-13T10:01:02+00:00"),
        ("Thu Feb 13 10:01:02 2025", "2025-02-13T10:01:02+00:00"),
        ("Thu Feb 13 10:01:02 PST 2025", "2025-02-13T10:01:02-08:00"),
        ("Thursday, 13-Feb-25 10:01:02 +0000 (UTC)", "2025-02-13T10:01:02+00:00"),
        ("2025-02-13T10:01:02Z", "2025-02-13T10:01:02+00:00"),
        ("2025-02-13 10:01:02.123+01:00", "2025-02-13T10:01:02+01:00"),
        ("2025/02/13 10:01", "2025-02-13T10:01:00+00:00"),
        ("February 13, 2025 1:01 pm", "2025-02-13T13:01:00+00:00"),
        ("13 Feb 2025 12:00 AM", "2025-02-13T00:00:00+00:00"),
        ("Thu, 13 Feb 2025 23:59:60 +0000", "2025-02-13T23:59:59+00:00"),
        ("Thu, 13 Feb 2025 10.01.02 +0100", "2025-02-13T10:01:02+01:00"),
        ("Thu,13Feb2025 10:01:02+0530", "2025-02-13T10:01:02+05:30"),
        ("Thu, 13 Feb 2025 10:01:02 +9900", "2025-02-13T10:01:02+00:00"),
        ("Thu, 13 Feb 2025 10:01:02 -0000", "2025-02-13T10:01:02+00:00"),
        ("13 Feb 2025", "2025-02-13T00:00:00+00:00"),
        ("Thu, 13 Feb 2025 10:01:02 GMT+0100", "2025-02-13T10:01:02+01:00"),
        ("Thu Feb 13 2025 10:01:02 GMT+0900 (Japan Standard Time)", "2025-02-13T10:01:02+09:00"),
        ("Thu, =?utf-8?Q?13_Feb?= 2025 10:01:02 +0000", "2025-02-13T10:01:02+00:00"),
        ("jeu., 13 févr. 2025 10:01:02 +0100", "2025-02-13T10:01:02+01:00"),
        ("13 août 2025 10:01", "2025-08-13T10:01:00+00:00"),
        ("13 juin 2025 10:01", "2025-06-13T10:01:00+00:00"),
        ("13 juillet 2025 10:01", "2025-07-13T10:01:00+00:00"),
        ("Do, 13 Mär 2025 10:01:02 +0100", "2025-03-13T10:01:02+01:00"),
        ("13. Dezember 2025 10:01", "2025-12-13T10:01:00+00:00"),
        ("13 ene 2025 10:01", "2025-01-13T10:01:00+00:00"),
        ("2025年2月13日 10:01:02 +0900", "2025-02-13T10:01:02+09:00"),
        ("2025년 2월 13일 10:01", "2025-02-13T10:01:00+00:00"),
        ("13.02.2025 10:01", "2025-02-13T10:01:00+00:00"),
        ("February 13th, 2025 10:01", "2025-02-13T10:01:00+00:00"),
    ],
)
def test_date(value, found):
    assert date(value).isoformat() == found
    assert date(value.encode()).isoformat() == found


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "03/04/2025 10:00",
        "31 Feb 2025 10:00",
        "13 Feb 2025 25:00",
        "1 Jan 0001 00:00 +0900",
        "9999-12-31T23:59:59Z",
        "x" * 9_999,
    ],
)
def test_no_date(value):
    assert date(value) is None
