"""What a subject is about (RFC 5256, 2.1)."""

import pytest

from mailbox.mime.subject import base_subject, forward_subject, reply_subject


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("", ""),
        ("Lunch", "lunch"),
        ("Re: Lunch", "lunch"),
        ("RE:Lunch", "lunch"),
        ("Re[2]: Re (3): Re^4: Lunch", "lunch"),
        ("Fwd: Fw: Lunch (fwd)", "lunch"),
        ("[Fwd: Lunch]", "lunch"),
        ("[family] Re: [family] Lunch", "lunch"),
        ("Re: [family] Lunch", "lunch"),
        ("[only a blob]", "[only a blob]"),
        ("AW: WG: Lunch", "lunch"),
        ("SV: VS: Lunch", "lunch"),
        ("Antw: TR: RV: Lunch", "lunch"),
        ("返信: 会議", "会議"),
        ("Re：転送：会議", "会議"),
        ("回复：答复: 会议", "会议"),
        ("Отв: Встреча", "встреча"),
        ("Re: ", ""),
        ("Reading: a list", "reading: a list"),
        ("Lunch   at\tnoon", "lunch at noon"),
        ("Ad: Lunch", "ad: lunch"),
    ],
)
def test_base_subject(subject, base):
    assert base_subject(subject) == base


@pytest.mark.parametrize(
    ("subject", "reply", "forward"),
    [
        ("Lunch", "Re: Lunch", "Fwd: Lunch"),
        ("Re: Lunch", "Re: Lunch", "Fwd: Re: Lunch"),
        ("AW: Re: Lunch", "Re: Lunch", "Fwd: AW: Re: Lunch"),
        ("Fwd: Lunch", "Re: Fwd: Lunch", "Fwd: Lunch"),
        ("返信：会議", "Re: 会議", "Fwd: 返信：会議"),
        ("[family] Lunch", "Re: [family] Lunch", "Fwd: [family] Lunch"),
        ("", "Re:", "Fwd:"),
        ("Lunch\r\nBcc: x", "Re: Lunch Bcc: x", "Fwd: Lunch Bcc: x"),
    ],
)
def test_reply_and_forward(subject, reply, forward):
    assert reply_subject(subject) == reply
    assert forward_subject(subject) == forward


def test_hostile_subjects_end():
    assert base_subject("Re: " * 100_000)
    assert base_subject("[" * 100_000)
    assert len(reply_subject("Re: " * 100_000)) < 998
