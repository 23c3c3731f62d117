"""A zip that is made while it is sent."""

from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.archive import unique_name, zipped

NOON = datetime(2025, 11, 24, 12, 30, 15, tzinfo=UTC)


def opened(*entries: tuple[str, list[bytes]], at: datetime = NOON) -> ZipFile:
    return ZipFile(BytesIO(b"".join(zipped(entries, at))))


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters="\x00/"), min_size=1), st.lists(st.binary()))))
def test_every_file_comes_out_as_it_went_in(entries: list[tuple[str, list[bytes]]]) -> None:
    archive = opened(*((f"x{name.encode('utf-8', 'replace').decode()}", pieces) for name, pieces in entries))
    assert archive.testzip() is None
    assert [archive.read(each) for each in archive.infolist()] == [b"".join(pieces) for _, pieces in entries]


def test_names_in_any_script_are_marked_as_utf_8() -> None:
    [entry] = opened(("会議 é.pdf", [b"x"])).infolist()
    assert entry.filename == "会議 é.pdf"
    assert entry.flag_bits & 0x800


def test_files_bear_the_time_of_their_message_within_what_the_format_can_say() -> None:
    assert opened(("a", [b"x"])).infolist()[0].date_time == (2025, 11, 24, 12, 30, 14)
    assert opened(("a", [b"x"]), at=NOON.replace(year=1970)).infolist()[0].date_time[0] == 1980


def test_names_that_meet_are_numbered() -> None:
    taken: set[str] = set()
    names = [unique_name(name, taken) for name in ("a.pdf", "A.PDF", "a.pdf", "a (2).pdf", ".profile", ".profile")]
    assert names == ["a.pdf", "A (2).PDF", "a (3).pdf", "a (2) (2).pdf", ".profile", ".profile (2)"]


def test_no_more_than_a_slice_waits_in_memory() -> None:
    waiting = [len(piece) for piece in zipped([("a", (bytes(1000) for _ in range(100)))], NOON)]
    assert max(waiting) < 1200
