"""Looks for octets that `parse` cannot read, led by the branches they reach. Run by hand, for as long as you like:

    bin/uv run --with atheris python -m tests.fuzz.parse [-max_total_time=600] [FOLDER]

It starts from the corpus in `tests/messages`; a FOLDER keeps what it learns. What it finds is written to `crash-...`:
make a test of it. An input over which it spends more than 2 seconds counts as found as well.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["mailbox.mime"]):
    from mailbox.mime.apart import is_suspicious
    from mailbox.mime.parse import parse
    from mailbox.mime.preview import preview

MESSAGES = Path(__file__).parent.parent / "messages"


def read(octets: bytes) -> None:
    """Everything that the rest of the house asks of a message."""
    is_suspicious(octets)
    parsed = parse(octets)
    preview(parsed.text()).encode()
    str((parsed.header, parsed.header.fields, parsed.protection, parsed.calendar)).encode()
    for part in parsed.parts[:50]:
        part.text().encode()
        _ = part.octets_count, part.true_type, part.content_location, part.external_address, part.fragment
        if nested := parsed.nested(part):
            nested.text()
    if parsed.html:
        parsed.part_at("cid:a", parsed.html)
    assert all(part.index == number for number, part in enumerate(parsed.parts))


def main() -> None:
    """Fuzz until something is found or the time is over."""
    given = sys.argv[1:]
    with TemporaryDirectory() as forgotten:
        # It writes into the first folder, and only reads the others.
        folders = [*([] if any(not each.startswith("-") for each in given) else [forgotten]), str(MESSAGES)]
        atheris.Setup([sys.argv[0], "-timeout=2", "-max_len=4096", *given, *folders], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
