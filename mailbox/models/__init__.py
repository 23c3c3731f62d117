"""The tables of the mail, one file each."""

from mailbox.models.attachment import Attachment
from mailbox.models.bulk import BulkAct, BulkBatch
from mailbox.models.contact import Contact
from mailbox.models.deed import Deed
from mailbox.models.deposit import Deposit
from mailbox.models.document import Document
from mailbox.models.draft import Draft, DraftFile
from mailbox.models.export import Export
from mailbox.models.feedback import Feedback
from mailbox.models.figures import PullHour, StorageUsed
from mailbox.models.label import Label, Labelled
from mailbox.models.mail_import import MailImport
from mailbox.models.mark import ThreadMark
from mailbox.models.message import Message
from mailbox.models.original import Original
from mailbox.models.outgoing import Outgoing, Recipient
from mailbox.models.pull_log import PullLog
from mailbox.models.push import NotificationChoice, Push, PushSubscription, VapidKey
from mailbox.models.remote import RemoteImage, TrustedSender
from mailbox.models.retrieved import RetrievedUidl
from mailbox.models.sender import Sender
from mailbox.models.session import SubmissionSession
from mailbox.models.team import Answering, TeamLine, TeamMark
from mailbox.models.thread import THROWN_AWAY, Entry, Folder, Thread, ThreadReference
from mailbox.models.thumbnail import Thumbnail
from mailbox.models.unread import Unread
from mailbox.models.unsubscription import Unsubscription

__all__ = [
    "THROWN_AWAY",
    "Answering",
    "Attachment",
    "BulkAct",
    "BulkBatch",
    "Contact",
    "Deed",
    "Deposit",
    "Document",
    "Draft",
    "DraftFile",
    "Entry",
    "Export",
    "Feedback",
    "Folder",
    "Label",
    "Labelled",
    "MailImport",
    "Message",
    "NotificationChoice",
    "Original",
    "Outgoing",
    "PullHour",
    "PullLog",
    "Push",
    "PushSubscription",
    "Recipient",
    "RemoteImage",
    "RetrievedUidl",
    "Sender",
    "StorageUsed",
    "SubmissionSession",
    "TeamLine",
    "TeamMark",
    "Thread",
    "ThreadMark",
    "ThreadReference",
    "Thumbnail",
    "TrustedSender",
    "Unread",
    "Unsubscription",
    "VapidKey",
]
