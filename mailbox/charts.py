"""Charts as plain SVG, drawn on the server: only their geometry, in units of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbox.overview import Figure, Hour

COLUMN, HEIGHT = 14, 120
# A name stands above its bar: beside it, long ones would be cut.
ROW, WIDTH = 44, 465
# What is not nothing is at least seen.
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One hour: what went well stands on what failed."""

    at: datetime
    x: int
    good_y: int
    good_height: int
    bad_y: int
    bad_height: int
    is_marked: bool
    """Whether its time is written below it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure: its name, and below it the bar with the value at its end."""

    figure: Figure
    name_y: int
    y: int
    words_y: int
    length: int
    value_x: int


def columns(hours: Sequence[Hour]) -> list[Column]:
    """Return a column for each hour; the fullest is as high as the picture."""
    most = max((hour.pull_count for hour in hours), default=0)
    return [_column(number, hour, most) for number, hour in enumerate(hours)]


def _column(number: int, hour: Hour, most: int) -> Column:
    bad = _scaled(hour.failure_count, most, HEIGHT)
    good = min(_scaled(hour.pull_count - hour.failure_count, most, HEIGHT), HEIGHT - bad)
    return Column(
        at=hour.at,
        x=number * COLUMN,
        good_y=HEIGHT - bad - good,
        good_height=good,
        bad_y=HEIGHT - bad,
        bad_height=bad,
        is_marked=number % 12 == 0,
    )


def bars(figures: Sequence[Figure]) -> list[Bar]:
    """Return a bar for each figure; the largest fills the picture but for the room of its value."""
    most = max((figure.value for figure in figures), default=0)
    room = WIDTH - 85
    lengths = [_scaled(figure.value, most, room) for figure in figures]
    return [
        Bar(
            figure,
            name_y=row * ROW + 13,
            y=row * ROW + 20,
            words_y=row * ROW + 33,
            length=length,
            value_x=length + 8 if length else 0,
        )
        for row, (figure, length) in enumerate(zip(figures, lengths, strict=True))
    ]


def _scaled(value: float, most: float, size: int) -> int:
    return max(round(value / most * size), _LEAST) if value and most else 0
