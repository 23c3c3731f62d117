"""Who reads which mail, and on which servers it is collected and submitted; one file each."""

from accounts.models.account import Identity, MailAccount, Membership
from accounts.models.audit import AuditEvent
from accounts.models.departure import Departure
from accounts.models.grant import Grant
from accounts.models.hand_over import HandOver
from accounts.models.invitation import Invitation
from accounts.models.local import LocalMaildrop
from accounts.models.remote import RemoteMaildrop
from accounts.models.server import RemoteServer, Security
from accounts.models.submission import SubmissionServer
from accounts.models.user import Density, ReadingPane, Theme, User

__all__ = [
    "AuditEvent",
    "Density",
    "Departure",
    "Grant",
    "HandOver",
    "Identity",
    "Invitation",
    "LocalMaildrop",
    "MailAccount",
    "Membership",
    "ReadingPane",
    "RemoteMaildrop",
    "RemoteServer",
    "Security",
    "SubmissionServer",
    "Theme",
    "User",
]
