"""Which fields a good signature covers, and what others add to a message that somebody signed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.coverage import is_covered
from mailbox.mime.fields import read_header

NAMES = ("List-Unsubscribe", "List-Unsubscribe-Post")
TRUSTED = ("mx.home.test",)
GOOD = "Authentication-Results: mx.home.test; dkim=pass header.d=far.test header.b=AbC\n"
BORDER = "Received: from mail.far.test by mx.home.test with ESMTPS; Mon, 24 Nov 2025 09:00:00 +0000\n"
OUT = "List-Unsubscribe: <https://far.test/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
ALL = "From:List-Unsubscribe:List-Unsubscribe-Post"


def covered(text: str, *, trusted: tuple[str, ...] = TRUSTED) -> bool:
    octets = text.encode()
    return is_covered(read_header(octets, 0, len(octets), limit=len(octets)).fields, NAMES, trusted=trusted)


def signature(names: str = ALL, *, domain: str = "far.test", digits: str = "AbCdEf==") -> str:
    return f"DKIM-Signature: v=1; a=rsa-sha256; d={domain};\n\th={names};\n\tb={digits}\n"


def test_a_good_signature_covers_what_it_names():
    assert covered(GOOD + BORDER + signature() + OUT)
    assert covered(GOOD + BORDER + signature("from : LIST-Unsubscribe :\n\tlist-unsubscribe-post") + OUT)
    assert not covered(GOOD + BORDER + signature("From:List-Unsubscribe") + OUT)


def test_without_a_server_that_is_believed_nothing_is_covered():
    assert not covered(GOOD + BORDER + signature() + OUT, trusted=())
    assert not covered(BORDER + signature() + OUT)
    assert not covered(BORDER + GOOD.replace("home", "evil") + signature() + OUT)


@pytest.mark.parametrize("verdict", ["fail", "neutral", "none", "temperror"])
def test_a_signature_that_is_not_good_covers_nothing(verdict):
    assert not covered(GOOD.replace("pass", verdict) + BORDER + signature() + OUT)


def test_a_signature_that_was_taken_out_is_believed():
    assert covered(GOOD + BORDER + OUT)


def test_a_field_that_was_added_above_the_signed_one_is_not_covered():
    added = "List-Unsubscribe: <https://evil.test/u>\n"
    assert not covered(GOOD + BORDER + added + signature() + OUT)
    assert covered(GOOD + BORDER + signature(f"{ALL}:List-Unsubscribe") + OUT)


def test_another_s_signature_does_not_speak_for_the_good_one():
    own, forged = signature("From"), signature(domain="evil.test")
    assert not covered(GOOD + BORDER + own + forged + OUT)
    assert not covered(GOOD + BORDER + own + signature(digits="Zz") + OUT)


def test_a_server_may_name_the_signer_by_an_address():
    named = GOOD.replace("header.d=far.test", "header.i=@news.far.test")
    assert covered(named + BORDER + signature() + OUT)
    assert not covered(named + BORDER + signature("From") + OUT)


@given(st.text(max_size=300))
def test_never_raises(text):
    covered(f"{GOOD}{BORDER}DKIM-Signature: {text.encode('ascii', 'replace').decode()}\n{OUT}")
