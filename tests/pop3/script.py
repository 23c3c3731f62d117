"""Dialogue files: who says what on a POP3 line, and a wire that plays the other side.

Each line begins with a mark:

    # a remark
    C: the client's line                    S: the server's line
    > a call of the client, its words       = the call's result, or "! Error text"
    T: the server stays silent              E: the server hangs up

Lines end in CRLF on the wire unless the file's line ends in "\\c"; escapes such as "\\x00" are octets.
"""

from collections import deque
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "dialogues" / "pop3"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a dialogue file: its mark and its octets or words."""

    mark: str
    octets: bytes

    @property
    def words(self) -> str:
        return self.octets.decode()


def read_dialogue(path: Path) -> list[Step]:
    """The steps of a file without its remarks."""
    return [_read_step(line) for line in path.read_text().splitlines() if line and not line.startswith("#")]


def _read_step(line: str) -> Step:
    mark, _, rest = line.partition(" ")
    if mark not in {"C:", "S:"}:
        return Step(mark, rest.encode())
    end = b"" if rest.endswith("\\c") else b"\r\n"
    return Step(mark[0], rest.removesuffix("\\c").encode().decode("unicode_escape").encode("latin-1") + end)


def dialogues(kind: str) -> list[Path]:
    """The files about one side, `client` or `session`."""
    return sorted(FOLDER.glob(f"{kind}-*.txt"))


class ScriptedWire:
    """Plays the server of a dialogue, `size` octets at a time; whoever departs from the file fails the test."""

    def __init__(self, steps: list[Step], size: int) -> None:
        self.steps = deque(steps)
        self._size = size
        self._sent = b""
        self._coming = b""

    def sendall(self, data: bytes, /) -> None:
        assert not self._coming, f"The client says {data!r} before it has read {self._coming!r}"
        self._sent += data
        while self._sent:
            step = self._next("C", self._sent)
            assert self._sent.startswith(step.octets), f"{self._sent!r} instead of {step.octets!r}"
            self._sent = self._sent.removeprefix(step.octets)

    def recv_into(self, buffer: memoryview, /) -> int:
        if not self._coming:
            self._coming = self._next_words()
        piece = self._coming[: min(self._size, len(buffer))]
        self._coming = self._coming[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def _next_words(self) -> bytes:
        words = b""
        while self.steps and self.steps[0].mark == "S":
            words += self.steps.popleft().octets
        if not words and self._next("T:", b"silence", or_="E:").mark == "T:":
            raise TimeoutError
        return words

    def _next(self, mark: str, what: object, *, or_: str = "") -> Step:
        assert self.steps, f"The dialogue is over, but the client goes on: {what!r}"
        assert self.steps[0].mark in {mark, or_}, f"{what!r} instead of {self.steps[0]}"
        return self.steps.popleft()

    def settimeout(self, _seconds: float | None, /) -> None:
        """Silence is in the file."""

    def close(self) -> None:
        self._coming = b""
