"""What a process keeps in memory: the same values, not too many, not too long."""

from threading import Thread
from unittest import mock

import pytest

from webmail.memory import MemoryCache


@pytest.fixture
def memory() -> MemoryCache:
    cache = MemoryCache("test", {"TIMEOUT": 300, "OPTIONS": {"MAX_ENTRIES": 3}})
    cache.clear()
    return cache


def test_gives_back_the_very_value(memory):
    value = ("frozen",)
    memory.set("a", value)
    assert memory.get("a") is value
    assert memory.get("b", "nothing") == "nothing"


def test_forgets_what_was_used_longest_ago(memory):
    for key in "abc":
        memory.set(key, key)
    memory.get("a")
    memory.set("d", "d")
    assert [memory.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_forgets_after_its_time(memory):
    with mock.patch("webmail.memory.time.monotonic", return_value=1000.0) as clock:
        memory.set("a", 1)
        clock.return_value += 299
        assert memory.get("a") == 1
        clock.return_value += 1
        assert memory.get("a") is None


def test_all_threads_share_it(memory):
    thread = Thread(target=lambda: MemoryCache("test", {}).set("a", 1))
    thread.start()
    thread.join()
    assert memory.get("a") == 1
    memory.clear()
    assert memory.get("a") is None
