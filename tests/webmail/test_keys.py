"""The installation's secrets: made once, kept, readable by nobody else."""

import multiprocessing
import stat
from pathlib import Path

from cryptography.fernet import Fernet

from webmail.keys import new_key, read_or_make


def test_makes_usable_secrets_and_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "var" / "keys"
    made = read_or_make(path)
    assert set(made) == {"SECRET_KEY", "FIELD_KEYS"}
    assert len(made["SECRET_KEY"]) >= 50
    assert Fernet(made["FIELD_KEYS"]).decrypt(Fernet(made["FIELD_KEYS"]).encrypt(b"x")) == b"x"
    assert read_or_make(path) == made


def test_two_installations_share_nothing(tmp_path: Path) -> None:
    one, other = read_or_make(tmp_path / "one"), read_or_make(tmp_path / "other")
    assert not set(one.values()) & set(other.values())


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    read_or_make(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("forkserver").Pool(4) as processes:
        for number in range(20):
            found = processes.map(read_or_make, [tmp_path / str(number) / "keys"] * 4, chunksize=1)
            assert found == found[:1] * 4
            assert [each.name for each in (tmp_path / str(number)).iterdir()] == ["keys"]


def test_reads_keys_that_an_operator_rotated(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("SECRET_KEY=a=b\nFIELD_KEYS=new,old\n\n")
    assert read_or_make(path) == {"SECRET_KEY": "a=b", "FIELD_KEYS": "new,old"}


def test_keys_of_rows_are_short_safe_in_addresses_and_never_the_same() -> None:
    keys = {new_key() for _ in range(1_000)}
    assert len(keys) == 1_000
    assert all(len(key) == 16 and key.replace("-", "a").replace("_", "a").isalnum() for key in keys)
