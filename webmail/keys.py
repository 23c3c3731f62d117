"""Secrets of the installation that nobody typed: made on the first start, kept in a file of their own."""

import os
import secrets
import tempfile
import time
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


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"SECRET_KEY={secrets.token_urlsafe(48)}\nFIELD_KEYS={Fernet.generate_key().decode('ascii')}\n"
    # mkstemp makes the file readable to nobody else.
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    draft = Path(name)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    # Several processes may start at once: link() lets exactly one of them decide, and never shows half a file.
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
