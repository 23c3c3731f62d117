"""What the server's session answers, word by word."""

from pathlib import Path
from typing import Any

import pytest

from tests.pop3.post_office import Driver
from tests.pop3.script import dialogues, read_dialogue

OPTIONS: dict[str, dict[str, Any]] = {
    "session-stls": {"has_stls": True, "allow_plain": False},
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("path", dialogues("session"), ids=lambda path: path.stem)
def test_session_keeps_to_the_dialogue(path: Path, size: int) -> None:
    driver = Driver(**OPTIONS.get(path.stem, {}))
    said, expected = driver.answer(), b""
    for step in read_dialogue(path):
        if step.mark == "S":
            expected += step.octets
            continue
        if step.mark == "C":
            assert said == expected
            for start in range(0, len(step.octets), size):
                driver.say(step.octets[start : start + size])
            said += driver.answer()
        elif step.mark == "=":
            assert driver.notes[-1] == step.words
    assert said + driver.answer() == expected


@pytest.mark.parametrize("path", dialogues("session"), ids=lambda path: path.stem)
def test_session_answers_pipelined_commands_alike(path: Path) -> None:
    """All that the client says at once, as PIPELINING allows (RFC 2449, 6.6); STLS alone ends a group (RFC 2595, 4)."""
    steps = read_dialogue(path)
    driver = Driver(**OPTIONS.get(path.stem, {}))
    groups = [b""]
    for step in steps:
        if step.mark == "C":
            groups[-1] += step.octets
            if step.octets == b"STLS\r\n":
                groups.append(b"")

    said = b""
    for group in groups:
        driver.say(group)
        said += driver.answer()

    assert said == b"".join(step.octets for step in steps if step.mark == "S")
