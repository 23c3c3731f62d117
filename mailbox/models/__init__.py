"""The tables of the mail, one file each."""

from mailbox.models.attachment import Attachment
from mailbox.models.bulk import BulkAct, BulkBatch
from mailbox.models.contact import Contact
from mailbox.models.deposit import Deposit
from mailbox.models.document import Document
from mailbox.models.draft import Draft, DraftFile
from mailbox.models.message import Message
from mailbox.models.original import Original
from mailbox.models.outgoing import Outgoing, Recipient
from mailbox.models.pull_log import PullLog
from mailbox.models.remote import RemoteImage, TrustedSender
from mailbox.models.retrieved import RetrievedUidl
from mailbox.models.session import SubmissionSession
from mailbox.models.thread import Entry, Folder, Thread, ThreadReference
from mailbox.models.thumbnail import Thumbnail
from mailbox.models.unsubscription import Unsubscription

__all__ = [
    "Attachment",
    "BulkAct",
    "BulkBatch",
    "Contact",
    "Deposit",
    "Document",
    "Draft",
    "DraftFile",
    "Entry",
    "Folder",
    "Message",
    "Original",
    "Outgoing",
    "PullLog",
    "Recipient",
    "RemoteImage",
    "RetrievedUidl",
    "SubmissionSession",
    "Thread",
    "ThreadReference",
    "Thumbnail",
    "TrustedSender",
    "Unsubscription",
]
