"""What servers write when a message comes back, by the standard and in words of their own."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox.mime.bounces import Action, read_bounce
from mailbox.mime.parse import parse

BOUNCES = Path(__file__).parent / "bounces"
FAILED, DELAYED = Action.FAILED, Action.DELAYED
EXIM = (
    "host mx.far.test [192.0.2.1] SMTP error from remote mail server after RCPT TO:<dana@far.test>:"
    " 552 5.2.2 Mailbox over quota"
)
QMAIL = (
    "192.0.2.1 does not like recipient. Remote host said: 550 5.1.1 sorry, no mailbox here by that name"
    " Giving up on 192.0.2.1."
)
USER_UNKNOWN = "550 5.1.1 <dana@far.test>: Recipient address rejected: User unknown"


def octets_of(name: str) -> bytes:
    return (BOUNCES / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("name", "fates"),
    [
        ("postfix", [("Dana@far.test", FAILED, "5.1.1", USER_UNKNOWN)]),
        (
            "exchange",
            [
                (
                    "dana@far.test",
                    FAILED,
                    "5.2.2",
                    "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded",
                ),
                ("bob@far.test", Action.DELIVERED, "2.0.0", ""),
            ],
        ),
        (
            "gmail",
            [("dana@far.test", DELAYED, "4.4.1", "The recipient server did not accept our requests to connect.")],
        ),
        (
            "qmail",
            [
                (
                    "dana@far.test",
                    FAILED,
                    "5.1.1",
                    QMAIL,
                ),
                ("bob@far.test", FAILED, "5.1.2", "Sorry, I couldn't find any host named far.test. (#5.1.2)"),
            ],
        ),
        (
            "exim",
            [
                (
                    "dana@far.test",
                    FAILED,
                    "5.2.2",
                    EXIM,
                )
            ],
        ),
        (
            "exim-delay",
            [("dana@far.test", DELAYED, "", "host mx.far.test [192.0.2.1] Delay reason: Connection timed out")],
        ),
        ("sendmail", [("dana@far.test", FAILED, "5.7.1", "(reason: 550 5.7.1 Access denied)")]),
        ("gmail-text", [("dana@far.test", FAILED, "5.1.1", "550 550 5.1.1 <dana@far.test>: user unknown (state 14)")]),
    ],
)
def test_tells_what_became_of_each_recipient(name: str, fates: list[tuple[str, Action, str, str]]) -> None:
    bounce = read_bounce(parse(octets_of(name)))
    assert bounce
    assert bounce.message_id == "tea.1@home.test"
    assert [(each.recipient, each.action, each.status, each.diagnostic) for each in bounce.fates] == fates


def test_knows_where_a_message_was_forwarded_to() -> None:
    bounce = read_bounce(parse(octets_of("exchange")))
    assert bounce
    assert bounce.fates[0].final_recipient == "dana@mailbox.far.test"


@pytest.mark.parametrize("name", ["no-bounce", "other-report"])
def test_takes_nothing_else_for_a_bounce(name: str) -> None:
    assert read_bounce(parse(octets_of(name))) is None


@pytest.mark.parametrize("lost", [b"Action: failed", b"rfc822; dana@far.test", b"Status: 5.1.1"])
def test_a_report_with_holes_is_read_as_far_as_it_goes(lost: bytes) -> None:
    bounce = read_bounce(parse(octets_of("postfix").replace(lost, b"X: y")))
    assert bounce is None if lost.startswith(b"Action") else bounce and bounce.fates[0].status == "5.1.1"


def test_a_report_about_no_known_message_is_none() -> None:
    assert read_bounce(parse(octets_of("postfix").replace(b"Message-ID: <tea.1@home.test>\r\n", b""))) is None


def test_names_a_bounded_number_of_recipients() -> None:
    group = b"Final-Recipient: rfc822; dana@far.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    bounce = read_bounce(parse(octets_of("postfix").replace(b"Final-Recipient", group * 5_000 + b"Final-Recipient")))
    assert bounce
    assert len(bounce.fates) <= 200


@settings(deadline=None)
@given(
    st.sampled_from(sorted(path.stem for path in BOUNCES.glob("*.eml"))),
    st.lists(st.tuples(st.integers(0, 3_000), st.binary(max_size=6)), max_size=8),
)
def test_never_raises(name: str, damages: list[tuple[int, bytes]]) -> None:
    octets = octets_of(name)
    for at, damage in damages:
        octets = octets[:at] + damage + octets[at + len(damage) :]
    bounce = read_bounce(parse(octets))
    assert bounce is None or (bounce.message_id and bounce.fates)


def test_a_notice_of_one_line_repeated_takes_no_time() -> None:
    text = b"<dana@far.test>: " * 20_000 + b"\r\n" + b" \t" * 50_000 + b"\r\n" + b"dana@far.test\r\n" * 20_000
    octets = b"From: MAILER-DAEMON@far.test\r\nIn-Reply-To: <tea.1@home.test>\r\n\r\n" + text
    bounce = read_bounce(parse(octets))
    assert bounce
    assert [each.recipient for each in bounce.fates] == ["dana@far.test"]
