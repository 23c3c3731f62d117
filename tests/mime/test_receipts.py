"""The question whether a message was read, and the answer."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox.mime.addresses import Address
from mailbox.mime.compose import Unfit
from mailbox.mime.parse import parse
from mailbox.mime.receipts import Receipt, asking, report

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def receipt(**changes: object) -> Receipt:
    usual: dict[str, object] = {
        "reader": Address("Alice", "alice@home.test"),
        "asking": (Address("Dana", "dana@far.test"),),
        "subject": "Read: Tea",
        "text": "It was opened.",
        "date": NOW,
        "message_id": "1@home.test",
        "original_id": "2@far.test",
    }
    return Receipt(**usual | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("Dana <dana@far.test>", ["dana@far.test"]),
        ("dana@far.test, bob@far.test", ["dana@far.test", "bob@far.test"]),
        ("1", []),
        ("", []),
        (", ".join(f"{number}@far.test" for number in range(100)), [f"{number}@far.test" for number in range(5)]),
    ],
)
def test_tells_who_asks(field: str, wanted: list[str]) -> None:
    header = parse(f"From: a@b.test\r\nDisposition-Notification-To: {field}\r\n\r\n".encode()).header
    assert [each.address for each in asking(header)] == wanted


def test_the_answer_is_a_report_by_the_standard() -> None:
    parsed = parse(report(receipt()))
    assert parsed.defects == ()
    assert parsed.root
    assert (parsed.root.media_type, parsed.root.parameters["report-type"]) == (
        "multipart/report",
        "disposition-notification",
    )
    assert [part.media_type for part in parsed.parts] == ["text/plain", "message/disposition-notification"]
    assert parsed.parts[1].text().splitlines() == [
        "Reporting-UA: Letterbox",
        "Final-Recipient: rfc822; alice@home.test",
        "Original-Message-ID: <2@far.test>",
        "Disposition: manual-action/MDN-sent-manually; displayed",
    ]
    assert parsed.header.in_reply_to == ("2@far.test",)
    assert parsed.header.field("Auto-Submitted") == "auto-replied"


def test_a_message_without_an_id_is_answered_without_naming_it() -> None:
    parsed = parse(report(receipt(original_id="")))
    assert "Original-Message-ID" not in parsed.parts[1].text()
    assert parsed.header.in_reply_to == ()


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_in_the_message_makes_a_field_of_its_own(subject: str, original_id: str) -> None:
    fields = parse(report(receipt(subject=f"a\r\nBcc: eve@far.test {subject}", original_id=original_id))).header.fields
    assert not {"bcc"} & {name.lower() for name, _value in fields}


def test_an_address_that_no_message_can_carry_is_refused() -> None:
    with pytest.raises(Unfit):
        report(receipt(asking=(Address("", "däna@far.test"),)))
