"""Mail of accounts into files."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from accounts.models import MailAccount
from mailbox.models import Folder, Message
from mailbox.models.message import MessageQuerySet
from mailbox.transfer.writers import Form, write_eml, write_maildir, write_mbox


def export_mail(
    accounts: Sequence[MailAccount], into: Path, *, form: Form, overwrite: bool = False
) -> Iterator[tuple[Path, int]]:
    """Write the mail of `accounts` below `into`, one file or folder for each of their mail folders.

    Yields each path with the number of its messages. Raises FileExistsError before anything is written where one of
    the paths exists, unless `overwrite`.
    """
    targets = [(account, folder, _target(account, folder, into, form)) for account in accounts for folder in Folder]
    wanted = [each for each in targets if _messages(*each[:2]).exists()]
    for _, _, path in wanted:
        if path.exists() and not overwrite:
            raise FileExistsError(path)
    for account, folder, path in wanted:
        rows = _messages(account, folder).prefetch_related("original").in_conversation_order()
        # Octets come a few messages at a time: a mailbox may be larger than the memory.
        yield path, _WRITERS[form](path, rows.iterator(chunk_size=20), overwrite=overwrite)


def _messages(account: MailAccount, folder: Folder) -> MessageQuerySet:
    return Message.objects.filter(account=account, folder=folder)


_WRITERS = {Form.MBOX: write_mbox, Form.MAILDIR: write_maildir, Form.EML: write_eml}


def _target(account: MailAccount, folder: Folder, into: Path, form: Form) -> Path:
    return into / folder_name(account) / (f"{folder}.mbox" if form == Form.MBOX else folder)


def folder_name(account: MailAccount) -> str:
    """Return the address as far as every file system takes it; local parts may hold "/" and "*"."""
    name = re.sub(r"[^A-Za-z0-9@._+-]", "_", account.address).lstrip(".")
    return name if name == account.address else f"{name}-{account.key}"
