"""What a pull did, for whoever asked for it."""

import enum
from dataclasses import dataclass
from datetime import datetime


class Status(enum.StrEnum):
    OK = "ok"
    FAILED = "failed"
    PAUSED = "paused"
    BUSY = "busy"


@dataclass(slots=True)
class Report:
    """What a pull did; the counts are of messages."""

    address: str
    status: Status = Status.OK
    retrieved: int = 0
    known: int = 0
    deleted: int = 0
    oversize: int = 0
    refused: int = 0
    octets: int = 0
    seconds: float = 0.0
    error: str = ""
    trouble: str = ""
    notice: str = ""
    # What later sessions of the same pull know, this one has brought.
    is_first_session: bool = True
    # Something stays on the server because its owner has no room for it here.
    is_full: bool = False
    # When the server wants to be left alone until (LOGIN-DELAY), and its words about a message that it refused.
    not_before: datetime | None = None
    words: str = ""
