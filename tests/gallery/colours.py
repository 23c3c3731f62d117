"""The colours of `tokens.css`, and how far they stand apart (WCAG 2.2, contrast ratio)."""

import math
import re
from pathlib import Path

TOKENS = Path(__file__).resolve().parent.parent.parent / "static" / "css" / "tokens.css"
THEMES = ("light", "dark")
_TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)|(oklch\([^)]*\)));")
_OKLCH = re.compile(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")


def tokens() -> dict[str, dict[str, str]]:
    """Return each theme's colours by their names without the dashes; those that let something through are left out."""
    found: dict[str, dict[str, str]] = {theme: {} for theme in THEMES}
    for name, light, dark, both in _TOKEN.findall(TOKENS.read_text("utf-8")):
        for theme, colour in zip(THEMES, (light or both, dark or both), strict=True):
            if _OKLCH.fullmatch(colour):
                found[theme][name] = colour
    return found


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours written as oklch(L% C H): from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (min(1.0, max(0.0, each)) for each in _linear(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> tuple[float, float, float]:
    """Linear sRGB of an oklch colour (CSS Color 4, 12.2)."""
    found = _OKLCH.fullmatch(colour)
    assert found, colour
    light, chroma, hue = float(found[1]) / 100, float(found[2]), math.radians(float(found[3]))
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
