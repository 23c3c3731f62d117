"""Numbers of rows as forms send them back."""


def number_in(text: str) -> int:
    """Return the number that `text` is, or 0, which no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
