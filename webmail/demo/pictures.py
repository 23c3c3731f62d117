"""The pictures in the demo's letters, each a function from a point to a colour; (0, 0) is the upper left corner."""

import math
from collections.abc import Callable, Sequence

type Colour = tuple[int, int, int]
type Painter = Callable[[float, float], Colour]


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _lake(x: float, y: float) -> Colour:
    if y > 0.62:
        return _water(x, y)
    hills = [(0.46, 0.10, 2.1, (126, 142, 160)), (0.53, 0.06, 4.7, (88, 106, 118)), (0.58, 0.03, 9.0, (52, 68, 66))]
    for base, swing, pace, colour in reversed(hills):
        if y > base - swing * math.sin(pace * x + base * 9):
            return colour
    if math.hypot((x - 0.68) * 1.6, y - 0.27) < 0.055:
        return 255, 236, 200
    return _mixed((142, 168, 196), (250, 214, 178), min(1.0, y / 0.5))


def _water(x: float, y: float) -> Colour:
    """The sky turned over, darker, with the sun's broken path on it."""
    sky = _mixed((250, 214, 178), (104, 128, 152), (y - 0.62) / 0.38)
    is_glint = abs(x - 0.68) < 0.05 + 0.02 * math.sin(160 * y) and math.sin(220 * y + 30 * x) > 0.1
    return (255, 232, 196) if is_glint else _mixed(sky, (58, 76, 92), 0.35 + 0.08 * math.sin(90 * y))


def _petals(centres: Sequence[tuple[float, float, float, int, Colour]], ground: Painter) -> Painter:
    """Return a painter of flowers (x, y, radius, petals, colour) in front of `ground`."""

    def paint(x: float, y: float) -> Colour:
        for left, top, radius, petals, colour in centres:
            across, down = x - left, (y - top) * 0.66
            away = math.hypot(across, down)
            reach = radius * (0.72 + 0.28 * math.cos(petals * math.atan2(down, across)))
            if away < radius * 0.18:
                return 242, 204, 92
            if away < reach:
                return _mixed(colour, (255, 255, 255), 0.35 * away / radius)
            if abs(across + 0.03 * math.sin(9 * y)) < 0.006 and y > top:
                return 84, 116, 70
        return ground(x, y)

    return paint


_DAHLIAS = _petals(
    [
        (0.25, 0.42, 0.13, 9, (176, 44, 62)),
        (0.55, 0.30, 0.15, 11, (214, 110, 60)),
        (0.80, 0.50, 0.12, 8, (150, 60, 120)),
    ],
    lambda x, y: _mixed((196, 208, 188), (110, 128, 92), y),
)
_GENTIANS = _petals(
    [(0.3, 0.35, 0.12, 5, (62, 74, 160)), (0.5, 0.55, 0.12, 5, (76, 84, 176)), (0.72, 0.38, 0.13, 5, (54, 66, 150))],
    lambda x, y: _mixed((244, 240, 232), (206, 212, 196), y),
)


def _pots(x: float, y: float) -> Colour:
    """Three pots in a row, with steam."""
    for left, colour in ((0.22, (168, 67, 47)), (0.5, (222, 178, 96)), (0.78, (72, 96, 88))):
        across = abs(x - left)
        if 0.55 < y < 0.88 and across < 0.10 - 0.02 * max(0.0, y - 0.8) * 10:
            return _mixed(colour, (255, 255, 255), 0.12 if x < left else 0.0)
        if (0.49 < y <= 0.55 and across < 0.108) or (0.44 < y <= 0.49 and across < 0.016):
            return _mixed(colour, (0, 0, 0), 0.18)
        if y <= 0.4 and abs(x - left - 0.012 * math.sin(24 * y + left * 20)) < 0.004 + 0.01 * (0.4 - y):
            return 226, 218, 204
    return (120, 96, 80) if y >= 0.88 else (248, 242, 230)


def _boats(x: float, y: float) -> Colour:
    """Six boats on white paper: the front page of a museum."""
    if y < 0.16:
        return (46, 58, 74) if 0.05 < x < 0.32 and 0.06 < y < 0.1 else (255, 255, 255)
    column, inside = divmod(x * 6, 1)
    colours = ((186, 54, 48), (52, 96, 140), (224, 168, 60), (70, 118, 92), (120, 84, 130), (60, 60, 66))
    if 0.58 < y < 0.66 and abs(inside - 0.5) < 0.40 - (y - 0.58) * 1.6:
        return colours[int(column) % 6]
    if 0.28 + 0.02 * column < y < 0.56 and 0 < inside - 0.5 < (y - 0.28) * 1.1:
        return _mixed(colours[int(column) % 6], (255, 255, 255), 0.72)
    return (46, 58, 74) if 0.26 < y < 0.58 and abs(inside - 0.49) < 0.012 else (255, 255, 255)


def _bars(x: float, y: float) -> Colour:
    """A chart of five pairs: computers grow less, telephones more."""
    column, inside = divmod(x * 5, 1)
    falls, grows = 0.72 - 0.1 * column, 0.28 + 0.12 * column
    if 0.90 < y < 0.91:
        return 60, 60, 66
    if y < 0.90 and 0.14 < inside < 0.46 and 0.9 - y < falls:
        return 168, 178, 190
    if y < 0.90 and 0.5 < inside < 0.82 and 0.9 - y < grows:
        return 186, 54, 48
    return (238, 238, 236) if y < 0.9 and int(y * 100) % 18 == 0 else (255, 255, 255)


def _gull(x: float, y: float) -> Colour:
    wing = 0.42 - 0.20 * abs(math.sin(3.1 * (x - 0.5) * 2)) + 0.1 * abs(x - 0.5)
    if abs(y - wing) < 0.035 - 0.05 * abs(x - 0.5) and 0.08 < x < 0.92:
        return 70, 78, 88
    return (226, 160, 60) if 0.5 < x < 0.54 and 0.44 < y < 0.47 else (250, 250, 248)


PICTURES: dict[str, tuple[int, int, Painter]] = {
    "lake.png": (400, 250, _lake),
    "garden.png": (330, 220, _DAHLIAS),
    "flowers.png": (330, 220, _GENTIANS),
    "kitchen.png": (402, 150, _pots),
    "front-page.png": (400, 250, _boats),
    "visitors.png": (320, 192, _bars),
    "gull.png": (210, 140, _gull),
}
