"""The ids by which a message joins a thread (RFC 5322, 3.6.4)."""

from mailbox.mime.parse import Header

_LONGEST = 998


def thread_ids(header: Header, *, limit: int = 100) -> tuple[str, ...]:
    """Ids of the messages before this one, the oldest first, without repetition and without its own.

    Of more than `limit`, the first (the thread's root) and the latest are kept. Mailers put the parent into
    In-Reply-To only when they cut References, so it counts as the latest.
    """
    known = dict.fromkeys((*header.references, *header.in_reply_to[:1]))
    ids = [each for each in known if each != header.message_id and len(each) <= _LONGEST]
    return tuple(ids if len(ids) <= limit else [ids[0], *ids[len(ids) - limit + 1 :]])
