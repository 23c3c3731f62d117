"""A zip written in one go is read by others."""

import io
import random
import zipfile
from datetime import UTC, datetime

import pytest

from mailbox.transfer import zipping
from mailbox.transfer.zipping import Zip

AT = datetime(2025, 11, 3, 9, 14, 30, tzinfo=UTC)


def written(files: dict[str, list[bytes]]) -> io.BytesIO:
    out = io.BytesIO()
    archive = Zip(out, io.BytesIO())
    for name, pieces in files.items():
        with archive.entry(name, AT) as entry:
            for piece in pieces:
                entry.write(piece)
    archive.close()
    return out


def test_every_octet_comes_back_whatever_the_pieces() -> None:
    noise = random.Random(1).randbytes(300_000)
    files = {"a/inbox.mbox": [b"From x\n", noise[:7], noise[7:]], "空.eml": [b"\r\n.\r\n"], "empty": []}
    with zipfile.ZipFile(written(files)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: b"".join(pieces) for name, pieces in files.items()
        }


def test_an_entry_has_its_time_and_is_its_owners_alone() -> None:
    with zipfile.ZipFile(written({"a": [b"x"]})) as archive:
        [info] = archive.infolist()
    assert info.date_time == (2025, 11, 3, 9, 14, 30)
    assert info.external_attr >> 16 == 0o100600


def test_an_empty_archive_is_one() -> None:
    with zipfile.ZipFile(written({})) as archive:
        assert archive.namelist() == []


def test_more_entries_than_two_octets_count() -> None:
    names = [str(number) for number in range(66_000)]
    with zipfile.ZipFile(written({name: [b"x"] for name in names})) as archive:
        assert archive.namelist() == names
        assert archive.read("65999") == b"x"


def test_what_lies_far_behind_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    archive = Zip(out, index := io.BytesIO())
    with archive.entry("near", AT) as entry:
        entry.write(b"near")
    far = out.tell()
    # As if four octets counted no further.
    monkeypatch.setattr(zipping, "_MOST_32", far)
    with archive.entry("far", AT) as entry:
        entry.write(b"far")
    assert zipping.struct.pack("<2HQ", 1, 8, far) in index.getvalue()


@pytest.mark.parametrize(("year", "shown"), [(1970, 1980), (2200, 2107)])
def test_a_year_that_the_format_does_not_know_is_the_nearest(year: int, shown: int) -> None:
    out = io.BytesIO()
    archive = Zip(out, io.BytesIO())
    with archive.entry("a", AT.replace(year=year)) as entry:
        entry.write(b"x")
    archive.close()
    assert zipfile.ZipFile(out).infolist()[0].date_time[0] == shown
