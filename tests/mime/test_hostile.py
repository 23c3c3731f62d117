"""Whatever a message is made of, reading it takes at most 2 seconds and 256 MB."""

import subprocess
import sys

import pytest

from tests.mime.hostile import HOSTILE, MIXED, read_completely

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ended() -> set[str]:
    """The messages over which the kernel ended the process that read them."""
    done = subprocess.run([sys.executable, "-m", "tests.mime.hostile"], stdout=subprocess.PIPE, check=True, text=True)
    return set(done.stdout.splitlines())


@pytest.mark.parametrize("name", HOSTILE)
def test_is_read_within_two_seconds_and_256_megabytes(name, ended):
    assert name not in ended


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("100,000 parts", "too many parts"),
        ("parts with long headers", "header too long"),
        ("10 MB header", "header too long"),
        ("a million addresses", "header too long"),
        ("deep multiparts", "too deeply nested"),
        ("boundary lines", "too many boundary lines"),
    ],
)
def test_what_was_left_unread_is_named(name, defect):
    assert defect in read_completely(HOSTILE[name]()).defects


def test_all_parts_are_read_where_their_headers_are_short():
    octets = MIXED + b"--b\nContent-Type: text/plain; name=a.txt\n\nx\n" * 900 + b"--b--\n"

    assert len(read_completely(octets).attachments) == 899
