"""Which messages may be asked for before the earlier ones have arrived. No input or output happens here."""

from collections import deque
from collections.abc import Iterable
from math import inf

from .values import Listed


class Window:
    """What was asked for and has not arrived: within so many messages and so many octets by the listing's claim.

    One message is always allowed, so a message larger than the window is asked for alone.
    """

    def __init__(self, wanted: Iterable[Listed], *, count: int, octets: float = inf) -> None:
        self._wanted = iter(wanted)
        self._next = next(self._wanted, None)
        self._asked: deque[Listed | None] = deque()
        self._most_octets = octets
        self._most_count = count
        self._octets = 0

    def refill(self) -> list[Listed]:
        """What to ask for now. Waits until half of the window has arrived, so that commands travel together."""
        if len(self._asked) > self._most_count // 2 or self._octets > self._most_octets // 2:
            return []
        fresh = []
        while (listed := self._next) is not None and self._has_room_for(listed):
            fresh.append(listed)
            self._asked.append(listed)
            self._octets += listed.octets
            self._next = next(self._wanted, None)
        return fresh

    def _has_room_for(self, listed: Listed) -> bool:
        if not self._asked:
            return True
        return len(self._asked) < self._most_count and self._octets + listed.octets <= self._most_octets

    def add_noop(self) -> None:
        """A NOOP was sent behind what was asked for."""
        self._asked.append(None)

    @property
    def is_empty(self) -> bool:
        return not self._asked

    def arriving(self) -> Listed | None:
        """Whose answer comes next; None for a NOOP's."""
        listed = self._asked.popleft()
        if listed is not None:
            self._octets -= listed.octets
        return listed
