"""Mail in and out of files.

Readers and writers of our own, because the name of the package above hides the standard module for mbox and Maildir.
"""

from mailbox.transfer.exporting import export_mail
from mailbox.transfer.importing import Tally, import_mail
from mailbox.transfer.readers import Mail, NotMail, Skipped, Source, read, read_mbox, sources
from mailbox.transfer.uploaded import read_uploaded
from mailbox.transfer.writers import Form, write_eml, write_maildir, write_mbox

__all__ = [
    "Form",
    "Mail",
    "NotMail",
    "Skipped",
    "Source",
    "Tally",
    "export_mail",
    "import_mail",
    "read",
    "read_mbox",
    "read_uploaded",
    "sources",
    "write_eml",
    "write_maildir",
    "write_mbox",
]
