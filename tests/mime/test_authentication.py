"""Authentication-Results as servers write them, and as forgers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.authentication import Authentication, Verdict, authenticate, read_results, topmost_server
from mailbox.mime.fields import read_header

GMAIL = """\
Delivered-To: alice@home.test
Received: by 2002:a05:7300:5b95:b0:120:abcd with SMTP id ab12csp1;
        Mon, 24 Nov 2025 01:00:03 -0800 (PST)
ARC-Authentication-Results: i=1; mx.google.com;
       dkim=pass header.i=@far.test; dmarc=pass header.from=far.test
Return-Path: <dana@far.test>
Received: from mail.far.test (mail.far.test. [192.0.2.7])
        by mx.google.com with ESMTPS id x1si1 for <alice@home.test>;
        Mon, 24 Nov 2025 01:00:02 -0800 (PST)
Received-SPF: pass (google.com: domain of dana@far.test designates 192.0.2.7 as permitted sender)
Authentication-Results: mx.google.com;
       dkim=pass header.i=@far.test header.s=s1 header.b="ab/+cd==";
       spf=pass (google.com: domain of dana@far.test designates 192.0.2.7 as permitted sender)
        smtp.mailfrom=dana@far.test;
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=far.test
DKIM-Signature: v=1; a=rsa-sha256; d=far.test
"""
EXCHANGE = """\
Received: from AM0PR01.eurprd01.prod.exchangelabs.com (::1) by
 DB1PR01.eurprd01.prod.outlook.com with HTTPS; Mon, 24 Nov 2025 09:00:03 +0000
Received: from AS9PR01.eurprd01.prod.outlook.com (2603::1) by
 AM0PR01.eurprd01.prod.exchangelabs.com (2603::2) with Microsoft SMTP Server
 (version=TLS1_2) id 15.20; Mon, 24 Nov 2025 09:00:02 +0000
Authentication-Results: spf=pass (sender IP is 192.0.2.7)
 smtp.mailfrom=far.test; dkim=pass (signature was verified)
 header.d=far.test;dmarc=pass action=none
 header.from=far.test;compauth=pass reason=100
Received-SPF: Pass (protection.outlook.com: domain of far.test designates 192.0.2.7 as permitted sender)
Received: from mail.far.test (192.0.2.7) by
 AM4EUR01.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP
 Server (version=TLS1_3) id 15.20; Mon, 24 Nov 2025 09:00:01 +0000
"""
YAHOO = """\
X-Apparently-To: alice@yahoo.test; Mon, 24 Nov 2025 09:00:03 +0000
Return-Path: <dana@far.test>
Received-SPF: pass (domain of far.test designates 192.0.2.7 as permitted sender)
Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;
 dkim=pass header.i=@far.test header.s=s1;
 spf=pass smtp.mailfrom=far.test;
 dmarc=pass(p=REJECT) header.from=far.test;
X-YMailISG: abc
Received: from 192.0.2.7 (EHLO mail.far.test)
 by 10.253.1.1 with SMTPs
 (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384); Mon, 24 Nov 2025 09:00:02 +0000
"""
FASTMAIL = """\
Received: from phl-compute-01.internal (phl-compute-01.internal [10.202.2.41])
\t by sloti01.phl.internal (Cyrus 3.13) with LMTPA; Mon, 24 Nov 2025 04:00:03 -0500
Received: from phl-mx-05 ([10.202.2.200])
\t by phl-compute-01.internal (MEProxy); Mon, 24 Nov 2025 04:00:02 -0500
ARC-Authentication-Results: i=1; mx.messagingengine.com; dmarc=pass
Authentication-Results: phl-mx-05.messagingengine.com;
\tbimi=skipped (DMARC did not pass);
\tarc=none (no signatures found);
\tdkim=pass (2048-bit rsa key sha256) header.d=far.test header.i=@far.test header.b=Abc+/12;
\tdmarc=pass policy.published-domain-policy=none policy.applied-disposition=none
\t policy.evaluated-disposition=none (p=none,d=none,d.eval=none) header.from=far.test;
\tiprev=pass smtp.remote-ip=192.0.2.7 (mail.far.test);
\tspf=pass smtp.mailfrom=dana@far.test smtp.helo=mail.far.test
Received: from mail.far.test (mail.far.test [192.0.2.7])
\tby phl-mx-05.messagingengine.com (Postfix) with ESMTPS id AB for <alice@home.test>
"""
MILTERS = """\
Return-Path: <dana@far.test>
Received: from mx.host.test by mx.host.test with LMTP id abc for <alice@home.test>; Mon, 24 Nov 2025 09:00:03 +0000
Authentication-Results: mx.host.test; dmarc=pass (p=quarantine dis=none) header.from=far.test
Authentication-Results: mx.host.test; spf=pass smtp.mailfrom=far.test
Authentication-Results: mx.host.test;
\tdkim=pass (2048-bit key; unprotected) header.d=far.test header.i=@far.test header.a=rsa-sha256 header.s=s1;
\tdkim-atps=neutral
Received: from mail.far.test (mail.far.test [192.0.2.7]) by mx.host.test (Postfix) with ESMTPS id 4Xyz
"""
OPENDMARC_BELOW = """\
Received: from mail.far.test (mail.far.test [192.0.2.7])
\tby mx.host.test (Postfix) with ESMTPS id 4Xyz for <alice@home.test>; Mon, 24 Nov 2025 09:00:02 +0000 (UTC)
Authentication-Results: mx.host.test; dmarc=pass (p=none dis=none) header.from=far.test
"""
RSPAMD = """\
Delivered-To: alice@home.test
Received: from mx.host.test ([192.0.2.9]) by box with LMTP id 1 (envelope-from <dana@far.test>)
Authentication-Results: mx.host.test;
\tdkim=pass header.d=far.test header.s=s1 header.b=Abcd1234;
\tspf=pass (mx.host.test: domain of dana@far.test designates 192.0.2.7 as permitted sender) smtp.mailfrom=dana@far.test;
\tdmarc=pass (policy=reject) header.from=far.test
Received: from mail.far.test by mx.host.test with ESMTPS
"""
EXIM = """\
Received: from mail.far.test ([192.0.2.7])
\tby mx.host.test with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.98) id 1abc-def-01 for alice@home.test
Authentication-Results: mx.host.test;
\tiprev=pass (mail.far.test) smtp.remote-ip=192.0.2.7;
\tspf=pass smtp.mailfrom=far.test;
\tdkim=pass header.d=far.test header.s=s1 header.a=rsa-sha256;
\tdmarc=pass header.from=far.test;
\tarc=none
"""
REAL = {
    "Gmail": (GMAIL, "mx.google.com"),
    "Exchange Online": (EXCHANGE, ""),
    "Yahoo": (YAHOO, "*.yahoo.com"),
    "Fastmail": (FASTMAIL, "*.messagingengine.com"),
    "three milters": (MILTERS, "mx.host.test"),
    "rspamd": (RSPAMD, "mx.host.test"),
    "Exim": (EXIM, "mx.host.test"),
}
FORGED = "Authentication-Results: mx.host.test; spf=pass smtp.mailfrom=bank.test; dmarc=pass header.from=bank.test\n"
BORDER = "Received: from evil.test by mx.host.test with ESMTPS id 1; Mon, 24 Nov 2025 09:00:02 +0000\n"


def judged(header: str, *trusted: str, author: str = "dana@far.test") -> Authentication:
    octets = header.replace("\n", "\r\n").encode() + b"\r\n"
    fields = read_header(octets, 0, len(octets), limit=len(octets)).fields
    return authenticate(fields, author=author, trusted=trusted)


def only(results: str, author: str = "dana@far.test") -> Authentication:
    """What a trusted field says that stands where it belongs."""
    return judged(f"Authentication-Results: mx.host.test; {results}\n{BORDER}", "mx.host.test", author=author)


@pytest.mark.parametrize(("header", "server"), REAL.values(), ids=REAL)
def test_believes_the_own_provider(header: str, server: str) -> None:
    found = judged(header, server)
    assert (found.spf, found.dkim, found.dmarc) == (Verdict.PASS,) * 3
    assert found.domain == "far.test"


@pytest.mark.parametrize(("header", "_server"), REAL.values(), ids=REAL)
def test_believes_nobody_whom_the_reader_does_not_trust(header: str, _server: str) -> None:
    assert judged(header, "mx.elsewhere.test") == Authentication()
    assert judged(header) == Authentication()


def test_believes_a_report_that_stands_below_the_hand_over() -> None:
    assert judged(OPENDMARC_BELOW, "mx.host.test").domain == "far.test"


def test_ignores_arc() -> None:
    header = "ARC-Authentication-Results: i=1; mx.host.test; dmarc=pass header.from=far.test\n" + BORDER
    assert judged(header, "mx.host.test") == Authentication()


def test_ignores_a_forged_report_below_a_real_one() -> None:
    real = "Authentication-Results: mx.host.test; dmarc=fail header.from=bank.test\n"
    for header in (real + BORDER + FORGED, BORDER + real + FORGED):
        found = judged(header, "mx.host.test", author="x@bank.test")
        assert (found.dmarc, found.spf, found.domain) == (Verdict.FAIL, Verdict.NONE, "")


def test_ignores_a_forged_report_below_a_forged_hand_over() -> None:
    real = "Authentication-Results: mx.host.test; dmarc=none header.from=bank.test\n"
    header = BORDER + real + FORGED + BORDER
    assert judged(header, "mx.host.test", author="x@bank.test").domain == ""


def test_ignores_a_report_that_was_there_before_another_house_took_the_message() -> None:
    relay = "Received: from mx.host.test by mx.forwarder.test with ESMTPS id 2\n"
    assert judged(relay + FORGED + BORDER, "mx.host.test", author="x@bank.test") == Authentication()


def test_what_a_client_says_of_itself_does_not_make_its_house_the_trusted_one() -> None:
    relay = "Received: from evil.test (helo (by mx.host.test) by mx.host.test) by mx.forwarder.test with ESMTPS\n"
    assert judged(relay + FORGED + BORDER, "mx.host.test", author="x@bank.test") == Authentication()


def test_ignores_a_report_on_a_message_that_nobody_handed_over() -> None:
    assert judged(FORGED, "mx.host.test", author="x@bank.test") == Authentication()


def test_a_name_that_only_ends_alike_is_not_trusted() -> None:
    assert judged(YAHOO.replace("omega.yahoo.com", "evilyahoo.com"), "*.yahoo.com") == Authentication()


def test_verified_is_only_the_domain_that_the_reader_sees() -> None:
    assert only("dmarc=pass header.from=far.test", author="x@bank.test").domain == ""
    assert only("dmarc=pass header.from=far.test", author="").domain == ""


@pytest.mark.parametrize(
    "results",
    [
        "dkim=pass header.d=far.test",
        "dkim=pass header.i=@far.test; spf=fail smtp.mailfrom=x@else.test",
        "spf=pass smtp.mailfrom=bounce@far.test",
        "dkim=fail header.d=list.test; dkim=pass header.d=far.test",
        "dkim/1=pass header.d=FAR.test; dmarc=none",
        'dkim=pass reason="good signature" header.d=far.test',
        "dkim = pass header.d = far.test",
    ],
)
def test_vouches_without_dmarc_where_the_domain_itself_signed_or_sent(results: str) -> None:
    assert only(results).domain == "far.test"


@pytest.mark.parametrize(
    "results",
    [
        "dkim=pass header.d=else.test; spf=pass smtp.mailfrom=x@else.test",
        "dkim=pass header.d=sub.far.test",
        "dkim=pass header.d=test",
        "dkim=pass (2048-bit key header.d=far.test",
        "dkim=pass header.d=far.test; dmarc=fail header.from=far.test",
        "dmarc=pass header.from=far.test; dmarc=fail header.from=far.test",
        'spf=pass smtp.mailfrom="x; dkim=pass header.d=far.test"@else.test',
        "spf=pass (dkim=pass header.d=far.test; (nested\\) dkim=pass)) smtp.mailfrom=else.test",
        "spf=pass smtp.helo=far.test",
        "none",
        "",
    ],
)
def test_does_not_vouch_for_less(results: str) -> None:
    assert only(results).domain == ""


def test_a_signature_of_the_parent_domain_covers_what_is_below() -> None:
    assert only("dkim=pass header.d=far.test", author="dana@mail.far.test").domain == "mail.far.test"


def test_punycode_and_letters_are_the_same_domain() -> None:
    assert only("dmarc=pass header.from=xn--mnchen-3ya.test", author="dana@münchen.test").is_verified


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("pass", Verdict.PASS),
        ("Pass", Verdict.PASS),
        ("fail", Verdict.FAIL),
        ("hardfail", Verdict.FAIL),
        ("softfail", Verdict.NEUTRAL),
        ("neutral", Verdict.NEUTRAL),
        ("temperror", Verdict.ERROR),
        ("permerror", Verdict.ERROR),
        ("none", Verdict.NONE),
        ("splendid", Verdict.NONE),
    ],
)
def test_knows_the_words_for_results(word: str, verdict: Verdict) -> None:
    assert only(f"spf={word} smtp.mailfrom=far.test").spf == verdict


def test_reads_the_version_and_comments_around_the_name() -> None:
    report = read_results(b" (by) mx.host.test (nested (twice)) 1 ; (first) dkim=pass (ok) header.d=far.test")
    assert report.server == "mx.host.test"
    assert report.results[0].property("header.d") == "far.test"


def test_reads_a_quoted_name() -> None:
    assert read_results('"mx.host.test"; none').server == "mx.host.test"


def test_names_the_topmost_server() -> None:
    assert topmost_server([(b"Authentication-Results", b" MX.host.test; none")]) == "mx.host.test"
    assert topmost_server([(b"Authentication-Results", b" <script>; none")]) == ""
    assert topmost_server([(b"Subject", b"x")]) == ""


@given(
    st.text(alphabet='ab1;=()"\\. \r\n\tdkimspfpassdmarc', max_size=200) | st.text(max_size=80) | st.binary(max_size=80)
)
def test_never_raises(value: str | bytes) -> None:
    read_results(value)


@pytest.mark.parametrize("value", ["(" * 500_000, '"' * 500_000, "a=" * 500_000, ";" * 500_000, "a=b;" * 250_000])
def test_hostile_fields_are_read_only_so_far(value: str) -> None:
    found = authenticate([(b"Authentication-Results", value.encode())] * 1000, author="a@b.test", trusted=["x"])
    assert found == Authentication()
