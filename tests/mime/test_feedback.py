"""Reports that a message was opened, or called spam."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbox.mime.bounces import read_bounce
from mailbox.mime.feedback import Feedback, Kind, read_feedback
from mailbox.mime.parse import parse
from tests.mime.test_receipts import receipt, report

OPENED = """\
From: Dana <dana@far.test>
To: alice@home.test
Subject: Read: Tea
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b

Your message to
dana@far.test
was displayed.
--b
Content-Type: message/disposition-notification

Reporting-UA: far.test; Program 1.0
Original-Recipient: rfc822;dana@far.test
Final-Recipient: rfc822; d.dean@inner.far.test
Original-Message-ID: <tea.1@home.test>
Disposition: manual-action/MDN-sent-manually; displayed
--b--
"""
COMPLAINT = """\
From: <fbl@provider.test>
To: alice@home.test
Subject: FW: Tea
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

This is an email abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1
Original-Mail-From: <alice@home.test>
Original-Rcpt-To: <dana@far.test>
--b
Content-Type: message/rfc822

From: alice@home.test
To: dana@far.test
Subject: Tea
Message-ID: <tea.1@home.test>

Shall we?
--b--
"""


def read(text: str) -> Feedback | None:
    return read_feedback(parse(text.encode()))


def test_who_opened_it() -> None:
    assert read(OPENED) == Feedback("tea.1@home.test", Kind.DISPLAYED, ("dana@far.test", "d.dean@inner.far.test"))


def test_who_called_it_spam() -> None:
    assert read(COMPLAINT) == Feedback("tea.1@home.test", Kind.ABUSE, ("dana@far.test",))


@pytest.mark.parametrize("text", [OPENED, COMPLAINT])
def test_neither_is_read_as_a_bounce(text: str) -> None:
    assert read_bounce(parse(text.encode())) is None


@pytest.mark.parametrize(
    ("disposition", "kind"),
    [
        ("automatic-action/MDN-sent-automatically; displayed", Kind.DISPLAYED),
        ("manual-action/MDN-sent-manually;displayed/warning,x", Kind.DISPLAYED),
        ("manual-action/MDN-sent-manually; Deleted", Kind.DELETED),
        ("automatic-action/MDN-sent-automatically; processed", Kind.PROCESSED),
        ("manual-action/MDN-sent-manually; denied", Kind.DENIED),
    ],
)
def test_what_was_done_with_it(disposition: str, kind: Kind) -> None:
    found = read(OPENED.replace("manual-action/MDN-sent-manually; displayed", disposition))
    assert found
    assert found.kind == kind


@pytest.mark.parametrize(
    ("word", "kind"), [("fraud", Kind.FRAUD), ("Not-Spam", Kind.NOT_SPAM), ("auth-failure", Kind.OTHER)]
)
def test_what_it_was_called(word: str, kind: Kind) -> None:
    found = read(COMPLAINT.replace("Feedback-Type: abuse", f"Feedback-Type: {word}"))
    assert found
    assert found.kind == kind


def test_a_complaint_may_hide_the_recipient_and_bring_only_the_header() -> None:
    text = COMPLAINT.replace("Original-Rcpt-To: <dana@far.test>\n", "").replace("message/rfc822", "text/rfc822-headers")
    assert read(text) == Feedback("tea.1@home.test", Kind.ABUSE)


def test_our_own_answer_is_understood() -> None:
    assert read_feedback(parse(report(receipt()))) == Feedback("2@far.test", Kind.DISPLAYED, ("alice@home.test",))


@pytest.mark.parametrize(
    "text",
    [
        OPENED.replace("displayed\n--b--", "danced\n--b--"),
        OPENED.replace("Original-Message-ID: <tea.1@home.test>\n", ""),
        OPENED.replace("message/disposition-notification", "text/plain"),
        OPENED.replace("multipart/report", "multipart/mixed"),
        COMPLAINT.replace("Message-ID: <tea.1@home.test>\n", ""),
        COMPLAINT.replace("Feedback-Type: abuse\n", ""),
        "Subject: Tea\n\nShall we?\n",
        "",
    ],
)
def test_what_does_not_say_enough_says_nothing(text: str) -> None:
    assert read(text) is None


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.sampled_from(["disposition-notification", "feedback-report"]))
def test_any_fields_are_read(fields: str, kind: str) -> None:
    head = f"Content-Type: multipart/report; report-type={kind}; boundary=b\n\n--b\nContent-Type: message/{kind}\n\n"
    read(f"{head}{fields}\n--b--\n")
