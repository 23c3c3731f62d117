"""What a refusal means."""

import pytest

from mailbox.pop3 import Refused


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (b" [AUTH] wrong password", "AUTH", "wrong password"),
        (b" [in-use] locked", "IN-USE", "locked"),
        (b" [SYS/TEMP]later", "SYS/TEMP", "later"),
        (b" no code [AUTH]", "", "no code [AUTH]"),
        (b" [] nothing", "", "[] nothing"),
        (b"", "", ""),
        (b" caf\xc3\xa9 \xff\x1b[2J", "", "café � [2J"),
        (b" " + b"x" * 1000, "", "x" * 300 + "…"),
    ],
)
def test_a_refusal_is_read(words: bytes, code: str, text: str) -> None:
    refusal = Refused.from_reply(words)
    assert (refusal.code, refusal.text) == (code, text)


@pytest.mark.parametrize(
    ("words", "wrong", "locked", "temporary"),
    [
        (b" [AUTH] no", True, False, False),
        (b" [AUTH] mailbox locked", True, False, False),
        (b" [IN-USE] no", False, True, True),
        (b" [SYS/TEMP] no", False, False, True),
        (b" [SYS/PERM] no", False, False, False),
        (b" [LOGIN-DELAY] no", False, False, True),
        (b" invalid password", False, False, True),
        (b" maildrop already locked", False, True, True),
        (b" unable to lock maildrop", False, True, True),
        (b" Mailbox is in use by another session", False, True, True),
        (b" Mailbox busy, please wait a few minutes", False, True, True),
        (b" Too many simultaneous connections", False, True, True),
        (b" account is locked by another session", False, True, True),
        (b" Your account has been locked, call us", False, False, True),
        (b" unblocked", False, False, True),
    ],
)
def test_a_refusal_is_classified(words: bytes, wrong: bool, locked: bool, temporary: bool) -> None:
    refusal = Refused.from_reply(words)
    assert (refusal.is_password_wrong, refusal.is_locked, refusal.is_temporary) == (wrong, locked, temporary)
