"""Secrets of the installation that nobody typed: made on the first start, kept in a file of their own."""

import os
import secrets
import tempfile
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet

_SHARED_SECONDS = 60


def new_key() -> str:
    """Return 16 characters that name a row in an address without telling how many rows there are.

    All are random: the last twelve (72 bits) in every key, the first four once a minute in each process. Rows that are
    made together thus stay together in the index of their keys, which costs a pull half its writing otherwise.
    """
    return _shared(int(time.monotonic() // _SHARED_SECONDS)) + secrets.token_urlsafe(9)


@lru_cache(maxsize=1)
def _shared(_minute: int) -> str:
    return secrets.token_urlsafe(3)


def read_or_make(path: Path) -> dict[str, str]:
    """Return the installation's secrets from the file at `path`, which is made (mode 0600) where there is none.

    The file holds lines `NAME=value`: SECRET_KEY signs sessions, FIELD_KEYS encrypts stored passwords. It lies beside
    the database but not in it, so that a copy of the database alone opens no mail account.
    """
    if not path.exists():
        _make(path)
    lines = path.read_text(encoding="ascii").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def write_field_keys(path: Path, keys: Sequence[str]) -> None:
    """Put other FIELD_KEYS into the file at `path`, at once and wholly; what else it holds stays."""
    kept = {**read_or_make(path), "FIELD_KEYS": ",".join(keys)}
    _draft(path, "".join(f"{name}={value}\n" for name, value in kept.items())).replace(path)
    # The name must be on disk too before anything is encrypted by a key that stands nowhere else.
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def field_keys(path: Path) -> tuple[str, ...]:
    """Return the FIELD_KEYS that stand in the file now: keys rotate while processes run."""
    status = path.stat()
    return _field_keys(path, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=2)
def _field_keys(path: Path, _written_at: int, _inode: int) -> tuple[str, ...]:
    return tuple(read_or_make(path)["FIELD_KEYS"].split(","))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"SECRET_KEY={secrets.token_urlsafe(48)}\nFIELD_KEYS={Fernet.generate_key().decode('ascii')}\n"
    draft = _draft(path, text)
    # Several processes may start at once: link() lets exactly one of them decide, and never shows half a file.
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    """Write `text` to a file beside `path`, readable to nobody else, and return its path."""
    # mkstemp makes the file so.
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
