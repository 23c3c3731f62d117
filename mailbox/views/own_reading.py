"""What the reader himself has read, put into messages of accounts that others share with him."""

from collections.abc import Collection

from mailbox import seen
from mailbox.models import Message
from mailbox.views.sidebar import Sidebar

# What is asked of messages whose buttons are shown.
FLAGS = ("folder", "is_read", "is_starred", "received_at", "account_id")


def tell_read(shown: Sidebar, opened: Message, messages: Collection[Message]) -> None:
    """Let `messages`, all of the conversation of `opened`, say what their reader has read.

    No query where the account is his own: there they say it already.
    """
    if opened.account_id not in shown.shared:
        return
    since = seen.since_when(shown.reader, [opened.thread_id]).get(opened.thread_id)
    for message in messages:
        message.is_read = not seen.is_unread(message.folder, message.received_at, since)
