"""A file inside the content of a part, as TNEF and uuencode have them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Its name as it was written, and the slice of the content that it is."""

    name: str
    start: int
    end: int
    media_type: str = ""
    content_id: str = ""
    charset: str = ""
